// The same work three ways: every patient by the EyeCloud Pro node, by HTTP Request and Split Out, and by a
// bare connection pool, at several sizes and latencies. Called by tools/bench.mts.
import { startSimulator, type Simulator } from '../simulator/start.ts';
import type { CostKind } from './cost.ts';
import type { ExecutionFigures } from './executionHooks.ts';
import { readAtTheFloor } from './floor.ts';
import { noLimit, type MeasuredN8n, type NodesMeasured } from './measuredN8n.ts';

export type Way = NodesMeasured | 'floor';

/** One way at one size and latency; of several runs, the median of each figure. */
export interface Reading {
	way: Way;
	patients: number;
	latencyMs: number;
	runs: number;
	/** Of the nodes only, as n8n reports it: not the trigger, not n8n's bookkeeping around them. */
	timeMs: number;
	/** To `/patients`, by the simulator's books. */
	requests: number;
	/** The most that were in flight at a time, by the simulator's books; the pool has as many connections. */
	mostInFlight: number;
	/** Of n8n's process for the whole execution (or of this one, at the floor), by 1,000 records. */
	cpuMsPerThousand: number;
	/** Above the idle process, in a run of its own without latency; undefined where the system doesn't tell. */
	peakMegabytes?: number;
	/** Whether every run read every patient, and none twice. */
	complete: boolean;
}

export interface Grid {
	patients: number[];
	latenciesMs: number[];
	/** How many runs the median is taken of, for a number of patients. */
	runs(patients: number): number;
	progress(text: string): void;
	/** Whether to give up. */
	signal: AbortSignal;
}

const ways: Way[] = ['eyeCloudPro', 'httpRequest', 'floor'];

/** Does one way once; the pool with so many connections. */
type Attempts = Record<Way, (costOf: CostKind, connections: number) => Promise<Attempt>>;
type Attempt = Pick<
	Reading,
	'timeMs' | 'requests' | 'mostInFlight' | 'cpuMsPerThousand' | 'peakMegabytes' | 'complete'
>;

export async function readEverything(measured: MeasuredN8n, grid: Grid): Promise<Reading[]> {
	const readings: Reading[] = [];
	for (const patients of grid.patients) {
		const simulator = await startSimulator({ patients, rateLimit: noLimit });
		try {
			const attempts = await attemptsAt(measured, simulator, patients);
			const peaks = await peaksOf(attempts);
			const runs = grid.runs(patients);
			// A short execution would be measured by what it compiles; the next ones find it compiled.
			if (runs > 1) await eachWay(attempts, 'cpu');
			for (const latencyMs of grid.latenciesMs) {
				await simulator.configure({ latencyMs });
				const at = { patients, latencyMs };
				const done = await repeat(attempts, runs, at, grid);
				for (const way of ways) {
					const peakMegabytes = peaks[way];
					readings.push({ way, ...at, runs, ...middleOf(done[way]), peakMegabytes });
				}
			}
		} finally {
			await simulator.stop();
		}
	}
	return readings;
}

/** One after the other, so that the pool can have as many connections as the node had requests in flight. */
async function eachWay(
	attempts: Attempts,
	costOf: CostKind,
	told: (way: Way, attempt: Attempt) => void = () => {},
): Promise<Record<Way, Attempt>> {
	const done: Partial<Record<Way, Attempt>> = {};
	for (const way of ways) {
		const attempt = await attempts[way](costOf, done.eyeCloudPro?.mostInFlight ?? 1);
		done[way] = attempt;
		told(way, attempt);
	}
	return done as Record<Way, Attempt>;
}

async function peaksOf(attempts: Attempts): Promise<Record<Way, number | undefined>> {
	const { eyeCloudPro, httpRequest, floor } = await eachWay(attempts, 'memory');
	return {
		eyeCloudPro: eyeCloudPro.peakMegabytes,
		httpRequest: httpRequest.peakMegabytes,
		floor: floor.peakMegabytes,
	};
}

/** The ways take turns, so that whatever else the machine does meets all of them. */
async function repeat(
	attempts: Attempts,
	runs: number,
	at: { patients: number; latencyMs: number },
	{ progress, signal }: Grid,
): Promise<Record<Way, Attempt[]>> {
	const done: Record<Way, Attempt[]> = { eyeCloudPro: [], httpRequest: [], floor: [] };
	for (let run = 1; run <= runs; run++) {
		signal.throwIfAborted();
		await eachWay(attempts, 'cpu', (way, attempt) => {
			done[way].push(attempt);
			const what = `${at.patients} patients, ${at.latencyMs} ms, run ${run} of ${runs}`;
			progress(`${what}, ${way}: ${Math.round(attempt.timeMs)} ms`);
		});
	}
	return done;
}

async function attemptsAt(
	measured: MeasuredN8n,
	simulator: Simulator,
	patients: number,
): Promise<Attempts> {
	const client = simulator.clients.practice;
	const credential = await measured.connect(simulator, client, noLimit);
	const inN8n = async (which: NodesMeasured) => {
		const save = (costOf: CostKind) => measured.workflow(which, simulator, credential, costOf);
		const workflowIds = { cpu: await save('cpu'), memory: await save('memory') };
		return (costOf: CostKind) =>
			counted(simulator, patients, async () => inOne(await measured.run(workflowIds[costOf])));
	};
	return {
		eyeCloudPro: await inN8n('eyeCloudPro'),
		httpRequest: await inN8n('httpRequest'),
		floor: (costOf, connections) =>
			counted(simulator, patients, () => readAtTheFloor(simulator, client, costOf, connections)),
	};
}

interface Figures {
	timeMs: number;
	records: number;
	distinct: number;
	cost?: { cpuMs: number; peakBytes?: number };
}

/** The nodes after the trigger as one: their times added up, and what the last of them put out. */
export function inOne(execution: ExecutionFigures): Figures {
	const nodes = Object.values(execution.nodes).slice(1);
	const last = nodes.at(-1);
	if (!last) throw new Error(`No node ran: ${execution.error}`);
	return {
		timeMs: nodes.reduce((sum, { executionTimeMs }) => sum + executionTimeMs, 0),
		records: last.items,
		distinct: last.distinctPatients,
		cost: execution.cost,
	};
}

async function counted(
	simulator: Simulator,
	patients: number,
	work: () => Promise<Figures>,
): Promise<Attempt> {
	await simulator.reset();
	const { timeMs, records, distinct, cost } = await work();
	const { byRoute, maxInFlight } = await simulator.counts();
	const peakBytes = cost?.peakBytes;
	return {
		timeMs,
		requests: byRoute['GET /patients'] ?? 0,
		mostInFlight: maxInFlight,
		cpuMsPerThousand: ((cost?.cpuMs ?? Number.NaN) / patients) * 1_000,
		peakMegabytes: peakBytes === undefined ? undefined : peakBytes / 1_000_000,
		complete: records === patients && distinct === patients,
	};
}

function middleOf(attempts: Attempt[]): Attempt {
	return {
		timeMs: median(attempts.map(({ timeMs }) => timeMs)),
		requests: median(attempts.map(({ requests }) => requests)),
		mostInFlight: median(attempts.map(({ mostInFlight }) => mostInFlight)),
		cpuMsPerThousand: median(attempts.map(({ cpuMsPerThousand }) => cpuMsPerThousand)),
		complete: attempts.every(({ complete }) => complete),
	};
}

/** The middle value; of two middle ones, the higher. */
export function median(values: number[]): number {
	const ascending = values.toSorted((a, b) => a - b);
	return ascending[Math.floor(ascending.length / 2)];
}
