// Says when the next request may go, so that no limit that is known is exceeded: the credential's, those that the
// server names in headers, and one that is learned from 429s where no header says what is left. Used by rateLimiter.ts;
// credential.ts knows its usual window. All times are on a clock that is never set.
import { LONGEST_NAMED_MS, type NamedLimit, type RateLimitSignal } from './responseHeaders';

/** Documented: the limit is counted per minute (EyeCloud Pro's API documentation, "Rate Limiting"). */
export const WINDOW_MS = 60_000;

/** The first wait after a 429 that names none, as a part of the window: a second of a minute. */
const FIRST_WAIT_SHARE = 1 / 60;

/** The longest such wait. The window is no multiple of it, so that tries come at different places of each window. */
const LONGEST_WAIT_SHARE = 0.236;

/** The requests in flight while other processes may spend from the limit, as a part of it: eight of a hundred. */
const MAX_IN_FLIGHT_SHARE = 0.08;

/** The same where others may be about to fill the window. */
const FEW_IN_FLIGHT_SHARE = 0.01;

/**
 * If two or four processes share the limit, it runs out when each has used a half or a quarter, and all that is in
 * flight then is refused. So few are in flight from here on, until a process is known to be alone. A 429 before that
 * is about too many at a time, and not about the window.
 */
const CAREFUL_FROM_SHARE = 0.18;

/** A 429 in the first window, after between CAREFUL_FROM_SHARE and this of the limit: four processes may have filled it. */
const FOUR_PROCESSES_SHARE = 0.31;

/** A process that has used this much of a window shares the limit with nobody. */
const ALONE_FROM_SHARE = 0.58;

/** If no request got through for this share of the window, the 429 was about the window and not about a burst. */
const LONG_WAIT_SHARE = 1 / 6;

/** The longest window that is believed, where a policy names it. */
export const LONGEST_WINDOW_MS = 60 * 60_000;

interface Limit {
	requests: number;
	windowMs: number;
	/** From then on it is not counted. */
	untilMs?: number;
}

/** A limit that the server names; `left` where it says what is left of it. */
interface ServerLimit extends Limit {
	left?: {
		free: number;
		/** Infinity, like `free`, from the window's end until an answer describes the next window. */
		endsMs: number;
		isShared: boolean;
	};
}

export interface Ended {
	sentAtMs: number;
	nowMs: number;
	/** Those that are still under way. */
	inFlight: number;
	/** What the answer says; undefined where there is none. */
	said?: RateLimitSignal & { statusCode: number; longestWaitMs?: number };
}

/**
 * Requests are counted from their ends, so that however long one was under way, the server can't have counted more
 * in any window.
 */
export class RateLimitWindow {
	/** When each request of the longest window ended that was not refused; ascending. */
	private endedAt: number[] = [];

	private named: ServerLimit[] = [];

	/** What 429s have shown. When it expires, one request at a time probes for more; probes become rarer. */
	private learned?: Required<Limit> & { windows: number };

	/** Nobody sends until then, for the limit or because the server asked for time for another reason. */
	private held = { untilMs: 0, isForLimit: true };

	private heldAtMs = -Infinity;

	/** After a hold, and at the start, one request goes alone; the others follow when it got through. */
	private first: 'none' | 'due' | 'underWay' = 'due';

	/** 429s in a row, those to requests under way at the same time counted once, and what was before them. */
	private refusals = { count: 0, sinceMs: 0, atMs: -Infinity, used: 0, shortTries: 0 };

	/** When this process sent its first request in the present window. */
	private windowStartMs = -Infinity;

	/** When requests went on after the last 429, if it was not about the window. */
	private resumedAtMs = -Infinity;

	/** Nobody else seems to spend from the limit. */
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

	/** How many requests a usual window allows, by the credential and by the server. */
	get effectiveLimit(): number {
		const usual = this.named.filter(({ windowMs }) => windowMs >= this.usualWindowMs);
		return Math.min(this.limit, ...usual.map(({ requests }) => requests));
	}

