// Waiting for the rate limit: shared by executions of one OAuth client, told to the user, and ended
// at once when the user stops the execution.
import { fakeClock } from '../harness/fastTime.ts';

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import {
	startSimulator,
	type Fault,
	type OAuthClient,
	type Simulator,
} from '../simulator/start.ts';
import { Editor } from '../harness/editorMethod.ts';
import { runNode, type NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const PATIENTS = 6_240;
const PAGES = 25;

let simulator: Simulator;
let client: OAuthClient;
/** Requests that left this process for the API, whether or not they have arrived. */
let sent = 0;

const countSent = (message: unknown) => {
	const { request } = message as { request: ClientRequest };
	if (request.getHeader('host') === new URL(simulator.apiUrl).host) sent++;
};

beforeAll(async () => {
	subscribe('http.client.request.start', countSent);
	simulator = await startSimulator({
		patients: PATIENTS,
		rateLimit: { requestsPerMinute: 10_000 },
	});
});
afterAll(async () => {
	unsubscribe('http.client.request.start', countSent);
	await simulator?.stop();
});
beforeEach(async () => {
	sent = 0;
	fakeClock.reset();
	await simulator.reset({ options: true });
	client = await simulator.createClient({ practiceIds: [2, 123] });
});

/** A credential of its own each time, as two users of one OAuth client have. */
function limitedTo(requestsPerMinute: number, changes = {}) {
	return StoredCredential.for(simulator, client, { requestsPerMinute, ...changes });
}

function itemsOf(count: number) {
	return Array.from({ length: count }, (_, index) => ({ index }));
}

const countPatients = { resource: 'patient', operation: 'count' };
const allPatients = { resource: 'patient', operation: 'getAll', returnAll: true };

async function until(condition: () => Promise<boolean>): Promise<void> {
	while (!(await condition()));
}

async function isAsleep(): Promise<boolean> {
	await new Promise((resolve) => setImmediate(resolve));
	return fakeClock.slept.length > 0;
}

/** Lets all that only this process has to do be done. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('never more than the limit in any 60 seconds', () => {
	test('of two executions at once', async () => {
		const startMs = fakeClock.now();
		const run = { credential: limitedTo(20), parameters: allPatients };
		for (const { records } of await Promise.all([runNode(run), runNode(run)])) {
			expect(records).toHaveLength(PATIENTS);
		}
		expect((await simulator.counts()).byOutcome).toEqual({ 200: 2 * PAGES });
		expect(fakeClock.now() - startMs).toBeGreaterThanOrEqual(2 * 60_000);
	});

	test('of one execution after another, whichever practice and credential they are for', async () => {
		const options = { practiceId: '={{ $json.index % 2 ? 2 : 123 }}' };
		const run = { parameters: { ...countPatients, options }, items: itemsOf(3) };
		await runNode({ ...run, credential: limitedTo(3) });
		expect(fakeClock.slept).toEqual([]);
		await runNode({ ...run, credential: limitedTo(3) });
		expect(fakeClock.slept.reduce((sum, sleptMs) => sum + sleptMs, 0)).toBeGreaterThan(59_000);
	});

	test('but each module and each OAuth client has its own', async () => {
		const run = { items: itemsOf(3), parameters: countPatients };
		const credential = limitedTo(3);
		await runNode({ ...run, credential });
		await runNode({ ...run, credential, parameters: { ...countPatients, resource: 'store' } });
		client = await simulator.createClient();
		await runNode({ ...run, credential: limitedTo(3) });
		expect(fakeClock.slept).toEqual([]);
	});
});

test('a 503 that names a wait holds everybody who asks the module, and is told as such', async () => {
	await simulator.addFault({
		fault: { kind: 'status', status: 503, headers: { 'Retry-After': '20' } },
	});
	const startMs = fakeClock.now();
	const run = { credential: limitedTo(100), parameters: countPatients };
	fakeClock.hold();
	const first = runNode(run);
	await until(isAsleep);
	const others = [runNode(run), runNode(run)];
	await settle();
	fakeClock.release();
	for (const { records, hints } of await Promise.all([first, ...others])) {
		expect(records).toEqual([{ count: PATIENTS }]);
		expect(hints).toEqual([
			"This took 20 seconds longer, waiting until EyeCloud Pro was ready for 'patients' again.",
		]);
	}
	expect(fakeClock.now() - startMs).toBe(20_000);
	expect((await simulator.counts()).byOutcome).toEqual({ 200: 3, 503: 1 });
});

describe('the hint on the output', () => {
	const refused = (seconds: number): Fault => ({
		...{ kind: 'status', status: 429 },
		headers: { 'Retry-After': String(seconds) },
	});

	test.each<[string, number, object, Fault | undefined, number, number]>([
		['adds up over the items', 1, countPatients, undefined, 120, 120],
		['counts the waits of several pages at a time once', 10, allPatients, undefined, 120, Infinity],
		['counts 429s', 2, countPatients, refused(30), 90, 150],
	])('%s', async (_, limit, parameters, fault, least, most) => {
		if (fault) await simulator.addFault({ fault });
		const startMs = fakeClock.now();
		const items = parameters === countPatients ? itemsOf(3) : undefined;
		const run = { credential: limitedTo(limit), items, parameters: { ...parameters } };
		const { hints } = await runNode(run);
		const [, seconds, end] = /^This took (\d+) seconds (.*)$/.exec(hints.join()) ?? [];
		expect(end).toBe("longer, waiting for EyeCloud Pro's rate limit on 'patients'.");
		expect(Number(seconds)).toBeGreaterThanOrEqual(least);
		expect(Number(seconds)).toBeLessThanOrEqual(most);
		expect(Number(seconds)).toBeLessThanOrEqual((fakeClock.now() - startMs) / 1_000);
	});

	test('is not there for what nobody notices', async () => {
		await simulator.addFault({ fault: refused(2) });
		const { hints } = await runNode({ credential: limitedTo(100), parameters: countPatients });
		expect(hints).toEqual([]);
	});
});

test('a list in the editor goes ahead of a bulk export', async () => {
	await simulator.configure({ rateLimit: { requestsPerMinute: 10_000 } });
	const credential = limitedTo(5);
	fakeClock.hold();
	const exported = runNode({ credential, parameters: allPatients });
	await until(isAsleep);
	// The same credential: fetching a token of its own would take the editor's request out of its turn.
	const decrypted = jest.spyOn(credential, 'getDecrypted');
	const editor = new Editor(credential);
	const listed = editor.search({ resource: 'patient', operation: 'get', recordId: '' });
	// Until the editor's request is in line too: after its credential, it waits for nothing else.
	while (decrypted.mock.results.length === 0) await new Promise((resolve) => setImmediate(resolve));
	await decrypted.mock.results[0].value;
	await settle();
	fakeClock.release();
	expect((await listed).results).toHaveLength(250);
	const isEditor = ({ query }: { query: Record<string, unknown> }) =>
		String(query.sort).includes('name');
	expect((await exported).records).toHaveLength(PATIENTS);
	const position = (await simulator.received()).findIndex(isEditor);
	expect(position).toBeGreaterThanOrEqual(5);
	expect(position).toBeLessThan(10);
});

test('a list of which a page fails for good: no other page is sent any longer, and it says how long it tried', async () => {
	await simulator.addFault({
		match: { nth: 3, times: 10_000 },
		fault: { kind: 'status', status: 503 },
	});
	const { error } = await runNode({ credential: limitedTo(1_000), parameters: allPatients });
	expect(error?.description).toMatch(/It was tried 6 times in \d+ seconds\./);
	// Requests that have their turn already still go; nobody begins anew.
	fakeClock.hold();
	await settle();
	const sentBefore = sent;
	fakeClock.release();
	await fakeClock.sleep(60_000);
	await settle();
	expect(sent).toBe(sentBefore);
});

describe('an execution that is stopped', () => {
	/** Stops it once `when` is true, and sees to it that it ends though nothing goes on, and sends no more. */
	async function expectToStop(run: Omit<NodeRun, 'onStarted'>, when: () => Promise<boolean>) {
		let cancel = () => {};
		const running = runNode({ ...run, onStarted: (stop) => (cancel = stop) });
		await until(when);
		const sentBefore = sent;
		cancel();
		expect((await running).status).toBe('canceled');

		fakeClock.release();
		await simulator.clearFaults();
		await settle();
		expect(sent).toBe(sentBefore);
		return sentBefore;
	}

	const areHanging = (requests: number) => async () =>
		(await simulator.counts()).byOutcome.hang === requests;

	test.each<[string, number, Fault | undefined]>([
		['for its turn', 1, undefined],
		['after a 429', 100, { kind: 'status', status: 429, headers: { 'Retry-After': '600' } }],
		['after a reset', 100, { kind: 'reset' }],
	])('while it waits %s', async (_name, limit, fault) => {
		fakeClock.hold();
		if (fault) await simulator.addFault({ fault });
		const items = fault ? undefined : itemsOf(3);
		const run = { credential: limitedTo(limit), items, parameters: countPatients };
		expect(await expectToStop(run, isAsleep)).toBe(1);
	});

	test.each([false, true])('while requests are under way; Continue On Fail: %s', async (goOn) => {
		const credential = limitedTo(100);
		// The first request of all goes alone.
		await runNode({ credential, parameters: countPatients });
		await simulator.addFault({ match: { times: 99 }, fault: { kind: 'hang' } });
		const items = itemsOf(3);
		const run = { credential, items, continueOnFail: goOn, parameters: countPatients };
		expect(await expectToStop(run, areHanging(3))).toBe(4);
	});

	test('while several pages are under way', async () => {
		await simulator.addFault({ match: { nth: 9, times: 99 }, fault: { kind: 'hang' } });
		const run = { credential: limitedTo(10_000), parameters: allPatients };
		await expectToStop(run, async () => Number((await simulator.counts()).byOutcome.hang) >= 8);
	});

	test('while it waits for a token', async () => {
		const connections: Socket[] = [];
		const silent = createServer((socket) => connections.push(socket)).listen(0, '127.0.0.1');
		await once(silent, 'listening');
		const authServerUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
		const run = { credential: limitedTo(100, { authServerUrl }), parameters: countPatients };
		const isConnected = async () => {
			await new Promise((resolve) => setImmediate(resolve));
			return connections.length > 0;
		};
		try {
			expect(await expectToStop(run, isConnected)).toBe(0);
		} finally {
			for (const socket of connections) socket.destroy();
			silent.close();
		}
	});
});
