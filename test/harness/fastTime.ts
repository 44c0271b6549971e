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

let current: Clock = fakeClock;

export function useClock(clock: Clock): void {
	current = clock;
}
