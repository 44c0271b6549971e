// The Retry button after n8n was started again: for an execution that had failed before, and for those that
// died with n8n. Nobody is created twice; where it can't be known, the node says so and creates nothing.
// Run by `npm test`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { call, publish } from '../queue/production.ts';
import { startSimulator, type FaultRule, type Simulator } from '../simulator/start.ts';
import { credentialData, eyeCloudProNode, mappedColumns } from '../harness/eyeCloudPro.ts';
import { packedPackage } from '../harness/packedPackage.ts';
import { startN8n, type N8n } from '../harness/startN8n.ts';

jest.setTimeout(240_000);

const pollIntervalMs = 50;
const hang = { kind: 'hang' } as const;

/** What befalls the third record of each job; n8n dies while it hangs. */
const jobs = {
	failed: { fault: { kind: 'status', status: 400 }, progress: false, dies: false },
	created: { fault: hang, when: 'after', progress: false, dies: true },
	lost: { fault: hang, when: 'before', progress: false, dies: true },
	createdWithProgress: { fault: hang, when: 'after', progress: true, dies: true },
	/** The third time that it is sent is by a second node; the work of the first one is done. */
	second: { fault: hang, when: 'after', progress: false, dies: true },
	secondWithProgress: { fault: hang, when: 'after', progress: true, dies: true },
	lostWithProgress: { fault: hang, when: 'before', progress: true, dies: true },
} satisfies Record<
	string,
	Pick<FaultRule, 'fault' | 'when'> & { progress: boolean; dies: boolean }
>;

type JobName = keyof typeof jobs;
const jobNames = Object.keys(jobs) as JobName[];
const dying = jobNames.filter((name) => jobs[name].dies);

const isSecond = (job: JobName) => job.startsWith('second');
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
		const { fault, progress, ...more } = jobs[name];
		const holds = `"${name} 3"`;
		const rule = { match: { method: 'POST', holds, nth: isSecond(name) ? 2 : 1 }, fault };
		await simulator.addFault({ ...rule, ...('when' in more && { when: more.when }) });
		const columns = mappedColumns({
			name_first: '={{ $json.name_first }}',
			name_last: '={{ $json.name_last }}',
		});
		const create = { resource: 'patient', operation: 'create', columns };
		const titles = isSecond(name) ? ['Node', 'Node 2'] : ['Node'];
		const nodes = titles.map((title) => eyeCloudProNode(title, credential, create));
		const settings = { saveExecutionProgress: progress };
		executionIds[name] = await call(await publish(n8n, name, nodes, settings), peopleOf(name));
	}
	await n8n.executionEnded(executionIds.failed);
	for (const deadline = Date.now() + 60_000; Date.now() < deadline; await wait(pollIntervalMs)) {
		if ((await simulator.counts()).byOutcome.hang === dying.length) break;
	}
	expect((await simulator.counts()).byOutcome.hang).toBe(dying.length);
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

const statusOf = async (job: JobName) =>
	(await n8n.executions()).find(({ id }) => id === executionIds[job])?.status;

test('an execution that failed before n8n was started again: creates what is missing', async () => {
	expect(await statusOf('failed')).toBe('error');
	const execution = await n8n.retryExecution(executionIds.failed, false);
	expect(execution.status).toBe('success');
	expect(await created('failed')).toEqual(peopleOf('failed').map(({ name_last }) => name_last));
});

describe.each(dying)('died with n8n: %s', (job) => {
	test.each([false, true])('Retry, with the workflow as it is now: %s', async (now) => {
		expect(await statusOf(job)).toBe('crashed');
		const before = await created(job);
		expect(before).toHaveLength((isSecond(job) ? 4 : 0) + (job.startsWith('lost') ? 2 : 3));
		const execution = await n8n.retryExecution(executionIds[job], now);
		expect(await created(job)).toEqual(before);
		expect(execution.status).toBe('error');
		expect(execution.error?.message).toMatch(/^It is unknown what this execution has created/);
	});
});
