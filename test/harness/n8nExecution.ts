// Reads what n8n stored about one execution into the shape in which tests ask about it. Called by
// client.ts.
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** One output item, as the editor shows it. */
export interface OutputItem {
	json: Record<string, unknown>;
	/** Which input item it came from. */
	pairedItem?: { item: number; input?: number } | number | Array<{ item: number }>;
	error?: ShownError;
}

/** An error as the editor shows it: `message` in bold, `description` below. */
export interface ShownError {
	name?: string;
	message: string;
	description?: string | null;
	httpCode?: string | null;
	/** What n8n unfolds under "From EyeCloud Pro" and the like. */
	messages?: string[];
	context?: Record<string, unknown>;
}

export interface OutputHint {
	message: string;
	type?: string;
	location?: string;
	whenToDisplay?: string;
}

/** One run of one node. */
export interface NodeRun {
	status: string;
	/** Items of the first output. */
	items: OutputItem[];
	/** Items by output; the first is `items`. */
	outputs: OutputItem[][];
	error?: ShownError;
	hints: OutputHint[];
	executionTimeMs: number;
}

export interface Execution {
	id: string;
	/** `success`, `error`, `canceled`, … */
	status: string;
	/** Runs by node name, in order; a node that never ran is missing. */
	nodes: Record<string, NodeRun[]>;
	/** What made the execution fail. */
	error?: ShownError;
	/** What n8n stored, unread: to look for what must not be in there. */
	raw: string;
}

/** An execution as `GET /rest/executions/ID` answers it: `data` is text in flatted's format. */
export interface StoredExecution {
	id: string;
	status: string;
	finished: boolean;
	stoppedAt: string | null;
	data: string;
}

interface StoredRun {
	executionStatus?: string;
	executionTime: number;
	data?: Record<string, Array<OutputItem[] | null> | undefined>;
	error?: ShownError;
	hints?: OutputHint[];
}

interface StoredData {
	resultData?: { runData?: Record<string, StoredRun[]>; error?: ShownError };
}

/** All that an execution keeps of what went wrong in it, written out: errors, and items that failed. */
export function errorsIn({ nodes, error }: Execution): string {
	const runs = Object.values(nodes).flat();
	const failedItems = runs.flatMap(({ outputs }) =>
		outputs.flat().filter(({ json, error: itemError }) => itemError ?? json.error),
	);
	// The node in an error is the workflow's own, with whatever its author typed into it.
	return JSON.stringify(
		[error, runs.map((run) => run.error), failedItems],
		(key, value: unknown) => (key === 'node' ? undefined : value),
	);
}

/** `n8nFolder`: where n8n is installed; the format is read with the flatted that n8n wrote it with. */
export function readExecution(stored: StoredExecution, n8nFolder: string): Execution {
	const requireFromN8n = createRequire(join(n8nFolder, 'node_modules', 'n8n', 'package.json')) as (
		name: string,
	) => { parse(text: string): StoredData };
	const { resultData } = requireFromN8n('flatted').parse(stored.data);
	const nodes: Record<string, NodeRun[]> = {};
	for (const [name, runs] of Object.entries(resultData?.runData ?? {})) {
		nodes[name] = runs.map(readRun);
	}
	return {
		id: stored.id,
		status: stored.status,
		nodes,
		error: resultData?.error,
		raw: stored.data,
	};
}

function readRun(run: StoredRun): NodeRun {
	// A node that is used as a tool has its items under ai_tool instead of main.
	const outputs = (Object.values(run.data ?? {})[0] ?? []).map((items) => items ?? []);
	return {
		status: run.executionStatus ?? 'unknown',
		items: outputs[0] ?? [],
		outputs,
		error: run.error,
		hints: run.hints ?? [],
		executionTimeMs: run.executionTime,
	};
}
