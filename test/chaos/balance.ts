// Balances the books at the end of a chaos run: what the users were told against what the simulator holds
// and received. Called by chaos.ts.
import type { ApiRecord, Outcome, ReceivedRequest, Simulator } from '../simulator/start.ts';
import type { Journal } from './journal.ts';
import type { Claim, Ledger } from './ledger.ts';

/**
 * Refused before the API did anything: such a request may be sent again. A redirect is no refusal: many servers
 * answer so to a POST that they have done, and nobody who gets one can tell.
 */
const refused = new Set<Outcome>([429, 401]);

/**
 * The books don't tell whether an answer that was cut off was a refusal. Where it was not, and the
 * request was sent again all the same, the record exists twice, which is looked for as well.
 */
const mayBeRefused = (outcome: Outcome) => outcome === 'truncated';

export interface Balanced {
	/** Marked records that exist, or did until the fault plan deleted them. */
	created: number;
	unknown: number;
	unknownThatExist: number;
}

export async function balance(parts: {
	simulator: Simulator;
	journal: Journal;
	ledger: Ledger;
	marker: string;
}): Promise<Balanced> {
	const { simulator, journal, ledger, marker } = parts;
	const { practiceId } = simulator;
	const patients = await simulator.records(practiceId, '/patients');
	const tiers = await simulator.records(practiceId, '/configurations/pricetiers');
	const existing = byMarker([
		...patients.map((record) => [record.email, record.patient_id] as const),
		...tiers.map((record) => [record.tier_name, record.pricetier_id] as const),
	]);
	const wasDeleted = (name: string) => {
		const life = journal.find(name);
		return life !== undefined && life.goneMs !== Number.POSITIVE_INFINITY;
	};
	for (const claim of ledger.claims) balanceClaim(ledger, claim, existing, wasDeleted);
	findUnclaimed(ledger, existing, marker);
	for (const { executionId, markers } of ledger.batches) {
		const there = markers.filter((name) => existing.has(name) || wasDeleted(name));
		if (there.length === 0 || there.length === markers.length) continue;
		ledger.differ(executionId, `of a batch of ${markers.length}, ${there.length} were created`);
	}
	findSentTwice(ledger, await simulator.received({ method: 'POST' }));
	const unknown = ledger.claims.filter(({ report }) => report === 'unknown');
	return {
		created: Array.from(existing.keys()).filter((name) => !name.includes('.added.')).length,
		unknown: unknown.length,
		unknownThatExist: unknown.filter((claim) => existing.has(claim.marker)).length,
	};

	function byMarker(records: Array<readonly [unknown, unknown]>): Map<string, number[]> {
		const ids = new Map<string, number[]>();
		for (const [name, id] of records) {
			if (typeof name !== 'string' || !name.startsWith(marker)) continue;
			ids.set(name, [...(ids.get(name) ?? []), Number(id)]);
		}
		return ids;
	}
}

function balanceClaim(
	ledger: Ledger,
	claim: Claim,
	existing: Map<string, number[]>,
	wasDeleted: (marker: string) => boolean,
): void {
	const { marker, report, id, executionId, job } = claim;
	const ids = existing.get(marker) ?? [];
	const differ = (what: string) => ledger.differ(executionId, `${job}, ${marker}: ${what}`);
	if (ids.length > 1) differ(`exists ${ids.length} times (${ids.join(', ')}), told: ${report}`);
	if (report === 'notCreated' && ids.length > 0) {
		differ(`was told not to be created, and exists as ${ids.join(', ')}`);
	}
	if (report !== 'created') return;
	if (ids.length === 0 && !wasDeleted(marker)) differ('was told to be created, and does not exist');
	if (id !== undefined && ids.length === 1 && ids[0] !== id) {
		differ(`was told to be ${id}, and is ${ids[0]}`);
	}
}

function findUnclaimed(ledger: Ledger, existing: Map<string, number[]>, marker: string): void {
	const claimed = new Set(ledger.claims.map((claim) => claim.marker));
	for (const name of existing.keys()) {
		// These the fault plan added.
		if (claimed.has(name) || name.startsWith(`${marker}.added.`)) continue;
		ledger.differ('unknown', `${name} exists, and nobody was told of it`);
	}
}

/** A creation that may have been worked on must not be sent again, whether or not it was worked on. */
function findSentTwice(ledger: Ledger, posts: ReceivedRequest[]): void {
	const sent = new Map<string, Outcome[]>();
	for (const { body, outcome } of posts) {
		if (refused.has(outcome)) continue;
		for (const record of (Array.isArray(body) ? body : [body]) as ApiRecord[]) {
			const name = String(record?.email ?? record?.tier_name);
			sent.set(name, [...(sent.get(name) ?? []), outcome]);
		}
	}
	for (const { marker, looksFirst, executionId, job, report } of ledger.claims) {
		const outcomes = sent.get(marker) ?? [];
		const workedOn = outcomes.filter((outcome) => !mayBeRefused(outcome));
		if (workedOn.length > 1 && !looksFirst) {
			const answers = outcomes.join(', ');
			ledger.differ(
				executionId,
				`${job}, ${marker}: sent more than once (${answers}), told: ${report}`,
			);
		}
		if (outcomes.length === 0 && report === 'unknown') {
			ledger.differ(executionId, `${job}, ${marker}: never sent, and told to be unknown`);
		}
	}
}
