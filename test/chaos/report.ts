// What a chaos run prints at its end. Called by tools/chaos.mts.
import type { ChaosResult } from './chaos.ts';
import { htmlStatus } from './faultPlan.ts';

/** More than this would hide the first ones. */
const mostDifferences = 40;

/** The lines to print. */
export function report(
	{ ledger, counts, faults, ...result }: ChaosResult,
	{ seed, minutes }: { seed: number; minutes: number },
): string[] {
	const { byOutcome } = counts;
	const of = (outcome: string | number) => byOutcome[outcome] ?? 0;
	const { differences } = ledger;
	const lines = [
		'',
		`Seed ${seed}, ${minutes} minutes (${Math.round(result.tookMs / 1_000)} s with the waiting for the last ones)`,
		'',
		'Executions',
		...Array.from(ledger.outcomes, ([job, outcomes]) => `  ${job.padEnd(26)} ${listed(outcomes)}`),
		`  in all                     ${ledger.executions}`,
		'',
		`Requests                   ${counts.total}, at most ${counts.maxInFlight} at once; ${counts.tokensIssued} tokens issued`,
		`Faults met                 500: ${of(500)}, 502: ${of(502)}, 503: ${of(503)}, reset: ${of('reset')}, hang: ${of('hang')}, truncated: ${of('truncated')}, HTML: ${of(htmlStatus)}, redirect: ${of(302)}`,
		`Refusals                   429: ${of(429)}, 401: ${of(401)}`,
		`FaultPlan                    ${listed(Object.entries(faults))}`,
		`Records read               ${ledger.recordsRead}`,
		`Records created            ${result.created} of the jobs' exist`,
		`Outcomes told as unknown   ${result.unknown}, of which ${result.unknownThatExist} exist`,
		'Errors that users read',
		...Array.from(
			ledger.messages,
			([message, count]) => `  ${String(count).padStart(4)} × ${message}`,
		),
		'',
	];
	if (differences.length === 0) return [...lines, 'Differences: none'];
	const more = differences.length - mostDifferences;
	return [
		...lines,
		`Differences: ${differences.length}`,
		...differences.slice(0, mostDifferences).map((difference) => `  ${difference}`),
		...(more > 0 ? [`  and ${more} more`] : []),
	];
}

function listed(counts: Iterable<readonly [string, number]>): string {
	return Array.from(counts, ([name, count]) => `${name}: ${count}`).join(', ');
}
