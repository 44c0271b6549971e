// The rate limiter against a modelled server, alone and with other processes that spend from the same limit: how long
// it takes, and what part of the requests is refused.
import { play, type Counting, type Headers, type Scene } from '../harness/limitedServer.ts';

const LIMIT = 100;
const WINDOW_MS = 60_000;

const countings: Counting[] = ['fixed', 'sliding'];
const headerStyles: Headers[] = ['none', 'retryAfter', 'remaining'];
const servers = countings.flatMap((counting) =>
	headerStyles.map((headers) => ({ counting, headers })),
);

afterEach(() => jest.restoreAllMocks());

/** The share of 429s in each window: all of them, before the last, and until the next hundred got through. */
function sharesOf({ server }: Awaited<ReturnType<typeof play>>): number[] {
	return server.refusedByHundred().map((refused) => refused / (LIMIT + refused));
}

function shareOf({ server: { passed, refused } }: Awaited<ReturnType<typeof play>>): number {
	return refused / (passed + refused);
}

describe.each([WINDOW_MS, 1_000])('a window of %i ms', (windowMs) => {
	// A shortened window goes with what a machine needs to talk to itself.
	const latencyMs: Scene['latencyMs'] = windowMs === WINDOW_MS ? [40, 340] : [1, 9];

	test.each(servers)(
		'alone: no 429, all of the allowance ($counting, $headers)',
		async (server) => {
			for (let seed = 1; seed <= 6; seed++) {
				const scene = { ...server, windowMs, latencyMs, seed };
				const run = await play({ ...scene, processes: 1, requests: 12 * LIMIT });
				expect(run.server.refused).toBe(0);
				expect(run.server.passed).toBe(12 * LIMIT);
				// The last of twelve bursts can begin after eleven windows.
				const least = windowMs === WINDOW_MS ? 0.98 : 0.965;
				expect((11 * windowMs) / run.tookMs).toBeGreaterThanOrEqual(least);
			}
		},
	);

	test.each(servers)('three processes: 5 % 429s at most ($counting, $headers)', async (server) => {
		for (let seed = 1; seed <= 6; seed++) {
			const scene = { ...server, windowMs, latencyMs, seed };
			const run = await play({ ...scene, processes: 3, requests: 12 * LIMIT });
			expect(run.server.passed).toBe(12 * LIMIT);
			expect(shareOf(run)).toBeLessThanOrEqual(0.05);
			expect(run.tookMs).toBeLessThan(16 * windowMs);
		}
	});
});

const workers = servers.flatMap((server) => [2, 4].map((processes) => ({ ...server, processes })));

test.each(workers)(
	'$processes workers of n8n at 100 a minute: 5 % 429s at most in every window ($counting, $headers)',
	async (scene) => {
		const rows: number[][] = [];
		for (let seed = 1; seed <= 24; seed++) {
			const latencyMs: Scene['latencyMs'] = seed % 3 === 0 ? [100, 150] : [40, 340];
			const apartMs = seed % 2 ? 500 : 0;
			const run = await play({ ...scene, requests: 6 * LIMIT, apartMs, latencyMs, seed });
			expect(run.server.passed).toBe(6 * LIMIT);
			// What the client's patience allows, with room to spare.
			for (const { mostTries, longestMs } of run.finished) {
				expect(mostTries).toBeLessThanOrEqual(10);
				expect(longestMs).toBeLessThan(3 * WINDOW_MS);
			}
			// The last hundred is no whole window: whoever has finished leaves its share to the others.
			rows.push(sharesOf(run).slice(0, 5));
		}
		if (process.env.EYECLOUDPRO_TABLES) {
			const most = rows[0].map((_, window) => Math.max(...rows.map((row) => row[window])));
			const cells = most.map((share) => `${(100 * share).toFixed(1)} %`);
			process.stdout.write(`${Object.values(scene).join(' ')}: ${cells.join('  ')}\n`);
		}
		for (const share of rows.flat()) expect(share).toBeLessThanOrEqual(0.05);
	},
);

const others: Array<[string, Partial<Scene>, number]> = [
	['with fifteen executions each, two', { processes: 2, workers: 15 * 8 }, 0.05],
	['with fifteen executions each, four', { processes: 4, workers: 15 * 8 }, 0.05],
	...servers.map((server): [string, Partial<Scene>, number] => [
		`one that comes when the first has filled the window (${Object.values(server).join(', ')}), two`,
		{ ...server, processes: 2, apartMs: 0.4 * WINDOW_MS },
		0.05,
	]),
	[
		'of twelve in six seconds, two',
		{ processes: 2, limit: 12, windowMs: 6_000, latencyMs: [40, 140], requests: 50 },
		0.25,
	],
	[
		'of twelve in six seconds that are told, two',
		{ processes: 2, limit: 12, windowMs: 6_000, requests: 50, headers: 'remaining' },
		0.1,
	],
];

test.each(others)('%s processes', async (_, scene, mostRefused) => {
	for (let seed = 1; seed <= 6; seed++) {
		const run = await play({ processes: 2, requests: 12 * LIMIT, ...scene, seed });
		expect(run.server.passed).toBe(scene.requests ?? 12 * LIMIT);
		expect(shareOf(run)).toBeLessThanOrEqual(mostRefused);
		for (const { mostTries } of run.finished) expect(mostTries).toBeLessThanOrEqual(10);
	}
});
