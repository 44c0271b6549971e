// Return All over 10,000 patients: complete, in order, several pages at a time, whatever happens in
// the middle, or else an error and nothing.
import { fakeClock } from './fastTime.ts';

import {
	startSimulator,
	type Fault,
	type RateLimitHeaderStyle,
	type Simulator,
} from '../simulator/start.ts';
import { runNode } from './runNode.ts';
import { StoredCredential } from './storedCredential.ts';

const PATIENTS = 10_000;
const PAGES = 40;

let simulator: Simulator;
let ids: unknown[];

beforeAll(async () => {
	simulator = await startSimulator({
		patients: PATIENTS,
		latencyMs: 20,
		rateLimit: { requestsPerMinute: 10_000 },
	});
	ids = (await simulator.records(2, '/patients')).map(({ patient_id }) => patient_id);
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ options: true });
});

async function readAll(parameters = {}) {
	const credential = StoredCredential.for(simulator, await simulator.createClient());
	return await runNode({
		credential,
		parameters: {
			resource: 'patient',
			operation: 'getAll',
			returnAll: true,
			simplify: true,
			...parameters,
		},
	});
}

function idsOf({ records }: { records: Array<Record<string, unknown>> }) {
	return records.map(({ patient_id }) => patient_id);
}

test('40 requests, several at a time, every patient once and in the order of the ids', async () => {
	expect(new Set(ids).size).toBe(PATIENTS);
	await simulator.configure({ latencyMs: 100 });
	const result = await readAll();
	expect(result.error).toBeUndefined();
	expect(idsOf(result)).toEqual(ids);
	const counts = await simulator.counts();
	expect(counts.byRoute).toEqual({ 'GET /patients': PAGES });
	expect(counts.byOutcome).toEqual({ 200: PAGES });
	expect(counts.maxInFlight).toBeGreaterThan(1);
	expect(counts.tokenRequests).toBe(1);
	const received = await simulator.received();
	expect(new Set(received.map(({ query }) => query.page)).size).toBe(PAGES);
	expect(new Set(received.map(({ query }) => query.page_size))).toEqual(new Set(['250']));
	expect(result.hints).toEqual([]);
});

test('the token expires in the middle', async () => {
	await simulator.addFault({ match: { nth: 15 }, fault: { kind: 'expireTokens' } });
	expect(idsOf(await readAll())).toEqual(ids);
	const counts = await simulator.counts();
	expect(counts.byOutcome[200]).toBe(PAGES);
	expect(counts.byOutcome[401]).toBeGreaterThan(0);
	expect(counts.tokensIssued).toBe(2);
});

const styles: RateLimitHeaderStyle[] = [
	'none',
	'retryAfter',
	'xRateLimit',
	'draft6',
	'draft7',
	'draft8',
];

test.each(styles)('429s in the middle, headers of style %s', async (headers) => {
	await simulator.configure({ rateLimit: { headers } });
	await simulator.addFault({
		match: { nth: 15, times: 3 },
		fault: { kind: 'status', status: 429 },
	});
	const startMs = fakeClock.now();
	const result = await readAll();
	expect(result.error).toBeUndefined();
	expect(idsOf(result)).toEqual(ids);
	expect((await simulator.counts()).byOutcome).toEqual({ 200: PAGES, 429: 3 });
	// The server speaks of a second; who hears nothing guesses.
	const waitedMs = fakeClock.now() - startMs;
	expect(waitedMs).toBeGreaterThanOrEqual(headers === 'none' ? 1 : 1_000);
	expect(waitedMs).toBeLessThan(60_000);
});

test.each(styles)('the limit of the server is lower, headers of style %s', async (headers) => {
	await simulator.configure({ rateLimit: { headers, requestsPerMinute: 25, windowMs: 1_000 } });
	expect(idsOf(await readAll())).toEqual(ids);
	expect((await simulator.counts()).byOutcome[200]).toBe(PAGES);
});

const passing: Fault[] = [
	{ kind: 'status', status: 500 },
	{ kind: 'reset' },
	{ kind: 'truncate' },
	{ kind: 'html' },
];

test.each(passing)('a page that fails once: $kind', async (fault) => {
	await simulator.addFault({ match: { page: 17 }, fault });
	const result = await readAll();
	expect(result.error).toBeUndefined();
	expect(idsOf(result)).toEqual(ids);
	expect((await simulator.counts()).total).toBe(PAGES + 1);
});

test.each(passing)('a page that stays broken: $kind', async (fault) => {
	await simulator.addFault({ match: { page: 17, times: 1_000 }, fault });
	const result = await readAll();
	expect(result.error?.description).toContain('page 17 of the list, so nothing of it is handed on');
	expect(result.records).toEqual([]);
	const broken = (await simulator.received()).filter(({ query }) => query.page === '17');
	expect(broken).toHaveLength(6);
});

test('a list without its count is no list', async () => {
	await simulator.addFault({
		match: { page: 3 },
		fault: { kind: 'status', status: 200, body: { data: [] } },
	});
	const result = await readAll();
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
	expect(idsOf(await readAll())).toEqual(ids);
});

test('a page that comes twice is noticed', async () => {
	const again = ids.slice(0, 250).map((patient_id) => ({ patient_id }));
	await simulator.addFault({
		match: { page: 3 },
		fault: {
			kind: 'status',
			status: 200,
			body: { data: again, pagination: { page: 3, page_size: 250, total_count: PATIENTS } },
		},
	});
	expect(idsOf(await readAll())).toEqual(ids);
});
