// Return All by the node, over the simulator: complete, in order, several pages at a time, whatever happens in the
// middle, or else a sentence and nothing. Many more lists, by chance: completeList.test.ts.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type Fault, type Simulator } from '../simulator/start.ts';
import { runNode } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const PATIENTS = 1_499;
const PAGES = 6;
const path = '/patients';

let simulator: Simulator;

beforeAll(async () => {
	simulator = await startSimulator({
		patients: PATIENTS,
		latencyMs: 10,
		rateLimit: { requestsPerMinute: 10_000 },
	});
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true, options: true });
});

async function read(parameters = {}) {
	const credential = StoredCredential.for(simulator, await simulator.createClient());
	const list = { resource: 'patient', operation: 'getAll', returnAll: true, simplify: false };
	return await runNode({ credential, parameters: { ...list, ...parameters } });
}

async function heldIds() {
	return (await simulator.records(2, path)).map(({ patient_id }) => Number(patient_id));
}

/** All that was there all the while; once; in order; and nothing else but what came or went. */
async function expectAllThatIsThere() {
	const before = await heldIds();
	const { error, records, hints } = await read();
	expect(error).toBeUndefined();
	const after = new Set(await heldIds());
	const ids = records.map(({ patient_id }) => Number(patient_id));
	expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
	const output = new Set(ids);
	expect(before.filter((id) => after.has(id) && !output.has(id))).toEqual([]);
	const known = new Set([...before, ...after]);
	expect(ids.filter((id) => !known.has(id))).toEqual([]);
	expect(hints).toEqual([]);
	return await simulator.counts();
}

test('several pages at a time, each asked for once, of the largest size, by one token', async () => {
	const counts = await expectAllThatIsThere();
	expect(counts.byOutcome).toEqual({ 200: PAGES });
	expect(counts.maxInFlight).toBeGreaterThan(1);
	expect(counts.tokenRequests).toBe(1);
	const received = await simulator.received();
	expect(new Set(received.map(({ query: { sort, page } }) => `${sort} ${page}`)).size).toBe(PAGES);
	expect(new Set(received.map(({ query }) => query.page_size))).toEqual(new Set(['250']));
});

test('the token expires in the middle', async () => {
	await simulator.addFault({ match: { nth: 4 }, fault: { kind: 'expireTokens' } });
	const { byOutcome, tokensIssued } = await expectAllThatIsThere();
	expect(byOutcome).toMatchObject({ 200: PAGES, 401: expect.any(Number) as number });
	expect(tokensIssued).toBe(2);
});

test('a page that stays broken is named, and nothing is handed on', async () => {
	const fault: Fault = { kind: 'status', status: 500 };
	await simulator.addFault({ match: { page: 4, times: 1_000 }, fault });
	const { error, records } = await read();
	expect(error?.description).toContain('page 4 of the list, so nothing of it is handed on');
	expect(records).toEqual([]);
});

test('so is one without its count', async () => {
	const fault: Fault = { kind: 'status', status: 200, body: { data: [] } };
	await simulator.addFault({ match: { page: 3 }, fault });
	const { error, records } = await read();
	expect(error?.message).toBe('Page 3 of the list came without its records or their count');
	expect(records).toEqual([]);
});

test('a page that is shorter than it should be is read again; one that comes twice is noticed', async () => {
	const pagination = { page: 3, page_size: 250, total_count: PATIENTS };
	const again = (await simulator.records(2, path)).slice(0, 250);
	for (const data of [[], again]) {
		await simulator.reset({ options: true });
		const fault: Fault = { kind: 'status', status: 200, body: { data, pagination } };
		await simulator.addFault({ match: { page: 3 }, fault });
		const { total } = await expectAllThatIsThere();
		if (data.length === 0) expect(total).toBe(PAGES + 1);
	}
});

const added = (id?: number): Fault => ({
	kind: 'addRecord',
	path,
	...(id === undefined ? {} : { record: { patient_id: id } }),
});
const deleted = (position: number): Fault => ({ kind: 'deleteRecord', path, position });

test.each<[string, Fault[], number?]>([
	['one is added before all others', [added(1)]],
	// No more requests than for a list that nobody changes.
	['one is added at the end', [added()], PAGES],
	['one is deleted in the middle', [deleted(750)]],
	['one is deleted and another added, so that the count is the same', [deleted(0), added()]],
	['one goes with each request', Array<Fault>(100).fill(deleted(0))],
])('%s: all that is there, in order', async (_name, faults, most = 2 * PAGES + 1) => {
	for (const from of [2, 4, PAGES]) {
		await simulator.reset({ data: true, options: true });
		const scenes = faults.map((fault, index) => ({ match: { nth: from + index }, fault }));
		await simulator.addFault(...scenes);
		expect((await expectAllThatIsThere()).total).toBeLessThanOrEqual(most);
	}
});

test('with a Limit, the first ones, also of a list that grows at the front', async () => {
	await simulator.addFault({ match: { page: 2 }, fault: added(1) });
	const { records } = await read({ returnAll: false, limit: 600 });
	expect(records).toEqual((await simulator.records(2, path)).slice(0, 600));
});
