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

test('a page that is shorter than it should be is read again', async () => {
	await simulator.addFault({
		match: { page: 3 },
		fault: {
			kind: 'status',
			status: 200,
			body: { data: [], pagination: { page: 3, page_size: 250, total_count: PATIENTS } },
		},
	});
	await expectAllThatIsThere();
	const received = await simulator.received();
	expect(received.filter(({ query }) => query.page === '3')).toHaveLength(2);
});

test('a page that comes twice is noticed', async () => {
	const again = (await simulator.records(2, path)).slice(0, 250);
	await simulator.addFault({
		match: { page: 3 },
		fault: {
			kind: 'status',
			status: 200,
			body: { data: again, pagination: { page: 3, page_size: 250, total_count: PATIENTS } },
		},
	});
	await expectAllThatIsThere();
});

const changes: Array<[string, Fault]> = [
	['added at the start', { kind: 'addRecord', path, record: { patient_id: 1 } }],
	['added in the middle', { kind: 'addRecord', path, record: { patient_id: 3_000 } }],
	['added at the end', { kind: 'addRecord', path }],
	['deleted at the start', { kind: 'deleteRecord', path, position: 0 }],
	['deleted in the middle', { kind: 'deleteRecord', path, position: 750 }],
	['deleted at the end', { kind: 'deleteRecord', path, position: PATIENTS - 1 }],
];

describe.each(changes)('one record is %s', (name, fault) => {
	test.each([2, 4, PAGES])('at request %i', async (nth) => {
		await simulator.addFault({ match: { nth }, fault });
		const { ids } = await expectAllThatIsThere();
		expect([...ids].sort((one, other) => Number(one) - Number(other))).toEqual(ids);
		const { total } = await simulator.counts();
		// Where the first count is not confirmed by the next one, all edges are looked at.
		if (name === 'added at the end' && nth > 2) expect(total).toBe(PAGES);
		else expect(total).toBeLessThanOrEqual(2 * PAGES);
	});

	test('after the first page was answered', async () => {
		await simulator.addFault({ when: 'after', fault });
		await expectAllThatIsThere();
	});

	test('while the list is sorted by something else', async () => {
		await simulator.addFault({ match: { nth: 4 }, fault });
		await expectAllThatIsThere({ sort: { by: [{ field: 'name_last', direction: 'desc' }] } });
	});
});

test('pages disappear', async () => {
	for (const position of [0, 1, 2]) {
		await simulator.addFault({
			match: { page: position + 2 },
			fault: { kind: 'deleteRecord', path, position },
		});
	}
	await expectAllThatIsThere();
});

test('one deleted and another added, so that the count is the same again', async () => {
	await simulator.addFault(
		{ match: { page: 3 }, fault: { kind: 'deleteRecord', path, position: 0 } },
		{ match: { page: 4 }, fault: { kind: 'addRecord', path } },
	);
	await expectAllThatIsThere();
});

test('a list that never holds still, after a bounded number of requests', async () => {
	await simulator.addFault({
		match: { times: 10_000 },
		fault: { kind: 'deleteRecord', path, position: 0 },
	});
	await expectAllThatIsThere();
	expect((await simulator.counts()).total).toBeLessThanOrEqual(2 * PAGES);
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
