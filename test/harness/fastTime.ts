// Replaces the clock that the node sees, so that its waits cost a test no time. Import it before
// anything that loads the node.
import type { Clock } from '../../nodes/EyeCloudPro/api/clock';
import { FakeClock } from './fakeClock.ts';

jest.mock('../../nodes/EyeCloudPro/api/clock', () => ({
	...jest.requireActual<object>('../../nodes/EyeCloudPro/api/clock'),
	get systemClock() {
		return current;
	},
}));

/** The clock unless a test chooses another one. */
export const fakeClock = new FakeClock(Date.now());

/** The node's own clock. */
export const { systemClock: realClock, untilCancelled } = jest.requireActual<
	typeof import('../../nodes/EyeCloudPro/api/clock')
>('../../nodes/EyeCloudPro/api/clock');

let current: Clock = fakeClock;

export function useClock(clock: Clock): void {
	current = clock;
}

/** Real time at a multiple of its speed: a minute of the node's in a second, at a speed of 60. */
export function acceleratedClock(speed: number): Clock {
	const startMs = performance.now();
	const nowMs = () => startMs + (performance.now() - startMs) * speed;
	return {
		now: nowMs,
		elapsedMs: nowMs,
		busyMs: () => performance.eventLoopUtilization().active * speed,
		sleep: async (durationMs, signal) => {
			const passed = new Promise<void>((resolve) => {
				setTimeout(resolve, Math.ceil(durationMs / speed));
			});
			await untilCancelled(passed, signal);
		},
	};
}
