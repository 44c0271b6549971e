// What a rate limit costs: reading under one whose window is shortened for simulator and credential alike, and one 429
// in the middle of a list. Called by tools/bench.mts.
import { startSimulator } from '../simulator/start.ts';
import type { ExecutionFigures } from './executionHooks.ts';
import { noLimit, type Limit, type MeasuredN8n, type Nodes } from './measuredN8n.ts';
import { isWhole } from './reading.ts';

export interface LimitedWork {
	limit: Limit;
	headers: 'none' | 'draft7';
	/** For each execution, which of them run at the same time; two processes know nothing of each other. */
	on: readonly MeasuredN8n[];
	/** In each execution. */
	patients: number;
}

export interface LimitedReading {
	title: string;
	isAlone: boolean;
	/** Those that got through, and 429s. */
	requests: number;
	refused: number;
	/** From the first node's start to the last one's end. */
	timeMs: number;
	/** The limit's own: the first window's requests at once, each further window's when it begins. */
	minimumMs: number;
	/** Requests that got through, of those that the limit would have let through in this time. */
	shareUsed: number;
	/** Whether every execution read every patient, and none twice. */
	isComplete: boolean;
}

const latencyMs = 5;
const timeoutMs = 180_000;

export async function readUnderLimit(work: LimitedWork): Promise<LimitedReading> {
	const { limit, headers, on, patients } = work;
	const rateLimit = { ...limit, headers };
	const simulator = await startSimulator({ patients, latencyMs, rateLimit });
	try {
		const workflows = new Map<MeasuredN8n, string>();
		for (const measured of new Set(on)) {
			const credential = await measured.connect(simulator, limit);
			workflows.set(measured, await measured.workflow('eyeCloudPro', simulator, credential));
		}
		await simulator.reset();
		const executions = await Promise.all(
			on.map((measured) => measured.run(String(workflows.get(measured)), timeoutMs)),
		);
		const { byOutcome } = await simulator.counts();
		const requests = byOutcome['200'] ?? 0;
		const endMs = Math.max(...executions.map((each) => each.startedAtMs + each.timeMs));
		const timeMs = endMs - Math.min(...executions.map(({ startedAtMs }) => startedAtMs));
		const { requestsPerMinute: perWindow, windowMs } = limit;
		const how = on.length === 1 ? 'alone' : `${on.length} executions`;
		const processes = workflows.size > 1 ? ` in ${workflows.size} processes` : '';
		return {
			title: `${how}${processes}, headers ${headers}`,
			isAlone: on.length === 1,
			...{ requests, timeMs },
			refused: byOutcome['429'] ?? 0,
			minimumMs: (Math.ceil(requests / perWindow) - 1) * windowMs,
			shareUsed: requests / (perWindow * (1 + timeMs / windowMs)),
			isComplete: executions.every((execution) => isWhole(execution, patients)),
		};
	} finally {
		await simulator.stop();
	}
}

export interface RefusedMidway extends ExecutionFigures {
	nodes: Nodes;
	patients: number;
	refusedPage: number;
}

export async function readRefusedMidway(measured: MeasuredN8n): Promise<RefusedMidway[]> {
	const [patients, refusedPage] = [10_000, 20];
	const simulator = await startSimulator({ patients, rateLimit: noLimit });
	try {
		const credential = await measured.connect(simulator);
		const outcomes: RefusedMidway[] = [];
		for (const nodes of ['eyeCloudPro', 'httpRequest'] as const) {
			const match = { path: '/patients$', page: refusedPage };
			await simulator.addFault({ match, fault: { kind: 'status', status: 429 } });
			const workflow = await measured.workflow(nodes, simulator, credential);
			outcomes.push({ nodes, patients, refusedPage, ...(await measured.run(workflow)) });
			await simulator.reset();
		}
		return outcomes;
	} finally {
		await simulator.stop();
	}
}
