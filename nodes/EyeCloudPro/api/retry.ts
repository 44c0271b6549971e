// Step 5 of a request's way: what may be sent again, and after how long.
// Called by the client after an answer, or the lack of one, that is no success.

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/**
 * What became of a request that did not succeed:
 * - `rateLimited`: 429, refused before it ran;
 * - `neverSent`: the name was not resolved, the connection was refused, no token could be had, or the
 *   server was not ready for it (425);
 * - `unknown`: it was sent, and a time-out, a reset, a 5xx, a redirect of a POST or an unreadable 2xx came
 *   back, so the API may have done the work or not;
 * - `final`: the API, or the auth server, said no.
 */
export type Failure = 'rateLimited' | 'neverSent' | 'unknown' | 'final';

/** Whether sending again can't do the work twice. A POST that may have run is never sent again. */
export function maySendAgain(method: Method, failure: Failure): boolean {
	if (failure === 'final') return false;
	return failure !== 'unknown' || method !== 'POST';
}

/** An exponential wait with full jitter, in milliseconds: anything up to `first × 2^(tries − 1)`. */
export function backoffMs(tries: number, firstMs: number, longestMs: number): number {
	return Math.ceil(Math.random() * Math.min(longestMs, firstMs * 2 ** (tries - 1)));
}

const UNSTABLE = { tries: 6, firstWaitMs: 500, longestWaitMs: 20_000, totalWaitMs: 90_000 };

/** A window lasts a minute, and others may spend from the same limit: worth more patience. */
const RATE_LIMITED = { tries: 30, totalWaitMs: 15 * 60_000 };

/** How often and how long one request has been put off, and whether it may be once more. */
export class RetryBudget {
	private unstableTries = 0;

	private unstableWaitMs = 0;

	private limitedTries = 0;

	private limitedSinceMs?: number;

	/**
	 * The wait before a request with an unstable outcome goes again, in milliseconds; undefined when
	 * enough was tried.
	 *
	 * @param namedMs the wait that the server named by Retry-After; obeyed up to what is left, and never shorter than usual
	 */
	nextWaitMs(namedMs?: number): number | undefined {
		this.countTry();
		const leftMs = UNSTABLE.totalWaitMs - this.unstableWaitMs;
		if (this.unstableTries >= UNSTABLE.tries || leftMs <= 0) return undefined;
		const usualMs = backoffMs(this.unstableTries, UNSTABLE.firstWaitMs, UNSTABLE.longestWaitMs);
		const waitMs = Math.min(Math.max(usualMs, namedMs ?? 0), leftMs);
		this.unstableWaitMs += waitMs;
		return waitMs;
	}

	/** A try that did not succeed, and that needs no wait before the next. */
	countTry(): void {
		this.unstableTries++;
	}

	/** What is left for waits that an answer of this status names, in milliseconds. */
	leftMs(statusCode: number, nowMs: number): number {
		if (statusCode !== 429) return UNSTABLE.totalWaitMs - this.unstableWaitMs;
		return RATE_LIMITED.totalWaitMs - (nowMs - (this.limitedSinceMs ?? nowMs));
	}

	/** Whether a request that was refused for the rate limit may queue again. */
	maySpendOnLimit(nowMs: number): boolean {
		this.limitedTries++;
		this.limitedSinceMs ??= nowMs;
		return (
			this.limitedTries < RATE_LIMITED.tries &&
			nowMs - this.limitedSinceMs < RATE_LIMITED.totalWaitMs
		);
	}
}
