// What the claims of an access token say. Called by Get Access; the token itself goes no further.
import { isObject } from './errors';

export interface TokenClaims {
	/** The granted scopes; undefined where the token does not name them. */
	scopes?: string[];
	/** Milliseconds since the epoch; undefined where the token does not say. */
	expiresAtMs?: number;
}

/**
 * Reads the claims of a JWT (`overview.md`, "Authentication and Authorization"): `scope` as text,
 * or `permissions` or `scp` as a list, whichever holds more. The signature is for the API to check.
 *
 * @returns nothing known for a token that is no JWT
 */
export function readClaims(token: unknown): TokenClaims {
	const payload = typeof token === 'string' ? parsePayload(token.split('.')[1]) : undefined;
	if (!payload) return {};
	const lists = [payload.scope, payload.scp, payload.permissions].map(toList);
	const longest = lists.reduce((a, b) => (b.length > a.length ? b : a));
	return {
		scopes: longest.length > 0 ? longest : undefined,
		expiresAtMs: isTime(payload.exp) ? payload.exp * 1000 : undefined,
	};
}

/** Seconds since the epoch that a date can show. */
function isTime(claim: unknown): claim is number {
	return typeof claim === 'number' && !Number.isNaN(new Date(claim * 1000).getTime());
}

function toList(claim: unknown): string[] {
	if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
	return Array.isArray(claim) ? claim.filter((scope) => typeof scope === 'string') : [];
}

function parsePayload(part: string | undefined): Record<string, unknown> | undefined {
	if (!part) return undefined;
	try {
		const payload: unknown = JSON.parse(atob(part.replace(/-/g, '+').replace(/_/g, '/')));
		return isObject(payload) ? payload : undefined;
	} catch {
		return undefined;
	}
}
