// The Retry button in queue mode: another worker goes on with what an execution has left undone, and does nothing
// twice. Called by queue.test.ts.
import { setTimeout as wait } from 'node:timers/promises';
import { automaticColumns, credentialData, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { call, publish } from './production.ts';
import { ranOn, type QueueMode } from './queueMode.ts';

const outOfTheWay = 100_000;
const pollIntervalMs = 50;

export function retriedElsewhereCases(rig: () => QueueMode): void {
	const peopleOf = (name: string) =>
		[1, 2, 3, 4].map((number) => ({ name_first: name, name_last: `${name} ${number}` }));

	const created = async (name: string): Promise<unknown[]> => {
		const { simulator } = rig();
		const patients = await simulator.records(simulator.practiceId, '/patients');
		const own = patients.filter(({ name_first }) => name_first === name);
		return own.map(({ name_last }) => name_last);
	};

	/** Starts a workflow that creates four patients, and returns the execution's id. */
	const started = async (name: string): Promise<string> => {
		const { n8n, simulator } = rig();
		const client = await simulator.createClient();
		const data = credentialData(simulator, client, { requestsPerMinute: outOfTheWay });
		const credential = await n8n.createCredential(name, data);
		const parameters = { resource: 'patient', operation: 'create', columns: automaticColumns };
		const node = eyeCloudProNode('Node', credential, parameters);
		return await call(await publish(n8n, name, node), peopleOf(name));
	};

	const workerOf = (executionId: string) => {
		const worker = rig().workers.find(({ output }) => ranOn(output, executionId));
		if (!worker) throw new Error(`No worker has run execution ${executionId}.`);
		return worker;
	};

	const replace = async (executionId: string) => {
		const { workers } = rig();
		const count = workers.length;
		await rig().kill(workerOf(executionId));
		await rig().growTo(count);
	};

	beforeAll(async () => {
		const { simulator } = rig();
		await simulator.reset({ data: true, options: true });
		await simulator.configure({ rateLimit: { requestsPerMinute: outOfTheWay } });
	});

	it.each([false, true])('a failed one, with the workflow as it is now: %s', async (now) => {
		const name = `Failed${now ? 'Now' : 'Then'}`;
		const { n8n, simulator } = rig();
		await simulator.addFault({
			match: { method: 'POST', holds: `"${name} 3"` },
			fault: { kind: 'status', status: 400 },
		});
		const id = await started(name);
		expect((await n8n.executionEnded(id)).status).toBe('error');
		expect(await created(name)).toHaveLength(2);
		await replace(id);
		const again = await n8n.retryExecution(id, now);
		expect(again.status).toBe('success');
		expect(rig().workers.some(({ output }) => ranOn(output, again.id))).toBe(true);
		expect(await created(name)).toEqual(peopleOf(name).map(({ name_last }) => name_last));
	});

	it('one whose worker was killed: nothing is created twice', async () => {
		const name = 'Killed';
		const { n8n, simulator } = rig();
		await simulator.addFault({
			match: { method: 'POST', holds: `"${name} 3"` },
			when: 'after',
			fault: { kind: 'hang' },
		});
		const hanging = (await simulator.counts()).byOutcome.hang ?? 0;
		const id = await started(name);
		while ((await simulator.counts()).byOutcome.hang !== hanging + 1) await wait(pollIntervalMs);
		await replace(id);
		expect((await n8n.executionEnded(id)).status).not.toBe('success');
		await simulator.clearFaults();
		// n8n has stored nothing to go on from, and does not run the node again.
		const sent = (await simulator.received({ method: 'POST' })).length;
		expect((await n8n.retryExecution(id, false)).status).toBe('error');
		expect(await simulator.received({ method: 'POST' })).toHaveLength(sent);
		expect(await created(name)).toHaveLength(3);
	});
}
