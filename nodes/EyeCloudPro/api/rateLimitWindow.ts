// One rate limit: what was let through in its window, and what is learned of the server's own limit, from its
// headers, from its 429s, and from what gets through after them. Used by rateLimiter.ts alone.
import type { RateLimitSignal } from './responseHeaders';

/** Documented: the limit is counted per minute (`overview.md`, "Rate Limiting"). */
export const WINDOW_MS = 60_000;

/** The first wait after a 429 that names none, as a part of the window: a second of a minute. */
const FIRST_TRY = 1 / 60;

/** So many short tries before the oldest request leaves the window. */
const MOST_SHORT_TRIES = 3;

/**
 * The longest. Four such waits after four short ones span a window. It divides the window by no whole
 * number, so that tries in one window after another come at ever new places of it: whoever is shut out
 * by another process that fills each window in a moment meets that moment in the end.
 */
const LONGEST_TRY = 0.236;

/** So many requests beyond what a 429 left show that it was about a shorter time than the window. */
const SHOWS_MORE = 5;

/** Those who wait for the same moment come one after another within this part of a window. */
const SPREAD = 1 / 50;

/** So many windows at most between two tries for more than the share. */
const LONGEST_REST_WINDOWS = 6;

/** After a 429 among what had been safe, somebody else has begun to spend: room is made for them. */
const YIELD = 0.9;

/**
 * How many requests may be under way at a time, as parts of the limit, by how much of it this process has
 * used, as long as neither a header nor a whole window has shown that nobody else spends from it. Where
 * two or four processes fill a window together, each has used a half or a quarter when it is full, and
 * all that is under way then is refused.
 */
const CAUTIOUS: ReadonlyArray<{ usedUpTo: number; atOnce: number }> = [
	{ usedUpTo: 0.1, atOnce: 1 / 25 },
	{ usedUpTo: 0.2, atOnce: 1 / 50 },
	{ usedUpTo: 0.35, atOnce: 1 / 100 },
	{ usedUpTo: 0.6, atOnce: 1 / 50 },
];

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

/** What this process may use of a limit that others use as well, or that is lower than was said. */
interface Share {
	requests: number;
	windowMs: number;
	/** When this process began to use the present window. */
	startMs: number;
	/** From there to the end of the last wait for room. */
	tookMs: number;
	/** How many got through beyond the share since the last 429. */
	more: number;
	/** Windows before a try for more, the most of them, and where in the window the try comes. */
	restLeft: number;
	restWindows: number;
	late: number;
}

/**
 * Never more than the limit in any window, counted from the end of each request, so that however long a
 * request was under way, the server can't have seen more. All times are on a clock that is never set.
 */
export class RateLimitWindow {
	/** When each request of the last window ended that was not refused; ascending, at most `limit`. */
	private endedAt: number[] = [];

	private serverLimit = Number.POSITIVE_INFINITY;

	/** The server's window, where it names it. */
	private serverWindowMs?: number;

	/** What the server said is left until its window ends; it may not have seen what is under way. */
	private left?: { remaining: number; untilMs: number; isShared: boolean; spreadMs: number };

	/** Learned from 429s of servers that don't say what is left. */
	private share?: Share;

	private heldUntilMs = 0;

	private unavailableUntilMs = 0;

	/** 429s in a row. */
	private refusals = 0;

	private refusedAtMs = Number.NEGATIVE_INFINITY;

	/** One request goes first, the others when it got through. */
	private isOneFirst = false;

	/** The server's window is, so that our own count of it tells nothing until the next answer. */
	private isWindowOver = false;

	/** Whether the first of the 429s may be about something else than the window, and over in a moment. */
	private isWorthATry = false;

	/** Whether the last 429 named a wait. */
	private wasNamed = false;

	private isAlone = false;

	constructor(
		private limit: number,
		private readonly usualWindowMs: number = WINDOW_MS,
	) {
		this.setLimit(limit);
	}

	setLimit(requests: number): void {
		this.limit = Math.max(1, Math.floor(requests) || 1);
	}

	/** The lower of the credential's limit and the server's. */
	get effectiveLimit(): number {
		return Math.min(this.limit, this.serverLimit);
	}

	/** Whether the server's limit counts, and so its window does, as the credential allows as much or more. */
	private get isServersRule(): boolean {
		return this.serverLimit <= this.limit;
	}

	private get windowMs(): number {
		return (this.isServersRule && this.serverWindowMs) || this.usualWindowMs;
	}

	isUnavailable(nowMs: number): boolean {
		return this.unavailableUntilMs > nowMs;
	}

