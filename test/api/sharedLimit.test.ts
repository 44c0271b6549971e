// The rate limiter against a modelled server, alone and with other processes that spend from the same limit: how long
// it takes, and what part of the requests is refused.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { ModelledServer, randomBy, work, type ServerOptions } from './limitedServer.ts';

const LIMIT = 100;
const WINDOWS = 12;

interface Scene extends Partial<ServerOptions> {
	processes: number;
	/** Of each process, at a time; a Return All has eight and more. */
	workers?: number;
	/** How long after the one before it each process starts. */
	apartMs?: number;
}

const servers = (['fixed', 'sliding'] as const).flatMap((counting) =>
	(['none', 'retryAfter', 'remaining'] as const).map((headers) => ({ counting, headers })),
);

/** Plays twelve windows' requests on a clock of its own. */
async function play({ processes, workers, apartMs = 0, ...options }: Scene, seed: number) {
	const latencyMs = randomBy(seed, seed % 3 === 0 ? [100, 150] : [40, 340]);
	const clock = new FakeClock();
	const server = new ModelledServer(clock, options);
	const worked = await Promise.all(
		Array.from({ length: processes }, async (_, index) => {
			const limiter = new RateLimiter(LIMIT, clock);
			const requests = Math.floor((WINDOWS * LIMIT) / processes);
			const startsAfterMs = index * apartMs;
			return await work(clock, server, { requests, workers, startsAfterMs, latencyMs, limiter });
		}),
	);
	// The client's patience is greater.
	for (const { mostTries } of worked) expect(mostTries).toBeLessThanOrEqual(10);
	return { server, tookMs: clock.elapsedMs() };
}

afterEach(() => jest.restoreAllMocks());

test.each(servers)('alone: no 429, all of the allowance ($counting, $headers)', async (server) => {
	for (let seed = 1; seed <= 6; seed++) {
		const run = await play({ ...server, processes: 1 }, seed);
		expect(run.server.refusedAfter).toEqual([]);
		// The last of twelve bursts can begin after eleven windows.
		expect(run.tookMs).toBeLessThanOrEqual(1.02 * (WINDOWS - 1) * WINDOW_MS);
	}
});

const shared: Array<[string, Scene]> = [
	...servers.flatMap((server): Array<[string, Scene]> => {
		const headers = `${server.counting}, ${server.headers}`;
		return [
			...[2, 3, 4].map((processes): [string, Scene] => [
				`${processes} workers of n8n (${headers})`,
				{ ...server, processes },
			]),
			[
				`one that comes when the first has filled the window (${headers})`,
				{ ...server, processes: 2, apartMs: 0.4 * WINDOW_MS },
			],
		];
	}),
	['two, half a second apart', { processes: 2, apartMs: 500 }],
	['four, half a second apart', { processes: 4, apartMs: 500 }],
	['four, with fifteen executions each', { processes: 4, workers: 15 * 8 }],
];

test.each(shared)('%s: 5 %% 429s at most, from the first window on', async (_, scene) => {
	for (let seed = 1; seed <= 12; seed++) {
		const { server, tookMs } = await play(scene, seed);
		expect(tookMs).toBeLessThan(1.5 * WINDOWS * WINDOW_MS);
		const refused = server.refusedAfter.length;
		expect(refused / (server.passed + refused)).toBeLessThanOrEqual(0.05);
		const inFirst = server.refusedAfter.filter((passed) => passed <= LIMIT).length;
		// Of three, no share of a window is looked out for.
		if (scene.processes !== 3) expect(inFirst / (LIMIT + inFirst)).toBeLessThanOrEqual(0.05);
	}
});
