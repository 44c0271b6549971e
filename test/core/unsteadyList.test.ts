// Return All where requests are refused, pages break, and records come and go while it reads: what comes out is what the
// API holds, or an error and nothing.
import { fakeClock } from './fastTime.ts';

import { startSimulator, type Fault, type Simulator } from '../simulator/start.ts';
import { rateLimitHeaderStyles } from '../simulator/contract.ts';
import { runNode } from './runNode.ts';
import { StoredCredential } from './storedCredential.ts';

const PATIENTS = 1_500;
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

async function expectAllThatIsThere(parameters = {}) {
	const result = await read('patient', parameters);
	expect(result.error).toBeUndefined();
	const held = await simulator.records(2, path);
	const ids = result.records.map(({ patient_id }) => patient_id);
	expect(new Set(ids).size).toBe(ids.length);
	expect(new Set(ids)).toEqual(new Set(held.map(({ patient_id }) => patient_id)));
	return { ...result, ids };
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
	// The pages before those that came late are looked at once more.
	expect(answered).toBeGreaterThan(PAGES);
	expect(answered).toBeLessThanOrEqual(PAGES + 3);
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
	// Once more for the page, and for the one before it, as the list may have changed meanwhile.
	expect((await simulator.counts()).total).toBe(PAGES + 2);
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

describe.each(changes)('one record is %s', (_name, fault) => {
	test.each([2, 4, PAGES])('at request %i', async (nth) => {
		await simulator.addFault({ match: { nth }, fault });
		const { ids } = await expectAllThatIsThere();
		expect(ids).toHaveLength(PATIENTS + (fault.kind === 'addRecord' ? 1 : -1));
		expect([...ids].sort((one, other) => Number(one) - Number(other))).toEqual(ids);
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

test('pages appear and disappear', async () => {
	await simulator.addFault(
		{ match: { page: 2 }, fault: { kind: 'addRecord', path } },
		{ match: { page: 3 }, fault: { kind: 'addRecord', path } },
	);
	const { ids } = await expectAllThatIsThere();
	expect(ids).toHaveLength(PATIENTS + 2);
	for (const position of [0, 1, 2]) {
		await simulator.addFault({
			match: { page: position + 2 },
			fault: { kind: 'deleteRecord', path, position },
		});
	}
	expect((await expectAllThatIsThere()).ids).toHaveLength(PATIENTS - 1);
});

test('one deleted and another added, so that the count is the same again', async () => {
	await simulator.addFault(
		{ match: { page: 3 }, fault: { kind: 'deleteRecord', path, position: 0 } },
		{ match: { page: 4 }, fault: { kind: 'addRecord', path } },
	);
	const { ids } = await expectAllThatIsThere();
	expect(ids).toHaveLength(PATIENTS);
});

test('a list that never holds still is an error, after a bounded number of requests', async () => {
	await simulator.addFault({
		match: { times: 10_000 },
		fault: { kind: 'deleteRecord', path, position: 0 },
	});
	const result = await read('patient');
	expect(result.error?.message).toBe('The list kept changing while it was read');
	expect(result.error?.description).toMatch(/Run it again at a quieter time, or narrow it down/);
	expect(result.records).toEqual([]);
	expect((await simulator.counts()).total).toBeLessThanOrEqual(6 * PAGES);
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
