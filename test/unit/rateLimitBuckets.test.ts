// Which requests share a rate limit bucket, and when buckets are forgotten.
import { bucketFor, WINDOW_MS } from '../../nodes/EyeCloudPro/api/rateLimiter';
import { FakeClock } from './fakeClock.ts';

const clock = new FakeClock();

const key = (oauthClientId: string) => ({
	origin: 'https://api.example.com',
	oauthClientId,
	module: 'patients',
});

test('one bucket for each API, OAuth client and module', () => {
	const bucket = bucketFor(key('a'), 100, clock);
	expect(bucketFor(key('a'), 100, clock)).toBe(bucket);
	expect(bucketFor(key('b'), 100, clock)).not.toBe(bucket);
	expect(bucketFor({ ...key('a'), module: 'stores' }, 100, clock)).not.toBe(bucket);
	expect(bucketFor({ ...key('a'), origin: 'https://x.example' }, 100, clock)).not.toBe(bucket);
});

test('idle buckets are forgotten after a quarter of an hour, busy ones never', async () => {
	const idle = bucketFor(key('idle'), 100, clock);
	const busy = bucketFor(key('busy'), 100, clock);
	await busy.acquire();
	await clock.sleep(14 * 60_000);
	expect(bucketFor(key('idle'), 100, clock)).toBe(idle);
	await clock.sleep(16 * 60_000);
	expect(bucketFor(key('other'), 100, clock)).toBeDefined();
	expect(bucketFor(key('idle'), 100, clock)).not.toBe(idle);
	expect(bucketFor(key('busy'), 100, clock)).toBe(busy);
});

test('a changed limit of the credential holds from the next request on', async () => {
	const bucket = bucketFor(key('changed'), 1, clock);
	const startMs = clock.now();
	const startedMs: number[] = [];
	const send = async () => {
		await bucket.acquire();
		startedMs.push(clock.now() - startMs);
		bucket.release();
	};
	await send();
	bucketFor(key('changed'), 3, clock);
	await Promise.all([send(), send(), send()]);
	expect(startedMs).toEqual([0, 0, 0, WINDOW_MS]);
});
