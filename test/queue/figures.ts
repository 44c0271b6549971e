// The table of figures that the tests in queue mode end with. Made by queue.test.ts.

/** What came of a number of executions at once, by so many workers. */
export interface Figures {
	workers: number;
	executions: number;
	/** Requests that got through. */
	requests: number;
	/** 429s. */
	refused: number;
	/** Of all requests that the limit counted. */
	refusedShare: number;
	tokens: number;
	/** From the first execution's start to the last one's end. */
	wallTimeMs: number;
	/** What the limit alone makes of it: one window after the other, each full. */
	minimumMs: number;
}

export function tableOf(figures: Figures[]): string {
	const seconds = (durationMs: number) => `${(durationMs / 1_000).toFixed(1)} s`;
	const rows = [
		['workers', 'executions', 'requests', '429s', 'share', 'tokens', 'time', 'the limit alone'],
		...figures.map((row) => [
			...[row.workers, row.executions, row.requests, row.refused].map(String),
			`${(row.refusedShare * 100).toFixed(1)} %`,
			String(row.tokens),
			seconds(row.wallTimeMs),
			seconds(row.minimumMs),
		]),
	];
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	return rows
		.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join('  '))
		.join('\n');
}
