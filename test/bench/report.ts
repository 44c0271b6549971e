// The benchmark's answer as Markdown: first the one table for the README, then the aims, then what a rate limit costs.
// Called by tools/bench.mts.
import type { LimitedReading, RefusedMidway } from './limits.ts';
import { median, type Reading, type Way } from './reading.ts';

export interface BenchResults {
	readings: Reading[];
	limited: LimitedReading[];
	refusedMidway: RefusedMidway[];
}

/** What makes the results wrong, and not only slow; empty when nothing does. */
export function wrongResults({ readings, limited, refusedMidway }: BenchResults): string[] {
	const wrong = [
		...readings.filter((one) => !one.isComplete).map((one) => `${one.way}, ${placeOf(one)}`),
		...limited.filter((one) => !one.isComplete).map(({ title }) => title),
		...refusedMidway
			.filter((one) => one.nodes === 'eyeCloudPro' && one.distinct !== one.patients)
			.map(({ refusedPage }) => `refused at page ${refusedPage}`),
	];
	return wrong.map((what) => `Records are missing or came twice: ${what}`);
}

export function reportOf({ readings, limited, refusedMidway }: BenchResults): string {
	const cells = cellsOf(readings);
	const sections: Array<[string, string[][]]> = [
		['Reading every patient: EyeCloud Pro beside HTTP Request with Split Out', ratioRows(cells)],
		['Aims', aimRows([...aimsOfReading(cells), ...aimsOfLimits(limited)])],
		['Under a limit', limitedRows(limited)],
		['One 429 in the middle', refusedRows(refusedMidway)],
	];
	return sections.map(([title, rows]) => `${title}\n\n${aligned(rows)}`).join('\n\n');
}

/** The three ways at one size and latency. */
type Cell = Record<Way, Reading>;

function cellsOf(readings: Reading[]): Cell[] {
	const cells = new Map<string, Partial<Cell>>();
	for (const reading of readings) {
		const place = placeOf(reading);
		cells.set(place, { ...cells.get(place), [reading.way]: reading });
	}
	return [...cells.values()] as Cell[];
}

function placeOf({ patients, latencyMs }: Reading): string {
	return `${patients.toLocaleString('en-US')}, ${latencyMs} ms`;
}

const ratios = {
	timesFaster: ({ eyeCloudPro, httpRequest }: Cell) => httpRequest.timeMs / eyeCloudPro.timeMs,
	ofPool: ({ eyeCloudPro, pool }: Cell) => eyeCloudPro.timeMs / pool.timeMs,
	cpu: ({ eyeCloudPro, httpRequest }: Cell) =>
		eyeCloudPro.cpuMsPerThousand / httpRequest.cpuMsPerThousand,
	memory: ({ eyeCloudPro, httpRequest }: Cell) =>
		eyeCloudPro.peakMegabytes / httpRequest.peakMegabytes,
};

function ratioRows(cells: Cell[]): string[][] {
	const percent = (part: number) => (Number.isNaN(part) ? '–' : `${Math.round(part * 100)} %`);
	return [
		[
			'Patients, time of an answer',
			'Times as fast',
			'CPU',
			'Peak memory',
			'EyeCloud Pro',
			'HTTP Request',
			'A bare connection pool',
		],
		...cells.map((cell) => [
			placeOf(cell.pool),
			`${ratios.timesFaster(cell).toFixed(1)} ×`,
			percent(ratios.cpu(cell)),
			percent(ratios.memory(cell)),
			...[cell.eyeCloudPro, cell.httpRequest, cell.pool].map(({ timeMs }) => inSeconds(timeMs)),
		]),
	];
}

interface Aim {
	aim: string;
	measured: number;
	least?: number;
	most?: number;
}

const faster = { of: ratios.timesFaster, what: 'times as fast as HTTP Request' };

const readingAims = [
	{ at: '1,000, 100 ms', least: 2.2, ...faster },
	{ at: '10,000, 20 ms', least: 6, ...faster },
	{ at: '10,000, 100 ms', least: 9, ...faster },
	{
		...{ at: '10,000, 100 ms', most: 1.15, of: ratios.ofPool },
		what: "times the bare pool's time with as many in flight",
	},
	{
		...{ at: '100,000, 100 ms', most: 1, of: ratios.memory },
		what: "peak memory, of HTTP Request's",
	},
];

function aimsOfReading(cells: Cell[]): Aim[] {
	const isExact = ({ eyeCloudPro: { patients, requests } }: Cell) =>
		requests === Math.floor(patients / 250) + 1;
	const count = (aim: string, isMet: (cell: Cell) => boolean): Aim => ({
		...{ aim: `${aim}: cells of ${cells.length}`, least: cells.length },
		measured: cells.filter(isMet).length,
	});
	return [
		...readingAims.flatMap(({ at, what, of, ...bounds }) =>
			cells
				.filter(({ pool }) => placeOf(pool) === at)
				.map((cell) => ({ aim: `${at}: ${what}`, measured: of(cell), ...bounds })),
		),
		count('CPU no more than that of HTTP Request', (cell) => ratios.cpu(cell) <= 1),
		count('requests exactly ⌊N / 250⌋ + 1', isExact),
		{ aim: 'CPU per record, largest list to smallest', measured: cpuGrowth(cells), most: 1.25 },
	];
}

/** How much more a record costs in the largest list than in the smallest; the median of all latencies. */
function cpuGrowth(cells: Cell[]): number {
	const sizes = cells.map(({ pool }) => pool.patients);
	const cpuAt = (size: number) =>
		median(
			cells
				.filter(({ pool }) => pool.patients === size)
				.map(({ eyeCloudPro }) => eyeCloudPro.cpuMsPerThousand),
		);
	return cpuAt(Math.max(...sizes)) / cpuAt(Math.min(...sizes));
}

function aimsOfLimits(limited: LimitedReading[]): Aim[] {
	return limited
		.filter(({ isAlone }) => isAlone)
		.flatMap(({ title, refused, timeMs, minimumMs }) => [
			{ aim: `under a limit, ${title}: 429s`, measured: refused, most: 0 },
			{
				aim: `under a limit, ${title}: times the minimum`,
				measured: timeMs / minimumMs,
				most: 1.02,
			},
		]);
}

function aimRows(aims: Aim[]): string[][] {
	return [
		['', 'measured', 'aim', 'met'],
		...aims.map(({ aim, measured, least = -Infinity, most = Infinity }) => [
			...[aim, String(Number(measured.toFixed(2)))],
			most === Infinity ? `≥ ${least}` : `≤ ${most}`,
			measured >= least && measured <= most ? 'yes' : 'no',
		]),
	];
}

function limitedRows(limited: LimitedReading[]): string[][] {
	return [
		['', 'requests', '429s', 'share used', 'time', 'the limit alone', 'ratio'],
		...limited.map(({ title, requests, refused, shareUsed, timeMs, minimumMs }) => [
			...[title, String(requests), String(refused), `${(shareUsed * 100).toFixed(1)} %`],
			...[inSeconds(timeMs), inSeconds(minimumMs), (timeMs / minimumMs).toFixed(3)],
		]),
	];
}

function refusedRows(outcomes: RefusedMidway[]): string[][] {
	return [
		['', 'patients', 'came out', 'distinct', 'n8n says', 'why'],
		...outcomes.map(({ nodes, refusedPage, patients, records, distinct, status, error = '–' }) => [
			`${nodes === 'eyeCloudPro' ? 'EyeCloud Pro' : 'HTTP Request'}, 429 at page ${refusedPage}`,
			...[patients, records, distinct, status, error].map(String),
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
