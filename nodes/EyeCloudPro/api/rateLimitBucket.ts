// One rate limit: when the next request to one module may go. Made by rateLimiter.ts.
import { systemClock, type Clock } from './clock';
import { CancelledError } from './errors';
import { FairShare } from './fairShare';
import type { RateLimitSignal } from './responseHeaders';
import { WaitingRequests } from './waitingRequests';

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

/**
 * The most bulk requests under way at a time: what one Return All has, and of a larger limit one part in
 * so many. All of them can be refused at once where another process has filled the window, and all find
 * an expired token at once. It slows nobody down: the limit is used up even where a request takes three
 * seconds.
 */
const LEAST_WIDTH = 8;
const LIMIT_A_PLACE = 20;

/**
 * The requests of one OAuth client to one module. First come, first served; never more than the limit
 * in any window, counted from the end of each request, so that however long a request was under way,
 * the server can't have seen more. A burst may use the whole limit at once.
 */
export class RateLimitBucket {
	private readonly waiting = new WaitingRequests();

	/** When each request of the last window ended that was not refused; ascending, at most `limit`. */
	private endedAt: number[] = [];

	private inFlight = 0;

	/** Refused requests that `release` was not called for yet: the server did not count them. */
	private refusedInFlight = 0;

	/** What the server said is left, less what we sent since; forgotten when its window ends. */
	private serverRemaining?: { count: number; untilMs: number };

	/** The server's own limit, where it names one. */
	private serverLimit = Number.POSITIVE_INFINITY;

	private readonly share: FairShare;

	private pausedUntilMs = 0;

	/** 429s in a row. While there are any, one request goes first, the others when it got through. */
	private refusals = 0;

	/** Whether the last 429 named a wait that may be the window's; a short one is about less. */
	private wasNamed = false;

	private refusedAtMs = Number.NEGATIVE_INFINITY;

	/** The earliest wake-up that is already under way. */
	private wakeAtMs = Number.POSITIVE_INFINITY;

	lastUsedMs: number;

	constructor(
		private limit: number,
		private readonly clock: Clock = systemClock,
		private readonly windowMs: number = WINDOW_MS,
	) {
		this.lastUsedMs = clock.now();
		this.share = new FairShare(windowMs);
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
		const allowed = Math.min(this.effectiveLimit, this.share.allowed(nowMs));
		const own = allowed - this.inFlight - this.endedAt.length;
		const server = this.serverRemaining;
		return Math.max(0, server && server.untilMs > nowMs ? Math.min(own, server.count) : own);
	}

	/** The lower of the credential's limit and the server's. */
	get effectiveLimit(): number {
		return Math.min(this.limit, this.serverLimit);
	}

	get isIdle(): boolean {
		return this.inFlight === 0 && this.waiting.count === 0;
	}

	/**
	 * Resolves when the request may be sent; `release` must follow when it has ended.
	 *
	 * @param isInteractive a person waits for it in the editor, so it goes ahead of bulk work
	 * @throws CancelledError at once when the signal aborts
	 */
	async acquire(signal?: AbortSignal, { isInteractive = false } = {}): Promise<void> {
		this.lastUsedMs = this.clock.now();
		if (signal?.aborted) throw new CancelledError();
		const turn = this.waiting.join(signal, isInteractive);
		this.startWaiting();
		await turn;
	}

	/** The request has ended, however it did; `signal` is what its answer said about the limit. */
	release(signal: RateLimitSignal = {}): void {
		const nowMs = this.clock.now();
		this.inFlight--;
		this.lastUsedMs = nowMs;
		if (this.refusedInFlight > 0) this.refusedInFlight--;
		else this.endedAt.push(nowMs);
		this.believe(signal, nowMs);
		this.startWaiting();
	}

	/**
	 * The server refused for the limit. Nobody sends until the wait that it named is over; then one
	 * request tries first. Where it named none, the tries come further and further apart, and one when
	 * our own oldest request leaves the window, which is when places become free.
	 *
	 * @param sentAtMs when the refused request was sent; of several under way, the first one counts
	 */
	refused(sentAtMs: number, namedMs?: number): void {
		const nowMs = this.clock.now();
		this.refusedInFlight++;
		const isAnotherOfTheSame = sentAtMs <= this.refusedAtMs;
		if (namedMs === undefined && isAnotherOfTheSame) return;
		this.forgetEnded(nowMs - this.windowMs);
		let waitMs = namedMs;
		if (!isAnotherOfTheSame) {
			this.refusals++;
			this.refusedAtMs = nowMs;
			this.wasNamed = namedMs !== undefined && namedMs > this.windowMs / 4;
			const isNews = !this.share.isKnown;
			// Who got nothing through, and is told the window's end, has learned nothing of its share.
			const isTelling = this.endedAt.length > 0 || namedMs === undefined;
			if (this.refusals === 1 && isTelling) this.share.refused(this.endedAt.length, nowMs);
			waitMs ??= this.guessedWaitMs(nowMs, isNews);
		}
		this.pausedUntilMs = Math.max(this.pausedUntilMs, nowMs + (waitMs ?? 0));
	}

