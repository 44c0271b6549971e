// Step 2 of a request's way: waiting for a place under the API's rate limit.
// Called by the client; every execution in the process shares the buckets.
import { systemClock, type Clock } from './clock';
import { CancelledError } from './errors';
import { backoffMs } from './retry';
import type { RateLimitSignal } from './responseHeaders';

/** Documented: the limit is counted per minute (`overview.md`, "Rate Limiting"). */
export const WINDOW_MS = 60_000;

/** The first wait after a 429 that names none; each further one in a row may be twice as long. */
const FIRST_BACKOFF_MS = 1_000;

/** Buckets that nobody used for this long are forgotten: longer than any wait that a server names. */
const IDLE_BUCKET_MS = 15 * 60_000;

interface Waiter {
	start: () => void;
	cancel: () => void;
}

/**
 * The requests of one OAuth client to one module. First come, first served; never more than the limit
 * in any window, counted from the end of each request, so that however long a request was under way,
 * the server can't have seen more. A burst may use the whole limit at once.
 */
export class RateLimitBucket {
	private readonly waiters: Waiter[] = [];

	/** When each finished request of the last window ended; ascending, at most `limit` of them. */
	private endedAt: number[] = [];

	private inFlight = 0;

	/** What the server said is left, less what we sent since; forgotten when its window ends. */
	private serverRemaining?: { count: number; untilMs: number };

	/** The server's own limit, where it names one. */
	private serverLimit = Number.POSITIVE_INFINITY;

	private pausedUntilMs = 0;

	/** 429s in a row. While there are any, one request goes first, the others when it got through. */
	private refusals = 0;

	private refusedAtMs = 0;

	/** The earliest wake-up that is already under way. */
	private wakeAtMs = Number.POSITIVE_INFINITY;

	lastUsedMs: number;

	constructor(
		private limit: number,
		private readonly clock: Clock = systemClock,
		private readonly windowMs: number = WINDOW_MS,
	) {
		this.lastUsedMs = clock.now();
	}

	/** The credential's own limit; the lower of it and the server's counts. */
	setLimit(requestsPerMinute: number): void {
		this.limit = Math.max(1, Math.floor(requestsPerMinute) || 1);
	}

	/** How many requests may go now, as far as this process and the server's last answer tell. */
	get remaining(): number {
		const nowMs = this.clock.now();
		if (this.pausedUntilMs > nowMs) return 0;
		this.forgetEnded(nowMs - this.windowMs);
		const own = this.effectiveLimit - this.inFlight - this.endedAt.length;
		const server = this.serverRemaining;
		return Math.max(0, server && server.untilMs > nowMs ? Math.min(own, server.count) : own);
	}

	/** The lower of the credential's limit and the server's. */
	get effectiveLimit(): number {
		return Math.min(this.limit, this.serverLimit);
	}

	get isIdle(): boolean {
		return this.inFlight === 0 && this.waiters.length === 0;
	}

	/**
	 * Resolves when the request may be sent; `release` must follow when it has ended.
	 *
	 * @throws CancelledError at once when the signal aborts
	 */
	async acquire(signal?: AbortSignal): Promise<void> {
		this.lastUsedMs = this.clock.now();
		if (signal?.aborted) throw new CancelledError();
		let waiter: Waiter | undefined;
		const turn = new Promise<void>((resolve, reject) => {
			waiter = { start: resolve, cancel: () => reject(new CancelledError()) };
			this.waiters.push(waiter);
		});
		const onAbort = () => {
			const position = this.waiters.indexOf(waiter as Waiter);
			if (position < 0) return;
			this.waiters.splice(position, 1);
			waiter?.cancel();
		};
		signal?.addEventListener('abort', onAbort, { once: true });
		this.startWaiters();
		try {
			await turn;
		} finally {
			signal?.removeEventListener('abort', onAbort);
		}
	}

	/** The request has ended, however it did; `signal` is what its answer said about the limit. */
	release(signal: RateLimitSignal = {}): void {
		const nowMs = this.clock.now();
		this.inFlight--;
		this.endedAt.push(nowMs);
		this.lastUsedMs = nowMs;
		if (signal.limit) this.serverLimit = signal.limit;
		if (signal.remaining !== undefined && signal.resetMs !== undefined) {
			// The server may not have seen yet what is still under way.
			this.serverRemaining = {
				count: signal.remaining - this.inFlight,
				untilMs: nowMs + signal.resetMs,
			};
		}
		this.startWaiters();
	}

