// Waiting for the rate limit: shared by executions of one OAuth client, told to the user, and ended
// at once when the user stops the execution.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { Editor } from '../harness/editorMethod.ts';
import { fakeClock } from '../harness/fastTime.ts';
import type { NodeRun } from '../harness/runNode.ts';
import type { Fault } from '../simulator/start.ts';

const PATIENTS = 6_240;
const PAGES = 25;

const practice = simulatedPractice({ patients: PATIENTS });
/** Requests that left this process for the API, whether or not they have arrived. */
let sent = 0;

const countSent = (message: unknown) => {
	const { request } = message as { request: ClientRequest };
	if (request.getHeader('host') === new URL(practice.simulator.apiUrl).host) sent++;
};

beforeAll(() => subscribe('http.client.request.start', countSent));
afterAll(() => unsubscribe('http.client.request.start', countSent));
beforeEach(() => {
	sent = 0;
});

/** By the credential, from the next request on. */
const limitTo = (requestsPerMinute: number) => practice.credential.change({ requestsPerMinute });

type More = Omit<NodeRun, 'parameters'>;
const items = [{ index: 0 }, { index: 1 }, { index: 2 }];
const count = (more: More = {}, resource = 'patient', options = {}) =>
	practice.run(resource, 'count', { options }, more);
const readAll = (more: More = {}) => practice.run('patient', 'getAll', { returnAll: true }, more);
const byOutcome = async () => (await practice.simulator.counts()).byOutcome;

