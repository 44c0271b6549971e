// Return All over 10,000 patients: complete, in order, several pages at a time, whatever happens in
// the middle, or else an error and nothing.
import { fakeClock, realClock, useClock } from '../harness/fastTime.ts';

import { startSimulator, type RateLimitHeaderStyle, type Simulator } from '../simulator/start.ts';
import { runNode, type NodeResult } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const PATIENTS = 10_000;
/** Forty full ones, and one that says that nothing comes after them. */
const PAGES = 41;

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
	useClock(fakeClock);
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

/** Compared as text, since a difference in 10,000 lines tells nobody anything. */
function expectComplete({ error, records }: NodeResult): void {
	expect(error).toBeUndefined();
	expect(records).toHaveLength(PATIENTS);
	expect(records.map(({ patient_id }) => patient_id).join() === ids.join()).toBe(true);
}

test('41 requests, several at a time, every patient once and in the order of the ids', async () => {
	expect(new Set(ids).size).toBe(PATIENTS);
	await simulator.configure({ latencyMs: 100 });
	const result = await readAll();
	expectComplete(result);
	const counts = await simulator.counts();
	expect(counts.byRoute).toEqual({ 'GET /patients': PAGES });
	expect(counts.byOutcome).toEqual({ 200: PAGES });
	expect(counts.maxInFlight).toBeGreaterThan(1);
	expect(counts.tokenRequests).toBe(1);
	const received = await simulator.received();
	expect(new Set(received.map(({ query: { sort, page } }) => `${sort} ${page}`)).size).toBe(PAGES);
	expect(new Set(received.map(({ query }) => query.page_size))).toEqual(new Set(['250']));
	expect(result.hints).toEqual([]);
});

test('the token expires in the middle', async () => {
	await simulator.addFault({ match: { nth: 15 }, fault: { kind: 'expireTokens' } });
	expectComplete(await readAll());
	const counts = await simulator.counts();
	expect(counts.byOutcome[200]).toBe(PAGES);
	expect(counts.byOutcome[401]).toBeGreaterThan(0);
	expect(counts.tokensIssued).toBe(2);
});

test.each<RateLimitHeaderStyle>(['none', 'retryAfter'])(
	'the server allows less than the credential says, headers of style %s',
	async (headers) => {
		useClock(realClock);
		await simulator.configure({ rateLimit: { headers, requestsPerMinute: 10, windowMs: 1_000 } });
		expectComplete(await readAll());
		// In real time a page may come out of its turn; the one before it is then looked at once more.
		const read = (await simulator.counts()).byOutcome[200];
		expect(read).toBeGreaterThanOrEqual(PAGES);
		expect(read).toBeLessThanOrEqual(PAGES + 2);
	},
);
