// Servers as they come: any limit, window and way of saying so, quick and slow, with refusals for other reasons and
// answers that get lost. Whatever it is, the limiter keeps its bound, loses no request, and comes to an end.
import fc from 'fast-check';

import { ApiError } from '../../nodes/EyeCloudPro/api/errors';
import { MOST_IN_FLIGHT } from '../../nodes/EyeCloudPro/api/inFlightLimit';
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf, ModelledServer, seeded, type ServerAnswer } from '../harness/limitedServer.ts';

/** May be under way beside the others. */
const INTERACTIVE = 4;

interface Server {
	counting: 'fixed' | 'sliding';
	headers: 'none' | 'retryAfter' | 'remaining';
	limit: number;
	windowMs: number;
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
	noiseMs: fc.constantFrom(0, 10, 300),
	unavailable: fc.constantFrom(0, 0, 3),
	retryAfter: fc.constantFrom(undefined, 1, 5),
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

interface Outcome {
	done: number;
	mostInFlight: number;
	refused: number;
	tookMs: number;
}

async function play(server: Server, reader: Readers, seed: number): Promise<Outcome> {
	const random = seeded(seed);
	jest.spyOn(Math, 'random').mockImplementation(random);
	const clock = new FakeClock();
	const { counting, headers, limit, windowMs } = server;
	const limited = new ModelledServer(clock, { counting, headers, limit, windowMs });
	const outcome: Outcome = { done: 0, mostInFlight: 0, refused: 0, tookMs: 0 };
	const lost = { failure: 'unknown' as const, error: new ApiError('unreachable', 'Lost') };
	const answer = (): ServerAnswer | typeof lost => {
		const answered = limited.receive();
		const chance = random() * 100;
		if (answered.statusCode === 429) return answered;
		if (chance < server.lost) return lost;
		if (chance < server.lost + server.unavailable) {
			return answerOf(503, { 'retry-after': server.retryAfter });
		}
		return answered;
	};
	const run = async () => {
		const limiter = new RateLimiter(reader.credentialLimit, clock);
		let [left, inFlight] = [reader.requests, 0];
		const send = async (isInteractive: boolean) => {
			const result = await limiter.schedule(
				async () => {
					outcome.mostInFlight = Math.max(outcome.mostInFlight, ++inFlight);
					const tookMs = server.leastMs + random() * server.noiseMs;
					await clock.sleep(tookMs / 2);
					const answered = answer();
					await clock.sleep(tookMs / 2);
					inFlight--;
					return answered;
				},
				{ isInteractive },
			);
			return 'statusCode' in result && result.statusCode === 200;
		};
		const worker = async () => {
			while (left-- > 0) {
				const isInteractive = random() < 0.1;
				while (!(await send(isInteractive)));
				outcome.done++;
			}
		};
		await Promise.all(Array.from({ length: reader.workers }, worker));
	};
	await Promise.all(Array.from({ length: reader.processes }, run));
	return { ...outcome, refused: limited.refused, tookMs: clock.elapsedMs() };
}

afterEach(() => jest.restoreAllMocks());

/** What the slower of the two limits takes, a window more, and all requests one after the other. */
function enoughMs({ limit, windowMs, leastMs, noiseMs }: Server, reader: Readers): number {
	const all = reader.requests * reader.processes;
	const serversMs = (Math.ceil(all / limit) - 1) * windowMs;
	const ownMs = (Math.ceil(reader.requests / reader.credentialLimit) - 1) * WINDOW_MS;
	return Math.max(serversMs, ownMs) + WINDOW_MS + all * (leastMs + noiseMs);
}

/** The part of the requests that may be refused; of a handful in a window, each try is a large part. */
function mostRefused({ headers, limit, windowMs }: Server, reader: Readers): number {
	if (limit < 10 * reader.processes) return Infinity;
	const isTold = headers === 'remaining';
	const isAsSaid = limit >= reader.credentialLimit && windowMs === WINDOW_MS;
	return isTold || isAsSaid ? 0.05 : 0.25;
}

test('never more in flight than the bound, none lost, an end, and few 429s', async () => {
	await fc.assert(
		fc.asyncProperty(servers, readers, fc.nat(), async (server, reader, seed) => {
			const outcome = await play(server, reader, seed);
			const all = reader.requests * reader.processes;
			expect(outcome.done).toBe(all);
			expect(outcome.mostInFlight).toBeLessThanOrEqual(MOST_IN_FLIGHT + INTERACTIVE);
			// A lower limit or a shorter window than is known takes a while to find out.
			expect(outcome.tookMs).toBeLessThanOrEqual(20 * enoughMs(server, reader));
			// Those that are under way when an unknown limit is met for the first time are refused as well.
			const atFirst = (MOST_IN_FLIGHT / 2) * reader.processes;
			expect(outcome.refused).toBeLessThanOrEqual(mostRefused(server, reader) * all + atFirst);
		}),
		{ seed: 13, numRuns: 150 },
	);
});
