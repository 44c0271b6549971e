// The clock that the node really has: its sleep ends with its time, and at once when a stopped execution says so.
import { systemClock } from '../../nodes/EyeCloudPro/api/clock';
import { CancelledError } from '../../nodes/EyeCloudPro/api/errors';

test('a sleep ends when its time is over, or when it is cancelled or was before', async () => {
	jest.useFakeTimers();
	const startMs = systemClock.now();
	const cancel = new AbortController();
	const cancelled = expect(systemClock.sleep(60_000, cancel.signal)).rejects.toThrow(
		CancelledError,
	);
	const sleeping = systemClock.sleep(60_000);
	cancel.abort();
	await cancelled;
	await expect(systemClock.sleep(60_000, cancel.signal)).rejects.toThrow(CancelledError);
	await jest.advanceTimersByTimeAsync(60_000);
	await sleeping;
	expect(systemClock.now() - startMs).toBe(60_000);
	jest.useRealTimers();
});
