// Return All where requests are refused, pages break, and records come and go while it reads: what comes out is what the
// API held at one moment, or an error and nothing. Many more such lists, by chance: test/api/completeList.test.ts.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type Fault, type Simulator } from '../simulator/start.ts';
import { rateLimitHeaderStyles } from '../simulator/contract.ts';
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

async function read(resource: string, parameters = {}) {
	const credential = StoredCredential.for(simulator, await simulator.createClient());
	return await runNode({
		credential,
		parameters: {
			resource,
			operation: 'getAll',
			returnAll: true,
			simplify: false,
			...parameters,
		},
	});
}

/** All that was there all the while; once; and nothing else but what came or went. */
async function expectAllThatIsThere(parameters = {}) {
	const before = await heldIds();
	const result = await read('patient', parameters);
	expect(result.error).toBeUndefined();
	const after = await heldIds();
	const ids = result.records.map(({ patient_id }) => patient_id);
	const output = new Set<unknown>(ids);
	expect(output.size).toBe(ids.length);
	expect([...before].filter((id) => after.has(id) && !output.has(id))).toEqual([]);
	expect(ids.filter((id) => !before.has(id) && !after.has(id))).toEqual([]);
	return { ...result, ids };
}

async function heldIds(): Promise<Set<unknown>> {
	return new Set((await simulator.records(2, path)).map(({ patient_id }) => patient_id));
}

test.each(rateLimitHeaderStyles)('429s in the middle, headers of style %s', async (headers) => {
	await simulator.configure({ rateLimit: { headers } });
	await simulator.addFault({
		match: { nth: 3, times: 3 },
		fault: { kind: 'status', status: 429 },
	});
	const startMs = fakeClock.now();
	await expectAllThatIsThere();
	const { 200: answered, ...refused } = (await simulator.counts()).byOutcome;
	expect(refused).toEqual({ 429: 3 });
	expect(answered).toBe(PAGES);
	// The server speaks of a second; who hears nothing guesses.
	const waitedMs = fakeClock.now() - startMs;
	expect(waitedMs).toBeGreaterThanOrEqual(headers === 'none' ? 1 : 1_000);
	expect(waitedMs).toBeLessThan(60_000);
});

const passing: Fault[] = [
	{ kind: 'status', status: 500 },
	{ kind: 'reset' },
	{ kind: 'truncate' },
	{ kind: 'html' },
];

test.each(passing)('a page that fails once: $kind', async (fault) => {
	await simulator.addFault({ match: { page: 4 }, fault });
	await expectAllThatIsThere();
	expect((await simulator.counts()).total).toBe(PAGES + 1);
});

test.each(passing)('a page that stays broken: $kind', async (fault) => {
	await simulator.addFault({ match: { page: 4, times: 1_000 }, fault });
	const result = await read('patient');
	expect(result.error?.description).toContain('page 4 of the list, so nothing of it is handed on');
	expect(result.records).toEqual([]);
	const broken = (await simulator.received()).filter(({ query }) => query.page === '4');
	expect(broken).toHaveLength(6);
});

test('a list without its count is no list', async () => {
	await simulator.addFault({
		match: { page: 3 },
		fault: { kind: 'status', status: 200, body: { data: [] } },
	});
	const result = await read('patient');
	expect(result.error?.message).toBe('Page 3 of the list came without its records or their count');
	expect(result.records).toEqual([]);
});

test('a page that is shorter than it should be is read again; one that comes twice is noticed', async () => {
	const pagination = { page: 3, page_size: 250, total_count: PATIENTS };
	const again = (await simulator.records(2, path)).slice(0, 250);
	for (const data of [[], again]) {
		await simulator.reset({ options: true });
		const fault: Fault = { kind: 'status', status: 200, body: { data, pagination } };
		await simulator.addFault({ match: { page: 3 }, fault });
		await expectAllThatIsThere();
		const received = await simulator.received();
		const third = received.filter(({ query }) => query.page === '3');
		if (data.length === 0) expect(third).toHaveLength(2);
	}
});

const added = (id?: number): Fault => ({
	kind: 'addRecord',
	path,
	...(id === undefined ? {} : { record: { patient_id: id } }),
});
const deleted = (position: number): Fault => ({ kind: 'deleteRecord', path, position });

test.each<[string, Fault[], number?]>([
	['one is added at the start', [added(1)]],
	['one is added in the middle', [added(3_000)]],
	// No more requests than for a list that nobody changes.
	['one is added at the end', [added()], PAGES],
	['one is deleted at the start', [deleted(0)]],
	['one is deleted in the middle', [deleted(750)]],
	['one is deleted at the end', [deleted(PATIENTS - 1)]],
	['one goes with each page', [deleted(0), deleted(1), deleted(2)]],
	['one is deleted and another added, so that the count is the same', [deleted(0), added()]],
	['one goes with each request', Array<Fault>(100).fill(deleted(0))],
])('%s: all that is there, in order', async (_name, faults, most = 2 * PAGES) => {
	for (const from of [2, 4, PAGES]) {
		await simulator.reset({ data: true, options: true });
		const scenes = faults.map((fault, index) => ({ match: { nth: from + index }, fault }));
		await simulator.addFault(...scenes);
		const { ids } = await expectAllThatIsThere();
		expect([...ids].sort((one, other) => Number(one) - Number(other))).toEqual(ids);
		expect((await simulator.counts()).total).toBeLessThanOrEqual(most);
	}
	await simulator.reset({ data: true, options: true });
	await simulator.addFault({ match: { nth: 4 }, fault: faults[0] });
	await expectAllThatIsThere({ sort: { by: [{ field: 'name_last', direction: 'desc' }] } });
});

test('the first records of a list that grows are still the first', async () => {
	await simulator.addFault({
		match: { page: 2 },
		fault: { kind: 'addRecord', path, record: { patient_id: 1 } },
	});
	const result = await read('patient', { returnAll: false, limit: 600 });
	const held = await simulator.records(2, path);
	expect(result.records).toEqual(held.slice(0, 600));
});
