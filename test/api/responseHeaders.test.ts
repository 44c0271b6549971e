// What headers say about the rate limit, in every style that the API may speak.
import { readRateLimit } from '../../nodes/EyeCloudPro/api/responseHeaders';

const NOW_MS = Date.UTC(2026, 0, 31, 12, 0, 0);
const NOW_SECONDS = NOW_MS / 1_000;

const read = (headers: Record<string, unknown>) => readRateLimit(headers, NOW_MS);

test('nothing, from no headers', () => {
	expect(read({})).toEqual({});
});

describe('Retry-After', () => {
	test.each<[string | number, number | undefined]>([
		['7', 7_000],
		[7, 7_000],
		[' 0 ', 0],
		['1.2', 1_200],
		// The three forms of an HTTP date.
		['Sat, 31 Jan 2026 12:00:30 GMT', 30_000],
		['Saturday, 31-Jan-26 12:00:30 GMT', 30_000],
		['Sat Jan 31 12:00:30 2026', 30_000],
		['Sat, 31 Jan 2026 11:59:00 GMT', 0],
		['soon', undefined],
		['', undefined],
		['-5', undefined],
		['2026-01-31', undefined],
		['Infinity', undefined],
	])('%j', (value, retryAfterMs) => {
		expect(read({ 'retry-after': value }).retryAfterMs).toBe(retryAfterMs);
	});

	test('a date is on the clock of the server that names it', () => {
		const headers = {
			date: 'Sat, 31 Jan 2026 15:00:00 GMT',
			'retry-after': 'Sat, 31 Jan 2026 15:00:05 GMT',
		};
		expect(read(headers).retryAfterMs).toBe(5_000);
	});

	test('a list of values is none', () => {
		expect(read({ 'retry-after': ['1', '2'] }).retryAfterMs).toBeUndefined();
	});
});

describe('each style', () => {
	const said = { limit: 100, remaining: 9, resetMs: 5_000 };
	const policy = { windowMs: 60_000 };
	test.each<[string, Record<string, unknown>, object]>([
		[
			'draft 6',
			{
				'ratelimit-policy': '100;w=60',
				'ratelimit-limit': '100',
				'ratelimit-remaining': '9',
				'ratelimit-reset': '5',
			},
			{ ...said, ...policy },
		],
		[
			'draft 7',
			{ 'ratelimit-policy': '100;w=60', ratelimit: 'limit=100, remaining=9, reset=5' },
			{ ...said, ...policy },
		],
		[
			'draft 8',
			{
				'ratelimit-policy': '"100-in-1min"; q=100; w=60; pk=:ZTQ4:',
				ratelimit: '"100-in-1min"; r=9; t=5',
			},
			{ ...said, ...policy },
		],
		[
			'X-RateLimit, seconds from now',
			{ 'x-ratelimit-limit': 100, 'x-ratelimit-remaining': 9, 'x-ratelimit-reset': 5 },
			said,
		],
		['X-RateLimit, epoch seconds', { 'x-ratelimit-reset': NOW_SECONDS + 5 }, { resetMs: 5_000 }],
		[
			'X-RateLimit, epoch milliseconds',
			{ 'x-ratelimit-reset': NOW_MS + 5_000 },
			{ resetMs: 5_000 },
		],
		['X-RateLimit, a time that is over', { 'x-ratelimit-reset': NOW_SECONDS - 5 }, { resetMs: 0 }],
		['none left', { ratelimit: '"default";r=0;t=60' }, { remaining: 0, resetMs: 60_000 }],
		['nonsense', { ratelimit: 'lots', 'x-ratelimit-remaining': 'many' }, {}],
		['negative numbers', { 'ratelimit-remaining': '-1', 'x-ratelimit-reset': '-3' }, {}],
		['objects', { ratelimit: {}, 'retry-after': null, date: 3 }, {}],
	])('%s', (_name, headers, expected) => {
		const found = Object.entries(read(headers)).filter(([, value]) => value !== undefined);
		expect(Object.fromEntries(found)).toEqual(expected);
	});

	test('a time on the clock of the server', () => {
		const headers = {
			date: 'Sat, 31 Jan 2026 13:00:00 GMT',
			'x-ratelimit-reset': String(NOW_SECONDS + 3_600 + 8),
		};
		expect(read(headers).resetMs).toBe(8_000);
	});
});
