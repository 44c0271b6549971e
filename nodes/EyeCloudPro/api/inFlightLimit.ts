// How many requests to one module are worth having under way at a time: more as long as the server answers
// as fast as before, fewer when it slows down or refuses. Used by rateLimiter.ts; pagination.ts knows
// its maximum.

/** With so few under way, nobody waits for them: what an answer takes then is the server's usual time. */
const FEW = 4;

const FIRST = 8;

/** Pages of 250 records take up to a megabyte each while they are under way. */
export const MOST_IN_FLIGHT = 32;

/** Up to AS_FAST times the usual time, the limit is raised; above TOO_SLOW times, requests queue on the server. */
const AS_FAST = 1.5;
const TOO_SLOW = 2;

/** So many answers at least show whether all of them were slow. */
const FEWEST_ANSWERS = 16;

export interface Answered {
	sentAtMs: number;
	nowMs: number;
	/** How long this process was at work meanwhile, so that the answer may have lain there. */
	busyMs: number;
	/** As many as there were under way with it. */
	inFlight: number;
}

/**
 * The usual time is the shortest while few were under way the last time, such as at the beginning of each
 * list. Of each round the fastest answer counts: one that is slow by chance says nothing. When that was
 * slow, a few go alone, and show whether the server is slower now for everybody, or was for so many.
 */
export class InFlightLimit {
	private limit = FIRST;

	private usualMs = Infinity;

	private hadFew = false;

	private round = { fastestMs: Infinity, answers: 0 };

	/** The fastest answer of the round that was too slow, since when only few go. */
	private slowMs?: number;

	private loweredAtMs = -Infinity;

	/** Until something speaks against it, each answer makes room for one more. */
	private isStarting = true;

	get count(): number {
		return Math.floor(this.slowMs ? Math.min(FEW, this.limit) : this.limit);
	}

	/** The server did what was asked, or said why not. */
	answered({ sentAtMs, nowMs, busyMs, inFlight }: Answered): void {
		const tookMs = Math.max(1, nowMs - sentAtMs);
		const hasFew = inFlight <= FEW;
		this.usualMs = hasFew && !this.hadFew ? tookMs : Math.min(this.usualMs, tookMs);
		this.hadFew = hasFew;
		const isFull = inFlight * 2 > this.limit;
		const waitedMs = tookMs - busyMs;
		if (this.isStarting && !this.slowMs && isFull && waitedMs <= this.usualMs * AS_FAST) {
			this.limit = Math.min(MOST_IN_FLIGHT, this.limit + 1);
		}
		const { round, slowMs } = this;
		if (slowMs && !hasFew) return;
		round.fastestMs = Math.min(round.fastestMs, waitedMs);
		round.answers++;
		const evidence = round.answers * Math.max(1, round.fastestMs / this.usualMs - 1);
		if (evidence >= (slowMs ? FEW : FEWEST_ANSWERS)) this.endRound(isFull);
	}

	/** The server refused for what was under way, or gave no answer at all; counts once for all of these. */
	refused(sentAtMs: number, nowMs: number): void {
		if (sentAtMs < this.loweredAtMs) return;
		this.limit = Math.max(1, this.limit / 2);
		this.loweredAtMs = nowMs;
		this.isStarting = false;
	}

	private endRound(isFull: boolean): void {
		const fastestMs = this.slowMs ?? this.round.fastestMs;
		const times = fastestMs / this.usualMs;
		const isTooSlow = times > TOO_SLOW;
		if (this.slowMs) {
			// If the server has another pace for few as well, it is a new beginning.
			this.isStarting = !isTooSlow;
			if (isTooSlow) this.limit = Math.max(FEW, this.limit * Math.max(0.5, AS_FAST / times));
		} else if (times <= AS_FAST && isFull && !this.isStarting) {
			this.limit = Math.min(MOST_IN_FLIGHT, this.limit + Math.max(1, this.limit / 8));
		} else if (times > AS_FAST && !isTooSlow) {
			this.isStarting = false;
		}
		this.slowMs = !this.slowMs && isTooSlow ? fastestMs : undefined;
		this.round = { fastestMs: Infinity, answers: 0 };
		this.hadFew = false;
	}
}
