// The rate limiter's rules one by one, over hours that pass at once.
import { CancelledError } from '../../nodes/EyeCloudPro/api/errors';
import {
	limiterFor,
	RateLimiter,
	type ScheduleOptions,
} from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf, seeded } from '../harness/limitedServer.ts';

const START_MS = 1_000_000;

interface Sent {
	order: number;
	startMs: number;
	endMs: number;
}

let clock: FakeClock;

beforeEach(() => {
	clock = new FakeClock(START_MS);
});

/** Sends so many requests at once, each under way for `latencyMs()`. */
async function sendAll(
	limiter: RateLimiter,
	count: number,
	latencyMs: () => number = () => 0,
	headers: Record<string, unknown> = {},
): Promise<Sent[]> {
	const sent: Sent[] = [];
	await Promise.all(
		Array.from({ length: count }, async (_, order) => {
			await limiter.schedule(async () => {
				const entry = { order, startMs: clock.now(), endMs: Number.POSITIVE_INFINITY };
				sent.push(entry);
				await clock.sleep(latencyMs());
				entry.endMs = clock.now();
				return answerOf(200, headers);
			});
		}),
	);
	return sent;
}

/** Sends one that is answered at once. */
async function send(
	limiter: RateLimiter,
	status = 200,
	headers: Record<string, unknown> = {},
	options?: ScheduleOptions,
): Promise<void> {
	await limiter.schedule(async () => await Promise.resolve(answerOf(status, headers)), options);
}

/** Requests that stay under way until they are answered by hand. */
class Held {
	readonly startedMs: number[] = [];

	private readonly answers: Array<(answer: ReturnType<typeof answerOf>) => void> = [];

	constructor(private readonly limiter: RateLimiter) {}

	async send(options?: ScheduleOptions): Promise<void> {
		await this.limiter.schedule(async () => {
			this.startedMs.push(clock.now() - START_MS);
			return await new Promise<ReturnType<typeof answerOf>>((resolve) => {
				this.answers.push(resolve);
			});
		}, options);
	}

	answer(status = 200, headers: Record<string, unknown> = {}): void {
		this.answers.shift()?.(answerOf(status, headers));
	}
}

/** A limiter whose first request has been answered: until then, it goes alone. */
async function begun(): Promise<RateLimiter> {
	const limiter = new RateLimiter(100, clock);
	await send(limiter);
	return limiter;
}

