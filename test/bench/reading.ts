// The same work three ways: every patient by the EyeCloud Pro node, by HTTP Request and Split Out, and by a bare pool
// of connections, at several sizes and latencies. Called by tools/bench.mts.
import { Pool } from 'undici';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import type { ExecutionFigures } from './executionHooks.ts';
import { noLimit, type MeasuredN8n, type Nodes } from './measuredN8n.ts';

/** The pool is the physical floor: as many connections as the node had requests in flight, parsed and no more. */
export type Way = Nodes | 'pool';

const ways: Way[] = ['eyeCloudPro', 'httpRequest', 'pool'];

/** Of one run, or the median of several. */
type Figures = Omit<ExecutionFigures, 'startedAtMs'>;

/** One way at one size and latency. */
export interface Reading extends Pick<Figures, 'timeMs' | 'cpuMs' | 'peakMegabytes'> {
	way: Way;
	patients: number;
	latencyMs: number;
	/** Whether every run read every patient, and none twice. */
	isComplete: boolean;
}

export interface Plan {
	patients: number[];
	latenciesMs: number[];
	/** How many runs the median is taken of, for a number of patients. */
	runs(patients: number): number;
}

/** The peak depends on when the garbage is collected: of two runs, one may take a third more. */
const memoryRuns = 3;

export async function readEverything(
	measured: MeasuredN8n,
	{ patients: sizes, latenciesMs, runs }: Plan,
	signal: AbortSignal,
): Promise<Reading[]> {
	const readings: Reading[] = [];
	for (const patients of sizes) {
		const simulator = await startSimulator({ patients, rateLimit: noLimit });
		try {
			const run = await runnerOf(measured, simulator);
			/** The ways take turns, so that whatever else the machine does meets all of them. */
			const takeTurns = async (turns: number, of: Way[], kind: 'cpu' | 'memory') => {
				const done = new Map<Way, Figures[]>(of.map((way) => [way, []]));
				for (let turn = 0; turn < turns; turn++) {
					for (const way of of) {
						signal.throwIfAborted();
						const figures = await run(way, kind);
						done.get(way)?.push(figures);
						console.error(
							`${patients} patients, ${way}, ${kind}: ${Math.round(figures.timeMs)} ms`,
						);
					}
				}
				return (way: Way) => done.get(way) ?? [];
			};
			const peaksOf = await takeTurns(memoryRuns, ['eyeCloudPro', 'httpRequest'], 'memory');
			// A short execution would be measured by what it compiles; the next ones find it compiled.
			if (runs(patients) > 1) await takeTurns(1, ways, 'cpu');
			for (const latencyMs of latenciesMs) {
				await simulator.configure({ latencyMs });
				const runsOf = await takeTurns(runs(patients), ways, 'cpu');
				for (const way of ways) {
					const all = runsOf(way);
					readings.push({
						...{ way, patients, latencyMs },
						timeMs: median(all.map(({ timeMs }) => timeMs)),
						cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
						peakMegabytes: median(peaksOf(way).map(({ peakMegabytes }) => peakMegabytes)),
						isComplete: all.every((each) => isWhole(each, patients)),
					});
				}
			}
		} finally {
			await simulator.stop();
		}
	}
	return readings;
}

/** Whether every patient came out, and none twice. */
export function isWhole({ records, distinct }: Pick<Figures, 'records' | 'distinct'>, of: number) {
	return records === of && distinct === of;
}

/** The middle value, of two middle ones the higher; not a number where there is none. */
function median(values: number[]): number {
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
	return async (way: Way, kind: 'cpu' | 'memory'): Promise<Figures> => {
		await simulator.reset();
		const workflow = workflows.get(`${way} ${kind}`);
		if (!workflow) return await readByPool(simulator, connections);
		const figures = await measured.run(workflow);
		if (way === 'eyeCloudPro') connections = (await simulator.counts()).maxInFlight;
		return figures;
	};
}

interface Page {
	data: Array<{ patient_id: number }>;
	pagination: { total_pages: number };
}

async function readByPool(simulator: Simulator, connections: number): Promise<Figures> {
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
	const unmeasured = { cpuMs: Number.NaN, peakMegabytes: Number.NaN };
	return { timeMs, records: ids.length, distinct: new Set(ids).size, ...unmeasured };
}

async function accessToken({ authUrl, audience, clients }: Simulator): Promise<string> {
	const { clientId: client_id, clientSecret: client_secret = '' } = clients.practice;
	const grant = { grant_type: 'client_credentials', client_id, client_secret, audience };
	const body = new URLSearchParams(grant);
	const response = await fetch(`${authUrl}/oauth/token`, { method: 'POST', body });
	if (!response.ok) throw new Error(`The auth server answered HTTP ${response.status}.`);
	return ((await response.json()) as { access_token: string }).access_token;
}
