// Step 2 of a request's way: waiting until it may go, and counting it. The only door is `schedule`.
// Called by the client; every execution in the process shares the limiters.
import { statusOf, type Answer } from './answer';
import { systemClock, type Clock } from './clock';
import { InFlightLimit } from './inFlightLimit';
import { LONGEST_WINDOW_MS, RateLimitWindow } from './rateLimitWindow';
import { readRateLimit } from './responseHeaders';
import type { NoAnswer } from './transport';
import type { Waits } from './waitingTime';
import { WaitingRequests } from './waitingRequests';

/** Limiters that nobody used for this long are forgotten: no window is longer that a server is believed. */
const IDLE_LIMITER_MS = LONGEST_WINDOW_MS;

/** So many interactive requests may be under way beside the bulk ones, which may all get no answer. */
const INTERACTIVE_PLACES = 4;

export interface ScheduleOptions {
	/** Ends the wait at once. */
	signal?: AbortSignal;
	/** A person waits for it in the editor, so it goes ahead of bulk work. */
	isInteractive?: boolean;
	/** Executions take turns by it, however many requests each has waiting. */
	owner?: object;
	/** Called when the wait has ended, whichever way. */
	onWaited?: () => void;
	/** The longest wait that an answer of this status may ask for, in milliseconds. */
	longestWaitMs?: (statusCode: number) => number;
}

const limiters = new Map<string, RateLimiter>();

/**
 * The limiter of one module for one OAuth client at one API (documented: limits are per OAuth client
 * and module), made when there is none. Idle ones are forgotten on the way, so the map stays as small
 * as what was used in the last hour.
 */
export function limiterFor(
	key: { origin: string; oauthClientId: string; module: string },
	limit: { requests: number; windowMs: number },
	clock: Clock = systemClock,
): RateLimiter {
	const nowMs = clock.elapsedMs();
	for (const [name, limiter] of limiters) {
		if (limiter.isIdle && nowMs - limiter.lastUsedMs > IDLE_LIMITER_MS) limiters.delete(name);
	}
	const name = JSON.stringify([key.origin, key.oauthClientId, key.module]);
	const limiter = limiters.get(name) ?? new RateLimiter(limit.requests, clock, limit.windowMs);
	limiter.setLimit(limit.requests);
	limiters.set(name, limiter);
	return limiter;
}

/** The requests of one OAuth client to one module. */
export class RateLimiter {
	private readonly waiting = new WaitingRequests();

	private readonly window: RateLimitWindow;

	private readonly inFlightLimit = new InFlightLimit();

	private inFlight = 0;

	/** The earliest wake-up that is already under way. */
	private wakeAtMs = Infinity;

	private readonly waited: Waits = { waitedMs: 0, waitedForServerMs: 0 };

	private waitingFor?: keyof Waits;

	private waitingSinceMs = 0;

	lastUsedMs: number;

	constructor(
		limit: number,
		private readonly clock: Clock = systemClock,
		windowMs?: number,
	) {
		this.lastUsedMs = clock.elapsedMs();
		this.window = new RateLimitWindow(limit, windowMs);
	}

	/** The credential's own limit; the lower of it and the server's counts. */
	setLimit(requestsPerWindow: number): void {
		this.window.setLimit(requestsPerWindow);
	}

	/** The lower of the credential's limit and the server's. */
	get effectiveLimit(): number {
		return this.window.effectiveLimit;
	}

	/** How many requests may go now, as far as this process and the server's last answer tell. */
	get remaining(): number {
		return this.window.remaining(this.clock.elapsedMs(), this.inFlight);
	}

	get isIdle(): boolean {
		return this.inFlight === 0 && this.waiting.count === 0;
	}

	/** How many requests are worth having under way now, which is as many pages as there is memory for. */
	get mostInFlight(): number {
		return this.inFlightLimit.count;
	}

	/** How long requests waited so far, those at the same time once. */
	get waits(): Waits {
		this.nowWaitingFor(this.waitingFor);
		return { ...this.waited };
	}

