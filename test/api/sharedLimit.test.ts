// The rate limiter against a modelled server: alone, with other processes that spend from the same
// limit, and with a server that allows less than the credential says.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import {
	ModelledServer,
	seeded,
	work,
	type Counting,
	type Headers,
} from '../harness/limitedServer.ts';

const LIMIT = 100;
const START_MS = 1_000_000;
const SEEDS = 6;

interface Case {
	counting: Counting;
	headers: Headers;
	windowMs: number;
	processes: number;
	/** Of each process; a Return All has eight. */
	requestsAtOnce?: number;
	/** How long after the one before it each process starts, in windows. */
	apart?: number;
	windows?: number;
	seed: number;
}

afterEach(() => jest.restoreAllMocks());

async function runCase(given: Case) {
	const { counting, headers, windowMs, processes, apart = 0, windows = 12, seed } = given;
	const { requestsAtOnce = 8 } = given;
	const random = seeded(seed);
	jest.spyOn(Math, 'random').mockImplementation(random);
	const clock = new FakeClock(START_MS);
	const server = new ModelledServer(clock, { counting, headers, limit: LIMIT, windowMs });
	// 40 to 340 ms of a minute; in a shortened window what a machine needs to talk to itself.
	const latencyMs = () => (windowMs === WINDOW_MS ? 40 + random() * 300 : 1 + random() * 8);
	const finished = await Promise.all(
		Array.from({ length: processes }, async (_, index) =>
			work(clock, server, {
				...{ requests: Math.floor((LIMIT * windows) / processes), latencyMs },
				workers: requestsAtOnce,
				startsAfterMs: index * apart * windowMs,
				limiter: new RateLimiter(LIMIT, clock, windowMs),
			}),
		),
	);
	return { server, finished, tookMs: clock.now() - START_MS };
}

const countings: Counting[] = ['fixed', 'sliding'];
const headerStyles: Headers[] = ['none', 'retryAfter', 'remaining'];
const servers = countings.flatMap((counting) =>
	headerStyles.map((headers) => ({ counting, headers })),
);

describe.each([WINDOW_MS, 1_000])('a window of %i ms', (windowMs) => {
	test.each(servers)(
		'alone: no 429, nearly all of the allowance ($counting, $headers)',
		async (server) => {
			for (let seed = 1; seed <= SEEDS; seed++) {
				const run = await runCase({ ...server, windowMs, processes: 1, seed });
				expect(run.server.refused).toBe(0);
				expect(run.server.passed).toBe(12 * LIMIT);
				// The last of twelve bursts can begin after eleven windows. Whether it is alone shows in the
				// first one, where a request takes a good part of a second.
				const least = windowMs === WINDOW_MS ? 0.98 : 0.965;
				expect((11 * windowMs) / run.tookMs).toBeGreaterThanOrEqual(least);
			}
		},
	);

	const together = servers.flatMap((server) =>
		[2, 3, 4].map((processes) => ({ ...server, processes })),
	);
	test.each(together)(
		'$processes processes at once: all finish, 5 % 429s at most ($counting, $headers)',
		async (shared) => {
			for (let seed = 1; seed <= SEEDS; seed++) {
				const { server, finished, tookMs } = await runCase({ ...shared, windowMs, seed });
				expect(server.passed).toBe(Math.floor((12 * LIMIT) / shared.processes) * shared.processes);
				expect(server.refused / (server.passed + server.refused)).toBeLessThanOrEqual(0.05);
				expect(tookMs).toBeLessThan(16 * windowMs);
				// What the client's patience allows, with room to spare.
				for (const { mostTries, longestMs } of finished) {
					expect(mostTries).toBeLessThanOrEqual(10);
					expect(longestMs).toBeLessThan(10 * windowMs);
				}
			}
		},
	);
});

test.each(servers)(
	'a second process that comes when the first has filled the window ($counting, $headers)',
	async (shared) => {
		const given = { ...shared, windowMs: WINDOW_MS, processes: 2, apart: 0.4 };
		for (let seed = 1; seed <= SEEDS; seed++) {
			const { server, finished } = await runCase({ ...given, seed });
			expect(server.passed).toBe(12 * LIMIT);
			expect(server.refused / (server.passed + server.refused)).toBeLessThanOrEqual(0.05);
			for (const { mostTries } of finished) expect(mostTries).toBeLessThanOrEqual(10);
		}
	},
);

test.each([2, 4])(
	'%i processes with fifteen executions each: 5 %% 429s at most',
	async (processes) => {
		for (let seed = 1; seed <= SEEDS; seed++) {
			const counting = { counting: 'fixed', headers: 'none', windowMs: WINDOW_MS } as const;
			const { server } = await runCase({ ...counting, processes, requestsAtOnce: 15 * 8, seed });
			expect(server.passed).toBe(12 * LIMIT);
			expect(server.refused / (server.passed + server.refused)).toBeLessThanOrEqual(0.05);
		}
	},
);

test('a window that another process has filled again is not tried at each request that leaves our own', async () => {
	jest.spyOn(Math, 'random').mockImplementation(seeded(1));
	const clock = new FakeClock(START_MS);
	const options = {
		counting: 'fixed',
		headers: 'none',
		limit: LIMIT,
		windowMs: WINDOW_MS,
	} as const;
	const server = new ModelledServer(clock, options);
	const limiter = new RateLimiter(LIMIT, clock);
	// All through the window, so that one after the other leaves it.
	const slow = { requests: 80, workers: 1, latencyMs: () => 740, limiter };
	await work(clock, server, slow);
	for (let others = 0; others < LIMIT; others++) server.receive();
	server.refused = 0;
	await work(clock, server, { ...slow, requests: 1 });
	await work(clock, server, { ...slow, requests: 40 });
	for (let others = 0; others < LIMIT; others++) server.receive();
	server.refused = 0;
	await work(clock, server, { ...slow, requests: 1 });
	expect(server.refused).toBeLessThanOrEqual(8);
});

describe('a server that allows less than the credential says, without a header', () => {
	test.each(countings)('finds the end of the window in few tries (%s)', async (counting) => {
		for (let seed = 1; seed <= 20; seed++) {
			jest.spyOn(Math, 'random').mockImplementation(seeded(seed));
			const clock = new FakeClock(START_MS);
			const options = { counting, headers: 'none', limit: 30, windowMs: WINDOW_MS } as const;
			const server = new ModelledServer(clock, options);
			const limiter = new RateLimiter(LIMIT, clock);
			const process = { requests: 31, workers: 1, latencyMs: () => 100, limiter };
			await work(clock, server, process);
			expect(server.refused).toBeLessThanOrEqual(8);
			// A window after the first request, and the time of a request or two.
			expect(clock.now() - START_MS).toBeLessThan(1.01 * WINDOW_MS);
		}
	});

	test('with nothing of its own in the window, it takes eight tries at most', async () => {
		for (let seed = 1; seed <= 20; seed++) {
			jest.spyOn(Math, 'random').mockImplementation(seeded(seed));
			const clock = new FakeClock(START_MS);
			const options = {
				counting: 'fixed',
				headers: 'none',
				limit: 1,
				windowMs: WINDOW_MS,
			} as const;
			const server = new ModelledServer(clock, options);
			server.receive();
			const limiter = new RateLimiter(LIMIT, clock);
			await work(clock, server, { requests: 1, workers: 1, latencyMs: () => 100, limiter });
			expect(server.refused).toBeLessThanOrEqual(8);
			expect(clock.now() - START_MS).toBeLessThan(1.25 * WINDOW_MS);
		}
	});
});
