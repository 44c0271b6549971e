// The clock that the node really has: its sleep ends when a stopped execution says so.
import { systemClock, untilCancelled } from '../../nodes/EyeCloudPro/api/clock';
import { CancelledError } from '../../nodes/EyeCloudPro/api/errors';

beforeEach(() => {
	jest.useFakeTimers();
});
afterEach(() => {
	jest.useRealTimers();
});

test('a sleep ends when its time is over', async () => {
	const startMs = systemClock.now();
	const sleeping = systemClock.sleep(60_000);
	await jest.advanceTimersByTimeAsync(60_000);
	await sleeping;
	expect(systemClock.now() - startMs).toBe(60_000);
});

test('a sleep ends at once when it is cancelled, or was before', async () => {
	const cancel = new AbortController();
	const sleeping = systemClock.sleep(60_000, cancel.signal);
	cancel.abort();
	await expect(sleeping).rejects.toThrow(CancelledError);
	await expect(systemClock.sleep(60_000, cancel.signal)).rejects.toThrow(CancelledError);
});

test('a result that comes first is the result, and nobody listens any longer', async () => {
	const cancel = new AbortController();
	expect(await untilCancelled(Promise.resolve(7), cancel.signal)).toBe(7);
	await expect(untilCancelled(Promise.reject(new RangeError()), cancel.signal)).rejects.toThrow(
		RangeError,
	);
	cancel.abort();
});
