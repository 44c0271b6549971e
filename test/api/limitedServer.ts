// A server's rate limit on the fake clock, and processes that work against it: each with a limiter of its own, some
// requests at a time, as Return All does. Used by the tests of the rate limiter.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import type { NoAnswer } from '../../nodes/EyeCloudPro/api/transport';
import { FakeClock } from '../harness/fakeClock.ts';
import { seeded } from '../harness/random.ts';

export const answerOf = (statusCode: number, headers: Record<string, unknown> = {}) => ({
	...{ statusCode, headers },
	body: undefined as unknown,
});

export type ServerAnswer = ReturnType<typeof answerOf>;

export interface ServerOptions {
	/** From the first request after the last window's end, or over any such time. */
	counting: 'fixed' | 'sliding';
	/** What its answers say: nothing, the wait after a refusal, or what is left as well. */
	headers: 'none' | 'retryAfter' | 'remaining';
	limit: number;
	windowMs: number;
}

export class ModelledServer {
	passed = 0;

	/** How many had got through when each of the others was refused. */
	readonly refusedAfter: number[] = [];

	readonly options: ServerOptions;

	private readonly clock: FakeClock;

	private counted: number[] = [];

	constructor(clock: FakeClock, options: Partial<ServerOptions> = {}) {
		this.clock = clock;
		const usual = { counting: 'fixed', headers: 'none', limit: 100, windowMs: 60_000 } as const;
		this.options = { ...usual, ...options };
	}

	receive(): ServerAnswer {
		const { counting, limit, headers, windowMs } = this.options;
		const nowMs = this.clock.now();
		const isOver = (atMs: number) => atMs <= nowMs - windowMs;
		if (counting === 'sliding') this.counted = this.counted.filter((atMs) => !isOver(atMs));
		else if (this.counted.length > 0 && isOver(this.counted[0])) this.counted = [];
		const isRefused = this.counted.length >= limit;
		if (isRefused) this.refusedAfter.push(this.passed);
		else this.counted.push(nowMs);
		if (!isRefused) this.passed++;
		// In whole seconds, rounded up, as servers do it; the shortest windows are told more exactly.
		const seconds = (this.counted[0] + windowMs - nowMs) / 1_000;
		const reset = windowMs < 3_000 ? seconds : Math.ceil(seconds);
		const statusCode = isRefused ? 429 : 200;
		if (headers === 'none') return answerOf(statusCode);
		if (headers === 'retryAfter')
			return answerOf(statusCode, isRefused ? { 'retry-after': reset } : {});
		return answerOf(statusCode, {
			'x-ratelimit-limit': limit,
			'x-ratelimit-remaining': limit - this.counted.length,
			'x-ratelimit-reset': reset,
		});
	}
}

/** A server, or several in a row. */
export interface Receiver {
	receive(): ServerAnswer | NoAnswer;
}

export interface Process {
	requests: number;
	/** Requests at a time. */
	workers?: number;
	startsAfterMs?: number;
	latencyMs?: () => number;
	isInteractive?: () => boolean;
	limiter: RateLimiter;
}

/** Sends all of a process's requests, each until it gets through. */
export async function work(
	clock: FakeClock,
	server: Receiver,
	{ requests, workers = 8, startsAfterMs, latencyMs = () => 100, isInteractive, limiter }: Process,
) {
	if (startsAfterMs) await clock.sleep(startsAfterMs);
	const worked = { mostTries: 0, mostInFlight: 0, done: 0 };
	let [left, inFlight] = [requests, 0];
	const send = async () => {
		const durationMs = latencyMs();
		worked.mostInFlight = Math.max(worked.mostInFlight, ++inFlight);
		// The server counts it somewhere on the way.
		await clock.sleep(durationMs / 2);
		const answer = server.receive();
		await clock.sleep(durationMs / 2);
		inFlight--;
		return answer;
	};
	const worker = async () => {
		while (left-- > 0) {
			const options = { isInteractive: isInteractive?.() };
			for (let tries = 1; ; tries++) {
				const result = await limiter.schedule(send, options);
				worked.mostTries = Math.max(worked.mostTries, tries);
				if ('statusCode' in result && result.statusCode === 200) break;
			}
			worked.done++;
		}
	};
	await Promise.all(Array.from({ length: workers }, worker));
	return worked;
}

/** All that is random goes by the seed; answers take 40 to 340 ms. */
export function randomBy(seed: number, [leastMs, mostMs] = [40, 340]): () => number {
	const random = seeded(seed);
	jest.spyOn(Math, 'random').mockImplementation(random);
	return () => leastMs + random() * (mostMs - leastMs);
}
