// Thirty executions at once on one credential and one rate limit, by workers that know nothing of each
// other. Called by queue.test.ts.
import { setTimeout as wait } from 'node:timers/promises';
import { credentialData, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import {
	chainOfNodes,
	manualTriggerName,
	type Execution,
	type SavedCredential,
} from '../harness/startN8n.ts';
import type { ReceivedTokenRequest } from '../simulator/start.ts';
import { ranOn, type QueueMode } from './queueMode.ts';

/** Half of them read the whole list, half read records one by one. */
const executionsOfEach = 15;
const recordsOneByOne = 40;

/** The published limit with its minute shortened to five seconds, for credential and simulator alike. */
const limit = { requestsPerMinute: 100, windowMs: 5_000 };
/** Long enough for a token to be used where the machine is busy, and to expire a few times. */
const tokenLifetimeSeconds = 10;

/** What came of the executions, by so many workers; the run ends with a table of them. */
export interface Figures {
	workers: number;
	/** Requests that got through, and 429s. */
	requests: number;
	refused: number;
	/** Of all requests that the limit counted. */
	refusedPercent: number;
	tokens: number;
	/** From the first execution's start to the last one's end. */
	seconds: number;
	/** What the limit alone makes of it: one window after the other, each full. */
	leastSeconds: number;
}

const timeoutMs = 150_000;
const pollIntervalMs = 500;

/**
 * The most 429s, of all requests that the limit counted, from the first window on, when nobody knows of the
 * others. Measured on a busy machine: 1.6 % with two workers, 3.6 % with four; window by window in
 * `learnedLimit.test.ts`.
 */
const mostRefusedPercent = 5;

export function thirtyAtOnceCases(rig: () => QueueMode, figures: Figures[]): void {
	it.each([2, 4])('%i workers', async (workers) => {
		const queue = rig();
		const { n8n, simulator } = queue;
		await queue.growTo(workers);
		await simulator.reset({ data: true, options: true });
		const credential = await limitedCredential(queue);
		const patients = await simulator.records(simulator.practiceId, '/patients');
		const ids = patients.map(({ patient_id }) => patient_id);
		const wanted = ids.slice(0, recordsOneByOne);
		const whole = await n8n.createWorkflow(wholeList(credential));
		const single = await n8n.createWorkflow(oneByOne(credential, wanted));
		await simulator.reset();

		const started = Array.from({ length: executionsOfEach }, () => [whole, single]).flat();
		const startedIds = await Promise.all(
			started.map((workflow) => n8n.startWorkflow(workflow, manualTriggerName)),
		);
		const wallTimeMs = await allEnded(queue, startedIds);
		for (const [index, id] of startedIds.entries()) {
			const execution = await n8n.executionEnded(id);
			expect([execution.error?.message, execution.error?.description]).toEqual([
				undefined,
				undefined,
			]);
			expect(readIn(execution)).toEqual(index % 2 === 0 ? ids : wanted);
		}
		const { byOutcome } = await simulator.counts();
		const tokenRequests = await simulator.tokenRequests();
		const [requests, refused] = [byOutcome['200'] ?? 0, byOutcome['429'] ?? 0];
		const refusedPercent = (100 * refused) / (requests + refused);
		const least = (requests / limit.requestsPerMinute - 1) * limit.windowMs;
		const [seconds, leastSeconds] = [wallTimeMs, least].map((ms) => Math.round(ms / 100) / 10);
		const tokens = tokenRequests.length;
		figures.push({ workers, requests, refused, refusedPercent, tokens, seconds, leastSeconds });
		expect(refusedPercent).toBeLessThanOrEqual(mostRefusedPercent);
		expect(tokenRequests.length).toBeGreaterThan(1);
		expect(tokensInOneLifetime(tokenRequests)).toBe(1);
		const shares = queue.workers.map(({ output }) => startedIds.filter((id) => ranOn(output, id)));
		expect(shares.filter(({ length }) => length === 0)).toEqual([]);
	});
}

/** Of a client of its own, so that nothing of a limit or a token is left from before. */
async function limitedCredential({ n8n, simulator }: QueueMode): Promise<SavedCredential> {
	await simulator.configure({ rateLimit: { ...limit, headers: 'none' }, tokenLifetimeSeconds });
	const data = credentialData(simulator, await simulator.createClient(), {
		requestsPerMinute: limit.requestsPerMinute,
		rateLimitWindowMs: limit.windowMs,
	});
	const credential = await n8n.createCredential('Limited', data);
	// n8n stores the first token then. Of executions that find none, each would fetch its own.
	const count = eyeCloudProNode(nodeName, credential, { resource: 'patient', operation: 'count' });
	await n8n.runWorkflow(chainOfNodes('First token', [count]), manualTriggerName);
	return credential;
}

const nodeName = 'Read patients';

function wholeList(credential: SavedCredential) {
	const parameters = { resource: 'patient', operation: 'getAll', returnAll: true };
	return chainOfNodes('Whole list', [eyeCloudProNode(nodeName, credential, parameters)]);
}

function oneByOne(credential: SavedCredential, ids: unknown[]) {
	const recordId = { __rl: true, mode: 'id', value: '={{ $json.id }}' };
	const parameters = { resource: 'patient', operation: 'get', recordId };
	const node = eyeCloudProNode(nodeName, credential, parameters);
	return chainOfNodes(
		'One by one',
		[node],
		ids.map((id) => ({ id })),
	);
}

function readIn({ nodes }: Execution): unknown[] {
	return nodes[nodeName][0].items.map(({ json }) => json.patient_id);
}

/** Waits until all of them have ended; how long they took together, by n8n's own clock. */
async function allEnded({ n8n }: QueueMode, ids: string[]): Promise<number> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const executions = (await n8n.executions()).filter(({ id }) => ids.includes(id));
		const stopped = executions.flatMap(({ stoppedAt }) => stoppedAt ?? []);
		if (stopped.length === ids.length) {
			const started = executions.flatMap(({ startedAt }) => startedAt ?? []);
			return Math.max(...stopped.map(Date.parse)) - Math.min(...started.map(Date.parse));
		}
		if (Date.now() > deadline) throw new Error('The executions were not over in time.');
		await wait(pollIntervalMs);
	}
}

/** The most tokens that were fetched within the time that one of them is good for. */
function tokensInOneLifetime(requests: ReceivedTokenRequest[]): number {
	const fetchedAtMs = requests.map(({ atMs }) => atMs);
	// The expiry is in whole seconds.
	const lifetimeMs = (tokenLifetimeSeconds - 1) * 1_000;
	const within = fetchedAtMs.map(
		(fromMs) => fetchedAtMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + lifetimeMs).length,
	);
	return Math.max(...within);
}
