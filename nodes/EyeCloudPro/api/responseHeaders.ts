// What an answer's headers say about the rate limits, in each of the usual styles. Which one EyeCloud Pro
// uses is not published, and none is needed. Read by the limiter, and by the client for its retries.

import { DateTime } from 'luxon';

export type ResponseHeaders = Record<string, unknown>;

/** The API's window is a minute, as its documentation says ("Rate Limiting"): nobody is held back for longer than this. */
export const LONGEST_NAMED_MS = 15 * 60_000;

/** So many limits are read from one answer. */
const MOST_LIMITS = 8;

const NUMBER = /^\d+(\.\d+)?$/;

/** One limit that the server names, with as much of it as it says. */
export interface NamedLimit {
	/** How many requests its window allows. */
	limit?: number;
	/** How long its window is, in milliseconds. */
	windowMs?: number;
	/** How many requests are left in the present window. */
	remaining?: number;
	/** Until the present window ends, in milliseconds. */
	resetMs?: number;
}

export interface RateLimitSignal {
	/** All that are named; they hold at the same time. */
	limits: NamedLimit[];
	/** The wait that the server asks for by Retry-After, in milliseconds. */
	retryAfterMs?: number;
}

/**
 * Reads `Retry-After` (seconds, and the three HTTP dates of RFC 9110), `RateLimit-Policy` with `RateLimit`
 * (IETF drafts 7 and 8) or with `RateLimit-*` (draft 6), and `X-RateLimit-*`.
 *
 * @param nowMs this machine's time; used where the answer has no `Date` header
 */
export function readRateLimit(headers: ResponseHeaders, nowMs: number): RateLimitSignal {
	const text = (name: string) => String(headers[name] ?? '').trim();
	// A time that the server names is on the server's clock, which may differ from ours.
	const serverNowMs = parseHttpDate(text('date')) ?? nowMs;
	const numbered = (prefix: string) =>
		itemOf({
			limit: numberIn(text(`${prefix}-limit`)),
			remaining: numberIn(text(`${prefix}-remaining`)),
			resetMs: fromResetTime(numberIn(text(`${prefix}-reset`)), serverNowMs),
		});
	const states = [...itemsOf(text('ratelimit')), ...numbered('ratelimit')];
	if (states.length === 0) states.push(...numbered('x-ratelimit'));
	const limits = new Map<unknown, NamedLimit>();
	for (const { name, ...said } of [...itemsOf(text('ratelimit-policy')), ...states]) {
		// Before draft 8, the state is that of the limit with the same number.
		const key = name ?? said.limit;
		limits.set(key, { ...limits.get(key), ...said });
	}
	return {
		limits: [...limits.values()].slice(0, MOST_LIMITS),
		retryAfterMs: fromRetryAfter(text('retry-after'), serverNowMs),
	};
}

interface NamedItem extends NamedLimit {
	name?: string;
}

/**
 * The limits in a structured header: `"burst";q=20;w=3, "minute";q=100;w=60` or `100;w=60`, each with its
 * parameters, or `limit=100, remaining=9, reset=5`, which is one limit in three parts.
 */
function itemsOf(header: string): NamedItem[] {
	const items: Array<Record<string, string>> = [];
	for (const part of header.match(/("[^"]*"|[^",])+/g) ?? []) {
		const item: Record<string, string> = {};
		for (const token of part.match(/("[^"]*"|[^";])+/g) ?? []) {
			const [, key = 'name', value] = /^\s*(?:(\w+)\s*=)?\s*"?(.*?)"?\s*$/.exec(token) ?? [];
			item[key] = value;
		}
		const last = items[items.length - 1];
		const isNextPart = last && !('name' in item) && !Object.keys(item).some((key) => key in last);
		if (isNextPart) Object.assign(last, item);
		else items.push(item);
	}
	return items.flatMap(({ name, q, w, r, t, ...old }) =>
		itemOf({
			name: q === undefined && r === undefined ? undefined : name,
			limit: numberIn(q ?? old.limit ?? name),
			windowMs: milliseconds(w),
			remaining: numberIn(r ?? old.remaining),
			resetMs: milliseconds(t ?? old.reset),
		}),
	);
}

/** None where nothing is said; has no property that isn't. */
function itemOf({ name, ...limit }: NamedItem): NamedItem[] {
	const said = Object.entries(limit).filter(([, value]) => value !== undefined);
	return said.length === 0 ? [] : [{ name, ...Object.fromEntries(said) }];
}

function numberIn(text: string | undefined): number | undefined {
	return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}

function milliseconds(seconds: string | undefined): number | undefined {
	const value = numberIn(seconds);
	return value === undefined ? undefined : Math.ceil(value * 1_000);
}

/** A server may name any time, one in the next century too. */
function fromRetryAfter(value: string, serverNowMs: number): number | undefined {
	const atMs = parseHttpDate(value);
	const waitMs = atMs === undefined ? milliseconds(value) : Math.max(0, atMs - serverNowMs);
	return waitMs === undefined ? undefined : Math.min(waitMs, LONGEST_NAMED_MS);
}

/** `X-RateLimit-Reset` has no standard: from now or since the epoch, in seconds or in milliseconds. */
function fromResetTime(value: number | undefined, serverNowMs: number): number | undefined {
	const [oneHourSeconds, oneYearSeconds] = [3_600, 31_536_000];
	if (value === undefined) return undefined;
	if (value < oneYearSeconds) return Math.ceil(value > oneHourSeconds ? value : value * 1_000);
	return Math.ceil(Math.max(0, (value > 100_000_000_000 ? value : value * 1_000) - serverNowMs));
}

function parseHttpDate(value: string): number | undefined {
	const date = DateTime.fromHTTP(value);
	return date.isValid ? date.toMillis() : undefined;
}
