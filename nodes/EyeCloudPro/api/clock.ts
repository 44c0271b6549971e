// Time as the rate limiter and the retries see it; tests pass a clock of their own.
import { sleep } from 'n8n-workflow';

import { CancelledError } from './errors';

export interface Clock {
	/** Milliseconds since the epoch, for what is compared with dates: it may be set back or forth. */
	now(): number;
	/** Milliseconds since some moment, for durations: nothing that is set on the machine changes them. */
	elapsedMs(): number;
	/** Milliseconds since some moment in which this process was at work, and not waiting for answers. */
	busyMs(): number;
	/** Resolves after that many milliseconds; throws CancelledError at once when the signal aborts. */
	sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	elapsedMs: () => performance.now(),
	busyMs: () => performance.eventLoopUtilization().active,
	async sleep(durationMs, signal) {
		await untilCancelled(sleep(durationMs), signal);
	},
};

/**
 * The promise's result, or CancelledError as soon as the signal aborts.
 *
 * @param isUnderWay the promise is that of a request
 */
export async function untilCancelled<T>(
	promise: Promise<T>,
	signal?: AbortSignal,
	isUnderWay = false,
): Promise<T> {
	if (!signal) return await promise;
	if (signal.aborted) throw new CancelledError(isUnderWay);
	let onAbort = () => {};
	const cancelled = new Promise<never>((_, reject) => {
		onAbort = () => reject(new CancelledError(isUnderWay));
		signal.addEventListener('abort', onAbort, { once: true });
	});
	try {
		return await Promise.race([promise, cancelled]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}
