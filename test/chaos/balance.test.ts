// What the books of a chaos run take for a difference. One patient was to be created: what its user was told, how the
// API answered to each request for it, and whether it exists.
import type { Outcome, Simulator } from '../simulator/start.ts';
import { balance } from './balance.ts';
import { Journal } from './journal.ts';
import { Ledger, type Claim } from './ledger.ts';

test.each<[string, Claim['report'], Outcome[], boolean]>([
	['', 'created', [201], true],
	['', 'created', [429, 401, 201], true],
	['', 'unknown', [500], false],
	['', 'unknown', ['reset'], true],
	// Nobody who is sent elsewhere can tell whether it was done.
	['', 'unknown', [302], false],
	['', 'notCreated', [400], false],
	['never sent', 'unknown', [], false],
	['never sent', 'unknown', [429, 401], false],
	['sent more than once', 'unknown', [302, 302], false],
	['sent more than once', 'created', [500, 201], true],
	['does not exist', 'created', [201], false],
	['exists as 1', 'notCreated', [500], true],
])('difference: %j; told %s, after %j', async (difference, report, outcomes, exists) => {
	const ledger = new Ledger();
	const [marker, path] = ['run.1@example.com', '/patients'] as const;
	const claim = { marker, path, report, executionId: '7', job: 'create', looksFirst: false };
	ledger.claims.push(claim);
	const simulator = {
		records: async (_: number, of: string) =>
			exists && of === path ? [{ email: marker, patient_id: 1 }] : [],
		received: async () => outcomes.map((outcome) => ({ body: { email: marker }, outcome })),
	} as unknown as Simulator;
	await balance({ simulator, journal: new Journal([]), ledger, marker: 'run' });
	const wanted = difference ? [expect.stringContaining(difference)] : [];
	expect(ledger.differences).toEqual(wanted);
});
