// Which requests share a rate limiter, and when limiters are forgotten.
import { limiterFor } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitWindow';
import { FakeClock } from '../harness/fakeClock.ts';
import { answerOf } from '../harness/limitedServer.ts';

const perMinute = { requests: 100, windowMs: 60_000 };

const clock = new FakeClock();

const key = (oauthClientId: string) => ({
	origin: 'https://api.example.com',
	oauthClientId,
	module: 'patients',
});

test('one limiter for each API, OAuth client and module', () => {
	const limiter = limiterFor(key('a'), perMinute, clock);
	expect(limiterFor(key('a'), perMinute, clock)).toBe(limiter);
	expect(limiterFor(key('b'), perMinute, clock)).not.toBe(limiter);
	expect(limiterFor({ ...key('a'), module: 'stores' }, perMinute, clock)).not.toBe(limiter);
	expect(limiterFor({ ...key('a'), origin: 'https://x.example' }, perMinute, clock)).not.toBe(
		limiter,
	);
});

test('idle limiters are forgotten after a quarter of an hour, busy ones never', async () => {
	const idle = limiterFor(key('idle'), perMinute, clock);
	const busy = limiterFor(key('busy'), perMinute, clock);
	const underWay = busy.schedule(async () => await new Promise<never>(() => {}));
	await clock.sleep(14 * 60_000);
	expect(limiterFor(key('idle'), perMinute, clock)).toBe(idle);
	await clock.sleep(16 * 60_000);
	expect(limiterFor(key('other'), perMinute, clock)).toBeDefined();
	expect(limiterFor(key('idle'), perMinute, clock)).not.toBe(idle);
	expect(limiterFor(key('busy'), perMinute, clock)).toBe(busy);
	expect(underWay).toBeInstanceOf(Promise);
});

test('a changed limit of the credential holds from the next request on', async () => {
	const limiter = limiterFor(key('changed'), { requests: 1, windowMs: 60_000 }, clock);
	const startMs = clock.now();
	const startedMs: number[] = [];
	const send = async () =>
		await limiter.schedule(async () => {
			startedMs.push(clock.now() - startMs);
			await clock.sleep(0);
			return answerOf(200);
		});
	await send();
	limiterFor(key('changed'), { requests: 3, windowMs: 60_000 }, clock);
	await Promise.all([send(), send(), send()]);
	expect(startedMs).toEqual([0, 0, 0, WINDOW_MS]);
});
