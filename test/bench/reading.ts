// The same work three ways: every patient by the EyeCloud Pro node, by HTTP Request and Split Out, and by a bare pool
// of connections, at several sizes and latencies. Called by tools/bench.mts.
import { Pool } from 'undici';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import type { ExecutionFigures } from './executionHooks.ts';
import { noLimit, type MeasuredN8n, type Nodes } from './measuredN8n.ts';

/** The pool is the physical floor: as many connections as the node had requests in flight, parsed and no more. */
export type Way = Nodes | 'pool';

const ways: Way[] = ['eyeCloudPro', 'httpRequest', 'pool'];

/** One way at one size and latency; of several runs, the median of each figure. */
export interface Reading {
	way: Way;
	patients: number;
	latencyMs: number;
	timeMs: number;
	/** To `/patients`, and the most that were in flight, by the simulator's books. */
	requests: number;
	mostInFlight: number;
	/** Of n8n's process for the whole execution; not a number for the pool. */
	cpuMsPerThousand: number;
	/** In runs of their own without latency; not a number where the system doesn't tell. */
	peakMegabytes: number;
	/** Whether every run read every patient, and none twice. */
	isComplete: boolean;
}

export interface Plan {
	patients: number[];
	latenciesMs: number[];
	/** How many runs the median is taken of, for a number of patients. */
	runs(patients: number): number;
}

export interface Watched {
	progress(text: string): void;
	/** Whether to give up. */
	signal: AbortSignal;
}

/** The peak depends on when the garbage is collected: of two runs, one may take a third more. */
const MEMORY_RUNS = 3;

type Run = Pick<ExecutionFigures, 'timeMs' | 'records' | 'distinct' | 'cpuMs' | 'peakMegabytes'> & {
	requests: number;
	mostInFlight: number;
};

export async function readEverything(
	measured: MeasuredN8n,
	plan: Plan,
	{ progress, signal }: Watched,
): Promise<Reading[]> {
	const readings: Reading[] = [];
	for (const patients of plan.patients) {
		const simulator = await startSimulator({ patients, rateLimit: noLimit });
		try {
			const run = await runnerOf(measured, simulator);
			const runs = plan.runs(patients);
			/** The ways take turns, so that whatever else the machine does meets all of them. */
			const takeTurns = async (turns: number, of: Way[], kind: 'cpu' | 'memory', at: string) => {
				const done = new Map<Way, Run[]>(of.map((way) => [way, []]));
				for (let turn = 1; turn <= turns; turn++) {
					for (const way of of) {
						signal.throwIfAborted();
						const figures = await run(way, kind);
						done.get(way)?.push(figures);
						progress(`${patients} patients, ${at}, ${way}: ${Math.round(figures.timeMs)} ms`);
					}
				}
				return (way: Way) => done.get(way) ?? [];
			};
			const peaks = await takeTurns(
				MEMORY_RUNS,
				['eyeCloudPro', 'httpRequest'],
				'memory',
				'memory',
			);
			// A short execution would be measured by what it compiles; the next ones find it compiled.
			if (runs > 1) for (const way of ways) await run(way, 'cpu');
			for (const latencyMs of plan.latenciesMs) {
				await simulator.configure({ latencyMs });
				const done = await takeTurns(runs, ways, 'cpu', `${latencyMs} ms`);
				for (const way of ways) {
					const all = { runs: done(way), memoryRuns: peaks(way) };
					readings.push(readingOf({ way, patients, latencyMs }, all));
				}
			}
		} finally {
			await simulator.stop();
		}
	}
	return readings;
}

function readingOf(
	place: Pick<Reading, 'way' | 'patients' | 'latencyMs'>,
	{ runs, memoryRuns }: { runs: Run[]; memoryRuns: Run[] },
): Reading {
	const { patients } = place;
	const middle = (of: Run[], figure: keyof Run) => median(of.map((run) => Number(run[figure])));
	return {
		...place,
		timeMs: middle(runs, 'timeMs'),
		requests: middle(runs, 'requests'),
		mostInFlight: middle(runs, 'mostInFlight'),
		cpuMsPerThousand: (middle(runs, 'cpuMs') / patients) * 1_000,
		peakMegabytes: middle(memoryRuns, 'peakMegabytes'),
		isComplete: runs.every((run) => isWhole(run, patients)),
	};
}

/** Whether every patient came out, and none twice. */
export function isWhole({ records, distinct }: Pick<Run, 'records' | 'distinct'>, of: number) {
	return records === of && distinct === of;
}

/** The middle value, of two middle ones the higher; not a number where there is none. */
export function median(values: number[]): number {
	const ascending = values.toSorted((a, b) => a - b);
	return ascending[Math.floor(ascending.length / 2)] ?? Number.NaN;
}

async function runnerOf(measured: MeasuredN8n, simulator: Simulator) {
	const credential = await measured.connect(simulator);
	const workflows = new Map<string, string>();
	for (const nodes of ['eyeCloudPro', 'httpRequest'] as const) {
		for (const kind of ['cpu', 'memory'] as const) {
			const id = await measured.workflow(nodes, simulator, credential, kind);
			workflows.set(`${nodes} ${kind}`, id);
		}
	}
	let connections = 1;
	return async (way: Way, kind: 'cpu' | 'memory'): Promise<Run> => {
		await simulator.reset();
		const workflow = workflows.get(`${way} ${kind}`);
		const figures = workflow
			? await measured.run(workflow)
			: await readByPool(simulator, connections);
		const { byRoute, maxInFlight: mostInFlight } = await simulator.counts();
		if (way === 'eyeCloudPro') connections = mostInFlight;
		return { ...figures, requests: byRoute['GET /patients'] ?? 0, mostInFlight };
	};
}

interface Page {
	data: Array<{ patient_id: number }>;
	pagination: { total_pages: number };
}

async function readByPool(simulator: Simulator, connections: number) {
	// The token is not part of the time, as it isn't in n8n, which has it stored.
	const authorization = `Bearer ${await accessToken(simulator)}`;
	const pool = new Pool(simulator.apiUrl, { connections });
	const readPage = async (page: number): Promise<Page> => {
		const path = `/v2/${simulator.practiceId}/patients?page=${page}&page_size=250&sort=patient_id`;
		const answer = await pool.request({ path, method: 'GET', headers: { authorization } });
		if (answer.statusCode !== 200) throw new Error(`Page ${page}: HTTP ${answer.statusCode}`);
		return (await answer.body.json()) as Page;
	};
	const startedAtMs = performance.now();
	const pages = [await readPage(1)];
	let next = 2;
	const worker = async () => {
		while (next <= pages[0].pagination.total_pages) {
			const page = next++;
			pages[page - 1] = await readPage(page);
		}
	};
	await Promise.all(Array.from({ length: connections }, worker));
	const timeMs = performance.now() - startedAtMs;
	await pool.close();
	const ids = pages.flatMap(({ data }) => data.map((record) => record.patient_id));
	return { timeMs, records: ids.length, distinct: new Set(ids).size };
}

async function accessToken({ authUrl, audience, clients }: Simulator): Promise<string> {
	const { clientId: client_id, clientSecret: client_secret = '' } = clients.practice;
	const grant = { grant_type: 'client_credentials', client_id, client_secret, audience };
	const body = new URLSearchParams(grant);
	const response = await fetch(`${authUrl}/oauth/token`, { method: 'POST', body });
	if (!response.ok) throw new Error(`The auth server answered HTTP ${response.status}.`);
	return ((await response.json()) as { access_token: string }).access_token;
}
