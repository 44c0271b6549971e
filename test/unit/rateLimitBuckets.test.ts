// Which requests share a rate limit bucket, and when buckets are forgotten.
import { WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimitBucket';
import { bucketFor } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { FakeClock } from './fakeClock.ts';

const perMinute = { requests: 100, windowMs: 60_000 };

const clock = new FakeClock();

const key = (oauthClientId: string) => ({
	origin: 'https://api.example.com',
	oauthClientId,
	module: 'patients',
});

test('one bucket for each API, OAuth client and module', () => {
	const bucket = bucketFor(key('a'), perMinute, clock);
	expect(bucketFor(key('a'), perMinute, clock)).toBe(bucket);
	expect(bucketFor(key('b'), perMinute, clock)).not.toBe(bucket);
	expect(bucketFor({ ...key('a'), module: 'stores' }, perMinute, clock)).not.toBe(bucket);
	expect(bucketFor({ ...key('a'), origin: 'https://x.example' }, perMinute, clock)).not.toBe(
		bucket,
	);
});

test('idle buckets are forgotten after a quarter of an hour, busy ones never', async () => {
	const idle = bucketFor(key('idle'), perMinute, clock);
	const busy = bucketFor(key('busy'), perMinute, clock);
	await busy.acquire();
	await clock.sleep(14 * 60_000);
	expect(bucketFor(key('idle'), perMinute, clock)).toBe(idle);
	await clock.sleep(16 * 60_000);
	expect(bucketFor(key('other'), perMinute, clock)).toBeDefined();
	expect(bucketFor(key('idle'), perMinute, clock)).not.toBe(idle);
	expect(bucketFor(key('busy'), perMinute, clock)).toBe(busy);
});

test('a changed limit of the credential holds from the next request on', async () => {
	const bucket = bucketFor(key('changed'), { requests: 1, windowMs: 60_000 }, clock);
	const startMs = clock.now();
	const startedMs: number[] = [];
	const send = async () => {
		await bucket.acquire();
		startedMs.push(clock.now() - startMs);
		bucket.release();
	};
	await send();
	bucketFor(key('changed'), { requests: 3, windowMs: 60_000 }, clock);
	await Promise.all([send(), send(), send()]);
	expect(startedMs).toEqual([0, 0, 0, WINDOW_MS]);
});
