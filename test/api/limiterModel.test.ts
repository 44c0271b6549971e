// Servers as they come: any limit, window and way of saying so, quick and slow, with refusals for other reasons and
// answers that get lost. Whatever it is, the limiter keeps its bound, loses no request, and comes to an end. How few
// are refused: sharedLimit.test.ts.
import fc from 'fast-check';

import { ApiError } from '../../nodes/EyeCloudPro/api/errors';
import { MOST_IN_FLIGHT } from '../../nodes/EyeCloudPro/api/inFlightLimit';
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf, ModelledServer, randomBy, work, type ServerOptions } from './limitedServer.ts';

/** May be under way beside the others. */
const INTERACTIVE = 4;

interface Server extends ServerOptions {
	leastMs: number;
	noiseMs: number;
	/** How many of a hundred answers are a 503, and how many get lost. */
	unavailable: number;
	retryAfter: number | undefined;
	lost: number;
}

const servers: fc.Arbitrary<Server> = fc.record({
	counting: fc.constantFrom('fixed', 'sliding'),
	headers: fc.constantFrom('none', 'retryAfter', 'remaining'),
	limit: fc.integer({ min: 1, max: 120 }),
	windowMs: fc.constantFrom(1_000, 3_000, 10_000, 60_000),
	leastMs: fc.constantFrom(1, 20, 100),
	noiseMs: fc.constantFrom(0, 10, 300, 20_000),
	unavailable: fc.constantFrom(0, 0, 3),
	retryAfter: fc.constantFrom(undefined, 0, 1, 5),
	lost: fc.constantFrom(0, 0, 3),
});

interface Readers {
	processes: number;
	/** Of each process. */
	workers: number;
	requests: number;
	credentialLimit: number;
}

const readers: fc.Arbitrary<Readers> = fc.record({
	processes: fc.constantFrom(1, 1, 2, 3),
	workers: fc.integer({ min: 1, max: 60 }),
	requests: fc.integer({ min: 1, max: 400 }),
	credentialLimit: fc.constantFrom(100, 1_000),
});

const lost = { failure: 'unknown' as const, error: new ApiError('unreachable', 'Lost') };

/** What the slower of the two limits takes, a window more, and all requests one after the other. */
function enoughMs({ limit, windowMs, leastMs, noiseMs }: Server, reader: Readers): number {
	const all = reader.requests * reader.processes;
	const serversMs = (Math.ceil(all / limit) - 1) * windowMs;
	const ownMs = (Math.ceil(reader.requests / reader.credentialLimit) - 1) * WINDOW_MS;
	return Math.max(serversMs, ownMs) + WINDOW_MS + all * (leastMs + noiseMs);
}

afterEach(() => jest.restoreAllMocks());

test('never more in flight than the bound, none lost, and an end', async () => {
	await fc.assert(
		fc.asyncProperty(servers, readers, fc.nat(), async (server, reader, seed) => {
			const clock = new FakeClock();
			const latencyMs = randomBy(seed, [server.leastMs, server.leastMs + server.noiseMs]);
			const limited = new ModelledServer(clock, server);
			const receive = () => {
				const answered = limited.receive();
				const chance = Math.random() * 100;
				if (answered.statusCode === 429) return answered;
				if (chance < server.lost) return lost;
				const isUnavailable = chance < server.lost + server.unavailable;
				return isUnavailable ? answerOf(503, { 'retry-after': server.retryAfter }) : answered;
			};
			const { requests, workers } = reader;
			const isInteractive = () => Math.random() < 0.1;
			const run = async () => {
				const limiter = new RateLimiter(reader.credentialLimit, clock);
				const process = { requests, workers, latencyMs, isInteractive, limiter };
				const { done, mostInFlight } = await work(clock, { receive }, process);
				expect(done).toBe(requests);
				const { endedAt } = (limiter as unknown as { window: { endedAt: number[] } }).window;
				expect(endedAt.length).toBeLessThanOrEqual(reader.credentialLimit);
				expect(mostInFlight).toBeLessThanOrEqual(MOST_IN_FLIGHT + INTERACTIVE);
			};
			await Promise.all(Array.from({ length: reader.processes }, run));
			// A lower limit or a shorter window than is known takes a while to find out.
			const times = { remaining: 1.1, retryAfter: 12, none: 12 }[server.headers];
			expect(clock.elapsedMs()).toBeLessThanOrEqual(times * enoughMs(server, reader));
		}),
		{ seed: 13, numRuns: 150 },
	);
});
