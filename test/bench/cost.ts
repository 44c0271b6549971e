// What a piece of work costs the process that does it: CPU time and peak memory, less what the process
// uses while idle. Called inside n8n by executionHooks.ts, and by floor.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Cost {
	/** Of all threads of the process, garbage collection included. */
	cpuMs: number;
	/** Above the resident memory just before; undefined where the system has no /proc. */
	peakBytes?: number;
}

/** Long enough for n8n's own timers to come by a few times. */
const idleSampleMs = 500;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Collects garbage, watches the idle process for half a second and starts counting; the function that
 * comes back says what was used since. Only one piece of work at a time can be told apart.
 */
export async function countCost(): Promise<() => Cost> {
	// What the first collection leaves to finalizers goes with the second one.
	collectGarbage();
	collectGarbage();
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
