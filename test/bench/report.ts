// The benchmark's answer as Markdown: the node beside the other ways, then what a rate limit costs. Called by
// tools/bench.mts.
import type { LimitedReading } from './limits.ts';
import type { Reading, Way } from './reading.ts';

export interface BenchResults {
	readings: Reading[];
	limited: LimitedReading[];
}

/** What makes the results wrong, and not only slow; empty when nothing does. */
export function wrongResults({ readings, limited }: BenchResults): string[] {
	const wrong = [
		...readings.filter((one) => !one.isComplete).map((one) => `${one.way}, ${placeOf(one)}`),
		...limited.filter((one) => !one.isComplete).map(({ title }) => title),
	];
	return wrong.map((what) => `Records are missing or came twice: ${what}`);
}

export function reportOf({ readings, limited }: BenchResults): string {
	const title = 'Reading every patient: EyeCloud Pro beside HTTP Request with Split Out';
	return [title, aligned(ratioRows(readings)), 'Under a limit', aligned(limitedRows(limited))].join(
		'\n\n',
	);
}

function placeOf({ patients, latencyMs }: Reading): string {
	return `${patients.toLocaleString('en-US')}, ${latencyMs} ms`;
}

function ratioRows(readings: Reading[]): string[][] {
	const head = ['Patients, time of an answer', 'Times as fast', 'CPU', 'Peak memory'];
	const percent = (part: number) => (Number.isNaN(part) ? '–' : `${Math.round(part * 100)} %`);
	const rows = [...new Set(readings.map(placeOf))].map((place) => {
		const ways = readings.filter((one) => placeOf(one) === place);
		const cell = Object.fromEntries(ways.map((one) => [one.way, one])) as Record<Way, Reading>;
		const { eyeCloudPro, httpRequest, pool } = cell;
		return [
			...[place, `${(httpRequest.timeMs / eyeCloudPro.timeMs).toFixed(1)} ×`],
			percent(eyeCloudPro.cpuMs / httpRequest.cpuMs),
			percent(eyeCloudPro.peakMegabytes / httpRequest.peakMegabytes),
			...[eyeCloudPro, httpRequest, pool].map(({ timeMs }) => inSeconds(timeMs)),
		];
	});
	return [[...head, 'EyeCloud Pro', 'HTTP Request', 'A bare connection pool'], ...rows];
}

function limitedRows(limited: LimitedReading[]): string[][] {
	return [
		['', 'requests', '429s', 'time', 'the limit alone', 'ratio'],
		...limited.map(({ title, requests, refused, timeMs, minimumMs }) => [
			...[title, String(requests), String(refused)],
			...[inSeconds(timeMs), inSeconds(minimumMs), (timeMs / minimumMs).toFixed(3)],
		]),
	];
}

function inSeconds(timeMs: number): string {
	return `${(timeMs / 1_000).toFixed(2)} s`;
}

/** A Markdown table with columns as wide as they need to be: the first to the left, the others to the right. */
function aligned([head, ...rows]: string[][]): string {
	const widths = head.map((_, column) =>
		Math.max(3, ...[head, ...rows].map((row) => row[column].length)),
	);
	const pad = (text: string, column: number) =>
		column ? text.padStart(widths[column]) : text.padEnd(widths[column]);
	const rule = widths.map((width, column) => `${'-'.repeat(width - 1)}${column ? ':' : '-'}`);
	return [head, rule, ...rows].map((row) => `| ${row.map(pad).join(' | ')} |`).join('\n');
}
