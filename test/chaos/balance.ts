// Balances the books at the end of a chaos run: what the users were told against what the simulator holds and received.
// Called by chaos.ts.
import type { ApiRecord, Outcome, Simulator } from '../simulator/start.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';

/**
 * Answers after which a request may be sent again: it was refused before the API did anything. A redirect is no refusal:
 * many servers answer so to a POST that they have done. Of one that was cut off, the books don't tell whether it was one.
 */
const maySendAgain = new Set<Outcome>([429, 401, 'truncated']);

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
	const patients = await simulator.records(simulator.practiceId, '/patients');
	const tiers = await simulator.records(simulator.practiceId, '/configurations/pricetiers');
	/** The IDs of each marked record, of which there should be one. */
	const existing = new Map<string, number[]>();
	for (const record of [...patients, ...tiers]) {
		const name = nameOf(record);
		if (!name.startsWith(marker) || name.startsWith(`${marker}.added.`)) continue;
		const id = Number(record.patient_id ?? record.pricetier_id);
		existing.set(name, [...(existing.get(name) ?? []), id]);
	}
	const sent = new Map<string, Outcome[]>();
	for (const { body, outcome } of await simulator.received({ method: 'POST' })) {
		for (const record of [body].flat() as ApiRecord[]) {
			sent.set(nameOf(record), [...(sent.get(nameOf(record)) ?? []), outcome]);
		}
	}
	for (const claim of ledger.claims) {
		const { report, id, executionId, job } = claim;
		const ids = existing.get(claim.marker) ?? [];
		const outcomes = sent.get(claim.marker) ?? [];
		const wasDeleted = Number.isFinite(journal.find(claim.marker)?.goneMs);
		const workedOn = outcomes.filter((outcome) => !maySendAgain.has(outcome));
		const wrong = {
			'exists more than once': ids.length > 1,
			'exists in spite of it': report === 'notCreated' && ids.length > 0,
			'does not exist': report === 'created' && ids.length === 0 && !wasDeleted,
			'has another id': report === 'created' && ids.length === 1 && (id ?? ids[0]) !== ids[0],
			// Find or Create looks first, and may then send again.
			'was sent more than once': workedOn.length > 1 && job !== 'findOrCreate',
			'was never sent': report === 'unknown' && outcomes.every((one) => one === 429 || one === 401),
		};
		for (const [what] of Object.entries(wrong).filter(([, isSo]) => isSo)) {
			const books = `told: ${report} ${id ?? ''}, ids: ${ids}, answers: ${outcomes}`;
			ledger.differ(executionId, `${job}, ${claim.marker} ${what}; ${books}`);
		}
	}
	const claimed = new Set(ledger.claims.map((claim) => claim.marker));
	for (const name of existing.keys()) {
		if (!claimed.has(name)) ledger.differ('unknown', `${name} exists, and nobody was told of it`);
	}
	const unknown = ledger.claims.filter(({ report }) => report === 'unknown');
	return {
		created: existing.size,
		unknown: unknown.length,
		unknownThatExist: unknown.filter((claim) => existing.has(claim.marker)).length,
	};
}

function nameOf(record: ApiRecord): string {
	return String(record?.email ?? record?.tier_name);
}
