// Balances the books at the end of a chaos run: what the users were told against what the simulator holds and received,
// and what must not be in n8n's log. Called by chaos.ts.
import type { ApiRecord, OAuthClient, Outcome, Simulator } from '../simulator/start.ts';
import type { Journal } from './journal.ts';
import type { Claim, Ledger } from './ledger.ts';

/**
 * Refused before the API did anything: such a request may be sent again. A redirect is no refusal: many servers
 * answer so to a POST that they have done, and nobody who gets one can tell.
 */
const refused = new Set<Outcome>([429, 401]);

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
	for (const { email, tier_name, patient_id, pricetier_id } of [...patients, ...tiers]) {
		const name = String(email ?? tier_name);
		if (!name.startsWith(marker)) continue;
		existing.set(name, [...(existing.get(name) ?? []), Number(patient_id ?? pricetier_id)]);
	}
	const wasDeleted = (name: string) =>
		(journal.find(name)?.goneMs ?? Number.POSITIVE_INFINITY) !== Number.POSITIVE_INFINITY;
	for (const claim of ledger.claims) balanceClaim(ledger, claim, existing, wasDeleted);
	const claimed = new Set(ledger.claims.map((claim) => claim.marker));
	for (const name of existing.keys()) {
		const isOfFaultPlan = name.startsWith(`${marker}.added.`);
		if (claimed.has(name) || isOfFaultPlan) continue;
		ledger.differ('unknown', `${name} exists, and nobody was told of it`);
	}
	for (const { executionId, markers } of ledger.batches) {
		const there = markers.filter((name) => existing.has(name) || wasDeleted(name));
		if (there.length === 0 || there.length === markers.length) continue;
		ledger.differ(executionId, `of a batch of ${markers.length}, ${there.length} were created`);
	}
	const sent = answersByMarker(await simulator.received({ method: 'POST' }));
	for (const claim of ledger.claims) balanceSent(ledger, claim, sent.get(claim.marker) ?? []);
	const unknown = ledger.claims.filter(({ report }) => report === 'unknown');
	return {
		created: Array.from(existing.keys()).filter((name) => !name.includes('.added.')).length,
		unknown: unknown.length,
		unknownThatExist: unknown.filter((claim) => existing.has(claim.marker)).length,
	};
}

function balanceClaim(
	ledger: Ledger,
	{ marker, report, id, executionId, job }: Claim,
	existing: Map<string, number[]>,
	wasDeleted: (marker: string) => boolean,
): void {
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

/** How the API answered to each request for a record, but for those that it refused before it did anything. */
function answersByMarker(posts: Array<{ body?: unknown; outcome: Outcome }>) {
	const sent = new Map<string, Outcome[]>();
	for (const { body, outcome } of posts) {
		if (refused.has(outcome)) continue;
		for (const record of (Array.isArray(body) ? body : [body]) as ApiRecord[]) {
			const name = String(record?.email ?? record?.tier_name);
			sent.set(name, [...(sent.get(name) ?? []), outcome]);
		}
	}
	return sent;
}

/** A creation that may have been worked on must not be sent again, whether or not it was worked on. */
function balanceSent(ledger: Ledger, claim: Claim, outcomes: Outcome[]): void {
	const { marker, looksFirst, executionId, job, report } = claim;
	// The books don't tell whether an answer that was cut off was a refusal. Where it was not, and the request was sent
	// again all the same, the record exists twice, which is looked for as well.
	const workedOn = outcomes.filter((outcome) => outcome !== 'truncated');
	if (workedOn.length > 1 && !looksFirst) {
		const what = `sent more than once (${outcomes.join(', ')}), told: ${report}`;
		ledger.differ(executionId, `${job}, ${marker}: ${what}`);
	}
	if (outcomes.length === 0 && report === 'unknown') {
		ledger.differ(executionId, `${job}, ${marker}: never sent, and told to be unknown`);
	}
}

const accessToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

/** A sentence for each kind of thing that leaked into n8n's log; the thing itself is not in it, nor is a log line. */
export function findLeaks(log: string, marker: string, clients: OAuthClient[]): string[] {
	const lines = log.split('\n');
	const secrets = clients.flatMap(({ clientSecret }) => clientSecret ?? []);
	const kinds: Array<[string, (line: string) => boolean]> = [
		['an access token', (line) => accessToken.test(line)],
		["an OAuth client's secret", (line) => secrets.some((secret) => line.includes(secret))],
		['a value that a job created', (line) => line.includes(marker)],
	];
	return kinds.flatMap(([what, isIn]) => {
		const at = lines.findIndex(isIn);
		return at === -1 ? [] : [`${what} is in n8n's log, line ${at + 1} of ${lines.length}`];
	});
}
