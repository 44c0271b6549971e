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

	test('of one execution after another', async () => {
		const run = { parameters: countPatients, items: itemsOf(3) };
		await runNode({ ...run, credential: limitedTo(3) });
		expect(fakeClock.slept).toEqual([]);
		await runNode({ ...run, credential: limitedTo(3) });
		expect(fakeClock.slept.reduce((sum, sleptMs) => sum + sleptMs, 0)).toBeGreaterThan(59_000);
	});

	test('whichever practice they are for', async () => {
		const options = { practiceId: '={{ $json.index % 2 ? 2 : 123 }}' };
		const parameters = { ...countPatients, options };
		await runNode({ credential: limitedTo(3), items: itemsOf(4), parameters });
		expect(fakeClock.slept).not.toEqual([]);
	});

	test('but each module and each OAuth client has its own', async () => {
		const run = { credential: limitedTo(3), items: itemsOf(3) };
		await runNode({ ...run, parameters: countPatients });
		await runNode({ ...run, parameters: { resource: 'store', operation: 'count' } });
		client = await simulator.createClient();
		await runNode({ ...run, credential: limitedTo(3), parameters: countPatients });
		expect(fakeClock.slept).toEqual([]);
		expect((await simulator.counts()).byOutcome).toEqual({ 200: 9 });
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
	while (fakeClock.slept.length === 0) await new Promise((resolve) => setImmediate(resolve));
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
	expect((await simulator.received()).map(({ outcome }) => outcome)[0]).toBe(503);
});

describe('the hint on the output', () => {
	test('says how long, for what', async () => {
		const { hints, records } = await runNode({
			credential: limitedTo(1),
			items: itemsOf(3),
			parameters: countPatients,
		});
		expect(records).toHaveLength(3);
		expect(hints).toEqual([
			"This took 120 seconds longer, waiting for EyeCloud Pro's rate limit on 'patients'.",
		]);
	});

	test('counts the waits of several pages at a time once', async () => {
		const startMs = fakeClock.now();
		const { hints, records } = await runNode({
			credential: limitedTo(10),
			parameters: allPatients,
		});
		expect(records).toHaveLength(PATIENTS);
		const seconds = Number(/took (\d+) seconds/.exec(hints[0])?.[1]);
		expect(seconds).toBeGreaterThanOrEqual(120);
		expect(seconds).toBeLessThanOrEqual((fakeClock.now() - startMs) / 1_000);
	});

	test('adds up over the items, 429s included', async () => {
		await simulator.addFault({
			fault: { kind: 'status', status: 429, headers: { 'Retry-After': '30' } },
		});
		const { hints } = await runNode({
			credential: limitedTo(2),
			items: itemsOf(3),
			parameters: countPatients,
		});
		expect(hints).toHaveLength(1);
		const seconds = Number(/took (\d+) seconds/.exec(hints[0])?.[1]);
		expect(seconds).toBeGreaterThanOrEqual(90);
		expect(seconds).toBeLessThanOrEqual(150);
	});

	test('is not there for what nobody notices', async () => {
		await simulator.addFault({
			fault: { kind: 'status', status: 429, headers: { 'Retry-After': '2' } },
		});
		const { hints } = await runNode({ credential: limitedTo(100), parameters: countPatients });
		expect(hints).toEqual([]);
	});
});

test('a list in the editor goes ahead of a bulk export', async () => {
	await simulator.configure({ rateLimit: { requestsPerMinute: 10_000 } });
	const credential = limitedTo(5);
	fakeClock.hold();
	const exported = runNode({ credential, parameters: allPatients });
	while (fakeClock.slept.length === 0) await new Promise((resolve) => setImmediate(resolve));
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
	async function until(condition: () => Promise<boolean>) {
		while (!(await condition()));
	}

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

	const isAsleep = async () => {
		await new Promise((resolve) => setImmediate(resolve));
		return fakeClock.slept.length > 0;
	};
	const areHanging = (requests: number) => async () =>
		(await simulator.counts()).byOutcome.hang === requests;

	test('while it waits for its turn', async () => {
		fakeClock.hold();
		const run = { credential: limitedTo(1), items: itemsOf(3), parameters: countPatients };
		expect(await expectToStop(run, isAsleep)).toBe(1);
	});

	const waits: Array<[string, Fault]> = [
		['after a 429', { kind: 'status', status: 429, headers: { 'Retry-After': '600' } }],
		['after a 500', { kind: 'status', status: 500 }],
		['after a reset', { kind: 'reset' }],
	];
	test.each(waits)('while it waits %s', async (_name, fault) => {
		fakeClock.hold();
		await simulator.addFault({ fault });
		const run = { credential: limitedTo(100), parameters: countPatients };
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

	test('leaves the others in the queue', async () => {
		const run = { credential: limitedTo(1), parameters: countPatients };
		await runNode(run);
		fakeClock.hold();
		let cancel = () => {};
		const stopped = runNode({ ...run, onStarted: (stop) => (cancel = stop) });
		await until(isAsleep);
		const other = runNode(run);
		cancel();
		expect((await stopped).records).toEqual([]);
		fakeClock.release();
		expect((await other).records).toEqual([{ count: PATIENTS }]);
		expect(sent).toBe(2);
	});
});
