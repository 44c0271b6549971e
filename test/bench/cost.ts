// What a piece of work costs the process that does it: CPU time and peak memory, less what the process
// uses while idle. Called inside n8n by executionHooks.ts, and by floor.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is measured of one run. */
export type CostKind = 'cpu' | 'memory';

/** A workflow of this name has its memory measured in n8n, and not its CPU time. */
export const memoryWorkflowName = 'Memory';

export interface Cost {
	/** Of all threads of the process, garbage collection included. */
	cpuMs: number;
	/** Above the resident memory just before; undefined where the system has no /proc. */
	peakBytes?: number;
}

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

/**
 * Collects garbage, watches the idle process for half a second and starts counting; the function that
 * comes back says what was used since. Only one piece of work at a time can be told apart.
 *
 * CPU time and memory need a run each. `memory` gives every free page back to the system first, or the
 * peak would hide in what is left from the start of n8n; that throws away compiled code as well, which
 * the CPU would have to pay for.
 */
export async function countCost(of: CostKind): Promise<() => Cost> {
	const flavor = of === 'memory' ? 'last-resort' : 'regular';
	// What the first collection leaves to finalizers goes with the second one.
	for (let round = 0; round < 2; round++) {
		collectGarbage({ type: 'major', flavor, execution: 'sync' });
	}
	await wait(settleMs);
	const [idleFrom, idleFromMs] = [process.cpuUsage(), performance.now()];
	await wait(idleSampleMs);
	const idleShare = cpuMsSince(idleFrom) / (performance.now() - idleFromMs);
	const idleBytes = process.memoryUsage.rss();
	const hasPeak = forgetPeak();
	const [from, fromMs] = [process.cpuUsage(), performance.now()];
	return () => ({
		cpuMs: Math.max(0, cpuMsSince(from) - idleShare * (performance.now() - fromMs)),
		peakBytes: hasPeak ? peakBytes() - idleBytes : undefined,
	});
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
