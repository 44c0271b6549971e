// A server on the fake clock whose answers take longer the more of them are under way, and readers that keep it
// busy through the limiter or with a fixed number at a time. Used by inFlightLimit.test.ts.
import { RateLimiter } from '../../nodes/EyeCloudPro/api/rateLimiter';
import type { FakeClock } from './fakeClock.ts';
import { answerOf } from './limitedServer.ts';

/** How long an answer takes, in milliseconds, with so many under way when it begins. */
export type ServiceTime = (inFlight: number, nowMs: number) => number;

export interface Period {
	/** Answers in a second. */
	throughput: number;
	/** The mean. */
	inFlight: number;
}

/** Reads for a while, and says how it went in each period. */
export async function readThrough(
	clock: FakeClock,
	serviceMs: ServiceTime,
	reading: { workers: number; isFixed?: boolean; periods: number; periodMs: number },
): Promise<Period[]> {
	const { workers, isFixed = false, periods, periodMs } = reading;
	const limiter = new RateLimiter(1_000_000, clock);
	const startMs = clock.elapsedMs();
	const endMs = startMs + periods * periodMs;
	const answered = Array.from({ length: periods }, () => ({ answers: 0, sum: 0 }));
	let inFlight = 0;
	const serve = async () => {
		const mean = ++inFlight;
		await clock.sleep(serviceMs(inFlight, clock.elapsedMs() - startMs));
		inFlight--;
		const period = answered[Math.floor((clock.elapsedMs() - startMs) / periodMs)];
		if (period) {
			period.answers++;
			period.sum += mean;
		}
		return answerOf(200);
	};
	const worker = async () => {
		while (clock.elapsedMs() < endMs) await (isFixed ? serve() : limiter.schedule(serve));
	};
	await Promise.all(Array.from({ length: workers }, worker));
	let mean = 0;
	return answered.map(({ answers, sum }) => {
		// Where none was answered, they are all still in flight.
		if (answers > 0) mean = sum / answers;
		return { throughput: (answers * 1_000) / periodMs, inFlight: mean };
	});
}