	/** How many requests may go now, as far as this process and the server's last answer tell. */
	remaining(nowMs: number, inFlight: number): number {
		if (this.held.untilMs > nowMs) return 0;
		const free = this.counted(nowMs).map(
			({ requests, windowMs }) => requests - this.used(windowMs, nowMs) - inFlight,
		);
		const said = this.named.flatMap(({ left }) => (left && left.endsMs > nowMs ? left.free : []));
		return Math.max(0, Math.min(...free, ...said));
	}

	/** Whether the server asked for time for another reason than the limit. */
	isUnavailable(nowMs: number): boolean {
		return !this.held.isForLimit && this.held.untilMs > nowMs;
	}

	/** Until the next request may go, in milliseconds; infinite where only an answer can tell. */
	waitMs(nowMs: number, inFlight: number, isInteractive: boolean): number {
		if (this.held.untilMs > nowMs) return this.held.untilMs - nowMs;
		for (const { left } of this.named) {
			// While one is under way, its answer will tell.
			if (!left || left.endsMs > nowMs || inFlight > 0) continue;
			Object.assign(left, { free: Infinity, endsMs: Infinity });
			this.first = 'due';
		}
		if (this.first === 'due') return 0;
		if (this.first === 'underWay' && !(isInteractive && this.refusals.count === 0)) return Infinity;
		const waits = this.counted(nowMs).map((limit) => this.waitMsFor(limit, nowMs, inFlight));
		for (const limit of this.named) {
			const { left } = limit;
			if (!left || left.free > 0) continue;
			// If no other process uses this limit, our own count proves that there is room, whatever the server's number.
			const ownMs = left.isShared ? Infinity : this.waitMsFor(limit, nowMs, inFlight);
			waits.push(Math.min(left.endsMs > nowMs ? left.endsMs - nowMs : Infinity, ownMs));
		}
		if (inFlight >= this.mostAtOnce(nowMs, inFlight, isInteractive)) waits.push(Infinity);
		return Math.max(0, ...waits);
	}

	started(): void {
		if (this.first === 'due') this.first = 'underWay';
		for (const { left } of this.named) if (left) left.free--;
	}

	/** Takes over what the end of a request tells. */
	ended(ended: Ended): void {
		const { sentAtMs, nowMs, said } = ended;
		const isRefused = said?.statusCode === 429;
		if (!isRefused) this.count(nowMs);
		if (said) this.believe(said.limits, ended);
		if (isRefused) return this.refused(said, ended);
		if (!said) {
			// After a 429, another one goes first.
			if (this.first === 'underWay') this.first = this.refusals.count > 0 ? 'due' : 'none';
			return;
		}
		if (said.statusCode === 503 && said.retryAfterMs !== undefined) {
			return this.hold(said.retryAfterMs, ended, false);
		}
		if (sentAtMs > this.heldAtMs) this.first = 'none';
		this.passed(sentAtMs, nowMs);
	}

	private hold(waitMs: number, { nowMs, said }: Ended, isForLimit: boolean): void {
		// At least 1 ms, so that a request sent afterwards has a later time.
		const untilMs = nowMs + Math.max(1, Math.min(waitMs, said?.longestWaitMs ?? Infinity));
		if (untilMs > this.held.untilMs) this.held = { untilMs, isForLimit };
		this.heldAtMs = nowMs;
		this.first = 'due';
	}

	/** The limits that are held by our own count. */
	private counted(nowMs: number): Limit[] {
		const own = { requests: this.limit, windowMs: this.usualWindowMs };
		// The server names the same number: its window is the true one.
		const isNamed = this.named.some(({ requests }) => requests === this.limit);
		const learned = this.learned && nowMs < this.learned.untilMs ? [this.learned] : [];
		return [...(isNamed ? [] : [own]), ...learned, ...this.named.filter(({ left }) => !left)];
	}

	private waitMsFor(
		{ requests, windowMs, untilMs = Infinity }: Limit,
		nowMs: number,
		inFlight: number,
	): number {
		const first = this.firstAfter(nowMs - windowMs);
		const over = this.endedAt.length - first + inFlight - requests;
		if (over < 0) return 0;
		return Math.min(untilMs, (this.endedAt[first + over] ?? Infinity) + windowMs) - nowMs;
	}

