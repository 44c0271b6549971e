// The rate limiter's rules one by one, over hours that pass at once.
import { CancelledError } from '../../nodes/EyeCloudPro/api/errors';
import {
	limiterFor,
	RateLimiter,
	type ScheduleOptions,
} from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf } from './limitedServer.ts';

type Headers = Record<string, unknown>;

let clock: FakeClock;
let limiter: RateLimiter;

beforeEach(() => {
	clock = new FakeClock();
	limiter = new RateLimiter(100, clock);
});

/** Sends one that is answered at once. */
async function send(status = 200, headers: Headers = {}, options?: ScheduleOptions): Promise<void> {
	await limiter.schedule(async () => await Promise.resolve(answerOf(status, headers)), options);
}

async function sendAll(count: number, headers: Headers = {}): Promise<void> {
	await Promise.all(Array.from({ length: count }, async () => await send(200, headers)));
}

/** Requests that stay under way until they are answered by hand. */
class Held {
	readonly startedMs: number[] = [];

	private readonly answers: Array<(answer: ReturnType<typeof answerOf>) => void> = [];

	constructor(count: number, options?: ScheduleOptions) {
		for (let request = 0; request < count; request++) void this.send(options);
	}

	async send(options?: ScheduleOptions): Promise<void> {
		await limiter.schedule(async () => {
			this.startedMs.push(clock.now());
			return await new Promise<ReturnType<typeof answerOf>>((resolve) =>
				this.answers.push(resolve),
			);
		}, options);
	}

