// What an answer's headers say about the rate limit, whichever of the usual styles the API speaks.
// Read by the client for the rate limiter and the retries. Which style EyeCloud Pro uses is not
// published, so every likely one is understood, and none is needed.

export type ResponseHeaders = Record<string, unknown>;

/** The API's window is a minute (`overview.md`, "Rate Limiting"). */
export const LONGEST_NAMED_MS = 15 * 60_000;

const NUMBER = /^(\d+(?:\.\d+)?)$/;

export interface RateLimitSignal {
	/** The server's limit for its window, if it names one. */
	limit?: number;
	/** How many requests are left in the server's window. */
	remaining?: number;
	/** Until the server's window ends, in milliseconds. */
	resetMs?: number;
	/** How long the server's window is, in milliseconds. */
	windowMs?: number;
	/** The wait that the server asks for by Retry-After, in milliseconds. */
	retryAfterMs?: number;
}

/**
 * Reads `Retry-After` (seconds, and the three HTTP dates of RFC 9110), `RateLimit` (IETF drafts 7 and
 * 8), `RateLimit-*` (draft 6) and `X-RateLimit-*` (reset in seconds from now, or as a time).
 *
 * @param nowMs this machine's time; used where the answer has no `Date` header
 */
export function readRateLimit(headers: ResponseHeaders, nowMs: number): RateLimitSignal {
	const text = (name: string) => {
		const value = headers[name];
		return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
	};
	// A header's number, or one of its parameters: `limit=100, reset=5` or `"default";r=9;t=5`.
	const number = (name: string, parameter?: string) => {
		const pattern = parameter ? `(?:^|[;,\\s])(?:${parameter})\\s*=\\s*(\\d+)` : NUMBER.source;
		const found = new RegExp(pattern).exec(text(name));
		return found ? Number(found[1]) : undefined;
	};
	// A time that the server names is on the server's clock, which may differ from ours.
	const serverNowMs = parseHttpDate(text('date')) ?? nowMs;
	const windowSeconds = number('ratelimit-policy', 'w');
	const resetSeconds = number('ratelimit', 'reset|t') ?? number('ratelimit-reset');
	return {
		remaining:
			number('ratelimit', 'remaining|r') ??
			number('ratelimit-remaining') ??
			number('x-ratelimit-remaining'),
		limit:
			number('ratelimit', 'limit') ??
			number('ratelimit-policy', 'q') ??
			number('ratelimit-limit') ??
			number('x-ratelimit-limit'),
		windowMs: windowSeconds ? windowSeconds * 1000 : undefined,
		resetMs: atMost(
			resetSeconds === undefined
				? fromResetTime(number('x-ratelimit-reset'), serverNowMs)
				: resetSeconds * 1000,
		),
		retryAfterMs: atMost(fromRetryAfter(text('retry-after'), serverNowMs)),
	};
}

/** A server may name any time; nobody is held back by it for longer, nor by one in the next century. */
function atMost(namedMs: number | undefined): number | undefined {
	return namedMs === undefined ? undefined : Math.min(namedMs, LONGEST_NAMED_MS);
}

function fromRetryAfter(value: string, serverNowMs: number): number | undefined {
	if (NUMBER.test(value)) return Math.ceil(Number(value) * 1000);
	const atMs = parseHttpDate(value);
	return atMs === undefined ? undefined : Math.max(0, atMs - serverNowMs);
}

/** `X-RateLimit-Reset` has no standard: seconds from now, epoch seconds or epoch milliseconds. */
function fromResetTime(value: number | undefined, serverNowMs: number): number | undefined {
	const oneYearSeconds = 31_536_000;
	if (value === undefined || value < oneYearSeconds) return value && value * 1000;
	return Math.max(0, (value > 100_000_000_000 ? value : value * 1000) - serverNowMs);
}

function parseHttpDate(value: string): number | undefined {
	if (!/^[A-Z][a-z]{2}/.test(value)) return undefined;
	// The asctime form carries no zone, and would be read as local time.
	const atMs = Date.parse(/GMT$/.test(value) ? value : `${value} GMT`);
	return Number.isNaN(atMs) ? undefined : atMs;
}