	/** How many requests may go now, as far as this process and the server's last answer tell. */
	remaining(nowMs: number, inFlight: number): number {
		if (Math.max(this.heldUntilMs, this.unavailableUntilMs) > nowMs) return 0;
		const own = this.effectiveLimit - this.usedAt(nowMs) - inFlight;
		const share = this.shareAllowed(nowMs) - this.usedIn(this.share?.windowMs, nowMs) - inFlight;
		const isLive = this.left !== undefined && this.left.untilMs > nowMs;
		const left = isLive ? Number(this.left?.remaining) - inFlight : own;
		return Math.max(0, Math.min(own, share, left));
	}

	/** Until the next request may go, in milliseconds; undefined where only an answer can tell. */
	waitMs(nowMs: number, inFlight: number, isInteractive: boolean): number | undefined {
		const heldUntilMs = Math.max(this.heldUntilMs, this.unavailableUntilMs);
		if (heldUntilMs > nowMs) return heldUntilMs - nowMs;
		this.endWindow(nowMs);
		const used = this.usedAt(nowMs);
		if (this.isOneFirst && inFlight > 0) return undefined;
		const { left } = this;
		const over = used + inFlight - this.effectiveLimit;
		const frees = this.endedAt[over];
		const ownMs = over < 0 ? 0 : frees === undefined ? undefined : frees + this.windowMs - nowMs;
		const isOwnCount = !(left && this.isServersRule) && !this.isWindowOver;
		if (isOwnCount && ownMs !== 0) return ownMs;
		if (left && inFlight >= left.remaining && (left.isShared || ownMs !== 0)) {
			if (inFlight > 0) return undefined;
			return Math.min(
				left.untilMs + left.spreadMs - nowMs,
				left.isShared ? Infinity : (ownMs ?? Infinity),
			);
		}
		if (inFlight >= this.mostAtOnce(used, isInteractive)) return undefined;
		return this.isOneFirst ? 0 : this.shareWaitMs(nowMs, inFlight);
	}

	ended(ended: Ended): void {
		const { sentAtMs, nowMs, said } = ended;
		this.isWindowOver = false;
		const used = this.usedAt(nowMs);
		let isNextWindow = false;
		if (said?.statusCode === 429) {
			this.believe(said, ended);
			return this.refused({ sentAtMs, nowMs, said });
		}
		this.endedAt.push(nowMs);
		if (this.left && said?.remaining === undefined) this.left.remaining--;
		if (!said) return;
		this.believe(said, ended);
		const { statusCode, retryAfterMs, longestWaitMs = Number.POSITIVE_INFINITY } = said;
		if (statusCode === 503 && retryAfterMs !== undefined) {
			this.isOneFirst = true;
			const untilMs = nowMs + Math.min(retryAfterMs, longestWaitMs);
			this.unavailableUntilMs = Math.max(this.unavailableUntilMs, untilMs);
		} else if (sentAtMs > this.refusedAtMs) {
			isNextWindow = this.refusals > 0 && this.wasNamed && !this.isShort;
			this.isOneFirst = false;
			this.refusals = 0;
			if (used + 1 >= this.effectiveLimit * SHOWS_ALONE) this.isAlone = true;
		}
		// That the next window has room, as the server said, does not prove more room in each.
		if (this.share && !isNextWindow) this.passed(this.share, sentAtMs, nowMs);
	}

	/** Takes over what the server says where it knows more than our own count does. */
	private believe(signal: RateLimitSignal, { sentAtMs, nowMs, inFlight }: Ended): void {
		const { limit, remaining, resetMs, windowMs } = signal;
		if (limit && limit >= 1) this.serverLimit = Math.floor(limit);
		if (windowMs) this.serverWindowMs = windowMs;
		if (remaining === undefined || !resetMs) return;
		this.share = undefined;
		// Those that ended while this one was under way may have been counted after it.
		const overtaken = Math.max(0, this.usedIn(nowMs - sentAtMs, nowMs) - 1);
		const sure = Math.min(remaining, this.left?.remaining ?? 0);
		const isShared =
			this.isServersRule && this.serverLimit - remaining > this.endedAt.length + inFlight;
		this.left = {
			remaining: Math.max(sure, remaining - overtaken),
			untilMs: nowMs + resetMs,
			isShared,
			// Not all of those who share it at the same moment.
			spreadMs: isShared ? this.left?.spreadMs || Math.random() * SPREAD * this.windowMs : 0,
		};
		// The server counts no more than these, so our older ones have left its window.
		const kept = this.serverLimit - this.left.remaining + 1;
		if (this.isServersRule && kept < this.endedAt.length) this.endedAt = this.endedAt.slice(-kept);
	}

