// The rate limiter against a modelled server, alone, with other processes that spend from the same limit, and where the
// server limits otherwise than the documentation says: how long it takes, and how many requests are refused.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf, ModelledServer, randomBy, work, type ServerOptions } from './limitedServer.ts';

const LIMIT = 100;
const WINDOWS = 12;

interface Scene extends Partial<ServerOptions> {
	processes?: number;
	/** Of each process, at a time; a Return All has eight and more. */
	workers?: number;
	/** How long after the one before it each process starts. */
	apartMs?: number;
	/** Of all processes together. */
	requests?: number;
	credential?: number;
	/** Another limit beside the minute's. */
	perSecond?: number;
	/** From then on, the limit is the credential's. */
	liftedAfterMs?: number;
	/** One that is refused for another reason than the limit. */
	strayRefusal?: number;
}

const servers = (['fixed', 'sliding'] as const).flatMap((counting) =>
	(['none', 'retryAfter', 'remaining'] as const).map((headers) => ({ counting, headers })),
);

/** On a clock of its own. */
async function play(scene: Scene, seed: number) {
	const { processes = 1, workers, apartMs = 0, credential = LIMIT, perSecond, ...others } = scene;
	const { requests = WINDOWS * LIMIT, liftedAfterMs = Infinity, strayRefusal, ...options } = others;
	const latencyMs = randomBy(seed, seed % 3 === 0 ? [100, 150] : [40, 340]);
	const clock = new FakeClock();
	const server = new ModelledServer(clock, options);
	const second = { limit: perSecond ?? Infinity, windowMs: 1_000, counting: 'sliding' } as const;
	const inFront = new ModelledServer(clock, second);
	let received = 0;
	const receive = () => {
		if (clock.elapsedMs() > liftedAfterMs) server.options.limit = credential;
		if (++received === strayRefusal) return answerOf(429);
		const refusal = inFront.receive();
		return refusal.statusCode === 429 ? refusal : server.receive();
	};
	const each = { requests: Math.floor(requests / processes), workers, latencyMs };
	const worked = await Promise.all(
		Array.from({ length: processes }, async (_, index) => {
			const limiter = new RateLimiter(credential, clock);
			const startsAfterMs = index * apartMs;
			return await work(clock, { receive }, { ...each, startsAfterMs, limiter });
		}),
	);
	const mostTries = Math.max(...worked.map((process) => process.mostTries));
	return { server, windows: clock.elapsedMs() / WINDOW_MS, mostTries };
}

afterEach(() => jest.restoreAllMocks());

test.each(servers)('alone: no 429, all of the allowance ($counting, $headers)', async (server) => {
	for (let seed = 1; seed <= 6; seed++) {
		const run = await play(server, seed);
		expect(run.server.refusedAfter).toEqual([]);
		// The last of twelve bursts can begin after eleven windows.
		expect(run.windows).toBeLessThanOrEqual(1.02 * (WINDOWS - 1));
	}
});

test.each<Scene>([
	...servers.flatMap((server) => [
		...[2, 3, 4].map((processes) => ({ ...server, processes })),
		{ ...server, processes: 2, apartMs: 0.4 * WINDOW_MS },
	]),
	{ processes: 4, apartMs: 500 },
	{ processes: 4, workers: 15 * 8 },
])('shared, %j: 5 %% 429s at most, from the first window on', async (scene) => {
	for (let seed = 1; seed <= 12; seed++) {
		const { server, windows, mostTries } = await play(scene, seed);
		// The client's patience is greater.
		expect(mostTries).toBeLessThanOrEqual(10);
		expect(windows).toBeLessThan(1.5 * WINDOWS);
		const refused = server.refusedAfter.length;
		expect(refused / (server.passed + refused)).toBeLessThanOrEqual(0.05);
		const inFirst = server.refusedAfter.filter((passed) => passed <= LIMIT).length;
		// Of three, no share of a window is looked out for.
		if (scene.processes !== 3) expect(inFirst / (LIMIT + inFirst)).toBeLessThanOrEqual(0.05);
	}
});

const minute = { limit: 10, requests: 400 };

test.each<[Scene, mostWindows: number]>([
	...[3, 10, 30].map((perSecond): [Scene, number] => [{ perSecond, requests: 400 }, 4.25]),
	// Ten, then what is left of 400 a hundred a minute, and a try for more late in the second minute.
	[{ ...minute, liftedAfterMs: 5_000 }, 5],
	[{ ...minute, liftedAfterMs: 60_000 }, 5],
	[{ limit: 5, windowMs: 1_000, liftedAfterMs: 20_000, requests: 900, credential: 1_000 }, 1.34],
	...[1, 16, 90, 130].map((nth): [Scene, number] => [{ strayRefusal: nth, requests: 195 }, 1.25]),
	[{ limit: 30, requests: 31 }, 1.1],
	[{ limit: 30, requests: 31, counting: 'sliding' }, 1.1],
])('otherwise than documented, %j: %d windows at most', async (scene, mostWindows) => {
	for (let seed = 1; seed <= 6; seed++) {
		const { server, windows } = await play(scene, seed);
		expect(windows).toBeLessThan(mostWindows);
		if (scene.limit === 30) expect(server.refusedAfter.length).toBeLessThanOrEqual(8);
	}
});
