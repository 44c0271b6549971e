// One rate limit: what was let through in its window, and what is learned of the server's own limit, from its
// headers, from its 429s, and from what gets through after them. Used by rateLimiter.ts alone.
import type { RateLimitSignal } from './responseHeaders';

/** Documented: the limit is counted per minute (`overview.md`, "Rate Limiting"). */
export const WINDOW_MS = 60_000;

/** The first wait after a 429 that names none, as a part of the window: a second of a minute. */
const FIRST_TRY = 1 / 60;

/** The longest. It divides the window by no whole number, so that tries come at ever new places of it. */
const LONGEST_TRY = 0.236;

/** So many short tries before the window must be over. */
const MOST_SHORT_TRIES = 1;

/** So many requests beyond what a 429 left show that it was about a shorter time than the window. */
const SHOWS_MORE = 5;

/** So many windows at most between two tries for more than the share. */
const LONGEST_REST_WINDOWS = 6;

/** After a 429 among what had been safe, somebody else has begun to spend: room is made for them. */
const YIELD = 0.9;

/** Those who wait for the same moment come one after another within this part of a window. */
const SPREAD = 1 / 50;

/**
 * How many requests may be under way at a time, as parts of the limit, by how much of it this process has
 * used, as long as neither a header nor a whole window has shown that nobody else spends from it. Where
 * two or four processes fill a window together, each has used a half or a quarter when it is full, and
 * all that is under way then is refused.
 */
const CAUTIOUS = [
	{ usedUpTo: 0.05, atOnce: 3 / 100 },
	{ usedUpTo: 0.1, atOnce: 2 / 100 },
	{ usedUpTo: 0.35, atOnce: 1 / 100 },
	{ usedUpTo: 0.75, atOnce: 2 / 100 },
	{ usedUpTo: Number.POSITIVE_INFINITY, atOnce: 3 / 100 },
];

/** Who is refused before this much was used, or far beyond, was too fast rather than one of a few. */
const EARLY = 0.1;

/** A process that used this much of a window is not one of several that share it evenly. */
const SHOWS_ALONE = 0.6;

export interface Ended {
	sentAtMs: number;
	nowMs: number;
	/** Those that are still under way. */
	inFlight: number;
	/** What the answer says; undefined where there is none. */
	said?: RateLimitSignal & { statusCode: number; longestWaitMs?: number };
}

/**
 * Never more than the limit in any window, counted from the end of each request, so that however long a
 * request was under way, the server can't have seen more. All times are on a clock that is never set.
 */
export class RateLimitWindow {
	/** When each request of the last window ended that was not refused; ascending, at most `limit`. */
	private endedAt: number[] = [];

	private serverLimit = Number.POSITIVE_INFINITY;

	private serverWindowMs?: number;

	/** What is free until the server's window ends, by what it said; it may not have seen all that was sent. */
	private left?: {
		free: number;
		endsMs: number;
		/** When the request went whose answer said so: one that it overtook knows less. */
		askedMs: number;
		isShared: boolean;
		spreadMs: number;
	};

	/**
	 * What this process may use of a limit that others use as well, or that is lower than was said: learned
	 * from 429s of servers that don't say what is left. `startMs` is when it began to use the present window,
	 * `tookMs` how long it was from there to the end of a wait for room.
	 */
	private readonly share: { requests: number; windowMs: number; startMs: number; tookMs: number };

	/** How many got through beyond the share since the last 429. */
	private more = 0;

	/** When there is a next try for more: after so many windows, and where in the window. */
	private rest = { windowsLeft: 0, windows: 0.5, late: 0 };

	/** Nobody sends until then, for the limit or because the server asked for time for another reason. */
	private held = { untilMs: 0, isForLimit: true };

	/** 429s in a row. */
	private refusals = 0;

	private refusedAtMs = Number.NEGATIVE_INFINITY;

	/** Whether the first of them may be about something else than the window, and over in a moment. */
	private isWorthATry = false;

	/** One request goes first, the others when it got through: at the very beginning, too. */
	private isOneFirst = true;

	/** The server's window is, so that our own count of it tells nothing until the next answer. */
	private isWindowOver = false;

	/** Nobody else has spent from the limit in the window that ends then. */
	private aloneFromMs = Number.POSITIVE_INFINITY;

	constructor(
		private limit: number,
		private readonly usualWindowMs: number = WINDOW_MS,
	) {
		this.setLimit(limit);
		const startMs = Number.POSITIVE_INFINITY;
		this.share = { requests: startMs, windowMs: usualWindowMs, startMs, tookMs: startMs };
	}