/** Lets everybody who can go on without waiting go on. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const left = (limit: number, remaining: number, seconds: number) => ({
	'x-ratelimit-limit': limit,
	'x-ratelimit-remaining': remaining,
	'x-ratelimit-reset': seconds,
});

test('as fast as the limit allows, and in the order of asking', async () => {
	const sent = await sendAll(new RateLimiter(100, clock), 1_000);
	expect(sent.at(-1)?.startMs).toBe(START_MS + 9 * WINDOW_MS);
	expect(sent.map(({ order }) => order)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

test('the window slides: places come back one by one', async () => {
	const limiter = new RateLimiter(2, clock);
	await sendAll(limiter, 1);
	await clock.sleep(20_000);
	const sent = await sendAll(limiter, 3);
	expect(sent.map(({ startMs }) => startMs - START_MS)).toEqual([20_000, 60_000, 80_000]);
});

test('a clock that is set back changes no wait', async () => {
	const limiter = new RateLimiter(2, clock);
	await sendAll(limiter, 2);
	clock.setMs = -3_600_000;
	await sendAll(limiter, 1);
	expect(clock.elapsedMs()).toBe(START_MS + WINDOW_MS);
});

test('never more than the limit in any window, whatever the server saw', async () => {
	for (let seed = 1; seed <= 40; seed++) {
		const random = seeded(seed);
		const limit = 1 + Math.floor(random() * 30);
		const slowestMs = [1, 500, 20_000, 90_000][Math.floor(random() * 4)];
		const latencyMs = () => Math.floor(random() * slowestMs);
		const sent = await sendAll(new RateLimiter(limit, clock), limit * 4, latencyMs);
		expect(sent).toHaveLength(limit * 4);
		for (const [index, { startMs }] of sent.entries()) {
			// The server may have counted a request at any time until it ended.
			const counted = sent.slice(0, index).filter(({ endMs }) => endMs > startMs - WINDOW_MS);
			expect(counted.length).toBeLessThan(limit);
		}
	}
});

test('the first request of all goes alone, unless a person waits for it or it gets no answer', async () => {
	const limiter = new RateLimiter(100, clock);
	const held = new Held(limiter);
	const bulk = [held.send(), held.send(), held.send()];
	await settle();
	expect(held.startedMs).toHaveLength(1);
	const interactive = held.send({ isInteractive: true });
	await settle();
	expect(held.startedMs).toHaveLength(2);
	for (let answer = 0; answer < 2; answer++) held.answer();
	await settle();
	expect(held.startedMs).toHaveLength(4);
	for (let answer = 0; answer < 2; answer++) held.answer();
	await Promise.all([...bulk, interactive]);
	const lost = new RateLimiter(100, clock);
	const thrown = new Error('lost');
	await expect(lost.schedule(async () => await Promise.reject(thrown))).rejects.toBe(thrown);
	const others = new Held(lost);
	void others.send();
	void others.send();
	await settle();
	expect(others.startedMs).toHaveLength(2);
});

test('after the first, eight go at a time, in a process that knows nothing yet', async () => {
	const held = new Held(await begun());
	for (let request = 0; request < 20; request++) void held.send();
	await settle();
	expect(held.startedMs).toHaveLength(8);
});

describe('what the server says', () => {
	test('fewer left than by our own count: no more than that until its window ends', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 200, left(100, 2, 30));
		const sent = await sendAll(limiter, 4);
		const atMs = sent.map(({ startMs }) => startMs - START_MS);
		expect(atMs.slice(0, 2)).toEqual([0, 0]);
		expect(atMs.slice(2)).toEqual([30_000, 30_000]);
	});

	test('what is still under way when it speaks may not be counted yet', async () => {
		const limiter = await begun();
		const held = new Held(limiter);
		for (let request = 0; request < 3; request++) void held.send();
		await settle();
		expect(held.startedMs).toHaveLength(3);
		held.answer(200, left(100, 3, 30));
		await settle();
		void held.send();
		await settle();
		expect(held.startedMs).toHaveLength(3);
		for (let answer = 0; answer < 2; answer++) held.answer(200, left(100, 3, 30));
		await settle();
		expect(held.startedMs).toHaveLength(4);
	});

	test('an answer that was overtaken does not make more of what is left', async () => {
		const limiter = await begun();
		const held = new Held(limiter);
		void held.send();
		void held.send();
		await settle();
		held.answer(200, left(100, 1, 30));
		held.answer(200, left(100, 2, 30));
		await settle();
		await sendAll(limiter, 1);
		expect(clock.now()).toBe(START_MS);
		await sendAll(limiter, 1);
		expect(clock.now()).toBeGreaterThanOrEqual(START_MS);
	});

	test.each<[string, Record<string, unknown>]>([
		['a reset in years', left(100, 0, 1e9)],
		['a date in years', left(100, 0, 4_500_000_000)],
		[
			'a window of years',
			{ 'ratelimit-policy': '"a";q=1;w=1000000000', ratelimit: '"a";r=0;t=9e9' },
		],
		[
			'a reset beyond its window',
			{ 'ratelimit-policy': '"a";q=100;w=60', ratelimit: '"a";r=0;t=800' },
		],
	])('%s holds nobody, as the answer was no refusal', async (_name, headers) => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 200, headers);
		await sendAll(limiter, 40, () => 0, headers);
		expect(clock.now()).toBe(START_MS);
	});

	test('a window of an hour is believed where a policy names it', async () => {
		const limiter = new RateLimiter(100, clock);
		const hour = { 'ratelimit-policy': '"a";q=100;w=3600', ratelimit: '"a";r=0;t=3000' };
		await send(limiter, 200, hour);
		await send(limiter);
		expect(clock.now()).toBe(START_MS + 3_000_000);
	});

	test('a lower limit than the credential holds', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 200, { 'x-ratelimit-limit': 5 });
		const sent = await sendAll(limiter, 9);
		expect(sent.filter(({ startMs }) => startMs === START_MS)).toHaveLength(4);
		expect(sent.at(-1)?.startMs).toBe(START_MS + WINDOW_MS);
	});

	test('a higher limit than the credential does not', async () => {
		const limiter = new RateLimiter(2, clock);
		await send(limiter, 200, left(1_000, 999, 60));
		const sent = await sendAll(limiter, 2);
		expect(sent[1].startMs).toBe(START_MS + WINDOW_MS);
	});

	test('none left, and no time: our own count goes on', async () => {
		const limiter = new RateLimiter(10, clock);
		await send(limiter, 200, { 'x-ratelimit-remaining': 0 });
		expect((await sendAll(limiter, 1))[0].startMs).toBe(START_MS);
	});

	test('a limit that rises again is believed', async () => {
		const limiter = new RateLimiter(100, clock);
		for (const limit of [10, 60, 200]) {
			await send(limiter, 200, { 'x-ratelimit-limit': limit });
			expect(limiter.effectiveLimit).toBe(Math.min(limit, 100));
		}
	});

	test.each(['20;w=3', '0.5;w=60'])('a policy of %s is no limit for a minute', async (policy) => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 200, { 'ratelimit-policy': policy });
		expect(limiter.effectiveLimit).toBe(100);
		await sendAll(limiter, 19);
		expect(clock.now()).toBe(START_MS);
	});

	test('a shorter window than a minute, by its policy', async () => {
		const limiter = new RateLimiter(10, clock);
		await sendAll(limiter, 11, () => 0, { 'ratelimit-policy': '10;w=3', 'ratelimit-limit': 10 });
		expect(clock.now()).toBe(START_MS + 3_000);
	});
});

describe('after a 429', () => {
	test('nobody sends before the time that the server names; then one, then all', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 429, { 'retry-after': 7 });
		const held = new Held(limiter);
		const waiting = [held.send(), held.send(), held.send()];
		while (held.startedMs.length === 0) await settle();
		expect(held.startedMs).toEqual([7_000]);
		held.answer();
		await settle();
		held.answer();
		held.answer();
		await settle();
		held.answer();
		await Promise.all(waiting);
		expect(held.startedMs).toEqual([7_000, 7_000, 7_000]);
	});

	test('without a time: waits that grow, one request at a time', async () => {
		const limiter = new RateLimiter(100, clock);
		const waits: number[] = [];
		await send(limiter, 429);
		for (let refusal = 0; refusal < 12; refusal++) {
			const beforeMs = clock.now();
			const held = new Held(limiter);
			const cancel = new AbortController();
			const first = held.send();
			const second = held.send({ signal: cancel.signal }).catch(() => undefined);
			while (held.startedMs.length === 0) await settle();
			waits.push(clock.now() - beforeMs);
			expect(held.startedMs).toHaveLength(1);
			cancel.abort();
			held.answer(429);
			await Promise.all([first, second]);
		}
		for (const [index, waitMs] of waits.entries()) {
			expect(waitMs).toBeGreaterThan(0);
			expect(waitMs).toBeLessThanOrEqual(Math.min(WINDOW_MS, 1_100 * 4 ** index));
		}
	});

	test('several of one volley count as one', async () => {
		const limiter = await begun();
		const held = new Held(limiter);
		const volley = [held.send(), held.send(), held.send()];
		await settle();
		for (let answer = 0; answer < 3; answer++) held.answer(429);
		await Promise.all(volley);
		await send(limiter);
		expect(clock.now() - START_MS).toBeLessThanOrEqual(1_100);
	});

	test('of the times that several answers name the last one counts', async () => {
		const limiter = await begun();
		const held = new Held(limiter);
		const volley = [held.send(), held.send()];
		await settle();
		held.answer(429, { 'retry-after': 9 });
		held.answer(429, { 'retry-after': 2 });
		await Promise.all(volley);
		await send(limiter);
		expect(clock.now()).toBe(START_MS + 9_000);
	});

	test.each<[string, number, number]>([
		['retry-after', 4, 60],
		['ratelimit-reset', 60, 4],
	])(
		'of two times the sooner is tried first, then the later; sooner: %s',
		async (_, after, reset) => {
			const limiter = new RateLimiter(100, clock);
			const both = { 'retry-after': after, 'ratelimit-remaining': 0, 'ratelimit-reset': reset };
			await send(limiter, 429, both);
			await send(limiter, 429, both);
			expect(clock.now() - START_MS).toBeLessThan(4_100);
			await send(limiter);
			expect(clock.now()).toBe(START_MS + 64_000);
		},
	);

	test('a reset that has nothing to do with it is no wait: there is something left', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 429, left(100, 60, 50));
		await send(limiter);
		expect(clock.now()).toBeLessThanOrEqual(START_MS + 1_100);
	});

	test('no time to speak of, over and over: further and further apart', async () => {
		const limiter = new RateLimiter(100, clock);
		for (let tries = 0; tries < 8; tries++) await send(limiter, 429, { 'retry-after': 0 });
		expect(clock.now()).toBeGreaterThan(START_MS + 40_000);
	});

	test('a named wait is obeyed up to what is left of the budget', async () => {
		const limiter = new RateLimiter(100, clock);
		const longestWaitMs = (status: number) => (status === 429 ? 20_000 : 5_000);
		await send(limiter, 429, { 'retry-after': 600 }, { longestWaitMs });
		await send(limiter, 503, { 'retry-after': 600 }, { longestWaitMs });
		expect(clock.now()).toBe(START_MS + 20_000);
		await send(limiter);
		expect(clock.now()).toBe(START_MS + 25_000);
	});
});

test('a 429 that is told with status 200 holds everybody too', async () => {
	const limiter = new RateLimiter(100, clock);
	const told = { ...answerOf(200, { 'retry-after': 7 }), body: { error: { statusCode: 429 } } };
	await limiter.schedule(async () => await Promise.resolve(told));
	await send(limiter);
	expect(clock.now()).toBe(START_MS + 7_000);
});

describe('a 503 with Retry-After', () => {
	test('of no time: all go on, though the clock stands still meanwhile', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 503, { 'retry-after': 0 });
		const held = new Held(limiter);
		for (let request = 0; request < 4; request++) void held.send();
		for (let answer = 0; answer < 4; answer++) {
			await settle();
			held.answer();
		}
		await settle();
		expect(held.startedMs).toEqual([0, 0, 0, 0]);
	});

	test('holds everybody; then one goes, then all', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 503, { 'retry-after': 7 });
		const held = new Held(limiter);
		const waiting = [held.send(), held.send()];
		while (held.startedMs.length === 0) await settle();
		expect(held.startedMs).toEqual([7_000]);
		held.answer();
		await settle();
		held.answer();
		await Promise.all(waiting);
	});

	test('is not over for the others when one that was sent before gets through', async () => {
		const limiter = await begun();
		const held = new Held(limiter);
		const before = [held.send(), held.send()];
		await settle();
		held.answer(503, { 'retry-after': 7 });
		await settle();
		held.answer();
		await Promise.all(before);
		const after = [held.send(), held.send()];
		while (held.startedMs.length < 3) await settle();
		await settle();
		expect(held.startedMs).toEqual([0, 0, 7_000]);
		held.answer();
		await settle();
		held.answer();
		await Promise.all(after);
	});

	test('is no wait for the rate limit', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 503, { 'retry-after': 7 });
		await send(limiter);
		expect(limiter.waitedMs).toBe(0);
		await send(limiter, 429, { 'retry-after': 5 });
		await send(limiter);
		expect(limiter.waitedMs).toBe(5_000);
	});

	test('one without it holds nobody', async () => {
		const limiter = new RateLimiter(100, clock);
		await send(limiter, 503);
		await send(limiter);
		expect(clock.now()).toBe(START_MS);
	});
});

describe('a wait that is cancelled', () => {
	test('ends at once, and those behind move up', async () => {
		const limiter = new RateLimiter(1, clock);
		clock.hold();
		await send(limiter);
		const cancel = new AbortController();
		const first = send(limiter, 200, {}, { signal: cancel.signal });
		let isSecondThrough = false;
		const second = send(limiter).then(() => (isSecondThrough = true));
		cancel.abort();
		await expect(first).rejects.toThrow(CancelledError);
		expect(isSecondThrough).toBe(false);
		clock.release();
		await second;
		expect(clock.now()).toBe(START_MS + WINDOW_MS);
	});

	test('before it begins takes no place', async () => {
		const limiter = new RateLimiter(1, clock);
		const signal = AbortSignal.abort();
		await expect(send(limiter, 200, {}, { signal })).rejects.toThrow(CancelledError);
		await send(limiter);
		expect(clock.now()).toBe(START_MS);
		expect(limiter.isIdle).toBe(true);
	});

	test('while it is under way: it counts, and its place is free', async () => {
		const limiter = new RateLimiter(1, clock);
		const thrown = new CancelledError(true);
		await expect(limiter.schedule(async () => await Promise.reject(thrown))).rejects.toBe(thrown);
		expect(limiter.isIdle).toBe(true);
		await send(limiter);
		expect(clock.now()).toBe(START_MS + WINDOW_MS);
	});

	test('is not counted as waiting any longer', async () => {
		const limiter = new RateLimiter(1, clock);
		clock.hold();
		await send(limiter);
		const cancel = new AbortController();
		const waiting = send(limiter, 200, {}, { signal: cancel.signal });
		cancel.abort();
		await expect(waiting).rejects.toThrow(CancelledError);
		clock.release();
		await clock.sleep(30_000);
		expect(limiter.waitedMs).toBe(0);
	});
});

describe('the limit', () => {
	test('bounds what is remembered: no more ends than that are remembered', async () => {
		const limiter = new RateLimiter(50, clock);
		await sendAll(limiter, 2_000, () => 10);
		const { endedAt } = (limiter as unknown as { window: { endedAt: number[] } }).window;
		expect(endedAt.length).toBeLessThanOrEqual(50);
	});

	test.each([0, -5, Number.NaN, 0.5])('a limit of %d is taken for one', async (limit) => {
		const limiter = new RateLimiter(100, clock);
		limiter.setLimit(limit);
		const sent = await sendAll(limiter, 2);
		expect(sent[1].startMs).toBe(START_MS + WINDOW_MS);
	});
});

describe('whose turn it is', () => {
	/** The order in which those that wait for one place after the other get it. */
	async function orderOf(arrivals: string, optionsOf: (kind: string) => ScheduleOptions) {
		const limiter = new RateLimiter(1, clock);
		const held = new Held(limiter);
		void held.send();
		let order = '';
		const all = Array.from(arrivals, async (kind) => {
			await limiter.schedule(async () => {
				order += kind;
				return await Promise.resolve(answerOf(200));
			}, optionsOf(kind));
		});
		await settle();
		held.answer();
		await Promise.all(all);
		return { order, tookMs: clock.now() - START_MS };
	}

	const interactive = (kind: string) => ({ isInteractive: kind === 'i' });

	test('interactive requests go ahead of bulk requests, under the same limit', async () => {
		const order = { order: 'iibbb', tookMs: 5 * WINDOW_MS };
		expect(await orderOf('bbbii', interactive)).toEqual(order);
	});

	test('they do not starve bulk requests: four may overtake one', async () => {
		expect((await orderOf('bbiiiiiiiiiii', interactive)).order).toBe('iiiibiiiibiii');
	});

	test('executions take turns, however many requests each has waiting', async () => {
		const executions = new Map(Array.from('abc', (name) => [name, { name }]));
		const by = (kind: string) => ({ by: executions.get(kind) });
		expect((await orderOf('aaaaaabbc', by)).order).toBe('abcabaaaa');
	});
});