	private nowWaitingFor(what: keyof Waits | undefined): void {
		const nowMs = this.clock.elapsedMs();
		if (this.waitingFor) this.waited[this.waitingFor] += nowMs - this.waitingSinceMs;
		this.waitingFor = what;
		this.waitingSinceMs = nowMs;
	}

	/**
	 * Runs the task, which sends one request, as soon as the limit and those under way leave room.
	 *
	 * @returns what the task came to, a refusal for the limit as well
	 * @throws CancelledError at once when the signal aborts before its turn, or what the task throws
	 */
	async schedule<T extends Answer | NoAnswer>(
		task: () => Promise<T>,
		options: ScheduleOptions = {},
	): Promise<T> {
		const turn = this.waiting.join(options);
		this.startWaiting();
		// One that was cancelled may have been the last that waited.
		await turn.finally(() => {
			options.onWaited?.();
			this.startWaiting();
		});
		const sentAtMs = this.clock.elapsedMs();
		const busyMs = this.clock.busyMs();
		const inFlight = this.inFlight;
		let result: T | undefined;
		try {
			result = await task();
			return result;
		} finally {
			this.ended({ sentAtMs, busyMs, inFlight }, result, options.longestWaitMs);
		}
	}

	private ended(
		{ sentAtMs, ...sent }: { sentAtMs: number; busyMs: number; inFlight: number },
		result: Answer | NoAnswer | undefined,
		longestWaitMs: ScheduleOptions['longestWaitMs'],
	): void {
		const nowMs = this.clock.elapsedMs();
		const inFlight = Math.max(sent.inFlight, this.inFlight--);
		const busyMs = this.clock.busyMs() - sent.busyMs;
		this.lastUsedMs = nowMs;
		const answer = result && 'statusCode' in result ? result : undefined;
		const said = answer && {
			...readRateLimit(answer.headers, this.clock.now()),
			statusCode: statusOf(answer),
			longestWaitMs: longestWaitMs?.(statusOf(answer)),
		};
		this.window.ended({ sentAtMs, nowMs, inFlight: this.inFlight, said });
		const isRefused = said?.statusCode === 429 || said?.statusCode === 503;
		const isLost = result && 'failure' in result && result.failure === 'unknown';
		if (isRefused || isLost) this.inFlightLimit.refused(sentAtMs, nowMs);
		else if (answer) this.inFlightLimit.answered({ sentAtMs, nowMs, busyMs, inFlight });
		this.startWaiting();
	}

	private startWaiting(): void {
		for (;;) {
			const nowMs = this.clock.elapsedMs();
			const waitMs = this.waiting.count > 0 ? this.waitMs(nowMs) : Infinity;
			const isTimed = waitMs > 0 && waitMs < Infinity;
			const forWhat = this.window.isUnavailable(nowMs) ? 'waitedForServerMs' : 'waitedMs';
			this.nowWaitingFor(isTimed ? forWhat : undefined);
			if (waitMs === Infinity) return;
			if (isTimed) return void this.wakeAfter(waitMs);
			this.inFlight++;
			this.window.started();
			this.waiting.startNext();
		}
	}

	/** Until the next request may go, in milliseconds; infinite where only an answer can tell. */
	private waitMs(nowMs: number): number {
		const { isInteractiveNext } = this.waiting;
		const places = this.inFlightLimit.count + (isInteractiveNext ? INTERACTIVE_PLACES : 0);
		const waitMs = this.window.waitMs(nowMs, this.inFlight, isInteractiveNext);
		return waitMs === 0 && this.inFlight >= places ? Infinity : waitMs;
	}

	private async wakeAfter(durationMs: number): Promise<void> {
		const atMs = this.clock.elapsedMs() + durationMs;
		if (atMs >= this.wakeAtMs) return;
		this.wakeAtMs = atMs;
		await this.clock.sleep(durationMs);
		if (this.wakeAtMs === atMs) this.wakeAtMs = Infinity;
		this.startWaiting();
	}
}
