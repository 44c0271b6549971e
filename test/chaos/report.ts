// What a chaos run prints at its end. Called by tools/chaos.mts.
import type { ChaosResult } from './chaos.ts';
import { htmlStatus } from './faultPlan.ts';

/** More than this would hide the first ones. */
const mostDifferences = 40;

export function report(
	{ ledger, counts, faults, ...result }: ChaosResult,
	{ seed, minutes }: { seed: number; minutes: number },
): string[] {
	const { differences } = ledger;
	const { [htmlStatus]: html, ...outcomes } = counts.byOutcome;
	const more = differences.length - mostDifferences;
	return [
		'',
		`Seed ${seed}, ${minutes} minutes (${Math.round(result.tookMs / 1_000)} s with the waiting for the last ones)`,
		'',
		`Executions: ${ledger.executions}`,
		...Object.entries(ledger.outcomes).map(([job, of]) => `  ${job.padEnd(26)} ${listed(of)}`),
		'',
		`Requests: ${counts.total}, at most ${counts.maxInFlight} at once; ${counts.tokensIssued} tokens issued`,
		`Answers: ${listed({ ...outcomes, HTML: html ?? 0 })}`,
		`What happened to the API: ${listed(faults)}`,
		`Records read: ${ledger.recordsRead}; created: ${result.created} of the jobs' exist`,
		`Outcomes told as unknown: ${result.unknown}, of which ${result.unknownThatExist} exist`,
		'Errors that users read:',
		...Object.entries(ledger.messages).map(
			([text, count]) => `  ${`${count}`.padStart(4)} × ${text}`,
		),
		'',
		`Differences: ${differences.length || 'none'}`,
		...differences.slice(0, mostDifferences).map((difference) => `  ${difference}`),
		...(more > 0 ? [`  and ${more} more`] : []),
	];
}

function listed(counts: Record<string, number>): string {
	return Object.entries(counts)
		.map(([name, count]) => `${name}: ${count}`)
		.join(', ');
}
