// A server's rate limit on the fake clock, and processes that work against it: each with a limiter of its
// own, some requests at a time, as Return All does. Used by the tests of the rate limiter.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { FakeClock } from './fakeClock.ts';

/** How it counts: from the first request after the last window's end, or over any such time. */
export type Counting = 'fixed' | 'sliding';

/** An answer as the limiter sees it. */
export interface ServerAnswer {
	statusCode: number;
	headers: Record<string, string>;
	body: undefined;
}

export function answerOf(statusCode: number, headers: Record<string, unknown> = {}): ServerAnswer {
	const named = Object.entries(headers).filter(([, value]) => value !== undefined);
	const texts = named.map(([name, value]) => [name, String(value)]);
	return {
		statusCode,
		headers: Object.fromEntries(texts) as Record<string, string>,
		body: undefined,
	};
}

/** What its answers say: nothing, the wait after a refusal, or what is left as well. */
export type Headers = 'none' | 'retryAfter' | 'remaining';

export interface ServerOptions {
	counting: Counting;
	headers: Headers;
	limit: number;
	windowMs: number;
}

export class ModelledServer {
	passed = 0;

	refused = 0;

	/** How many had got through when each of the others was refused. */
	private readonly passedBefore: number[] = [];

	private readonly clock: FakeClock;

	readonly options: ServerOptions;

	private counted: number[] = [];

	constructor(clock: FakeClock, options: ServerOptions) {
		this.clock = clock;
		this.options = options;
	}

	receive(): ServerAnswer {
		const { limit, headers, windowMs } = this.options;
		const nowMs = this.clock.now();
		this.forget(nowMs);
		const isRefused = this.counted.length >= limit;
		if (isRefused) {
			this.refused++;
			this.passedBefore.push(this.passed);
		} else {
			this.passed++;
			this.counted.push(nowMs);
		}
		// In whole seconds, rounded up, as servers do it; the shortest windows are told more exactly.
		const endsMs = this.counted[0] + windowMs - nowMs;
		const resetSeconds = windowMs < 3_000 ? endsMs / 1_000 : Math.ceil(endsMs / 1_000);
		const statusCode = isRefused ? 429 : 200;
		if (headers === 'none') return answerOf(statusCode);
		if (headers === 'retryAfter') {
			return answerOf(statusCode, { 'retry-after': isRefused ? resetSeconds : undefined });
		}
		return answerOf(statusCode, {
			'x-ratelimit-limit': limit,
			'x-ratelimit-remaining': limit - this.counted.length,
			'x-ratelimit-reset': resetSeconds,
		});
	}

	/** How many were refused before each hundredth request, and until the next, got through. */
	refusedByHundred(): number[] {
		const hundreds = Array.from({ length: Math.ceil(this.passed / 100) }, () => 0);
		for (const passed of this.passedBefore) hundreds[Math.floor((passed - 1) / 100)]++;
		return hundreds;
	}

	private forget(nowMs: number): void {
		const { counting, windowMs } = this.options;
		const isOver = (atMs: number) => atMs <= nowMs - windowMs;
		if (counting === 'sliding') this.counted = this.counted.filter((atMs) => !isOver(atMs));
		else if (this.counted.length > 0 && isOver(this.counted[0])) this.counted = [];
	}
}

/** A server, or several in a row. */
export interface Receiver {
	receive(): ServerAnswer;
}

export interface Process {
	requests: number;
	/** Requests at a time. */
	workers: number;
	startsAfterMs?: number;
	latencyMs: () => number;
	limiter: RateLimiter;
}

export interface Finished {
	/** The most 429s that one request got, and the longest that one took from its first to its end. */
	mostTries: number;
	longestMs: number;
}

/** Sends all of a process's requests, each until it gets through. */
export async function work(
	clock: FakeClock,
	server: Receiver,
	process: Process,
): Promise<Finished> {
	if (process.startsAfterMs) await clock.sleep(process.startsAfterMs);
	const finished: Finished = { mostTries: 0, longestMs: 0 };
	let left = process.requests;
	const worker = async () => {
		while (left-- > 0) {
			let refusedSinceMs: number | undefined;
			for (let tries = 1; !(await sendOnce(clock, server, process)); tries++) {
				refusedSinceMs ??= clock.now();
				finished.mostTries = Math.max(finished.mostTries, tries + 1);
			}
			const tookMs = clock.now() - (refusedSinceMs ?? clock.now());
			finished.longestMs = Math.max(finished.longestMs, tookMs);
		}
	};
	await Promise.all(Array.from({ length: process.workers }, worker));
	return finished;
}

/** Whether the request got through. */
async function sendOnce(
	clock: FakeClock,
	server: Receiver,
	{ limiter, latencyMs }: Process,
): Promise<boolean> {
	const { statusCode } = await limiter.schedule(async () => {
		const durationMs = latencyMs();
		// The server counts it somewhere on the way.
		await clock.sleep(durationMs / 2);
		const answer = server.receive();
		await clock.sleep(durationMs / 2);
		return answer;
	});
	return statusCode !== 429;
}

/** Processes of n8n that share a limit. */
export interface Scene extends Partial<ServerOptions> {
	processes: number;
	/** Of each process, at a time; a Return All has eight and more. */
	workers?: number;
	/** Of all processes. */
	requests: number;
	/** How long after the one before it each process starts. */
	apartMs?: number;
	latencyMs?: [least: number, most: number];
	seed: number;
}

/** Plays it on a clock of its own; all that is random goes by the seed. */
export async function play({ processes, requests, apartMs = 0, seed, ...scene }: Scene) {
	const { limit = 100, windowMs = 60_000, counting = 'fixed', headers = 'none' } = scene;
	const { workers = 8, latencyMs: [leastMs, mostMs] = [40, 340] } = scene;
	const random = seeded(seed);
	jest.spyOn(Math, 'random').mockImplementation(random);
	const clock = new FakeClock();
	const server = new ModelledServer(clock, { counting, headers, limit, windowMs });
	const finished = await Promise.all(
		Array.from({ length: processes }, async (_, index) =>
			work(clock, server, {
				requests: Math.floor(requests / processes),
				workers,
				startsAfterMs: index * apartMs,
				latencyMs: () => leastMs + random() * (mostMs - leastMs),
				limiter: new RateLimiter(limit, clock, windowMs),
			}),
		),
	);
	return { server, finished, tookMs: clock.elapsedMs() };
}

/** A generator of numbers below 1 that a seed decides. */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}
