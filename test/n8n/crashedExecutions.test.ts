// The Retry button after n8n was started again: for an execution that had failed before, and for those that
// died with n8n. Nobody is created twice; where it can't be known, the node says so and creates nothing.
// Run by `npm test`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { call, publish } from '../queue/production.ts';
import { startSimulator, type FaultRule, type Simulator } from '../simulator/start.ts';
import { automaticColumns, credentialData, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { packedPackage } from '../harness/packedPackage.ts';
import { startN8n, type N8n } from '../harness/startN8n.ts';

/** What befalls the third record of each job; where it hangs, n8n dies. */
const jobs = {
	failed: { fault: { kind: 'status', status: 400 }, progress: false },
	died: { fault: { kind: 'hang' }, progress: false },
	diedWithProgress: { fault: { kind: 'hang' }, progress: true },
} satisfies Record<string, Pick<FaultRule, 'fault'> & { progress: boolean }>;

type JobName = keyof typeof jobs;
const jobNames = Object.keys(jobs) as JobName[];
const dying = jobNames.filter((name) => name !== 'failed');

const peopleOf = (job: JobName) =>
	[1, 2, 3, 4].map((number) => ({ name_first: job, name_last: `${job} ${number}` }));

let folder: string;
let simulator: Simulator;
let n8n: N8n;
const executionIds = {} as Record<JobName, string>;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-crashed-'));
	const tarball = await packedPackage();
	simulator = await startSimulator({ rateLimit: { requestsPerMinute: 100_000 } });
	n8n = await startN8n({ folder, tarball });
	const data = credentialData(simulator, simulator.clients.practice, {
		requestsPerMinute: 100_000,
	});
	const credential = await n8n.createCredential('EyeCloud Pro', data);
	for (const name of jobNames) {
		const { fault, progress } = jobs[name];
		const when = fault.kind === 'hang' ? 'after' : 'before';
		await simulator.addFault({ match: { method: 'POST', holds: `"${name} 3"` }, when, fault });
		const create = { resource: 'patient', operation: 'create', columns: automaticColumns };
		const nodes = [eyeCloudProNode('Node', credential, create)];
		const settings = { saveExecutionProgress: progress };
		executionIds[name] = await call(await publish(n8n, name, nodes, settings), peopleOf(name));
	}
	await n8n.executionEnded(executionIds.failed);
	while ((await simulator.counts()).byOutcome.hang !== dying.length) await wait(50);
	const { owner } = n8n;
	await n8n.kill();
	n8n = await startN8n({ folder, owner });
	await simulator.clearFaults();
});

afterAll(async () => {
	await Promise.all([n8n?.stop(), simulator?.stop()]);
	await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function created(job: JobName): Promise<unknown[]> {
	const patients = await simulator.records(2, '/patients');
	const own = patients.filter(({ name_first }) => name_first === job);
	return own.map(({ name_last }) => name_last);
}

test('an execution that failed before n8n was started again: creates what is missing', async () => {
	const execution = await n8n.retryExecution(executionIds.failed, false);
	expect(execution.status).toBe('success');
	expect(await created('failed')).toEqual(peopleOf('failed').map(({ name_last }) => name_last));
});

test.each(dying)('%s: nobody is created again, and the node says why', async (job) => {
	const listed = await n8n.executions();
	expect(listed.find(({ id }) => id === executionIds[job])?.status).toBe('crashed');
	const before = await created(job);
	expect(before).toHaveLength(3);
	for (const now of [false, true]) {
		const execution = await n8n.retryExecution(executionIds[job], now);
		expect(execution.error?.message).toMatch(/^It is unknown what this execution has created/);
		expect(await created(job)).toEqual(before);
	}
});
