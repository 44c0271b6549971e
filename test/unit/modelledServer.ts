// A server's rate limit on the fake clock, and processes that work against it: each with a bucket of its
// own, some requests at a time, as Return All does. Used by the tests of the rate limiter.
import { RateLimitBucket } from '../../nodes/EyeCloudPro/api/rateLimitBucket';
import type { RateLimitSignal } from '../../nodes/EyeCloudPro/api/responseHeaders';
import type { FakeClock } from './fakeClock.ts';

/** How it counts: from the first request after the last window's end, or over any such time. */
export type Counting = 'fixed' | 'sliding';

/** What its answers say: nothing, the wait after a refusal, or what is left as well. */
export type Headers = 'none' | 'retryAfter' | 'remaining';

export interface ServerOptions {
	counting: Counting;
	headers: Headers;
	limit: number;
	windowMs: number;
}

export class ModelledServer {
	passed = 0;

	refused = 0;

	/** When each request got through; ascending. */
	readonly passedAtMs: number[] = [];

	private readonly clock: FakeClock;

	readonly options: ServerOptions;

	private counted: number[] = [];

	constructor(clock: FakeClock, options: ServerOptions) {
		this.clock = clock;
		this.options = options;
	}

	receive(): { isRefused: boolean; signal: RateLimitSignal } {
		const { limit, headers, windowMs } = this.options;
		const nowMs = this.clock.now();
		this.forget(nowMs);
		const isRefused = this.counted.length >= limit;
		if (isRefused) this.refused++;
		else {
			this.passed++;
			this.passedAtMs.push(nowMs);
			this.counted.push(nowMs);
		}
		// In whole seconds, rounded up, as servers do it; shortened windows name milliseconds.
		const endsMs = this.counted[0] + windowMs - nowMs;
		const resetMs = windowMs < 60_000 ? endsMs : Math.ceil(endsMs / 1_000) * 1_000;
		if (headers === 'none') return { isRefused, signal: {} };
		if (headers === 'retryAfter') {
			return { isRefused, signal: isRefused ? { retryAfterMs: resetMs } : {} };
		}
		const remaining = limit - this.counted.length;
		return { isRefused, signal: { limit, remaining, resetMs } };
	}

	private forget(nowMs: number): void {
		const { counting, windowMs } = this.options;
		const isOver = (atMs: number) => atMs <= nowMs - windowMs;
		if (counting === 'sliding') this.counted = this.counted.filter((atMs) => !isOver(atMs));
		else if (this.counted.length > 0 && isOver(this.counted[0])) this.counted = [];
	}
}

export interface Process {
	requests: number;
	/** Requests at a time. */
	workers: number;
	startsAfterMs?: number;
	latencyMs: () => number;
	bucket: RateLimitBucket;
}

export interface Finished {
	endMs: number;
	/** The most 429s that one request got, and the longest that one took from its first to its end. */
	mostTries: number;
	longestMs: number;
}

/** Sends all of a process's requests, each until it gets through. */
export async function work(
	clock: FakeClock,
	server: ModelledServer,
	process: Process,
): Promise<Finished> {
	if (process.startsAfterMs) await clock.sleep(process.startsAfterMs);
	const finished: Finished = { endMs: 0, mostTries: 0, longestMs: 0 };
	let left = process.requests;
	const worker = async () => {
		while (left-- > 0) {
			let refusedSinceMs: number | undefined;
			for (let tries = 1; !(await sendOnce(clock, server, process)); tries++) {
				refusedSinceMs ??= clock.now();
				finished.mostTries = Math.max(finished.mostTries, tries + 1);
			}
			const tookMs = clock.now() - (refusedSinceMs ?? clock.now());
			finished.longestMs = Math.max(finished.longestMs, tookMs);
		}
	};
	await Promise.all(Array.from({ length: process.workers }, worker));
	return { ...finished, endMs: clock.now() };
}

/** As the client does it: whether the request got through. */
async function sendOnce(
	clock: FakeClock,
	server: ModelledServer,
	{ bucket, latencyMs }: Process,
): Promise<boolean> {
	await bucket.acquire();
	const sentAtMs = clock.now();
	const durationMs = latencyMs();
	// The server counts it somewhere on the way.
	await clock.sleep(durationMs / 2);
	const { isRefused, signal } = server.receive();
	await clock.sleep(durationMs / 2);
	if (isRefused) bucket.refused(sentAtMs, signal.retryAfterMs ?? signal.resetMs);
	else bucket.passed(sentAtMs);
	bucket.release(signal);
	return !isRefused;
}

/** A generator of numbers below 1 that a seed decides. */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}