	/** How many may be in flight: few where somebody else may fill the window, which refuses them all. */
	private mostAtOnce(nowMs: number, inFlight: number, isInteractive: boolean): number {
		const told = this.named.flatMap(({ requests, left }) => {
			if (!left) return [];
			return left.isShared
				? left.free / 8
				: Math.max(left.free / 4, requests * MAX_IN_FLIGHT_SHARE);
		});
		if (told.length > 0) return Math.max(1, Math.min(...told));
		if (this.learned) {
			const isTry = nowMs >= this.learned.untilMs;
			return isTry ? 1 : Math.max(2, this.learned.requests / 10);
		}
		if (isInteractive || this.isAlone) return Infinity;
		const limit = this.effectiveLimit;
		const part = (this.used(this.usualWindowMs, nowMs) + inFlight) / limit;
		const share = part < CAREFUL_FROM_SHARE ? MAX_IN_FLIGHT_SHARE : FEW_IN_FLIGHT_SHARE;
		return Math.max(1, limit * share);
	}

	private believe(named: NamedLimit[], { sentAtMs, nowMs, inFlight, said }: Ended): void {
		// An absurd one is ignored: if there is a limit, a 429 will tell.
		const limits = named.filter(({ windowMs = 0 }) => windowMs <= LONGEST_WINDOW_MS);
		if (limits.length === 0) {
			// The server has stopped naming them.
			if (said) this.named = this.named.filter(({ left }) => left?.endsMs !== Infinity);
			return;
		}
		// The server may have counted these after this one, as it may those that are still under way.
		const overtaken = this.endedAt.length - this.firstAfter(sentAtMs);
		this.named = limits.map(({ limit, windowMs, remaining, resetMs }) => {
			const known = {
				requests: limit && limit >= 1 ? Math.floor(limit) : Infinity,
				windowMs: windowMs ?? this.usualWindowMs,
			};
			// A window that nobody names is hardly longer than what nobody waits longer for.
			if (remaining === undefined || !resetMs) return known;
			if (resetMs > (windowMs ? 2 * windowMs : LONGEST_NAMED_MS)) return known;
			// Of two times the sooner one is tried first.
			const toEndMs = Math.min(resetMs, said?.retryAfterMs ?? resetMs);
			const used = this.used(known.windowMs, nowMs) + inFlight / 2 + 2;
			const isShared = Math.min(known.requests, this.limit) - remaining > used;
			const free = remaining - Math.max(0, overtaken - 1) - inFlight;
			return { ...known, left: { free, endsMs: nowMs + toEndMs, isShared } };
		});
		if (this.saysWhatIsLeft) this.learned = undefined;
	}

	private get saysWhatIsLeft(): boolean {
		return this.named.some(({ left }) => left !== undefined);
	}

	/** Nobody sends until the wait that the server named, or that is guessed, is over; then one goes first. */
	private refused(said: RateLimitSignal, ended: Ended): void {
		const { refusals } = this;
		const { sentAtMs, nowMs } = ended;
		const isAnother = sentAtMs <= refusals.atMs;
		if (!isAnother) {
			if (refusals.count++ === 0) {
				refusals.sinceMs = nowMs;
				refusals.used = this.used(this.usualWindowMs, nowMs);
				refusals.shortTries = this.shortTries(nowMs);
			}
			refusals.atMs = nowMs;
			this.isAlone = false;
		}
		const namedMs = this.namedMs(said);
		if (isAnother && namedMs === undefined) return;
		this.hold(namedMs ?? this.guessedMs(nowMs), ended, true);
	}

	/** Of two times that are named, the sooner is tried first, and the later after that. */
	private namedMs({ retryAfterMs, limits }: RateLimitSignal): number | undefined {
		// Where something is left of a limit, it was not refused for that one.
		const ends = limits.flatMap(({ remaining, resetMs }) => (remaining ? [] : (resetMs ?? [])));
		const endsMs = ends.length > 0 ? Math.min(LONGEST_NAMED_MS, Math.max(...ends)) : undefined;
		if (retryAfterMs === undefined && endsMs === undefined) return undefined;
		// A server that keeps naming a wait near zero gets growing pauses.
		if (this.refusals.count > 1) return Math.max(retryAfterMs ?? 0, endsMs ?? 0, this.tryMs);
		return Math.min(retryAfterMs ?? Infinity, endsMs ?? Infinity);
	}