	/**
	 * The server let a request through: the limit is no longer reached, unless the request was sent
	 * before the last refusal. Comes before `release`.
	 */
	passed(sentAtMs = Number.POSITIVE_INFINITY): void {
		this.forgetEnded(this.clock.now() - this.windowMs);
		const inWindow = this.endedAt.length + 1;
		if (sentAtMs <= this.refusedAtMs) return this.share.passedBefore(inWindow);
		const isWindowOver = this.refusals > 0 && this.wasNamed;
		this.refusals = 0;
		// That a new window has room, as the server said, does not prove more room in each.
		if (!isWindowOver) this.share.passed(inWindow, this.effectiveLimit);
	}

	private guessedWaitMs(nowMs: number, isNews: boolean): number {
		const tryMs = Math.min(FIRST_TRY * 2 ** (this.refusals - 1), LONGEST_TRY) * this.windowMs;
		const spreadMs = Math.max(1, tryMs * (0.9 + Math.random() / 10));
		if (this.endedAt.length === 0) return spreadMs;
		const freesMs = this.endedAt[0] + this.windowMs - nowMs;
		// The first 429 of all may be about something else than the window, and be over in a moment.
		const isWorthATry = (isNews || this.refusals > 1) && this.refusals <= MOST_SHORT_TRIES;
		// Where the server's window begins anew as a whole, our own leaving it one by one frees nothing.
		return isWorthATry ? Math.min(spreadMs, freesMs) : Math.max(spreadMs, freesMs);
	}

	/** Takes over what the server says where it knows more than our own count does. */
	private believe({ limit, remaining, resetMs }: RateLimitSignal, nowMs: number): void {
		if (limit && limit >= 1) this.serverLimit = Math.floor(limit);
		if (remaining === undefined || resetMs === undefined) return;
		this.forgetEnded(nowMs - this.windowMs);
		const isSomebodyElse = remaining < this.effectiveLimit - this.endedAt.length - this.inFlight;
		// The server may not have seen yet what is still under way.
		this.serverRemaining = isSomebodyElse
			? { count: remaining - this.inFlight, untilMs: nowMs + resetMs }
			: undefined;
	}

	private startWaiting(): void {
		while (this.waiting.count > 0) {
			const waitMs = this.waitMs();
			if (waitMs === undefined) return;
			if (waitMs > 0) return void this.wakeAfter(waitMs);
			this.inFlight++;
			if (this.serverRemaining) this.serverRemaining.count--;
			this.waiting.startNext();
		}
	}

	/** Until the next request may go, in milliseconds; undefined if only a release can tell. */
	private waitMs(): number | undefined {
		const nowMs = this.clock.now();
		if (this.pausedUntilMs > nowMs) return this.pausedUntilMs - nowMs;
		if (this.inFlight >= this.width) return undefined;

		this.forgetEnded(nowMs - this.windowMs);
		// After a 429, the one that tries first is to find out whether there is more than the share.
		const allowed = this.refusals > 0 ? Number.POSITIVE_INFINITY : this.share.allowed(nowMs);
		const limit = Math.min(this.effectiveLimit, allowed);
		const used = this.inFlight + this.endedAt.length;
		if (used >= limit) {
			const restsMs = used >= allowed ? this.share.restsUntilMs(nowMs) : undefined;
			// A try for more than the share is under way; its answer tells.
			if (used >= allowed && this.inFlight > 0 && restsMs === undefined) return undefined;
			const frees = this.endedAt[used - limit];
			const freesMs = frees === undefined ? undefined : frees + this.windowMs;
			return earlier(freesMs, restsMs, nowMs);
		}
		if (this.serverRemaining && this.serverRemaining.untilMs <= nowMs)
			this.serverRemaining = undefined;
		if (this.serverRemaining && this.serverRemaining.count <= 0) {
			return this.inFlight > 0 ? undefined : this.serverRemaining.untilMs - nowMs;
		}
		return 0;
	}

	/** How many may be under way at a time, as far as the next one in the line is concerned. */
	private get width(): number {
		if (this.refusals > 0) return 1;
		// A person does not wait for bulk requests that get no answer.
		if (this.waiting.isInteractiveNext) return this.share.width;
		const ofLimit = Math.max(LEAST_WIDTH, Math.ceil(this.effectiveLimit / LIMIT_A_PLACE));
		return Math.min(this.share.width, ofLimit);
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
		this.startWaiting();
	}
}

/** Until the earlier of two times, in milliseconds from now; undefined if there is neither. */
function earlier(oneMs?: number, otherMs?: number, nowMs = 0): number | undefined {
	const atMs = Math.min(oneMs ?? Number.POSITIVE_INFINITY, otherMs ?? Number.POSITIVE_INFINITY);
	return Number.isFinite(atMs) ? atMs - nowMs : undefined;
}