	/** The window that the server named is over: one request finds out what there is in the next. */
	private endWindow(nowMs: number): void {
		if (!this.left || this.left.untilMs + this.left.spreadMs > nowMs) return;
		const { isShared } = this.left;
		this.left = undefined;
		if (!this.isServersRule) return;
		this.isOneFirst ||= isShared || this.usedAt(nowMs) >= this.effectiveLimit;
		this.isWindowOver = this.isOneFirst;
	}

	/**
	 * Nobody sends until the wait that the server named is over; then one request tries first. Where it
	 * named none, the tries come further and further apart, and one when our own oldest request leaves
	 * the window, which is when places become free.
	 */
	private refused({ sentAtMs, nowMs, said }: Required<Omit<Ended, 'inFlight'>>): void {
		// Of several that were under way at the same time, the first one counts.
		const isAnother = sentAtMs <= this.refusedAtMs;
		if (!isAnother) {
			this.refusals++;
			this.refusedAtMs = nowMs;
		}
		this.isOneFirst = true;
		const namedMs = this.namedMs(said);
		if (namedMs === undefined && isAnother) return;
		this.wasNamed = namedMs !== undefined;
		const isNews = this.share === undefined;
		const wasAlone = this.isAlone;
		const used = this.usedIn(this.share?.windowMs, nowMs);
		const tellsNothing = this.left !== undefined || (used === 0 && namedMs !== undefined);
		if (this.refusals === 1 && !isAnother && !tellsNothing) this.learn(used, nowMs);
		const isEarly = wasAlone || used < this.effectiveLimit * CAUTIOUS[1].usedUpTo;
		if (this.refusals === 1 && !isAnother) this.isWorthATry = isNews && isEarly;
		const waitMs = namedMs ?? this.guessedMs(nowMs);
		const obeyedMs = Math.min(waitMs, said.longestWaitMs ?? waitMs);
		this.isAlone = false;
		this.heldUntilMs = Math.max(this.heldUntilMs, nowMs + obeyedMs);
		const { share } = this;
		if (!share) return;
		if (this.refusals > MOST_SHORT_TRIES || obeyedMs > share.windowMs * 2) {
			// It is not about a short time after all.
			share.windowMs = this.windowMs;
			share.requests = Math.max(share.requests, this.usedIn(share.windowMs, nowMs));
			share.startMs = this.endedAt[0] ?? nowMs;
		}
		share.tookMs = this.heldUntilMs - share.startMs;
	}

	/** Of two times that are named, the sooner is tried first, and the later after that. */
	private namedMs({ retryAfterMs, resetMs, remaining }: RateLimitSignal): number | undefined {
		// Where something is left in the window, it was not refused for the window.
		const named = [retryAfterMs, remaining ? undefined : resetMs].filter(
			(each) => each !== undefined,
		);
		if (named.length === 0) return undefined;
		const namedMs = this.refusals <= 1 ? Math.min(...named) : Math.max(...named);
		// A server that names no time to speak of, over and over, is not asked without a pause.
		return Math.max(namedMs, this.refusals > 1 ? this.tryMs : 1);
	}

	private get tryMs(): number {
		const part = Math.min(FIRST_TRY * 2 ** Math.max(0, this.refusals - 1), LONGEST_TRY);
		return Math.max(1, part * this.windowMs * (0.9 + Math.random() / 10));
	}

	private guessedMs(nowMs: number): number {
		const { tryMs } = this;
		const windowMs = this.share?.windowMs ?? this.windowMs;
		const oldest = this.endedAt[this.firstIn(windowMs, nowMs)];
		if (oldest === undefined) return tryMs;
		const freesMs = oldest + windowMs - nowMs;
		if (this.isWorthATry && this.refusals <= MOST_SHORT_TRIES) return Math.min(tryMs, freesMs);
		if (this.refusals === 1) return Math.max(tryMs, freesMs);
		// Where the server's window begins anew as a whole, our own leaving it one by one frees nothing.
		return Math.max(tryMs, (this.share?.startMs ?? oldest) + windowMs - nowMs);
	}

	/** The window is full, so what this process let through in it is its share. */
	private learn(used: number, nowMs: number): void {
		const { windowMs } = this;
		const startMs = this.endedAt[this.firstIn(windowMs, nowMs)] ?? nowMs;
		const [restLeft, restWindows, late] = [1, 1, 0];
		this.share ??= {
			requests: used,
			windowMs,
			startMs,
			tookMs: 0,
			more: 0,
			restLeft,
			restWindows,
			late,
		};
		const { share } = this;
		if (used < share.requests) {
			share.requests = Math.max(1, Math.floor(Math.min(used, share.requests * YIELD)));
		} else if (share.late > 0) {
			share.restWindows = Math.min(LONGEST_REST_WINDOWS, share.restWindows * 2);
		}
		this.rest(share);
	}

