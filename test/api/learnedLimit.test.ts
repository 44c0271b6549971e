// What the rate limiter learns of a server that limits otherwise than the documentation says: scenes that chance does not
// play in limiterModel.test.ts.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf, ModelledServer, randomBy, work, type Receiver } from './limitedServer.ts';

const LIMIT = 100;

let clock: FakeClock;

afterEach(() => jest.restoreAllMocks());

/** How long it takes one process with eight requests at a time, in windows. */
async function windowsFor(requests: number, receiver: Receiver, seed = 1, credential = LIMIT) {
	const latencyMs = randomBy(seed);
	await work(clock, receiver, { requests, latencyMs, limiter: new RateLimiter(credential, clock) });
	return clock.elapsedMs() / WINDOW_MS;
}

describe.each([1, 2, 3, 4, 5, 6])('with chance %i', (seed) => {
	beforeEach(() => {
		clock = new FakeClock();
	});

	test.each([3, 5, 10, 20, 30])('a burst of %i a second, without headers', async (limit) => {
		const perSecond = new ModelledServer(clock, { limit, windowMs: 1_000, counting: 'sliding' });
		const perMinute = new ModelledServer(clock);
		const receive = () => {
			const answer = perSecond.receive();
			return answer.statusCode === 429 ? answer : perMinute.receive();
		};
		// Of four that the minute takes.
		expect(await windowsFor(400, { receive }, seed)).toBeLessThan(4.25);
	});

	test.each([
		// Ten, then what is left of 400 a hundred a minute, and a try for more late in the second minute.
		{ limit: 10, windowMs: WINDOW_MS, afterMs: 5_000, requests: 400, credential: LIMIT, most: 5 },
		{ limit: 10, windowMs: WINDOW_MS, afterMs: 60_000, requests: 400, credential: LIMIT, most: 5 },
		{ limit: 5, windowMs: 1_000, afterMs: 20_000, requests: 900, credential: 1_000, most: 1.34 },
	])('a limit of $limit in $windowMs ms that is lifted after $afterMs ms', async (scene) => {
		const { limit, windowMs, afterMs, requests, credential, most } = scene;
		const server = new ModelledServer(clock, { limit, windowMs });
		const receive = () => {
			if (clock.elapsedMs() > afterMs) server.options.limit = credential;
			return server.receive();
		};
		expect(await windowsFor(requests, { receive }, seed, credential)).toBeLessThan(most);
	});

	test.each([1, 9, 16, 33, 60, 90, 130])(
		'a 429 that has nothing to do with the limit, the %i. of 195: two seconds',
		async (nth) => {
			const server = new ModelledServer(clock);
			let received = 0;
			const receive = () => (++received === nth ? answerOf(429) : server.receive());
			expect(await windowsFor(195, { receive }, seed)).toBeLessThan(1.25);
		},
	);

	test.each(['fixed', 'sliding'] as const)(
		'30 a minute where the credential says more, %s: few tries',
		async (counting) => {
			const server = new ModelledServer(clock, { limit: 30, counting });
			expect(await windowsFor(31, server, seed)).toBeLessThan(1.1);
			expect(server.refusedAfter.length).toBeLessThanOrEqual(8);
		},
	);
});