	/**
	 * The server refused for the limit. Nobody sends until the wait that it named is over, or, where it
	 * named none, for an exponential wait with full jitter; then one request tries first.
	 *
	 * @param sentAtMs when the refused request was sent; of several under way, the first one counts
	 */
	refused(sentAtMs: number, namedMs?: number): void {
		const nowMs = this.clock.now();
		const isAnotherOfTheSame = this.refusals > 0 && sentAtMs <= this.refusedAtMs;
		if (namedMs === undefined && isAnotherOfTheSame) return;
		if (!isAnotherOfTheSame) {
			this.refusals++;
			this.refusedAtMs = nowMs;
		}
		const waitMs = namedMs ?? backoffMs(this.refusals, FIRST_BACKOFF_MS, this.windowMs);
		this.pausedUntilMs = Math.max(this.pausedUntilMs, nowMs + waitMs);
	}

	/** The server let a request through: the limit is no longer reached. */
	passed(): void {
		this.refusals = 0;
	}

	private startWaiters(): void {
		while (this.waiters.length > 0) {
			const waitMs = this.waitMs();
			if (waitMs === undefined) return;
			if (waitMs > 0) return void this.wakeAfter(waitMs);
			this.inFlight++;
			if (this.serverRemaining) this.serverRemaining.count--;
			this.waiters.shift()?.start();
		}
	}

	/** Until the next request may go, in milliseconds; undefined if only a release can tell. */
	private waitMs(): number | undefined {
		const nowMs = this.clock.now();
		if (this.pausedUntilMs > nowMs) return this.pausedUntilMs - nowMs;
		if (this.refusals > 0 && this.inFlight > 0) return undefined;

		this.forgetEnded(nowMs - this.windowMs);
		const limit = this.effectiveLimit;
		if (this.inFlight + this.endedAt.length >= limit) {
			const frees = this.endedAt[this.inFlight + this.endedAt.length - limit];
			return frees === undefined ? undefined : frees + this.windowMs - nowMs;
		}
		if (this.serverRemaining && this.serverRemaining.untilMs <= nowMs)
			this.serverRemaining = undefined;
		if (this.serverRemaining && this.serverRemaining.count <= 0) {
			return this.inFlight > 0 ? undefined : this.serverRemaining.untilMs - nowMs;
		}
		return 0;
	}

	private forgetEnded(beforeMs: number): void {
		let gone = 0;
		while (gone < this.endedAt.length && this.endedAt[gone] <= beforeMs) gone++;
		if (gone > 0) this.endedAt = this.endedAt.slice(gone);
	}

	private async wakeAfter(durationMs: number): Promise<void> {
		const atMs = this.clock.now() + durationMs;
		if (atMs >= this.wakeAtMs) return;
		this.wakeAtMs = atMs;
		await this.clock.sleep(durationMs);
		if (this.wakeAtMs === atMs) this.wakeAtMs = Number.POSITIVE_INFINITY;
		this.startWaiters();
	}
}

const buckets = new Map<string, RateLimitBucket>();

/**
 * The bucket of one module for one OAuth client at one API (documented: limits are per OAuth client
 * and module), made when there is none. Idle ones are forgotten on the way, so the map stays as small
 * as what was used in the last quarter of an hour.
 */
export function bucketFor(
	key: { origin: string; oauthClientId: string; module: string },
	limit: { requests: number; windowMs: number },
	clock: Clock = systemClock,
): RateLimitBucket {
	const nowMs = clock.now();
	for (const [name, bucket] of buckets) {
		if (bucket.isIdle && nowMs - bucket.lastUsedMs > IDLE_BUCKET_MS) buckets.delete(name);
	}
	const name = JSON.stringify([key.origin, key.oauthClientId, key.module]);
	const bucket = buckets.get(name) ?? new RateLimitBucket(limit.requests, clock, limit.windowMs);
	bucket.setLimit(limit.requests);
	buckets.set(name, bucket);
	return bucket;
}