	setLimit(requests: number): void {
		this.limit = Math.max(1, Math.floor(requests) || 1);
	}

	/** The lower of the credential's limit and the server's. */
	get effectiveLimit(): number {
		return Math.min(this.limit, this.serverLimit);
	}

	/** How many requests may go now, as far as this process and the server's last answer tell. */
	remaining(nowMs: number, inFlight: number): number {
		if (this.held.untilMs > nowMs) return 0;
		const own = this.effectiveLimit - this.usedAt(nowMs);
		const free = this.left && this.left.endsMs > nowMs ? this.left.free : own;
		return Math.max(0, Math.min(own - inFlight, free, this.share.requests - inFlight));
	}

	/** Whether the server asked for time for another reason than the limit. */
	isUnavailable(nowMs: number): boolean {
		return !this.held.isForLimit && this.held.untilMs > nowMs;
	}

	/** Until the next request may go, in milliseconds; infinite where only an answer can tell. */
	waitMs(nowMs: number, inFlight: number, isInteractive: boolean): number {
		if (this.held.untilMs > nowMs) return this.held.untilMs - nowMs;
		this.endWindows(nowMs, inFlight);
		if (inFlight >= this.mostAtOnce(nowMs, isInteractive)) return Number.POSITIVE_INFINITY;
		if (this.isWindowOver) return 0;
		const over = this.usedAt(nowMs) + inFlight - this.effectiveLimit;
		const freesMs = (this.endedAt[over] ?? Number.POSITIVE_INFINITY) + this.windowMs - nowMs;
		const ownMs = over < 0 ? 0 : freesMs;
		const { serverSays, left } = this;
		const isLeft = !left || left.free > 0;
		const endsMs = left && inFlight === 0 ? left.endsMs + left.spreadMs - nowMs : Infinity;
		const leftMs = isLeft ? 0 : endsMs;
		// Where all that was used is our own, either count proves that there is room.
		if (serverSays) return serverSays.isShared ? leftMs : Math.min(ownMs, leftMs);
		const ruleMs = Math.max(ownMs, leftMs);
		return ruleMs > 0 || this.isOneFirst ? ruleMs : this.shareWaitMs(nowMs, inFlight);
	}

	started(): void {
		if (this.left) this.left.free--;
	}

	/** Takes over what the end of a request tells. */
	ended(ended: Ended): void {
		const { sentAtMs, nowMs, said } = ended;
		this.isWindowOver = false;
		if (said?.statusCode === 429) {
			this.believe(said, ended);
			return this.refused(said, sentAtMs, nowMs);
		}
		this.usedAt(nowMs);
		this.endedAt.push(nowMs);
		if (!said) {
			this.isOneFirst &&= this.refusals > 0;
			return;
		}
		this.believe(said, ended);
		const { statusCode, retryAfterMs, longestWaitMs = Number.POSITIVE_INFINITY } = said;
		if (statusCode === 503 && retryAfterMs !== undefined) {
			this.isOneFirst = true;
			this.hold(nowMs + Math.min(retryAfterMs, longestWaitMs), false);
		} else if (sentAtMs > this.refusedAtMs) {
			this.isOneFirst = false;
			this.refusals = 0;
		}
		this.passed(sentAtMs, nowMs);
	}

	private hold(untilMs: number, isForLimit: boolean): void {
		if (untilMs > this.held.untilMs) this.held = { untilMs, isForLimit };
	}

	/** Whether the server's limit counts, and so its window does, as the credential allows as much or more. */
	private get isServersRule(): boolean {
		return this.serverLimit <= this.limit;
	}

	private get serverSays() {
		return this.isServersRule ? this.left : undefined;
	}

	private get windowMs(): number {
		return (this.isServersRule && this.serverWindowMs) || this.usualWindowMs;
	}

	private believe(signal: RateLimitSignal, { sentAtMs, nowMs, inFlight }: Ended): void {
		const { limit, remaining, resetMs: toResetMs, retryAfterMs, windowMs } = signal;
		// Of two times the sooner one is tried first.
		const resetMs = toResetMs && Math.min(toResetMs, retryAfterMs ?? toResetMs);
		if (limit && limit >= 1) this.serverLimit = Math.floor(limit);
		if (windowMs) this.serverWindowMs = windowMs;
		if (remaining === undefined || !resetMs) return;
		// Those that ended while this one was under way may have been counted after it, as those may be
		// that are under way.
		const overtaken = Math.max(0, this.endedAt.length - this.firstAfter(sentAtMs) - 1);
		const isShared = this.serverLimit - remaining > this.endedAt.length + inFlight / 2 + 2;
		const spreadMs = this.left?.spreadMs || Math.random() * SPREAD * this.windowMs;
		this.left = {
			free: remaining - overtaken - inFlight,
			...(this.left && this.left.askedMs > sentAtMs
				? { endsMs: this.left.endsMs, askedMs: this.left.askedMs }
				: { endsMs: nowMs + resetMs, askedMs: sentAtMs }),
			isShared,
			spreadMs: isShared ? spreadMs : 0,
		};
		if (this.isServersRule) this.forgetShare();
	}

