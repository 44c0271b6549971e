// Reading under a rate limit whose window is shortened for simulator and credential alike: one execution
// alone, five at once, and two n8n processes that know nothing of each other. Called by tools/bench.mts.
import { startSimulator, type OAuthClient, type Simulator } from '../simulator/start.ts';
import type { ExecutionFigures } from './executionHooks.ts';
import type { Limit, MeasuredN8n } from './measuredN8n.ts';

export type HeaderStyle = 'none' | 'draft7';

export interface LimitedReading {
	executions: number;
	processes: number;
	headers: HeaderStyle;
	limit: Limit;
	/** Those that got through; what was refused is in `refused`. */
	requests: number;
	/** 429s. */
	refused: number;
	/** From the first node's start to the last one's end. */
	timeMs: number;
	/** The limit's own: the first window's requests at once, each further window's when it begins. */
	minimumMs: number;
	/** Requests that got through, of those that the limit would have let through in this time. */
	shareUsed: number;
	/** Whether every execution read every patient, and none twice. */
	complete: boolean;
	/** Why an execution failed. */
	error?: string;
}

export interface LimitedWork {
	limit: Limit;
	headers: HeaderStyle;
	/** For each execution, which of them run at the same time. */
	on: MeasuredN8n[];
	/** In each execution. */
	patients: number;
}

const latencyMs = 5;
const timeoutMs = 180_000;

export async function readUnderLimit(work: LimitedWork): Promise<LimitedReading> {
	const { limit, headers, on, patients } = work;
	const rateLimit = { ...limit, headers };
	const simulator = await startSimulator({ patients, latencyMs, rateLimit });
	try {
		const runs = await prepare(work, simulator);
		await simulator.reset();
		const executions = await Promise.all(runs.map((run) => run()));
		const { byOutcome } = await simulator.counts();
		const requests = byOutcome['200'] ?? 0;
		const timeMs = spanMs(executions);
		const { requestsPerMinute: perWindow, windowMs } = limit;
		const reads = executions.map(({ nodes }) => nodes['Read patients']);
		return {
			...{ executions: on.length, processes: new Set(on).size, headers, limit, requests, timeMs },
			refused: byOutcome['429'] ?? 0,
			minimumMs: (Math.ceil(requests / perWindow) - 1) * windowMs,
			shareUsed: requests / (perWindow * (1 + timeMs / windowMs)),
			complete: reads.every((read) => isWhole(read, patients)),
			error: executions.find(({ error }) => error)?.error,
		};
	} finally {
		await simulator.stop();
	}
}

function isWhole(read: ExecutionFigures['nodes'][string] | undefined, patients: number): boolean {
	return read?.items === patients && read.distinctPatients === patients;
}

/** One credential in each process, all of the same OAuth client, and one workflow with it. */
async function prepare(
	{ on, limit }: LimitedWork,
	simulator: Simulator,
): Promise<Array<() => Promise<ExecutionFigures>>> {
	const client: OAuthClient = simulator.clients.practice;
	const workflowIds = new Map<MeasuredN8n, string>();
	for (const measured of new Set(on)) {
		const credential = await measured.connect(simulator, client, limit);
		const id = await measured.workflow('eyeCloudPro', simulator, credential);
		workflowIds.set(measured, id);
	}
	return on.map((measured) => () => measured.run(String(workflowIds.get(measured)), timeoutMs));
}

function spanMs(executions: ExecutionFigures[]): number {
	const reads = executions.flatMap(({ nodes }) => nodes['Read patients'] ?? []);
	const from = Math.min(...reads.map(({ startedAtMs }) => startedAtMs));
	return Math.max(...reads.map((read) => read.startedAtMs + read.executionTimeMs)) - from;
}
