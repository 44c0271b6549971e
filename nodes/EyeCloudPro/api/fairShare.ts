// How much of the server's limit is this process's own, where others spend from the same limit: other
// workers of n8n, or another n8n. Nobody tells, so it is learned from 429s. Used by the bucket alone.

/** After a 429 among what had been safe, somebody else has begun to spend: room is made for them. */
const YIELD = 0.9;

/** So many windows at most between two tries for more than the share. */
const LONGEST_PROBE_WINDOWS = 6;

/** Of those within the share, one in so many may be under way at a time. */
const PASSED_A_PLACE = 20;

/** After so many tries for more that passed, one more may be under way at the same time. */
const PASSES_A_WIDTH = 8;

/**
 * At a 429 the window is full, so what this process had let through in it is its share. Up to the
 * share it sends freely. Beyond that it tries for more with few requests at a time, as nobody can know
 * whether the others have stopped: a wrong try costs one 429 and rests the tries for a while.
 */
export class FairShare {
	/** Requests in a window; infinite until a 429 shows that there are others. */
	private requests = Number.POSITIVE_INFINITY;

	private restUntilMs = 0;

	private restWindows = 3;

	private probesPassed = 0;

	constructor(private readonly windowMs: number) {}

	get isKnown(): boolean {
		return Number.isFinite(this.requests);
	}

	/** The most that may be passed or under way now, in one window. */
	allowed(nowMs: number): number {
		if (nowMs < this.restUntilMs) return this.requests;
		return this.requests + 1 + Math.floor(this.probesPassed / PASSES_A_WIDTH);
	}

	/** When `allowed` may grow by itself, or undefined if it may already. */
	restsUntilMs(nowMs: number): number | undefined {
		return nowMs < this.restUntilMs ? this.restUntilMs : undefined;
	}

	/** A request got through, which makes so many in the window; `limit` is the most there may be. */
	passed(inWindow: number, limit: number): void {
		if (inWindow <= this.requests) return;
		this.requests = inWindow;
		this.probesPassed++;
		// A proof that there is room: there is nothing to rest from.
		this.restUntilMs = 0;
		this.restWindows = Math.max(1, this.restWindows / 2);
		if (this.requests >= limit) this.requests = Number.POSITIVE_INFINITY;
	}

	/** How many may be under way at a time: few, since a window that ends refuses them all. */
	get width(): number {
		return Math.max(2, Math.ceil(this.requests / PASSED_A_PLACE));
	}

	/** The same of a request from before the last refusal: it belongs to the share. */
	passedBefore(inWindow: number): void {
		if (this.isKnown) this.requests = Math.max(this.requests, inWindow);
	}

	/** A request was refused; so many got through in the window before it. */
	refused(inWindow: number, nowMs: number): void {
		if (!this.isKnown) {
			this.requests = inWindow;
		} else if (inWindow < this.requests) {
			this.requests = Math.max(1, Math.floor(Math.min(inWindow, this.requests * YIELD)));
		} else {
			this.restWindows = Math.min(LONGEST_PROBE_WINDOWS, this.restWindows * 2);
		}
		this.probesPassed = 0;
		// At random, so that processes don't try for the same place at the same time.
		const restMs = this.restWindows * this.windowMs * (0.75 + Math.random() / 2);
		this.restUntilMs = nowMs + restMs;
	}
}
