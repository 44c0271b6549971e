// The benchmark's answer as Markdown: first the one table for the README, then the aims, then what they rest on.
// Called by tools/bench.mts.
import { median, type Reading, type Way } from './readingEverything.ts';
import type { RefusedMidway } from './refusedMidway.ts';
import type { LimitedReading } from './underLimit.ts';

export interface BenchResults {
	readings: Reading[];
	limited: LimitedReading[];
	refusedMidway: RefusedMidway[];
}

interface Aim {
	aim: string;
	measured: string;
	wanted: string;
	met: boolean;
}

const largestPage = 250;

/** Cost per record may grow by so much from the smallest to the largest list and still be flat. */
const flatRatio = 1.25;

const names: Record<Way, string> = {
	eyeCloudPro: 'EyeCloud Pro',
	httpRequest: 'HTTP Request + Split Out',
	floor: 'undici pool (floor)',
};

/** What makes the results wrong, and not only slow; empty when nothing does. */
export function wrongResults({ readings, limited, refusedMidway }: BenchResults): string[] {
	const wrong = [
		...readings
			.filter(({ complete }) => !complete)
			.map(({ way, patients, latencyMs }) => `${names[way]}, ${patients} at ${latencyMs} ms`),
		...limited.filter(({ complete }) => !complete).map((reading) => titleOf(reading)),
		...refusedMidway
			.filter((one) => one.way === 'eyeCloudPro' && one.distinct !== one.patients)
			.map(({ way, refusedPage }) => `${names[way]}, refused at page ${refusedPage}`),
	];
	return wrong.map((what) => `Records are missing or came twice: ${what}`);
}

export function reportOf(results: BenchResults): string {
	const sections: Array<[string, string[][]]> = [
		['Reading every patient, beside HTTP Request with Split Out', ratioRows(results.readings)],
		['Aims', aimRows([...aimsOfReading(results.readings), ...aimsOfLimits(results.limited)])],
		[
			'Reading every patient, each way (medians; peak memory of one run without latency)',
			readingRows(results.readings),
		],
		['Under a limit', limitedRows(results.limited)],
		['One 429 in the middle', refusedRows(results.refusedMidway)],
	];
	return sections.map(([title, rows]) => `${title}\n\n${aligned(rows)}`).join('\n\n');
}

/** The three ways at one size and latency. */
type Cell = Record<Way, Reading>;

function cellsOf(readings: Reading[]): Cell[] {
	const cells = new Map<string, Partial<Cell>>();
	for (const reading of readings) {
		const key = `${reading.patients} ${reading.latencyMs}`;
		cells.set(key, { ...cells.get(key), [reading.way]: reading });
	}
	return [...cells.values()] as Cell[];
}

function aimsOfReading(readings: Reading[]): Aim[] {
	const cells = cellsOf(readings);
	const aims = readingAims.flatMap(({ patients, latencyMs, ...aim }) =>
		cells
			.filter(({ floor }) => floor.patients === patients && floor.latencyMs === latencyMs)
			.map((cell) => aimOf({ ...aim, aim: `${placeOf(cell.floor)}: ${aim.aim}` }, aim.of(cell))),
	);
	const cheaper = cells.filter((cell) => cpuRatio(cell) <= 1).length;
	const exact = cells.filter(({ eyeCloudPro }) => isExact(eyeCloudPro)).length;
	const growth = cpuGrowth(cells.map(({ eyeCloudPro }) => eyeCloudPro));
	const all = `${cells.length} of ${cells.length}`;
	return [
		...aims,
		{
			aim: 'CPU per record no more than HTTP Request and Split Out: cells',
			measured: `${cheaper} of ${cells.length}`,
			wanted: all,
			met: cheaper === cells.length,
		},
		{
			aim: 'requests exactly ⌊N / 250⌋ + 1: cells',
			measured: `${exact} of ${cells.length}`,
			wanted: all,
			met: exact === cells.length,
		},
		aimOf({ aim: 'CPU per record, largest list to smallest', most: flatRatio }, growth),
	];
}

function aimsOfLimits(limited: LimitedReading[]): Aim[] {
	return limited
		.filter(({ executions }) => executions === 1)
		.flatMap((reading) => {
			const ratio = reading.timeMs / reading.minimumMs;
			const { refused } = reading;
			const title = `alone under a limit, headers ${reading.headers}`;
			return [
				{ aim: `${title}: 429s`, measured: String(refused), wanted: '0', met: refused === 0 },
				aimOf({ aim: `${title}: times the minimum`, most: 1.02 }, ratio),
			];
		});
}

function aimOf(
	{ aim, least = -Infinity, most = Infinity }: { aim: string; least?: number; most?: number },
	measured: number,
): Aim {
	const wanted = most === Infinity ? `≥ ${least}` : `≤ ${most}`;
	return { aim, measured: measured.toFixed(2), wanted, met: measured >= least && measured <= most };
}

const timesFaster = ({ eyeCloudPro, httpRequest }: Cell) => httpRequest.timeMs / eyeCloudPro.timeMs;
const timesTheFloor = ({ eyeCloudPro, floor }: Cell) => eyeCloudPro.timeMs / floor.timeMs;
const cpuRatio = ({ eyeCloudPro, httpRequest }: Cell) =>
	eyeCloudPro.cpuMsPerThousand / httpRequest.cpuMsPerThousand;
