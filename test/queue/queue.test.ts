// n8n in queue mode, with the packed package in its main process and in its workers: the Retry button on another
// worker, a worker that is killed, and many executions that share a limit. Run by `npm run test:queue`.
import { setTimeout as wait } from 'node:timers/promises';
import { automaticColumns, credentialData, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { chainOfNodes, manualTriggerName, type SavedCredential } from '../harness/startN8n.ts';
import { call, publish } from './production.ts';
import { startQueueMode, type QueueMode } from './queueMode.ts';

jest.setTimeout(240_000);

const outOfTheWay = 100_000;

let queue: QueueMode;

beforeAll(async () => {
	queue = await startQueueMode();
	await queue.growTo(2);
});
afterAll(() => queue?.stop());

/** The workers that have taken up an execution, by what they printed. */
function workersOf(executionId: string) {
	return queue.workers.filter(({ output }) =>
		output.includes(`Worker started execution ${executionId} (`),
	);
}

/** Of a client of its own, so that nothing of a limit or a token is left from before. */
async function credentialOf(name: string, changes: object): Promise<SavedCredential> {
	const data = credentialData(queue.simulator, await queue.simulator.createClient(), {
		...changes,
	});
	return await queue.n8n.createCredential(name, data);
}

describe('the Retry button', () => {
	const peopleOf = (name: string) =>
		[1, 2, 3, 4].map((number) => ({ name_first: name, name_last: `${name} ${number}` }));

	async function created(name: string): Promise<unknown[]> {
		const patients = await queue.simulator.records(queue.simulator.practiceId, '/patients');
		const own = patients.filter(({ name_first }) => name_first === name);
		return own.map(({ name_last }) => name_last);
	}

	/** Starts a workflow that creates four patients, and returns the execution's id. */
	async function started(name: string): Promise<string> {
		const credential = await credentialOf(name, { requestsPerMinute: outOfTheWay });
		const parameters = { resource: 'patient', operation: 'create', columns: automaticColumns };
		const node = eyeCloudProNode('Node', credential, parameters);
		return await call(await publish(queue.n8n, name, node), peopleOf(name));
	}

	async function replaceWorkerOf(executionId: string): Promise<void> {
		const [worker] = workersOf(executionId);
		await queue.kill(worker);
		await queue.growTo(2);
	}

	beforeAll(async () => {
		await queue.simulator.configure({ rateLimit: { requestsPerMinute: outOfTheWay } });
	});

	it.each([false, true])('a failed one, with the workflow as it is now: %s', async (now) => {
		const name = `Failed${now ? 'Now' : 'Then'}`;
		await queue.simulator.addFault({
			match: { method: 'POST', holds: `"${name} 3"` },
			fault: { kind: 'status', status: 400 },
		});
		const id = await started(name);
		expect((await queue.n8n.executionEnded(id)).status).toBe('error');
		expect(await created(name)).toHaveLength(2);
		await replaceWorkerOf(id);
		const again = await queue.n8n.retryExecution(id, now);
		expect(again.status).toBe('success');
		expect(workersOf(again.id)).toHaveLength(1);
		expect(await created(name)).toEqual(peopleOf(name).map(({ name_last }) => name_last));
	});

	it('one whose worker was killed: nothing is created twice, by n8n itself or by the button', async () => {
		const { n8n, simulator } = queue;
		await simulator.addFault({
			match: { method: 'POST', holds: '"Killed 3"' },
			when: 'after',
			fault: { kind: 'hang' },
		});
		const id = await started('Killed');
		while (!(await simulator.counts()).byOutcome.hang) await wait(50);
		await replaceWorkerOf(id);
		expect((await n8n.executionEnded(id)).status).not.toBe('success');
		await simulator.clearFaults();
		// n8n has stored nothing to go on from, and does not run the node again.
		const sent = (await simulator.received({ method: 'POST' })).length;
		expect((await n8n.retryExecution(id, false)).status).toBe('error');
		expect(await simulator.received({ method: 'POST' })).toHaveLength(sent);
		expect(await created('Killed')).toHaveLength(3);
	});
});

describe('thirty executions at once, on one credential and one limit', () => {
	/** The published limit with its minute shortened to five seconds, for credential and simulator alike. */
	const limit = { requestsPerMinute: 100, windowMs: 5_000 };

	it.each([2, 4])('%i workers: few 429s', async (workers) => {
		const { n8n, simulator } = queue;
		await queue.growTo(workers);
		await simulator.reset({ data: true, options: true });
		await simulator.configure({ rateLimit: { ...limit, headers: 'none' } });
		const credential = await credentialOf('Limited', {
			requestsPerMinute: limit.requestsPerMinute,
			rateLimitWindowMs: limit.windowMs,
		});
		const patients = await simulator.records(simulator.practiceId, '/patients');
		const ids = patients.map(({ patient_id }) => patient_id);
		const wanted = ids.slice(0, 40);
		const save = async (name: string, parameters: object, items?: object[]) => {
			const node = eyeCloudProNode('Node', credential, { resource: 'patient', ...parameters });
			return await n8n.createWorkflow(chainOfNodes(name, [node], items as never));
		};
		// n8n stores the first token then. Of executions that find none, each would fetch its own.
		await n8n.runWorkflow(await save('First token', { operation: 'count' }), manualTriggerName);
		const whole = await save('Whole list', { operation: 'getAll', returnAll: true });
		const recordId = { __rl: true, mode: 'id', value: '={{ $json.id }}' };
		const items = wanted.map((id) => ({ id }));
		const single = await save('One by one', { operation: 'get', recordId }, items);
		await simulator.reset();

		const startedIds = await Promise.all(
			Array.from({ length: 30 }, (_, index) =>
				n8n.startWorkflow(index % 2 ? single : whole, manualTriggerName),
			),
		);
		for (const [index, id] of startedIds.entries()) {
			const { error, nodes } = await n8n.executionEnded(id);
			expect(error?.message).toBeUndefined();
			const read = nodes.Node[0].items.map(({ json }) => json.patient_id);
			expect(read).toEqual(index % 2 ? wanted : ids);
		}
		const { 200: passed = 0, 429: refused = 0 } = (await simulator.counts()).byOutcome;
		// Quiet machines have at most 5 %, which sharedLimit.test.ts holds; beside other tests, workers come late.
		expect(refused / (passed + refused)).toBeLessThanOrEqual(0.08);
		const busy = new Set(startedIds.flatMap((id) => workersOf(id)));
		expect(busy.size).toBe(workers);
	});
});
