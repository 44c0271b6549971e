// How many requests to one module are worth having under way at a time: more as long as the server answers
// as fast as before, fewer when it slows down or refuses. Used by rateLimiter.ts alone.

const FEWEST = 2;

const FIRST = 6;

/** Pages of 250 records take up to a megabyte each while they are under way. */
export const MOST_IN_FLIGHT = 32;

/** Up to so many times the usual duration, one more pays; where it is longer than that, they queue. */
const AS_FAST = 1.5;
const TOO_SLOW = 2;

/** The part that each answer has in the mean duration. */
const WEIGHT = 1 / 8;

/**
 * The usual duration is that of answers while few requests are under way. It is never raised while many
 * are, as a queue at the server looks like a slow one. Where few take longer than usual too, it rises to
 * that, so a change of the server or of what it is asked for costs a few answers.
 */
export class InFlightLimit {
	private limit = FIRST;

	private usualMs?: number;

	private meanMs = 0;

	private loweredAtMs = Number.NEGATIVE_INFINITY;

	/** Until something speaks against it, each answer makes room for one more. */
	private isStarting = true;

	get count(): number {
		return Math.floor(this.limit);
	}

	/** The server did what was asked, or said why not. @param inFlight as many as there were with it */
	answered(sentAtMs: number, nowMs: number, inFlight: number): void {
		const tookMs = nowMs - sentAtMs;
		if (this.usualMs === undefined) this.usualMs = this.meanMs = tookMs;
		this.meanMs += (tookMs - this.meanMs) * WEIGHT;
		const isLess = this.meanMs < this.usualMs;
		if (isLess || this.limit <= FIRST) this.usualMs += (this.meanMs - this.usualMs) * WEIGHT;
		if (this.meanMs > this.usualMs * TOO_SLOW) {
			this.lower(sentAtMs, nowMs, (this.usualMs * TOO_SLOW) / this.meanMs, FEWEST);
		} else if (this.meanMs <= this.usualMs * AS_FAST && inFlight * 2 > this.limit) {
			const growth = this.isStarting ? 1 : 1 / this.limit;
			this.limit = Math.min(MOST_IN_FLIGHT, this.limit + growth);
		}
	}

	/** The server refused for what was under way, or gave no answer at all. */
	refused(sentAtMs: number, nowMs: number): void {
		this.lower(sentAtMs, nowMs, 0, 1);
	}

	/** Once for all that were under way at the same time. */
	private lower(sentAtMs: number, nowMs: number, factor: number, fewest: number): void {
		if (sentAtMs < this.loweredAtMs) return;
		this.limit = Math.max(fewest, this.limit * Math.max(0.5, factor));
		this.loweredAtMs = nowMs;
		this.isStarting = false;
	}
}
