// As many requests under way as pay: beside 8 and 32 at a time, at servers that slow down in different ways. Draws the
// picture of it in the documents where `npm run docs` asks for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../../nodes/EyeCloudPro/api/answer';
import { ApiError } from '../../nodes/EyeCloudPro/api/errors';
import { MOST_IN_FLIGHT } from '../../nodes/EyeCloudPro/api/inFlightLimit';
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import type { NoAnswer } from '../../nodes/EyeCloudPro/api/transport';
import { FakeClock } from '../harness/fakeClock.ts';
import { seeded } from '../harness/random.ts';
import { pictureOf, type Period } from './inFlightPicture.ts';
import { answerOf } from './limitedServer.ts';

const BASE_MS = 100;
const PERIOD_MS = 2_000;
const PERIODS = 10;

/** How long an answer takes, in milliseconds, with so many under way when it begins. */
type ServiceTime = (inFlight: number, nowMs: number) => number;

const unlimited = (clock: FakeClock) => new RateLimiter(1_000_000, clock);

/** So many workers read for a while, through the limiter or not; answers, and the most in flight, by period. */
async function readFor(
	serviceMs: ServiceTime,
	workers: number,
	isFixed = false,
): Promise<Period[]> {
	const clock = new FakeClock();
	const limiter = unlimited(clock);
	const periods = Array.from({ length: PERIODS }, () => ({ answers: 0, inFlight: 0 }));
	let inFlight = 0;
	const serve = async () => {
		const first = Math.floor(clock.elapsedMs() / PERIOD_MS);
		const together = ++inFlight;
		await clock.sleep(serviceMs(together, clock.elapsedMs()));
		inFlight--;
		const last = Math.floor(clock.elapsedMs() / PERIOD_MS);
		for (const period of periods.slice(first, last + 1)) {
			period.inFlight = Math.max(period.inFlight, together);
		}
		// What comes when the time is over is not counted.
		if (last < PERIODS) periods[last].answers++;
		return answerOf(200);
	};
	const worker = async () => {
		while (clock.elapsedMs() < PERIODS * PERIOD_MS) {
			if (isFixed) await serve();
			else await limiter.schedule(async () => await serve());
		}
	};
	await Promise.all(Array.from({ length: workers }, worker));
	return periods;
}

const servers: Array<[string, ServiceTime, number]> = [
	['eight slow each other down', (inFlight) => BASE_MS * (1 + (inFlight / 8) ** 2), 18],
	['eight are worked on at a time', (inFlight) => BASE_MS * Math.max(1, inFlight / 8), 20],
	['never slows down', () => BASE_MS, MOST_IN_FLIGHT],
	[
		'busy with others from 6 s to 12 s',
		(inFlight, nowMs) =>
			BASE_MS * (1 + (inFlight / (nowMs >= 6_000 && nowMs < 12_000 ? 4 : 24)) ** 2),
		MOST_IN_FLIGHT,
	],
];

/** Through the limiter, and with 8 and 32 at a time; no two answers take the same time. */
async function allThree(service: ServiceTime, seed: number) {
	const read = async (workers: number, isFixed: boolean) => {
		const random = seeded(seed);
		const noisy: ServiceTime = (...at) => service(...at) * (0.8 + random() * 0.4);
		return await readFor(noisy, workers, isFixed);
	};
	return {
		learned: await read(40, false),
		eight: await read(8, true),
		many: await read(32, true),
	};
}

const answersOf = (periods: Period[]) => periods.reduce((sum, { answers }) => sum + answers, 0);

test.each(servers)(
	'%s: nearly as many answers as the better of 8 and 32',
	async (_, service, most) => {
		for (let seed = 7; seed <= 10; seed++) {
			const { learned, eight, many } = await allThree(service, seed);
			const best = Math.max(answersOf(eight), answersOf(many));
			expect(answersOf(learned)).toBeGreaterThanOrEqual(0.9 * best);
			// At first it has to find out.
			for (const { inFlight } of learned.slice(2)) expect(inFlight).toBeLessThanOrEqual(most);
		}
	},
);

test('the picture in the documents shows these servers', async () => {
	const panels = servers.map(async ([title, service]) => ({
		title: `${title[0].toUpperCase()}${title.slice(1)}`,
		runs: await allThree(service, 7),
	}));
	const picture = pictureOf(await Promise.all(panels), PERIOD_MS);
	const file = join(__dirname, '../../docs/images/in-flight.svg');
	if (process.env.UPDATE_DOCS) writeFileSync(file, picture);
	// `npm run docs` renews it.
	expect(readFileSync(file, 'utf8')).toBe(picture);
});

const random = seeded(3);

test.each<[string, ServiceTime]>([
	['answers that take any time from 40 to 340 ms', () => 40 + random() * 300],
	['requests for more, which take longer for everybody', (_, nowMs) => (nowMs < 6e3 ? 20 : 200)],
])('%s are no reason for few', async (_, service) => {
	const periods = await readFor(service, 40);
	expect(periods[PERIODS - 1].inFlight).toBeGreaterThan(20);
});

test('a list of forty pages takes four round trips the first time, and three from then on, whatever the latency', async () => {
	let clock = new FakeClock();
	let limiter = unlimited(clock);
	/** How long each of several lists takes at a server with this latency; a request is so much work for us. */
	const listsAt = async (latencyMs: number, workMs = 0) => {
		const send = async () =>
			await limiter.schedule(async () => {
				clock.work(workMs);
				await clock.sleep(latencyMs);
				return answerOf(200);
			});
		const took: number[] = [];
		for (let list = 0; list < 4; list++) {
			const startMs = clock.elapsedMs();
			await send();
			await Promise.all(Array.from({ length: 39 }, send));
			took.push(clock.elapsedMs() - startMs);
		}
		return took;
	};
	expect(await listsAt(100)).toEqual([400, 300, 300, 300]);
	for (const latencyMs of [1, 100, 20, 400]) {
		expect(await listsAt(latencyMs)).toEqual(Array(4).fill(3 * latencyMs));
	}
	// No more where a request is five milliseconds of our own work.
	clock = new FakeClock();
	limiter = unlimited(clock);
	for (const latencyMs of [1, 20, 100, 20, 100]) await listsAt(latencyMs, 5);
	for (const tookMs of await listsAt(200, 5)) expect(tookMs).toBeLessThanOrEqual(600 + 40 * 5);
});

test('fewer after a refusal or a lost answer, once for all of a volley, never fewer than one, nor more than are used', async () => {
	const clock = new FakeClock();
	const limiter = unlimited(clock);
	const send = (result: Answer | NoAnswer) =>
		limiter.schedule(async () => await clock.sleep(1).then(() => result));
	for (let request = 0; request < 100; request++) await send(answerOf(200));
	expect(limiter.mostInFlight).toBe(8);
	const error = new ApiError('unreachable', 'Lost');
	await Promise.all([1, 2, 3, 4].map(() => send({ failure: 'unknown', error })));
	expect(limiter.mostInFlight).toBe(4);
	for (let request = 0; request < 9; request++) await send(answerOf(503));
	expect(limiter.mostInFlight).toBe(1);
});
