// As many requests under way as pay: beside 8 and 32 at a time, at servers that slow down in different ways. Draws the
// picture of it in the documents where `npm run docs` asks for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../nodes/EyeCloudPro/api/errors';
import { InFlightLimit, MOST_IN_FLIGHT } from '../../nodes/EyeCloudPro/api/inFlightLimit';
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf, seeded } from '../harness/limitedServer.ts';
import { pictureOf, type Panel, type Runs } from '../harness/inFlightPicture.ts';
import { readThrough, type Period, type ServiceTime } from '../harness/slowServer.ts';

const BASE_MS = 100;
const PERIODS = 10;
const reading = { periods: PERIODS, periodMs: 2_000 };

/** More than eight slow each other down, the more the worse, as where they share a processor and a cache. */
const strained: ServiceTime = (inFlight) => BASE_MS * (1 + (inFlight / 8) ** 2);

/** Eight are worked on at a time, and the others wait. */
const queued: ServiceTime = (inFlight) => BASE_MS * Math.max(1, inFlight / 8);

const steady: ServiceTime = () => BASE_MS;

/** Someone else takes most of the server between the sixth second and the twelfth. */
const busyMeanwhile: ServiceTime = (inFlight, nowMs) =>
	BASE_MS * (1 + (inFlight / (nowMs >= 6_000 && nowMs < 12_000 ? 4 : 24)) ** 2);

async function allThree(service: ServiceTime, seed: number): Promise<Runs> {
	const read = async (workers: number, isFixed: boolean) => {
		const random = seeded(seed);
		const noisy: ServiceTime = (...at) => service(...at) * (0.8 + random() * 0.4);
		return await readThrough(new FakeClock(), noisy, { ...reading, workers, isFixed });
	};
	return {
		learned: await read(40, false),
		eight: await read(8, true),
		many: await read(32, true),
	};
}

const mean = (periods: Period[], name: keyof Period) =>
	periods.reduce((sum, period) => sum + period[name], 0) / periods.length;

/** One line a period: answers in a second, and how many were under way. */
function table(name: string, runs: Runs): string {
	const cell = ({ throughput, inFlight }: Period) =>
		`${throughput.toFixed(0).padStart(5)} ${inFlight.toFixed(0).padStart(3)}`;
	const lines = runs.learned.map(
		(period, index) =>
			`${String((index * reading.periodMs) / 1_000).padStart(4)} s ${cell(period)} | ${cell(runs.eight[index])} | ${cell(runs.many[index])}`,
	);
	return [`${name}: learned | 8 | 32 (answers in a second, under way)`, ...lines].join('\n');
}

const servers = [
	{ name: 'Eight slow each other down', service: strained, least: 0.93, mostInFlight: 12 },
	{ name: 'Eight at a time, the others wait', service: queued, least: 0.93, mostInFlight: 18 },
	{ name: 'Never slows down', service: steady, least: 0.9, mostInFlight: MOST_IN_FLIGHT },
	{
		...{ name: 'Busy with others from 6 s to 12 s', service: busyMeanwhile },
		...{ least: 0.9, mostInFlight: MOST_IN_FLIGHT },
	},
];

describe.each(servers)('$name', ({ name, service, least, mostInFlight }) => {
	test.each([7, 8, 9, 10])(
		'nearly as many answers as the better of 8 and 32 (seed %i)',
		async (seed) => {
			const runs = await allThree(service, seed);
			if (process.env.EYECLOUDPRO_TABLES) process.stdout.write(`${table(name, runs)}\n`);
			const best = Math.max(mean(runs.eight, 'throughput'), mean(runs.many, 'throughput'));
			expect(mean(runs.learned, 'throughput')).toBeGreaterThanOrEqual(least * best);
			// At first it has to find out.
			for (const { inFlight } of runs.learned.slice(2)) {
				expect(inFlight).toBeLessThanOrEqual(mostInFlight);
			}
		},
	);
});

test('the picture in the documents shows these servers', async () => {
	const panels: Panel[] = [];
	for (const { name, service } of servers) {
		panels.push({ title: name, runs: await allThree(service, 7) });
	}
	const picture = pictureOf(panels, reading.periodMs);
	const file = join(__dirname, '../../docs/images/in-flight.svg');
	if (process.env.UPDATE_DOCS) writeFileSync(file, picture);
	// `npm run docs` renews it.
	expect(readFileSync(file, 'utf8')).toBe(picture);
});

