// What the rate limiter learns of a server that limits otherwise than the documentation says: examples by name.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import {
	answerOf,
	ModelledServer,
	seeded,
	work,
	type Counting,
	type Headers,
	type Receiver,
	type ServerAnswer,
} from '../harness/limitedServer.ts';

const LIMIT = 100;
const SEEDS = 24;

let clock: FakeClock;

beforeEach(() => {
	clock = new FakeClock();
});
afterEach(() => jest.restoreAllMocks());

function server(limit: number, windowMs: number, headers: Headers, counting: Counting = 'fixed') {
	return new ModelledServer(clock, { counting, headers, limit, windowMs });
}

/** Answers in 40 to 340 ms or in other times, and all that is random, by a seed. */
function randomBy(seed: number, leastMs = 40, mostMs = 340): () => number {
	const random = seeded(seed);
	jest.spyOn(Math, 'random').mockImplementation(random);
	return () => leastMs + random() * (mostMs - leastMs);
}

/** How long it takes one process with eight requests at a time, in milliseconds. */
async function timeFor(requests: number, receiver: Receiver, latencyMs = randomBy(1)) {
	const startMs = clock.elapsedMs();
	const limiter = new RateLimiter(LIMIT, clock);
	await work(clock, receiver, { requests, workers: 8, latencyMs, limiter });
	return clock.elapsedMs() - startMs;
}

describe('a window of three seconds', () => {
	test.each([LIMIT, 10])('with %i requests, as what is left shows', async (limit) => {
		const short = server(limit, 3_000, 'remaining');
		// Six windows, whose ends are named in whole seconds.
		expect(await timeFor(limit * 6, short)).toBeLessThan(24_000);
		expect(short.refused).toBe(0);
	});

	test('with ten requests, as 429s show that name the wait', async () => {
		const short = server(10, 3_000, 'retryAfter');
		expect(await timeFor(60, short)).toBeLessThan(24_000);
		expect(short.refused).toBeLessThanOrEqual(8);
	});

	test('is none of the credential: a lower limit there is one of a minute', async () => {
		const short = server(1_000, 3_000, 'remaining');
		expect(await timeFor(2 * LIMIT, short)).toBeGreaterThanOrEqual(WINDOW_MS);
	});
});

describe('a limit that is met in a burst, without headers', () => {
	test.each([3, 5, 10, 20, 30])('%i a second, 100 a minute: 400 requests', async (burst) => {
		for (let seed = 1; seed <= SEEDS; seed++) {
			const perSecond = server(burst, 1_000, 'none', 'sliding');
			const perMinute = server(LIMIT, WINDOW_MS, 'none');
			const both = {
				receive: () => {
					const answer = perSecond.receive();
					return answer.statusCode === 429 ? answer : perMinute.receive();
				},
			};
			expect(await timeFor(400, both, randomBy(seed))).toBeLessThan(4.25 * WINDOW_MS);
			expect(perSecond.refused + perMinute.refused).toBeLessThanOrEqual(0.12 * 400);
		}
	});

	test.each([
		[10, 1_000, 10, 25],
		[10, 1_000, 100, 150],
		[10, 3_000, 40, 340],
	])('%i in %i ms, answers in %i to %i ms: 41 requests, no wait of a minute', async (...row) => {
		const [burst, windowMs, leastMs, mostMs] = row;
		for (let seed = 1; seed <= SEEDS; seed++) {
			clock = new FakeClock();
			const short = server(burst, windowMs, 'none');
			expect(await timeFor(41, short, randomBy(seed, leastMs, mostMs))).toBeLessThan(30_000);
			expect(short.refused).toBeLessThanOrEqual(12);
		}
	});
});

test.each([5, 30, 60])('a limit of 10 that is raised to 100 after %i seconds', async (seconds) => {
	const raised = server(10, WINDOW_MS, 'none');
	const later = {
		receive: () => {
			if (clock.elapsedMs() > seconds * 1_000) raised.options.limit = LIMIT;
			return raised.receive();
		},
	};
	// Ten, then what is left of 400 a hundred a minute, and a try for more late in the second minute.
	expect(await timeFor(400, later)).toBeLessThan(5 * WINDOW_MS);
});

test('who has seen that nobody else spends from the limit has many under way in the next window', async () => {
	const limited = server(LIMIT, WINDOW_MS, 'none');
	const limiter = new RateLimiter(LIMIT, clock);
	const process = { requests: LIMIT, workers: 8, latencyMs: () => 100, limiter };
	const took: number[] = [];
	for (let window = 0; window < 2; window++) {
		const startMs = clock.elapsedMs();
		await work(clock, limited, process);
		took.push(clock.elapsedMs() - startMs);
		await clock.sleep(WINDOW_MS);
	}
	expect(took[0]).toBeGreaterThan(4_000);
	expect(took[1]).toBeLessThan((LIMIT / 8) * 100 + 200);
});