	async answer(status = 200, headers: Headers = {}): Promise<void> {
		this.answers.shift()?.(answerOf(status, headers));
		await settle();
	}
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

test('a clock that is set back changes no wait', async () => {
	await sendAll(100);
	clock.setMs = -3_600_000;
	await send();
	expect(clock.elapsedMs()).toBe(WINDOW_MS);
});

test('the first request of all goes alone, unless a person waits for it or it gets no answer', async () => {
	const held = new Held(3);
	await settle();
	expect(held.startedMs).toHaveLength(1);
	void held.send({ isInteractive: true });
	await settle();
	expect(held.startedMs).toHaveLength(2);
	await held.answer();
	expect(held.startedMs).toHaveLength(4);
	// Bulk requests that get no answer leave a person room.
	const bulk = new Held(40);
	await settle();
	expect(bulk.startedMs.length).toBeLessThan(40);
	await send(200, {}, { isInteractive: true });
	limiter = new RateLimiter(100, clock);
	const thrown = new Error('lost');
	await expect(limiter.schedule(async () => await Promise.reject(thrown))).rejects.toBe(thrown);
	const others = new Held(2);
	await settle();
	expect(others.startedMs).toHaveLength(2);
});

describe('what a success says', () => {
	const policy = (limit: number, windowS: number, endS: number) => ({
		'ratelimit-policy': `"a";q=${limit};w=${windowS}`,
		ratelimit: `"a";r=0;t=${endS}`,
	});

	test.each<[string, Headers, number, number]>([
		['what is left, and until when', left(100, 2, 30), 3, 30_000],
		['a window of an hour, in a policy', policy(100, 3_600, 3_000), 1, 3_000_000],
		['a lower limit than the credential', { 'x-ratelimit-limit': 5 }, 5, WINDOW_MS],
		['a shorter window', { 'ratelimit-policy': '20;w=3' }, 20, 3_000],
		['that, and the credential with it', { 'ratelimit-policy': '20;w=3' }, 100, WINDOW_MS],
		['a higher limit than the credential', left(1_000, 999, 60), 100, WINDOW_MS],
		['a reset in years', left(100, 0, 1e9), 40, 0],
		['a window of years', policy(1, 1e9, 9e9), 40, 0],
		['a reset beyond its window', policy(100, 60, 800), 40, 0],
		['none left, and no time', { 'x-ratelimit-remaining': 0 }, 40, 0],
		['part of a request', { 'ratelimit-policy': '0.5;w=60' }, 40, 0],
	])('%s', async (_, headers, requests, tookMs) => {
		await send(200, headers);
		await sendAll(requests);
		expect(clock.now()).toBe(tookMs);
	});

	test('a limit that rises again is believed', async () => {
		for (const limit of [10, 60, 200]) {
			await send(200, { 'x-ratelimit-limit': limit });
			expect(limiter.effectiveLimit).toBe(Math.min(limit, 100));
		}
	});
});

describe('after a 429', () => {
	test('nobody sends before the time that the server names; then one, then all', async () => {
		await send(429, { 'retry-after': 7 });
		const held = new Held(3);
		while (held.startedMs.length === 0) await settle();
		expect(held.startedMs).toEqual([7_000]);
		await held.answer();
		await held.answer();
		expect(held.startedMs).toEqual([7_000, 7_000, 7_000]);
	});

	test.each([{}, { 'retry-after': 0 }])('without a time, %j: waits that grow', async (headers) => {
		for (let tries = 1; tries <= 12; tries++) {
			const beforeMs = clock.now();
			await send(429, headers);
			const waitMs = clock.now() - beforeMs;
			expect(waitMs).toBeLessThanOrEqual(Math.min(WINDOW_MS, 1_100 * 4 ** (tries - 2)));
			if (tries > 2) expect(waitMs).toBeGreaterThan(3_900);
		}
	});

	test('several of one volley count as one, and the last of the times that they name holds', async () => {
		await send();
		const held = new Held(3);
		await settle();
		for (const seconds of [2, 9, 3]) await held.answer(429, { 'retry-after': seconds });
		await send();
		expect(clock.now()).toBe(9_000);
	});

	const both = (after: number, reset: number) => ({
		...{ 'retry-after': after, 'ratelimit-remaining': 0, 'ratelimit-reset': reset },
	});

	test.each<[string, Headers[], number]>([
		['the sooner of two times', [both(4, 60)], 4_000],
		['then the later', [both(4, 60), both(4, 60)], 64_000],
		['the sooner, which is the reset', [both(60, 4)], 4_000],
		['then the later, which is not', [both(60, 4), both(60, 4)], 64_000],
		['a second where something is left of the limit', [left(100, 60, 50)], 1_100],
	])('%s', async (_, refusals, mostMs) => {
		for (const headers of refusals) await send(429, headers);
		await send();
		expect(clock.now()).toBeLessThanOrEqual(mostMs);
		expect(clock.now()).toBeGreaterThanOrEqual(mostMs - 100);
	});

	test('one that is told with status 200 holds everybody too', async () => {
		const told = { ...answerOf(200, { 'retry-after': 7 }), body: { error: { statusCode: 429 } } };
		await limiter.schedule(async () => await Promise.resolve(told));
		await send();
		expect(clock.now()).toBe(7_000);
	});
});

test('a 503 with Retry-After is not over when one that was sent before gets through', async () => {
	await send();
	const before = new Held(2);
	await settle();
	await before.answer(503, { 'retry-after': 7 });
	await before.answer();
	const after = new Held(2);
	while (after.startedMs.length === 0) await settle();
	expect(after.startedMs).toEqual([7_000]);
	await after.answer();
	expect(after.startedMs).toEqual([7_000, 7_000]);
});

test('one that is cancelled: those behind move up, and where it was under way, it counts', async () => {
	limiter = new RateLimiter(1, clock);
	const thrown = new CancelledError(true);
	await expect(limiter.schedule(async () => await Promise.reject(thrown))).rejects.toBe(thrown);
	const cancel = new AbortController();
	const aborted = expect(send(200, {}, { signal: cancel.signal })).rejects.toThrow(CancelledError);
	const behind = new Held(1);
	cancel.abort();
	await aborted;
	await expect(send(200, {}, { signal: cancel.signal })).rejects.toThrow(CancelledError);
	while (behind.startedMs.length === 0) await settle();
	expect(behind.startedMs).toEqual([WINDOW_MS]);
});

test.each<[string, string, string]>([
	['interactive requests go ahead of bulk requests', 'bbbii', 'iibbb'],
	['they do not starve them: four may overtake one', 'bbiiiiiiiiiii', 'iiiibiiiibiii'],
	['executions take turns, however many requests each has waiting', 'xxxxxxyyz', 'xyzxyxxxx'],
])('whose turn it is: %s', async (_, arrivals, order) => {
	limiter = new RateLimiter(1, clock);
	const executions = { x: {}, y: {}, z: {} } as Record<string, object>;
	const held = new Held(1);
	let taken = '';
	const all = Array.from(arrivals, async (kind) => {
		const options = { isInteractive: kind === 'i', owner: executions[kind] };
		await limiter.schedule(async () => {
			taken += kind;
			return await Promise.resolve(answerOf(200));
		}, options);
	});
	await settle();
	await held.answer();
	await Promise.all(all);
	expect([taken, clock.now()]).toEqual([order, arrivals.length * WINDOW_MS]);
});

const shared = (module: string, requests = 100) => {
	const key = { origin: 'https://api.example.com', oauthClientId: 'a', module };
	return limiterFor(key, { requests, windowMs: WINDOW_MS }, clock);
};

test('idle limiters are forgotten after an hour, busy ones never', async () => {
	const idle = shared('idle');
	const busy = shared('busy');
	void busy.schedule(async () => await new Promise<never>(() => {}));
	await clock.sleep(59 * 60_000);
	expect(shared('idle')).toBe(idle);
	await clock.sleep(61 * 60_000);
	expect(shared('idle')).not.toBe(idle);
	expect(shared('busy')).toBe(busy);
});

test.each([3, Number.NaN])('a limit that is changed to %d holds from then on', async (requests) => {
	limiter = shared(`limit ${requests}`, 1);
	shared(`limit ${requests}`, requests);
	await sendAll(requests || 1);
	expect(clock.now()).toBe(0);
	await send();
	expect(clock.now()).toBe(WINDOW_MS);
});
