// Loaded by n8n itself (EXTERNAL_HOOK_FILES), for the benchmark: after each execution it writes one line
// with each node's time as n8n reports it, the number of records and what the execution cost. So
// n8n needs to save nothing, and no node has to count. Read by measuredN8n.ts.
import { appendFileSync } from 'node:fs';
import { countCost, memoryWorkflowName, type Cost } from './cost.ts';

export interface NodeFigures {
	startedAtMs: number;
	executionTimeMs: number;
	items: number;
	/** Distinct values of `patient_id`. */
	distinctPatients: number;
}

/** One line of the file. */
export interface ExecutionFigures {
	executionId: string;
	/** `success`, `error`, … */
	status: string;
	error?: string;
	nodes: Record<string, NodeFigures>;
	/** Means nothing where several executions ran at the same time. */
	cost?: Cost;
}

interface NodeRun {
	startTime: number;
	executionTime: number;
	data?: { main?: Array<Array<{ json: Record<string, unknown> }> | null> };
}

interface FullRun {
	status: string;
	data: { resultData: { runData: Record<string, NodeRun[]>; error?: { message: string } } };
}

let costUntilNow: (() => Cost) | undefined;

async function preExecute({ name }: { name: string }): Promise<void> {
	costUntilNow = await countCost(name === memoryWorkflowName ? 'memory' : 'cpu');
}

async function postExecute(run: FullRun, _workflow: unknown, executionId: string): Promise<void> {
	// Before anything here adds to it.
	const cost = costUntilNow?.();
	const { runData, error } = run.data.resultData;
	const nodes: Record<string, NodeFigures> = {};
	for (const [name, runs] of Object.entries(runData)) nodes[name] = figuresOf(runs[0]);
	const figures: ExecutionFigures = {
		...{ executionId, status: run.status, error: error?.message, nodes, cost },
	};
	appendFileSync(String(process.env.BENCH_FIGURES_FILE), `${JSON.stringify(figures)}\n`);
}

function figuresOf(run: NodeRun): NodeFigures {
	const items = run.data?.main?.[0] ?? [];
	const ids = new Set<unknown>();
	for (const { json } of items) if (json.patient_id !== undefined) ids.add(json.patient_id);
	return {
		startedAtMs: run.startTime,
		executionTimeMs: run.executionTime,
		items: items.length,
		distinctPatients: ids.size,
	};
}

/** Under the names that n8n looks for. */
export const workflow = { preExecute: [preExecute], postExecute: [postExecute] };
