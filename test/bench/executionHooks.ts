// Loaded by n8n itself (EXTERNAL_HOOK_FILES), for the benchmark: after each execution it writes a file with what came
// out, how long the nodes took and what that cost n8n's process. So n8n saves nothing, and no node has to count. Read
// by measuredN8n.ts.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface ExecutionFigures {
	/** As n8n shows it: `success`, `error`, … */
	status: string;
	error?: string;
	/** Of the nodes after the trigger, as n8n reports it; not n8n's bookkeeping around them. */
	startedAtMs: number;
	timeMs: number;
	/** What the last of them put out, and how many of these are different patients. */
	records: number;
	distinct: number;
	/** Of all threads, less what n8n uses while idle. Tells nothing where several executions ran at a time. */
	cpuMs?: number;
	/** Resident, above the idle process; undefined where the system has no /proc. */
	peakMegabytes?: number;
}

/** A workflow of this name has its peak memory measured, and any other one its CPU time. */
export const memoryWorkflowName = 'Memory';

/** Whatever had begun before, such as answering the request that started an execution, is over by then. */
const settleMs = 250;

/** Long enough for n8n's own timers to come by a few times. */
const idleSampleMs = 500;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options: {
	type: 'major';
	flavor: 'regular' | 'last-resort';
	execution: 'sync';
}) => void;

type Cost = Pick<ExecutionFigures, 'cpuMs' | 'peakMegabytes'>;

/**
 * Collects garbage, watches the idle process for half a second and starts counting. `last-resort` gives every free
 * page back to the system, or the peak would hide in what is left from the start of n8n. That throws compiled code
 * away as well, which the CPU would have to pay for, so both need a run each.
 */
async function countCost(ofMemory: boolean): Promise<() => Cost> {
	// What the first collection leaves to finalizers goes with the second one.
	for (let round = 0; round < 2; round++) {
		const flavor = ofMemory ? 'last-resort' : 'regular';
		collectGarbage({ type: 'major', flavor, execution: 'sync' });
	}
	await wait(settleMs);
	const [idleFrom, idleFromMs] = [process.cpuUsage(), performance.now()];
	await wait(idleSampleMs);
	const idleShare = cpuMsSince(idleFrom) / (performance.now() - idleFromMs);
	const idleBytes = process.memoryUsage.rss();
	const hasPeak = forgetPeak();
	const [from, fromMs] = [process.cpuUsage(), performance.now()];
	return () => {
		const cpuMs = cpuMsSince(from) - idleShare * (performance.now() - fromMs);
		if (!ofMemory) return { cpuMs: Math.max(0, cpuMs) };
		return hasPeak ? { peakMegabytes: (peakBytes() - idleBytes) / 1e6 } : {};
	};
}

function cpuMsSince(from: NodeJS.CpuUsage): number {
	const { user, system } = process.cpuUsage(from);
	return (user + system) / 1_000;
}

/** Makes Linux count the peak of resident memory from now on (proc(5), `clear_refs`: 5). */
function forgetPeak(): boolean {
	try {
		writeFileSync('/proc/self/clear_refs', '5');
		return true;
	} catch {
		return false;
	}
}

function peakBytes(): number {
	const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
	return Number(peak?.[1]) * 1_024;
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
	costUntilNow = await countCost(name === memoryWorkflowName);
}

async function postExecute(run: FullRun, _workflow: unknown, executionId: string): Promise<void> {
	// Before anything here adds to it.
	const cost = costUntilNow?.();
	const { runData, error } = run.data.resultData;
	const nodes = Object.values(runData)
		.map(([first]) => first)
		.slice(1);
	const items = nodes.at(-1)?.data?.main?.[0] ?? [];
	const figures: ExecutionFigures = {
		status: run.status,
		error: error?.message,
		startedAtMs: nodes[0]?.startTime ?? Number.NaN,
		timeMs: nodes.reduce((sum, { executionTime }) => sum + executionTime, 0),
		records: items.length,
		distinct: new Set(items.flatMap(({ json }) => json.patient_id ?? [])).size,
		...cost,
	};
	const file = join(String(process.env.BENCH_FOLDER), `${executionId}.json`);
	writeFileSync(`${file}.part`, JSON.stringify(figures));
	renameSync(`${file}.part`, file);
}

/** Under the names that n8n looks for. */
export const workflow = { preExecute: [preExecute], postExecute: [postExecute] };
