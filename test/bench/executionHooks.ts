// Loaded by n8n itself (EXTERNAL_HOOK_FILES), for the benchmark: after each execution it writes a file with what came
// out, how long the nodes took and what that cost n8n's process. So n8n saves nothing, and no node has to count. Read
// by measuredN8n.ts.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface ExecutionFigures {
	/** Of the nodes after the trigger, as n8n reports it; not n8n's bookkeeping around them. */
	startedAtMs: number;
	timeMs: number;
	/** What the last of them put out, and how many of these are different patients. */
	records: number;
	distinct: number;
	/** Of all threads of n8n's process. */
	cpuMs: number;
	/** Resident, above the idle process; not a number where the system has no /proc. */
	peakMegabytes: number;
}

/** A workflow of this name has its peak memory measured, and any other one its CPU time. */
export const memoryWorkflowName = 'Memory';

/** Whatever had begun before, such as answering the request that started an execution, is over by then. */
const settleMs = 250;

interface NodeRun {
	startTime: number;
	executionTime: number;
	data?: { main?: Array<Array<{ json: Record<string, unknown> }> | null> };
}

interface FullRun {
	data: { resultData: { runData: Record<string, NodeRun[]> } };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options: object) => void;

let cpuBefore: NodeJS.CpuUsage;
let idleBytes: number;

/**
 * `last-resort` gives every free page back to the system, or the peak would hide in what is left from the start of n8n.
 * That throws compiled code away as well, which the CPU would have to pay for, so both need a run each.
 */
async function preExecute({ name }: { name: string }): Promise<void> {
	const flavor = name === memoryWorkflowName ? 'last-resort' : 'regular';
	// What the first collection leaves to finalizers goes with the second one.
	for (let round = 0; round < 2; round++) {
		collectGarbage({ type: 'major', flavor, execution: 'sync' });
	}
	await wait(settleMs);
	idleBytes = forgetPeak() ? process.memoryUsage.rss() : Number.NaN;
	cpuBefore = process.cpuUsage();
}

async function postExecute(run: FullRun, _workflow: unknown, executionId: string): Promise<void> {
	// Before anything here adds to it.
	const { user, system } = process.cpuUsage(cpuBefore);
	const peakMegabytes = Number.isNaN(idleBytes) ? Number.NaN : (peakBytes() - idleBytes) / 1e6;
	const nodes = Object.values(run.data.resultData.runData)
		.map(([first]) => first)
		.slice(1);
	const items = nodes.at(-1)?.data?.main?.[0] ?? [];
	const figures: ExecutionFigures = {
		startedAtMs: nodes[0]?.startTime ?? Number.NaN,
		timeMs: nodes.reduce((sum, { executionTime }) => sum + executionTime, 0),
		records: items.length,
		distinct: new Set(items.flatMap(({ json }) => json.patient_id ?? [])).size,
		cpuMs: (user + system) / 1_000,
		peakMegabytes,
	};
	const file = join(String(process.env.BENCH_FOLDER), `${executionId}.json`);
	writeFileSync(`${file}.part`, JSON.stringify(figures));
	renameSync(`${file}.part`, file);
}

/** Makes Linux count the peak of resident memory from now on (proc(5), `clear_refs`: 5); false on other systems. */
function forgetPeak(): boolean {
	if (!existsSync('/proc/self/clear_refs')) return false;
	writeFileSync('/proc/self/clear_refs', '5');
	return true;
}

function peakBytes(): number {
	const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
	return Number(peak?.[1]) * 1_024;
}

/** Under the names that n8n looks for. */
export const workflow = { preExecute: [preExecute], postExecute: [postExecute] };