	private get tryMs(): number {
		const part = Math.min(FIRST_WAIT_SHARE * 4 ** (this.refusals.count - 1), LONGEST_WAIT_SHARE);
		return part * this.usualWindowMs * (1 + Math.random() / 10);
	}

	/** A short wait, as the 429 may be about something else; where it is refused again, until the window is over. */
	private guessedMs(nowMs: number): number {
		const { tryMs, refusals } = this;
		if (refusals.count <= refusals.shortTries) return tryMs;
		return Math.max(tryMs, this.windowStartMs + this.usualWindowMs - nowMs);
	}

	/** How many short waits are worth trying: none where it looks as if the window was filled together with others. */
	private shortTries(nowMs: number): number {
		const used = this.used(this.usualWindowMs, nowMs);
		if (this.learned) return used < this.learned.requests ? 1 : 0;
		const part = used / this.effectiveLimit;
		if (this.isAlone || part <= CAREFUL_FROM_SHARE || this.wasShort(nowMs)) return 3;
		return part <= FOUR_PROCESSES_SHARE ? 0 : 1;
	}

	/** A 429 was over in a moment just before: there seems to be a limit for a shorter time. */
	private wasShort(nowMs: number): boolean {
		return nowMs - this.resumedAtMs < this.usualWindowMs * LONG_WAIT_SHARE;
	}

	/** A request got through; more than what was learned show that there is more. */
	private passed(sentAtMs: number, nowMs: number): void {
		const { refusals } = this;
		if (refusals.count > 0 && sentAtMs <= refusals.atMs) refusals.used++;
		else if (refusals.count > 0) this.wentOn(nowMs);
		if (nowMs >= this.windowStartMs + this.usualWindowMs) this.windowStartMs = nowMs;
		const shown = Math.max(
			ALONE_FROM_SHARE * this.effectiveLimit,
			2 * (this.learned?.requests ?? 0),
		);
		if (this.used(this.usualWindowMs, nowMs) < shown) return;
		this.isAlone = true;
		this.learned = undefined;
	}

	/** The first one has got through after a 429: how long that took tells what the 429 was about. */
	private wentOn(nowMs: number): void {
		const { count, sinceMs, used, shortTries } = this.refusals;
		const isLong = nowMs - sinceMs >= this.usualWindowMs * LONG_WAIT_SHARE;
		this.refusals.count = 0;
		this.resumedAtMs = isLong ? -Infinity : nowMs;
		if (isLong) this.windowStartMs = nowMs;
		const isOfWindow = isLong || count > shortTries;
		if (isOfWindow && !this.saysWhatIsLeft && used > 0) this.learn(used, nowMs);
	}

	/** So many got through in the window before the 429. */
	private learn(requests: number, nowMs: number): void {
		const windows = Math.min(8, 2 * (this.learned?.windows ?? 0.5));
		// After the other processes have used their share, and at random, so that no two try at once.
		const untilMs = nowMs + (windows - 0.8 + Math.random() * 0.6) * this.usualWindowMs;
		this.learned = { requests, windowMs: this.usualWindowMs, untilMs, windows };
	}

	private used(windowMs: number, nowMs: number): number {
		return this.endedAt.length - this.firstAfter(nowMs - windowMs);
	}

	private count(nowMs: number): void {
		const longestMs = Math.max(this.usualWindowMs, ...this.named.map(({ windowMs }) => windowMs));
		const gone = this.firstAfter(nowMs - longestMs);
		if (gone > 0) this.endedAt = this.endedAt.slice(gone);
		this.endedAt.push(nowMs);
	}

	/** Where in `endedAt` those begin that ended after that time. */
	private firstAfter(timeMs: number): number {
		const first = this.endedAt.findIndex((atMs) => atMs > timeMs);
		return first < 0 ? this.endedAt.length : first;
	}
}