describe('which requests share a limiter', () => {
	const perMinute = { requests: 100, windowMs: 60_000 };

	const key = (oauthClientId: string) => ({
		origin: 'https://api.example.com',
		oauthClientId,
		module: 'patients',
	});

	test('one limiter for each API, OAuth client and module', () => {
		const limiter = limiterFor(key('a'), perMinute, clock);
		expect(limiterFor(key('a'), perMinute, clock)).toBe(limiter);
		expect(limiterFor(key('b'), perMinute, clock)).not.toBe(limiter);
		expect(limiterFor({ ...key('a'), module: 'stores' }, perMinute, clock)).not.toBe(limiter);
		expect(limiterFor({ ...key('a'), origin: 'https://x.example' }, perMinute, clock)).not.toBe(
			limiter,
		);
	});

	test('idle limiters are forgotten after an hour, busy ones never', async () => {
		const idle = limiterFor(key('idle'), perMinute, clock);
		const busy = limiterFor(key('busy'), perMinute, clock);
		const underWay = busy.schedule(async () => await new Promise<never>(() => {}));
		await clock.sleep(59 * 60_000);
		expect(limiterFor(key('idle'), perMinute, clock)).toBe(idle);
		await clock.sleep(61 * 60_000);
		expect(limiterFor(key('other'), perMinute, clock)).toBeDefined();
		expect(limiterFor(key('idle'), perMinute, clock)).not.toBe(idle);
		expect(limiterFor(key('busy'), perMinute, clock)).toBe(busy);
		expect(underWay).toBeInstanceOf(Promise);
	});

	test('a changed limit of the credential holds from the next request on', async () => {
		const limiter = limiterFor(key('changed'), { requests: 1, windowMs: 60_000 }, clock);
		const startMs = clock.now();
		const startedMs: number[] = [];
		const send = async () =>
			await limiter.schedule(async () => {
				startedMs.push(clock.now() - startMs);
				await clock.sleep(0);
				return answerOf(200);
			});
		await send();
		limiterFor(key('changed'), { requests: 3, windowMs: 60_000 }, clock);
		await Promise.all([send(), send(), send()]);
		expect(startedMs).toEqual([0, 0, 0, WINDOW_MS]);
	});
});