async function until(condition: () => Promise<boolean>): Promise<void> {
	while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

const isAsleep = () => Promise.resolve(fakeClock.slept.length > 0);

/** Lets all that only this process has to do be done. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('never more than the limit in any 60 seconds, of two executions at once', async () => {
	limitTo(20);
	const startMs = fakeClock.now();
	for (const { records } of await Promise.all([readAll(), readAll()])) {
		expect(records).toHaveLength(PATIENTS);
	}
	expect(await byOutcome()).toEqual({ 200: 2 * PAGES });
	expect(fakeClock.now() - startMs).toBeGreaterThanOrEqual(2 * 60_000);
});

test('a limit is of a module and an OAuth client, whichever practice and credential ask', async () => {
	limitTo(3);
	const options = { practiceId: '={{ $json.index % 2 ? 2 : 123 }}' };
	await count({ items }, 'patient', options);
	await count({ items }, 'store');
	const other = await practice.credentialFor({});
	other.change({ requestsPerMinute: 3 });
	await count({ items, credential: other });
	expect(fakeClock.slept).toEqual([]);
	await count({ items, credential: practice.credential.copy() }, 'patient', options);
	expect(fakeClock.slept.reduce((sum, sleptMs) => sum + sleptMs, 0)).toBeGreaterThan(59_000);
});

test('a 503 that names a wait holds everybody who asks the module, and is told as such', async () => {
	await practice.simulator.addFault({
		fault: { kind: 'status', status: 503, headers: { 'Retry-After': '20' } },
	});
	const startMs = fakeClock.now();
	fakeClock.hold();
	const first = count();
	await until(isAsleep);
	const others = [count(), count()];
	await settle();
	fakeClock.release();
	for (const { records, hints } of await Promise.all([first, ...others])) {
		expect(records).toEqual([{ count: PATIENTS }]);
		expect(hints).toEqual([
			"This took 20 seconds longer, waiting until EyeCloud Pro was ready for 'patients' again.",
		]);
	}
	expect(fakeClock.now() - startMs).toBe(20_000);
	expect(await byOutcome()).toEqual({ 200: 3, 503: 1 });
});

const refused = (seconds: number): Fault => ({
	...{ kind: 'status', status: 429 },
	headers: { 'Retry-After': String(seconds) },
});

test.each<[string, number, () => ReturnType<typeof count>, Fault | undefined, number, number]>([
	['adds up over the items', 1, () => count({ items }), undefined, 120, 120],
	['counts the waits of several pages at a time once', 10, readAll, undefined, 120, Infinity],
	['counts 429s', 2, () => count({ items }), refused(30), 90, 150],
	['is not there for what nobody notices', 100, count, refused(2), 0, 0],
])('the hint on the output %s', async (_, limit, run, fault, least, most) => {
	limitTo(limit);
	if (fault) await practice.simulator.addFault({ fault });
	const startMs = fakeClock.now();
	const { hints } = await run();
	expect(hints).toHaveLength(most === 0 ? 0 : 1);
	if (most === 0) return;
	const [, seconds, end] = /^This took (\d+) seconds (.*)$/.exec(hints[0]) ?? [];
	expect(end).toBe("longer, waiting for EyeCloud Pro's rate limit on 'patients'.");
	expect(Number(seconds)).toBeGreaterThanOrEqual(least);
	expect(Number(seconds)).toBeLessThanOrEqual(most);
	expect(Number(seconds)).toBeLessThanOrEqual((fakeClock.now() - startMs) / 1_000);
});

test('a list in the editor goes ahead of a bulk export', async () => {
	limitTo(5);
	fakeClock.hold();
	const exported = readAll();
	await until(isAsleep);
	// The same credential: fetching a token of its own would take the editor's request out of its turn.
	const { results } = jest.spyOn(practice.credential, 'getDecrypted').mock;
	const editor = new Editor(practice.credential);
	const listed = editor.search({ resource: 'patient', operation: 'get', recordId: '' });
	// Until the editor's request is in line too: after its credential, it waits for nothing else.
	await until(() => Promise.resolve(results.length > 0));
	await results[0].value;
	await settle();
	fakeClock.release();
	expect((await listed).results).toHaveLength(250);
	expect((await exported).records).toHaveLength(PATIENTS);
	const sorts = (await practice.received()).map(({ query }) => String(query.sort));
	const position = sorts.findIndex((sort) => sort.includes('name'));
	expect(position).toBeGreaterThanOrEqual(5);
	expect(position).toBeLessThan(10);
});

describe('an execution that is stopped', () => {
	/** Stops it once `when` is true, and sees to it that it ends though nothing goes on, and sends no more. */
	async function expectToStop(
		run: (more: More) => ReturnType<typeof count>,
		when: () => Promise<boolean>,
	) {
		let cancel = () => {};
		const running = run({ onStarted: (stop) => (cancel = stop) });
		await until(when);
		const sentBefore = sent;
		cancel();
		expect((await running).status).toBe('canceled');

		fakeClock.release();
		await practice.simulator.clearFaults();
		await settle();
		expect(sent).toBe(sentBefore);
		return sentBefore;
	}

	const areHanging = (requests: number) => async () => Number((await byOutcome()).hang) >= requests;

	test.each<[string, number, Fault | undefined]>([
		['for its turn', 1, undefined],
		['after a 429', 100, refused(600)],
		['after a reset', 100, { kind: 'reset' }],
	])('while it waits %s', async (_name, limit, fault) => {
		limitTo(limit);
		fakeClock.hold();
		if (fault) await practice.simulator.addFault({ fault });
		const run = (more: More) => count(fault ? more : { ...more, items });
		expect(await expectToStop(run, isAsleep)).toBe(1);
	});

	const handling = ['stopWorkflow', 'continueRegularOutput'] as const;
	test.each(handling)('while requests are under way; On Error: %s', async (onError) => {
		// The first request of all goes alone.
		await count();
		await practice.simulator.addFault({ match: { times: 99 }, fault: { kind: 'hang' } });
		const run = (more: More) => count({ ...more, items, onError });
		expect(await expectToStop(run, areHanging(3))).toBe(4);
	});

	test('while several pages are under way', async () => {
		await practice.simulator.addFault({ match: { nth: 9, times: 99 }, fault: { kind: 'hang' } });
		await expectToStop(readAll, areHanging(8));
	});

	test('while it waits for a token', async () => {
		const connections: Socket[] = [];
		const silent = createServer((socket) => connections.push(socket)).listen(0, '127.0.0.1');
		await once(silent, 'listening');
		const { port } = silent.address() as AddressInfo;
		practice.credential.change({ authServerUrl: `http://127.0.0.1:${port}` });
		try {
			const isConnected = () => Promise.resolve(connections.length > 0);
			expect(await expectToStop(count, isConnected)).toBe(0);
		} finally {
			for (const socket of connections) socket.destroy();
			silent.close();
		}
	});
});