test('answers that take any time from 40 to 340 ms are no reason to go down', async () => {
	const random = seeded(3);
	const anyTime: ServiceTime = () => 40 + random() * 300;
	const periods = await readThrough(new FakeClock(), anyTime, { ...reading, workers: 40 });
	expect(mean(periods.slice(3), 'inFlight')).toBeGreaterThan(20);
});

test('requests for more, which take longer for everybody, are no reason for long', async () => {
	const small: ServiceTime = (_, nowMs) => (nowMs < 6_000 ? 20 : 200);
	const periods = await readThrough(new FakeClock(), small, { ...reading, workers: 40 });
	expect(periods[PERIODS - 1].inFlight).toBeGreaterThan(20);
});

describe('a list of forty pages', () => {
	/** How long each of several lists takes at a server with this latency; a request is so much work for us. */
	async function listsAt(clock: FakeClock, limiter: RateLimiter, latencyMs: number, workMs = 0) {
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
	}

	const unlimited = (clock: FakeClock) => new RateLimiter(1_000_000, clock);

	test('takes four round trips the first time, and three from then on', async () => {
		const clock = new FakeClock();
		expect(await listsAt(clock, unlimited(clock), 100)).toEqual([400, 300, 300, 300]);
	});

	test.each([1, 20, 100])('takes as few after a server with %i ms', async (beforeMs) => {
		const clock = new FakeClock();
		const limiter = unlimited(clock);
		await listsAt(clock, limiter, beforeMs);
		for (const latencyMs of [100, 20, 400]) {
			const took = await listsAt(clock, limiter, latencyMs);
			expect(took).toEqual(Array.from(took, () => 3 * latencyMs));
		}
	});

	test('takes one or two more after single requests to a server that is slower now', async () => {
		const clock = new FakeClock();
		const limiter = unlimited(clock);
		await listsAt(clock, limiter, 20);
		for (const latencyMs of [20, 100]) {
			for (let request = 0; request < 100; request++) {
				const answer = async () => await clock.sleep(latencyMs).then(() => answerOf(200));
				await limiter.schedule(answer);
			}
		}
		const [first, second, ...others] = await listsAt(clock, limiter, 400);
		expect(first + second).toBeLessThanOrEqual(3_200);
		expect(others).toEqual([1_200, 1_200]);
	});

	test.each([2, 5])(
		'%i ms of our own for each request are not the server slowing down',
		async (workMs) => {
			const clock = new FakeClock();
			const limiter = unlimited(clock);
			for (const latencyMs of [1, 20, 100, 20, 100])
				await listsAt(clock, limiter, latencyMs, workMs);
			const took = await listsAt(clock, limiter, 200, workMs);
			for (const tookMs of took) expect(tookMs).toBeLessThanOrEqual(600 + 40 * workMs);
		},
	);
});

test('fewer after a refusal, once for all of a volley, and never fewer than one', () => {
	const limit = new InFlightLimit();
	const begun = limit.count;
	for (let answer = 0; answer < 5; answer++) limit.refused(0, 100);
	expect(limit.count).toBe(begun / 2);
	for (let volley = 0; volley < 9; volley++) limit.refused(volley * 100 + 100, volley * 100 + 200);
	expect(limit.count).toBe(1);
});

test('fewer after an answer that was lost', async () => {
	const limiter = new RateLimiter(1_000_000, new FakeClock());
	const begun = limiter.mostInFlight;
	const lost = { failure: 'unknown' as const, error: new ApiError('unreachable', 'Lost') };
	await limiter.schedule(async () => await Promise.resolve(lost));
	expect(limiter.mostInFlight).toBe(begun / 2);
});

test('a sequence of single requests makes no room that nobody uses', () => {
	const limit = new InFlightLimit();
	const begun = limit.count;
	for (let request = 0; request < 100; request++) {
		limit.answered({ sentAtMs: request, nowMs: request + 1, busyMs: 0, inFlight: 1 });
	}
	expect(limit.count).toBe(begun);
});

test('a person in the editor does not wait for bulk requests that get no answer', async () => {
	const clock = new FakeClock();
	const limiter = new RateLimiter(1_000_000, clock);
	// The very first goes alone.
	await limiter.schedule(async () => await Promise.resolve(answerOf(200)));
	const hanging = async () => await new Promise<never>(() => {});
	for (let request = 0; request < 40; request++) void limiter.schedule(hanging);
	const answer = limiter.schedule(async () => await Promise.resolve(answerOf(200)), {
		isInteractive: true,
	});
	expect((await answer).statusCode).toBe(200);
});