	/** After the window that the server named, one request finds out what there is in the next. */
	private endWindows(nowMs: number, inFlight: number): void {
		const { serverSays, share } = this;
		// Who has one under way will know more in a moment.
		if (this.left && inFlight === 0 && this.left.endsMs + this.left.spreadMs <= nowMs) {
			this.left = undefined;
			const isFull = this.usedAt(nowMs) >= this.effectiveLimit;
			if (serverSays?.isShared || (serverSays && isFull))
				this.isWindowOver = this.isOneFirst = true;
		}
		if (nowMs < share.startMs + share.windowMs) return;
		share.startMs = share.tookMs = Number.POSITIVE_INFINITY;
		this.rest.windowsLeft--;
	}

	/** Nobody sends until the wait that the server named, or that is guessed, is over; then one goes first. */
	private refused(said: NonNullable<Ended['said']>, sentAtMs: number, nowMs: number): void {
		const { share } = this;
		// Of several that were under way at the same time, the first one counts.
		const isAnother = sentAtMs <= this.refusedAtMs;
		if (!isAnother) {
			this.refusals++;
			this.refusedAtMs = nowMs;
		}
		this.isOneFirst = true;
		const namedMs = this.namedMs(said);
		if (isAnother && namedMs === undefined) return;
		const used = this.usedOfShare(nowMs);
		if (this.refusals === 1 && !isAnother) {
			const part = used / this.effectiveLimit;
			const mayBeTooFast = part <= EARLY || part >= SHOWS_ALONE || nowMs >= this.aloneFromMs;
			const isNews = share.requests === Infinity;
			this.isWorthATry = isNews ? mayBeTooFast : this.isWorthATry || this.more >= SHOWS_MORE;
			this.aloneFromMs = Number.POSITIVE_INFINITY;
			// Who got nothing through, and is told the window's end, has learned nothing of its share.
			if (!this.serverSays && (used > 0 || namedMs === undefined)) this.learnShare(used);
		}
		const waitMs = Math.min(namedMs ?? this.guessedMs(nowMs), said.longestWaitMs ?? Infinity);
		this.hold(nowMs + waitMs, true);
		if (this.refusals > MOST_SHORT_TRIES || waitMs > share.windowMs * 2) {
			// It is not about a short time after all.
			this.isWorthATry = false;
			share.windowMs = this.windowMs;
			share.requests = Math.max(share.requests, this.usedOfShare(nowMs));
		}
		share.tookMs = this.held.untilMs - share.startMs;
		if (namedMs !== undefined && !this.isShort) share.startMs = Number.NEGATIVE_INFINITY;
	}

	/** Of two times that are named, the sooner is tried first, and the later after that. */
	private namedMs({ retryAfterMs, resetMs, remaining }: RateLimitSignal): number | undefined {
		// Where something is left in the window, it was not refused for the window.
		const endsMs = remaining ? undefined : resetMs;
		if (retryAfterMs === undefined && endsMs === undefined) return undefined;
		// A server that names no time to speak of, over and over, is not asked without a pause.
		if (this.refusals > 1) return Math.max(retryAfterMs ?? 0, endsMs ?? 0, this.tryMs);
		return Math.max(1, Math.min(retryAfterMs ?? Infinity, endsMs ?? Infinity));
	}

	private get tryMs(): number {
		const part = Math.min(FIRST_TRY * 4 ** Math.max(0, this.refusals - 1), LONGEST_TRY);
		return Math.max(1, part * this.windowMs * (1 + Math.random() / 10));
	}

	private guessedMs(nowMs: number): number {
		const { tryMs } = this;
		const endsMs = this.share.startMs + this.share.windowMs - nowMs;
		if (!Number.isFinite(endsMs)) return tryMs;
		const isShort = this.isWorthATry && this.refusals <= MOST_SHORT_TRIES;
		return isShort ? Math.min(tryMs, this.share.windowMs) : Math.max(tryMs, endsMs);
	}

