// What headers say about the rate limits, in every style that the API may speak.
import { readRateLimit } from '../../nodes/EyeCloudPro/api/responseHeaders';

const NOW_MS = Date.UTC(2026, 0, 31, 12, 0, 0);
const NOW_SECONDS = NOW_MS / 1_000;

const read = (headers: Record<string, unknown>) => readRateLimit(headers, NOW_MS);

test.each<[string | number | string[], number | undefined]>([
	[7, 7_000],
	['1.2', 1_200],
	['Sat, 31 Jan 2026 12:00:30 GMT', 30_000],
	['Sat, 31 Jan 2026 11:59:00 GMT', 0],
	['99999999999', 900_000],
	['-5', undefined],
	[['1', '2'], undefined],
])('Retry-After: %j', (value, retryAfterMs) => {
	expect(read({ 'retry-after': value }).retryAfterMs).toBe(retryAfterMs);
});

test('a time is on the clock of the server that names it', () => {
	const headers = {
		date: 'Sat, 31 Jan 2026 15:00:00 GMT',
		'retry-after': 'Sat, 31 Jan 2026 15:00:05 GMT',
		'x-ratelimit-reset': String(NOW_SECONDS + 3 * 3_600 + 8),
	};
	expect(read(headers)).toEqual({ retryAfterMs: 5_000, limits: [{ resetMs: 8_000 }] });
});

const minute = { limit: 100, remaining: 9, resetMs: 5_000, windowMs: 60_000 };
const unknownWindow = { ...minute, windowMs: undefined };
const burst = { limit: 20, remaining: 0, resetMs: 2_000, windowMs: 3_000 };
const numbered = (prefix: string) => ({
	[`${prefix}-limit`]: '100',
	[`${prefix}-remaining`]: 9,
	[`${prefix}-reset`]: '5',
});
const draft6 = numbered('ratelimit');
const policies = { 'ratelimit-policy': '20;w=3, 100;w=60' };
const state7 = 'limit=100, remaining=9, reset=5';
const burst7 = 'limit=20, remaining=0, reset=2';
const reset = (value: number) => ({ 'x-ratelimit-reset': value });

test.each<[string, Record<string, unknown>, object[]]>([
	['draft 6', { ...draft6, ...policies }, [{ limit: 20, windowMs: 3_000 }, minute]],
	['draft 7', { ...policies, ratelimit: `${burst7}, ${state7}` }, [burst, minute]],
	[
		'draft 8, in another order, with a comma in a name',
		{
			'ratelimit-policy': '"a, b"; q=20; w=3, "minute";q=100;w=60;pk=:ZTQ4:',
			ratelimit: '"minute";r=9;t=5, "a, b";r=0;t=2',
		},
		[burst, minute],
	],
	['two styles at once', { ...numbered('x-ratelimit'), ...draft6 }, [unknownWindow]],
	['X-RateLimit, epoch seconds', reset(NOW_SECONDS + 5), [{ resetMs: 5_000 }]],
	['X-RateLimit, epoch milliseconds', reset(NOW_MS + 5_000), [{ resetMs: 5_000 }]],
	['X-RateLimit, milliseconds from now', reset(45_000), [{ resetMs: 45_000 }]],
	['X-RateLimit, a time that is over', reset(NOW_SECONDS - 5), [{ resetMs: 0 }]],
	['nonsense', { ratelimit: 'lots', 'x-ratelimit-remaining': -1, 'retry-after': null }, []],
])('%s', (_name, headers, limits) => {
	expect(read(headers)).toEqual({ limits });
});
