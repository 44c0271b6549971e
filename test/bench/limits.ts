// What a rate limit costs: reading under one whose window is shortened for simulator and credential alike. Called by
// tools/bench.mts.
import { startSimulator } from '../simulator/start.ts';
import type { Limit, MeasuredN8n } from './measuredN8n.ts';
import { isWhole } from './reading.ts';

export interface LimitedReading {
	title: string;
	/** Those that got through, and 429s. */
	requests: number;
	refused: number;
	/** From the first node's start to the last one's end. */
	timeMs: number;
	/** The limit's own: the first window's requests at once, each further window's when it begins. */
	minimumMs: number;
	/** Whether every execution read every patient, and none twice. */
	isComplete: boolean;
}

/** Each of these processes, which know nothing of each other, reads that many patients. */
export async function readUnderLimit(
	on: readonly MeasuredN8n[],
	patients: number,
	limit: Limit,
	headers: 'none' | 'draft7',
): Promise<LimitedReading> {
	const rateLimit = { ...limit, headers };
	const simulator = await startSimulator({ patients, latencyMs: 5, rateLimit });
	try {
		const workflows: string[] = [];
		for (const measured of on) {
			const credential = await measured.connect(simulator, limit);
			workflows.push(await measured.workflow('eyeCloudPro', simulator, credential));
		}
		await simulator.reset();
		const executions = await Promise.all(
			on.map((measured, index) => measured.run(workflows[index])),
		);
		const { byOutcome } = await simulator.counts();
		const requests = byOutcome['200'] ?? 0;
		const endMs = Math.max(...executions.map((each) => each.startedAtMs + each.timeMs));
		return {
			title: `${on.length === 1 ? 'alone' : `${on.length} processes`}, headers ${headers}`,
			requests,
			refused: byOutcome['429'] ?? 0,
			timeMs: endMs - Math.min(...executions.map(({ startedAtMs }) => startedAtMs)),
			minimumMs: (Math.ceil(requests / limit.requestsPerMinute) - 1) * limit.windowMs,
			isComplete: executions.every((execution) => isWhole(execution, patients)),
		};
	} finally {
		await simulator.stop();
	}
}