	/** The window is full, so what this process let through in it is its share. */
	private learnShare(used: number): void {
		const { share } = this;
		if (used < share.requests) {
			const most = share.requests === Infinity ? Infinity : Math.floor(share.requests * YIELD);
			share.requests = Math.max(1, Math.min(used, most));
		}
		this.rest.windows = Math.min(LONGEST_REST_WINDOWS, this.rest.windows * 2);
		this.restFromTries();
	}

	private restFromTries(): void {
		this.more = 0;
		// When the others have had theirs, and at random, so that no two try for the same place at a time.
		this.rest = { ...this.rest, windowsLeft: this.rest.windows, late: 0.25 + Math.random() / 2 };
	}

	private forgetShare(): void {
		Object.assign(this.share, { requests: Number.POSITIVE_INFINITY, windowMs: this.windowMs });
		this.rest.windows = 0.5;
	}

	/** A request got through; more than the share show that there is more. */
	private passed(sentAtMs: number, nowMs: number): void {
		const { share, rest } = this;
		const used = this.usedOfShare(nowMs);
		// That the next window has room does not prove more room in each.
		const isFirst = share.startMs === Number.POSITIVE_INFINITY;
		if (isFirst) share.startMs = nowMs;
		if (used >= this.effectiveLimit * SHOWS_ALONE) {
			this.aloneFromMs = Math.min(this.aloneFromMs, share.startMs + share.windowMs);
		}
		if (isFirst || used <= share.requests) return;
		if (sentAtMs <= this.refusedAtMs) {
			share.requests = used;
			return;
		}
		this.more++;
		rest.windowsLeft = 0;
		rest.windows = Math.max(1, rest.windows / 2);
		if (this.more >= Math.min(SHOWS_MORE, share.requests - this.more + 1) && this.isShort) {
			// All that and more within the window: the limit that was met is one of a shorter time.
			share.windowMs = Math.max(1, share.tookMs);
			share.requests = Math.max(1, share.requests - this.more + 1);
			this.restFromTries();
		} else if (used >= this.effectiveLimit) {
			this.forgetShare();
		} else {
			share.requests = used;
		}
	}

	/** Whether the last wait was over long before the window was. */
	private get isShort(): boolean {
		return this.share.tookMs < this.share.windowMs / 2;
	}

	private shareWaitMs(nowMs: number, inFlight: number): number {
		const { requests, windowMs, startMs } = this.share;
		const over = this.usedOfShare(nowMs) + inFlight - requests;
		if (over < 0) return 0;
		const lateMs = this.rest.windowsLeft > 0 ? Infinity : startMs + this.rest.late * windowMs;
		// As soon as it proves true that there is more, there may be more still.
		const moreFromMs = this.more > 0 ? 0 : lateMs;
		const isMore = nowMs >= moreFromMs;
		if (isMore && (over <= this.more || inFlight > 0)) return over <= this.more ? 0 : Infinity;
		const frees =
			this.endedAt[this.firstAfter(nowMs - windowMs) + over - (isMore ? this.more + 1 : 0)];
		const freesMs = (frees ?? Infinity) + windowMs;
		return Math.max(1, Math.min(freesMs, isMore ? Infinity : moreFromMs) - nowMs);
	}

	private usedOfShare(nowMs: number): number {
		return this.endedAt.length - this.firstAfter(nowMs - this.share.windowMs);
	}

	/** Few, where somebody else may fill the window, which refuses all that is under way. */
	private mostAtOnce(nowMs: number, isInteractive: boolean): number {
		const { serverSays, share } = this;
		const used = this.usedOfShare(nowMs);
		if (this.isOneFirst && !(isInteractive && this.refusals === 0)) return 1;
		if (serverSays?.isShared) return Math.max(1, serverSays.free / 8);
		if (serverSays) return Math.max(8, serverSays.free / 4);
		if (share.requests < Infinity) {
			return Math.max(used < share.requests ? 2 : 1, share.requests / 20);
		}
		if (nowMs >= this.aloneFromMs || isInteractive) return Infinity;
		const limit = this.effectiveLimit;
		const part = CAUTIOUS.find(({ usedUpTo }) => used < usedUpTo * limit)?.atOnce ?? 1;
		return Math.ceil(part * limit);
	}

	private usedAt(nowMs: number): number {
		const gone = this.firstAfter(nowMs - this.windowMs);
		if (gone > 0) this.endedAt = this.endedAt.slice(gone);
		return this.endedAt.length;
	}

	/** Where in `endedAt` those begin that ended after that time. */
	private firstAfter(timeMs: number): number {
		let [first, end] = [0, this.endedAt.length];
		while (first < end) {
			const middle = (first + end) >> 1;
			if (this.endedAt[middle] > timeMs) end = middle;
			else first = middle + 1;
		}
		return first;
	}
}
