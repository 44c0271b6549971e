// What the books of a chaos run take for a difference, and what for bad weather.
import type { Outcome, Simulator } from '../simulator/start.ts';
import { balance } from './balance.ts';
import { Journal } from './journal.ts';
import { Ledger, type Claim } from './ledger.ts';

const email = 'run.1@example.com';

/** One patient was to be created; the API answered so to each request for it. */
async function differences(report: Claim['report'], outcomes: Outcome[], exists = false) {
	const ledger = new Ledger();
	const path = '/patients';
	const claim = { executionId: '7', job: 'create', looksFirst: false };
	ledger.claims.push({ ...claim, marker: email, path, report });
	const simulator = {
		practiceId: 2,
		records: async (_: number, of: string) =>
			exists && of === path ? [{ email, patient_id: 1 }] : [],
		received: async () => outcomes.map((outcome) => ({ body: { email }, outcome })),
	} as unknown as Simulator;
	await balance({ simulator, journal: new Journal([]), ledger, marker: 'run' });
	return ledger.differences;
}

test.each<[Claim['report'], Outcome[], boolean]>([
	['created', [201], true],
	['created', [429, 401, 201], true],
	['unknown', [500], false],
	['unknown', ['reset'], true],
	// Nobody who is sent elsewhere can tell whether it was done.
	['unknown', [302], false],
	['notCreated', [400], false],
])('told %s, after %j', async (report, outcomes, exists) => {
	expect(await differences(report, outcomes, exists)).toEqual([]);
});

test.each<[string, Claim['report'], Outcome[], boolean]>([
	['never sent', 'unknown', [], false],
	['never sent', 'unknown', [429, 401], false],
	['sent more than once', 'unknown', [302, 302], false],
	['sent more than once', 'created', [500, 201], true],
	['does not exist', 'created', [201], false],
	['exists as 1', 'notCreated', [500], true],
])('%s: told %s, after %j', async (difference, report, outcomes, exists) => {
	expect(await differences(report, outcomes, exists)).toEqual([
		expect.stringContaining(difference),
	]);
});
