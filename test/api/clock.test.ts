// The clock that the node really has: its sleep ends with its time, and at once when a stopped execution says so.
import { systemClock } from '../../nodes/EyeCloudPro/api/clock';

test('a sleep ends when its time is over, or when it is cancelled or was before', async () => {
	jest.useFakeTimers();
	const cancel = new AbortController();
	const cancelled = expect(systemClock.sleep(60_000, cancel.signal)).rejects.toThrow('canceled');
	const sleeping = systemClock.sleep(60_000);
	cancel.abort();
	await cancelled;
	await expect(systemClock.sleep(60_000, cancel.signal)).rejects.toThrow('canceled');
	await jest.advanceTimersByTimeAsync(60_000);
	await sleeping;
	jest.useRealTimers();
});
