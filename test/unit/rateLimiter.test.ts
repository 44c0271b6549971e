// The rate limiter over hours that pass at once.
import { CancelledError } from '../../nodes/EyeCloudPro/api/errors';
import { RateLimitBucket, WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitBucket';
import type { RateLimitSignal } from '../../nodes/EyeCloudPro/api/responseHeaders';
import { FakeClock } from './fakeClock.ts';

interface Sent {
	order: number;
	startMs: number;
	endMs: number;
}

let clock: FakeClock;

beforeEach(() => {
	clock = new FakeClock(1_000_000);
});

/** Sends so many requests at once, each under way for `latencyMs()`. */
async function sendAll(
	bucket: RateLimitBucket,
	count: number,
	latencyMs: () => number = () => 0,
	signal: RateLimitSignal = {},
): Promise<Sent[]> {
	const sent: Sent[] = [];
	await Promise.all(
		Array.from({ length: count }, async (_, order) => {
			await bucket.acquire();
			const entry = { order, startMs: clock.now(), endMs: Number.POSITIVE_INFINITY };
			sent.push(entry);
			await clock.sleep(latencyMs());
			entry.endMs = clock.now();
			bucket.release(signal);
		}),
	);
	return sent;
}

/** Lets everybody who can go on without waiting go on. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A generator of numbers below 1 that a seed decides. */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

test('a burst may use the whole limit at once; the next one waits for the window', async () => {
	const sent = await sendAll(new RateLimitBucket(100, clock), 101);
	expect(sent.slice(0, 100).every(({ startMs }) => startMs === 1_000_000)).toBe(true);
	expect(sent[100].startMs).toBe(1_000_000 + WINDOW_MS);
});

test('as fast as the limit allows, and in the order of asking', async () => {
	const sent = await sendAll(new RateLimitBucket(100, clock), 1_000);
	expect(sent.at(-1)?.startMs).toBe(1_000_000 + 9 * WINDOW_MS);
	expect(sent.map(({ order }) => order)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

test('the window slides: places come back one by one', async () => {
	const bucket = new RateLimitBucket(2, clock);
	await sendAll(bucket, 1);
	await clock.sleep(20_000);
	const sent = await sendAll(bucket, 3);
	expect(sent.map(({ startMs }) => startMs - 1_000_000)).toEqual([20_000, 60_000, 80_000]);
});

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

test.each(seeds)(
	'never more than the limit in any window, whatever the server saw (seed %i)',
	async (seed) => {
		const random = seeded(seed);
		const limit = 1 + Math.floor(random() * 30);
		const slowestMs = [1, 500, 20_000, 90_000][Math.floor(random() * 4)];
		const sent = await sendAll(new RateLimitBucket(limit, clock), limit * 4, () =>
			Math.floor(random() * slowestMs),
		);
		expect(sent).toHaveLength(limit * 4);
		for (const [index, { startMs }] of sent.entries()) {
			// The server may have counted a request at any time until it ended.
			const counted = sent.slice(0, index).filter(({ endMs }) => endMs > startMs - WINDOW_MS);
			expect(counted.length).toBeLessThan(limit);
		}
	},
);

describe('what the server says', () => {
	test('fewer left than by our own count: no more than that until its window ends', async () => {
		const bucket = new RateLimitBucket(100, clock);
		await bucket.acquire();
		bucket.release({ limit: 100, remaining: 2, resetMs: 30_000 });
		const sent = await sendAll(bucket, 4);
		expect(sent.map(({ startMs }) => startMs - 1_000_000)).toEqual([0, 0, 30_000, 30_000]);
	});

	test('what is still under way when it speaks may not be counted yet', async () => {
		const bucket = new RateLimitBucket(100, clock);
		await Promise.all([bucket.acquire(), bucket.acquire(), bucket.acquire()]);
		bucket.release({ remaining: 2, resetMs: 30_000 });
		let isThrough = false;
		const next = bucket.acquire().then(() => (isThrough = true));
		await settle();
		expect(isThrough).toBe(false);
		bucket.release({ remaining: 2, resetMs: 30_000 });
		await next;
		expect(isThrough).toBe(true);
	});

	test('a lower limit than the credential holds', async () => {
		const bucket = new RateLimitBucket(100, clock);
		await bucket.acquire();
		bucket.release({ limit: 5 });
		const sent = await sendAll(bucket, 9);
		const atOnce = sent.filter(({ startMs }) => startMs === 1_000_000);
		expect(atOnce).toHaveLength(4);
		expect(sent.at(-1)?.startMs).toBe(1_000_000 + WINDOW_MS);
	});

	test('a higher limit than the credential does not', async () => {
		const bucket = new RateLimitBucket(2, clock);
		await bucket.acquire();
		bucket.release({ limit: 1_000, remaining: 999, resetMs: 60_000 });
		const sent = await sendAll(bucket, 2);
		expect(sent[1].startMs).toBe(1_000_000 + WINDOW_MS);
	});

	test('none left, and no time: our own count goes on', async () => {
		const bucket = new RateLimitBucket(10, clock);
		await bucket.acquire();
		bucket.release({ remaining: 0 });
		expect((await sendAll(bucket, 1))[0].startMs).toBe(1_000_000);
	});
});

describe('after a 429', () => {
	test('nobody sends before the time that the server names; then one, then all', async () => {
		const bucket = new RateLimitBucket(100, clock);
		await bucket.acquire();
		bucket.refused(clock.now(), 7_000);
		bucket.release();
		const started: number[] = [];
		const waiting = [1, 2, 3].map(async () => {
			await bucket.acquire();
			started.push(clock.now() - 1_000_000);
		});
		await waiting[0];
		await settle();
		expect(started).toEqual([7_000]);
		bucket.passed();
		bucket.release();
		await Promise.all(waiting);
		expect(started).toEqual([7_000, 7_000, 7_000]);
	});

	test('without a time: waits that may double, one request at a time', async () => {
		const bucket = new RateLimitBucket(100, clock);
		const waits: number[] = [];
		await bucket.acquire();
		for (let refusal = 0; refusal < 12; refusal++) {
			const beforeMs = clock.now();
			bucket.refused(beforeMs);
			bucket.release();
			await bucket.acquire();
			waits.push(clock.now() - beforeMs);
			let isSecondThrough = false;
			const cancel = new AbortController();
			const second = bucket.acquire(cancel.signal).then(
				() => (isSecondThrough = true),
				() => undefined,
			);
			await settle();
			expect(isSecondThrough).toBe(false);
			cancel.abort();
			await second;
		}
		for (const [index, waitMs] of waits.entries()) {
			expect(waitMs).toBeGreaterThan(0);
			expect(waitMs).toBeLessThanOrEqual(Math.min(WINDOW_MS, 1_000 * 2 ** index));
		}
	});

	test('several of one volley count as one', async () => {
		const bucket = new RateLimitBucket(100, clock);
		await Promise.all([bucket.acquire(), bucket.acquire(), bucket.acquire()]);
		const sentAtMs = clock.now();
		for (let answer = 0; answer < 3; answer++) {
			bucket.refused(sentAtMs);
			bucket.release();
		}
		await bucket.acquire();
		expect(clock.now() - sentAtMs).toBeLessThanOrEqual(1_000);
	});

	test('of several named times the last one counts', async () => {
		const bucket = new RateLimitBucket(100, clock);
		await Promise.all([bucket.acquire(), bucket.acquire()]);
		bucket.refused(clock.now(), 9_000);
		bucket.refused(clock.now(), 2_000);
		bucket.release();
		bucket.release();
		await bucket.acquire();
		expect(clock.now()).toBe(1_009_000);
	});
});

describe('a wait that is cancelled', () => {
	test('ends at once, and those behind move up', async () => {
		const bucket = new RateLimitBucket(1, clock);
		clock.hold();
		await bucket.acquire();
		const cancel = new AbortController();
		const first = bucket.acquire(cancel.signal);
		let isSecondThrough = false;
		const second = bucket.acquire().then(() => (isSecondThrough = true));
		cancel.abort();
		await expect(first).rejects.toThrow(CancelledError);
		expect(isSecondThrough).toBe(false);
		bucket.release();
		clock.release();
		await second;
		expect(clock.now()).toBe(1_000_000 + WINDOW_MS);
	});

	test('before it begins takes no place', async () => {
		const bucket = new RateLimitBucket(1, clock);
		await expect(bucket.acquire(AbortSignal.abort())).rejects.toThrow(CancelledError);
		await bucket.acquire();
		expect(clock.now()).toBe(1_000_000);
	});

	test('after its turn came does nothing', async () => {
		const bucket = new RateLimitBucket(1, clock);
		const cancel = new AbortController();
		await bucket.acquire(cancel.signal);
		cancel.abort();
		bucket.release();
		expect(bucket.isIdle).toBe(true);
	});
});

describe('the limit', () => {
	test('bounds what is remembered: no more ends than that are remembered', async () => {
		const bucket = new RateLimitBucket(50, clock);
		await sendAll(bucket, 2_000, () => 10);
		const { endedAt } = bucket as unknown as { endedAt: number[] };
		expect(endedAt.length).toBeLessThanOrEqual(50);
	});

	test.each([0, -5, Number.NaN, 0.5])('a limit of %d is taken for one', async (limit) => {
		const bucket = new RateLimitBucket(100, clock);
		bucket.setLimit(limit);
		const sent = await sendAll(bucket, 2);
		expect(sent[1].startMs).toBe(1_000_000 + WINDOW_MS);
	});
});