	private rest(share: Share): void {
		share.more = 0;
		share.restLeft = share.restWindows;
		// When the others have had theirs, and at random, so that no two try for the same place at a time.
		share.late = 0.25 + Math.random() / 2;
	}

	/** A request got through where servers don't say what is left. */
	private passed(share: Share, sentAtMs: number, nowMs: number): void {
		const used = this.usedIn(share.windowMs, nowMs);
		if (sentAtMs <= this.refusedAtMs) {
			share.requests = Math.max(share.requests, used);
			return;
		}
		const windows = Math.floor((nowMs - share.startMs) / share.windowMs);
		if (windows > 0) Object.assign(share, { startMs: nowMs, restLeft: share.restLeft - windows });
		if (used <= share.requests) return;
		share.more++;
		share.restLeft = 0;
		share.restWindows = Math.max(1, share.restWindows / 2);
		if (share.more === SHOWS_MORE && this.isShort) {
			// All that and more within the window: the limit that was met is one of a shorter time.
			share.windowMs = Math.max(1, share.tookMs);
			share.requests = Math.max(1, share.requests - share.more + 1);
			this.rest(share);
		} else if (used >= this.effectiveLimit) {
			this.share = undefined;
		} else {
			share.requests = used;
		}
	}

	/** Whether the last wait was over long before the window was. */
	private get isShort(): boolean {
		return this.share !== undefined && this.share.tookMs < this.share.windowMs / 2;
	}

	/** From when on there may be more than the share; as soon as it proves true, there may. */
	private moreFromMs({ more, restLeft, startMs, late, windowMs }: Share): number {
		if (more > 0) return 0;
		return restLeft > 0 ? Number.POSITIVE_INFINITY : startMs + late * windowMs;
	}

	/** The most that may be let through or under way now, in one window of the share. */
	private shareAllowed(nowMs: number): number {
		const { share } = this;
		if (!share) return Number.POSITIVE_INFINITY;
		return share.requests + (nowMs < this.moreFromMs(share) ? 0 : 1 + share.more);
	}

	private shareWaitMs(nowMs: number, inFlight: number): number | undefined {
		const { share } = this;
		if (!share) return 0;
		const over = this.usedIn(share.windowMs, nowMs) + inFlight - this.shareAllowed(nowMs);
		if (over < 0) return 0;
		const moreFromMs = this.moreFromMs(share);
		// A try for more than the share is under way; its answer tells.
		if (nowMs >= moreFromMs && inFlight > 0) return undefined;
		const frees = this.endedAt[this.firstIn(share.windowMs, nowMs) + over];
		const freesMs = frees === undefined ? Number.POSITIVE_INFINITY : frees + share.windowMs;
		const atMs = Math.min(freesMs, nowMs < moreFromMs ? moreFromMs : Number.POSITIVE_INFINITY);
		return Number.isFinite(atMs) ? Math.max(1, atMs - nowMs) : undefined;
	}

	/** Few, where somebody else may fill the window, which refuses all that is under way. */
	private mostAtOnce(used: number, isInteractive: boolean): number {
		if (this.isOneFirst) return 1;
		if (this.left) return this.left.isShared ? Math.max(1, this.left.remaining / 8) : Infinity;
		const { share } = this;
		if (share) {
			return Math.max(used < share.requests ? 2 : 1, share.requests / 20);
		}
		if (this.isAlone || isInteractive) return Infinity;
		const limit = this.effectiveLimit;
		const part = CAUTIOUS.find(({ usedUpTo }) => used < usedUpTo * limit)?.atOnce ?? 1 / 25;
		return Math.max(1, Math.ceil(part * limit));
	}

	private usedAt(nowMs: number): number {
		const gone = this.firstIn(this.windowMs, nowMs);
		if (gone > 0) this.endedAt = this.endedAt.slice(gone);
		return this.endedAt.length;
	}

	private usedIn(windowMs: number | undefined, nowMs: number): number {
		return this.endedAt.length - this.firstIn(windowMs, nowMs);
	}

	/** Where in `endedAt` the last `windowMs` begin. */
	private firstIn(windowMs: number = this.windowMs, nowMs = 0): number {
		let [first, end] = [0, this.endedAt.length];
		while (first < end) {
			const middle = (first + end) >> 1;
			if (this.endedAt[middle] > nowMs - windowMs) end = middle;
			else first = middle + 1;
		}
		return first;
	}
}