/** Not a number where the system doesn't tell. */
const memoryRatio = ({ eyeCloudPro, httpRequest }: Cell) =>
	(eyeCloudPro.peakMegabytes ?? NaN) / (httpRequest.peakMegabytes ?? NaN);

const faster = { aim: 'times as fast as HTTP Request', of: timesFaster };

const readingAims = [
	{ patients: 1_000, latencyMs: 100, least: 2.2, ...faster },
	{ patients: 10_000, latencyMs: 20, least: 6, ...faster },
	{ patients: 10_000, latencyMs: 100, least: 9, ...faster },
	{
		...{ patients: 10_000, latencyMs: 100, most: 1.15, of: timesTheFloor },
		aim: "times the bare pool's time with as many in flight",
	},
	{
		...{ patients: 100_000, latencyMs: 100, most: 1, of: memoryRatio },
		aim: "peak memory, of HTTP Request's",
	},
];

function isExact({ patients, requests }: Reading): boolean {
	return requests === Math.floor(patients / largestPage) + 1;
}

/** How much more a record costs in the largest list than in the smallest; the median of all latencies. */
function cpuGrowth(readings: Reading[]): number {
	const ascending = readings.toSorted((a, b) => a.patients - b.patients);
	const cpuOf = (one: Reading | undefined) =>
		median(
			ascending
				.filter(({ patients }) => patients === one?.patients)
				.map(({ cpuMsPerThousand }) => cpuMsPerThousand),
		);
	return cpuOf(ascending.at(-1)) / cpuOf(ascending[0]);
}

function aimRows(aims: Aim[]): string[][] {
	return [
		['', 'measured', 'aim', 'met'],
		...aims.map(({ aim, measured, wanted, met }) => [aim, measured, wanted, met ? 'yes' : 'no']),
	];
}

function ratioRows(readings: Reading[]): string[][] {
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
		...cellsOf(readings).map((cell) => [
			placeOf(cell.floor),
			`${timesFaster(cell).toFixed(1)} ×`,
			percent(cpuRatio(cell)),
			percent(memoryRatio(cell)),
			...[cell.eyeCloudPro, cell.httpRequest, cell.floor].map(({ timeMs }) => inSeconds(timeMs)),
		]),
	];
}

function percent(part: number): string {
	return Number.isNaN(part) ? '–' : `${Math.round(part * 100)} %`;
}

function inSeconds(timeMs: number): string {
	return `${(timeMs / 1_000).toFixed(2)} s`;
}

function readingRows(readings: Reading[]): string[][] {
	return [
		[
			'patients, latency',
			'by',
			'time',
			'requests',
			'most in flight',
			'CPU per 1,000',
			'peak memory',
			'runs',
			'complete',
		],
		...readings.map((reading) => [
			placeOf(reading),
			names[reading.way],
			`${Math.round(reading.timeMs)} ms`,
			String(reading.requests),
			String(reading.mostInFlight),
			`${reading.cpuMsPerThousand.toFixed(1)} ms`,
			reading.peakMegabytes === undefined ? '–' : `${reading.peakMegabytes.toFixed(1)} MB`,
			String(reading.runs),
			reading.complete ? 'yes' : 'NO',
		]),
	];
}

function placeOf({ patients, latencyMs }: Reading): string {
	return `${patients.toLocaleString('en-US')}, ${latencyMs} ms`;
}

function titleOf({ executions, processes, headers }: LimitedReading): string {
	const how = executions === 1 ? 'alone' : `${executions} executions`;
	return `${how}${processes > 1 ? ` in ${processes} processes` : ''}, headers ${headers}`;
}

function limitedRows(limited: LimitedReading[]): string[][] {
	return [
		['', 'limit', 'requests', '429s', 'share used', 'time', 'minimum', 'ratio', 'complete'],
		...limited.map((reading) => [
			titleOf(reading),
			`${reading.limit.requestsPerMinute} in ${reading.limit.windowMs / 1_000} s`,
			String(reading.requests),
			String(reading.refused),
			`${(reading.shareUsed * 100).toFixed(1)} %`,
			`${Math.round(reading.timeMs)} ms`,
			`${reading.minimumMs} ms`,
			(reading.timeMs / reading.minimumMs).toFixed(3),
			reading.complete ? 'yes' : `NO ${reading.error ?? ''}`,
		]),
	];
}

function refusedRows(outcomes: RefusedMidway[]): string[][] {
	return [
		['', 'patients', 'came out', 'distinct', 'n8n says', 'error'],
		...outcomes.map((one) => [
			`${names[one.way]}, 429 at page ${one.refusedPage}`,
			String(one.patients),
			String(one.records),
			String(one.distinct),
			one.status,
			one.error ?? '–',
		]),
	];
}

/** A Markdown table with columns as wide as they need to be: the first to the left, the others to the right. */
function aligned([head, ...rows]: string[][]): string {
	const widths = head.map((_, column) =>
		Math.max(3, ...[head, ...rows].map((row) => row[column].length)),
	);
	const rule = widths.map((width, column) => `${'-'.repeat(width - 1)}${column ? ':' : '-'}`);
	const line = (row: string[]) =>
		`| ${row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(' | ')} |`;
	return [head, rule, ...rows].map(line).join('\n');
}