test('a limit of five a second that is lifted after twenty seconds is soon forgotten', async () => {
	for (let seed = 1; seed <= 6; seed++) {
		clock = new FakeClock();
		const lifted = server(5, 1_000, 'none', 'sliding');
		const later = {
			receive: () => {
				if (clock.elapsedMs() > 20_000) lifted.options.limit = 1_000_000;
				return lifted.receive();
			},
		};
		const limiter = new RateLimiter(1_000, clock);
		await work(clock, later, { requests: 900, workers: 8, latencyMs: randomBy(seed), limiter });
		expect(clock.elapsedMs()).toBeLessThan(80_000);
	}
});

describe('several limits at once', () => {
	/** Both must let it through; its headers name both, in the way of the IETF's eighth draft. */
	function twoLimits(shortLimit: number, isStateOfBoth: boolean) {
		const short = server(shortLimit, 3_000, 'remaining');
		const long = server(LIMIT, WINDOW_MS, 'remaining');
		const state = (name: string, { headers }: ServerAnswer) =>
			`"${name}";r=${headers['x-ratelimit-remaining']};t=${headers['x-ratelimit-reset']}`;
		const receive = () => {
			const first = short.receive();
			const second = first.statusCode === 200 ? long.receive() : answerOf(200);
			const states = [state('short', first), isStateOfBoth ? state('long', second) : ''];
			return answerOf(Math.max(first.statusCode, second.statusCode), {
				'ratelimit-policy': `"short";q=${shortLimit};w=3, "long";q=${LIMIT};w=60`,
				ratelimit: states.filter(Boolean).join(', '),
			});
		};
		return { receive, refused: () => short.refused + long.refused };
	}

	test.each([true, false])('20 in 3 seconds and 100 in a minute; both told: %s', async (isBoth) => {
		const both = twoLimits(20, isBoth);
		const tookMs = await timeFor(350, both);
		expect(both.refused()).toBe(0);
		expect(tookMs).toBeGreaterThan(3 * WINDOW_MS);
		expect(tookMs).toBeLessThan(3 * WINDOW_MS + 15_000);
	});

	test('a shorter one that headers name joins that of the credential', async () => {
		const short = server(20, 3_000, 'remaining');
		const tookMs = await timeFor(150, short);
		expect(short.refused).toBe(0);
		expect(tookMs).toBeGreaterThan(WINDOW_MS);
		expect(tookMs).toBeLessThan(WINDOW_MS + 15_000);
	});
});

describe('one 429 that has nothing to do with the limit, without a header', () => {
	const strayAt = (nth: number, total: number) => {
		const limited = server(LIMIT, WINDOW_MS, 'none');
		let received = 0;
		return timeFor(total, {
			receive: () => (++received === nth ? answerOf(429) : limited.receive()),
		});
	};

	test.each([1, 2, 5, 9, 12, 16, 33, 40, 50, 60, 75, 90])(
		'the %i. of 95: two seconds',
		async (nth) => {
			const undisturbedMs = await strayAt(0, 95);
			clock = new FakeClock();
			expect(await strayAt(nth, 95)).toBeLessThan(undisturbedMs + 4_000);
		},
	);

	test.each([20, 25, 30])(
		'the %i., where it may be one of four that share: less than two windows',
		async (nth) => {
			expect(await strayAt(nth, 95)).toBeLessThan(1.75 * WINDOW_MS);
		},
	);

	test.each([120, 125, 130, 250])(
		'the %i. of 300: two seconds, as it has seen that it is alone',
		async (nth) => {
			const undisturbedMs = await strayAt(0, 300);
			clock = new FakeClock();
			expect(await strayAt(nth, 300)).toBeLessThan(undisturbedMs + 4_000);
		},
	);
});

describe('a server that allows less than the credential says, without a header', () => {
	test.each<[Counting, number, number, number]>([
		['fixed', 30, 0, 1.01],
		['sliding', 30, 0, 1.01],
		// Nothing of the window is its own.
		['fixed', 1, 1, 1.25],
	])('%s, %i in a minute, %i used by others: few tries', async (counting, limit, used, windows) => {
		for (let seed = 1; seed <= 20; seed++) {
			clock = new FakeClock();
			randomBy(seed);
			const lower = server(limit, WINDOW_MS, 'none', counting);
			for (let others = 0; others < used; others++) lower.receive();
			const requests = limit + 1 - used;
			const process = { requests, workers: 1, latencyMs: () => 100 };
			await work(clock, lower, { ...process, limiter: new RateLimiter(LIMIT, clock) });
			expect(lower.refused).toBeLessThanOrEqual(8);
			expect(clock.now()).toBeLessThan(windows * WINDOW_MS);
		}
	});

	test('who is held does not try at each place that comes free by its own count', async () => {
		randomBy(1);
		const limited = server(LIMIT, WINDOW_MS, 'none');
		const limiter = new RateLimiter(LIMIT, clock);
		// All through the window, so that one after the other leaves it.
		const slow = { requests: 80, workers: 1, latencyMs: () => 740, limiter };
		await work(clock, limited, slow);
		for (const requests of [1, 40]) {
			for (let others = 0; others < LIMIT; others++) limited.receive();
			limited.refused = 0;
			await work(clock, limited, { ...slow, requests });
		}
		expect(limited.refused).toBeLessThanOrEqual(8);
	});
});
