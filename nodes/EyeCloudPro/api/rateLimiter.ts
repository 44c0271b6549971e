// Step 2 of a request's way: waiting for a place under the API's rate limit. Which requests share one.
// Called by the client; every execution in the process shares the buckets.
import { systemClock, type Clock } from './clock';
import { RateLimitBucket } from './rateLimitBucket';

/** Buckets that nobody used for this long are forgotten: longer than any wait that a server names. */
const IDLE_BUCKET_MS = 15 * 60_000;

const buckets = new Map<string, RateLimitBucket>();

/**
 * The bucket of one module for one OAuth client at one API (documented: limits are per OAuth client
 * and module), made when there is none. Idle ones are forgotten on the way, so the map stays as small
 * as what was used in the last quarter of an hour.
 */
export function bucketFor(
	key: { origin: string; oauthClientId: string; module: string },
	limit: { requests: number; windowMs: number },
	clock: Clock = systemClock,
): RateLimitBucket {
	const nowMs = clock.now();
	for (const [name, bucket] of buckets) {
		if (bucket.isIdle && nowMs - bucket.lastUsedMs > IDLE_BUCKET_MS) buckets.delete(name);
	}
	const name = JSON.stringify([key.origin, key.oauthClientId, key.module]);
	const bucket = buckets.get(name) ?? new RateLimitBucket(limit.requests, clock, limit.windowMs);
	bucket.setLimit(limit.requests);
	buckets.set(name, bucket);
	return bucket;
}
