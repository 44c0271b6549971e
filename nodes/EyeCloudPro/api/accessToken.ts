// What the claims of an access token say, and when it has to be renewed for it. n8n renews a token after a 401
// alone; servers answer an expired one in other ways too. Called by the client and, for the claims, by Get Access.
import { isObject } from './errors';
import type { Method } from './retry';
import { CREDENTIAL_TYPE, renewToken, type NoAnswer, type RequestContext } from './transport';

export interface TokenClaims {
	/** The granted scopes; undefined where the token does not name them. */
	scopes?: string[];
	/** Milliseconds since the epoch; undefined where the token does not say. */
	expiresAtMs?: number;
}

/** The token that a request goes out with. */
export interface TokenInUse {
	expiresAtMs?: number;
	/** How many renewals were over by then. */
	renewals: number;
}

/** The way to the API takes a moment, and clocks differ. */
const AHEAD_MS = 30_000;

/** The access token that n8n holds for a credential. */
export class AccessToken {
	private expiresAtMs?: number;

	private isRead = false;

	private aheadMs = AHEAD_MS;

	private renewals = 0;

	private renewing?: Promise<NoAnswer | undefined>;

	constructor(private readonly context: RequestContext) {}

	async claims(): Promise<TokenClaims> {
		const credential = await this.context.getCredentials<{
			oauthTokenData?: { access_token?: string };
		}>(CREDENTIAL_TYPE);
		const token = credential.oauthTokenData?.access_token;
		const claims = readClaims(token);
		// As long as there is none, the first request is what fetches it.
		this.isRead = Boolean(token);
		this.expiresAtMs = claims.expiresAtMs;
		return claims;
	}

	/** To be asked for before each request: what is refused may have gone out with an older token than there is now. */
	async inUse(): Promise<TokenInUse> {
		if (!this.isRead) await this.claims();
		const { expiresAtMs, renewals } = this;
		return { expiresAtMs, renewals };
	}

	/**
	 * Before a write: a token that is over is not used, as some servers answer it like a write that may be
	 * done. Reading does no harm.
	 */
	async renewFor(method: Method): Promise<NoAnswer | undefined> {
		if (method === 'GET' || (this.isRead && !this.isOver())) return undefined;
		await this.claims();
		if (!this.isOver()) return undefined;
		const failed = await this.renew();
		// As long as it holds, no other one is needed.
		return Number(this.expiresAtMs) > Date.now() ? undefined : failed;
	}

	/**
	 * After a refusal with a status that servers have for an expired token, whatever they say about it.
	 *
	 * @param used the token that the refused request went out with
	 * @returns whether there is another token now
	 */
	async renewAfter(statusCode: number | undefined, used: TokenInUse): Promise<boolean> {
		const isLikely = [400, 401, 403].includes(Number(statusCode)) || Number(statusCode) >= 500;
		if (!isLikely) return false;
		if (this.renewals > used.renewals) return true;
		const { expiresAtMs } = await this.claims();
		const isOver = Number(used.expiresAtMs) <= Date.now();
		if (isOver && used.expiresAtMs !== expiresAtMs) return true;
		return this.isOver() && (await this.renew()) === undefined;
	}

	/** By this machine's clock; where a new token is over by it as well, the clock tells nothing. */
	private isOver(): boolean {
		return this.expiresAtMs !== undefined && this.expiresAtMs - Date.now() < this.aheadMs;
	}

	/** Once for all requests of this client that wait for it. */
	private async renew(): Promise<NoAnswer | undefined> {
		this.renewing ??= renewToken(this.context).finally(() => {
			this.renewing = undefined;
		});
		const failed = await this.renewing;
		if (failed) return failed;
		this.renewals++;
		await this.claims();
		if (this.isOver()) {
			const isShort = Number(this.expiresAtMs) > Date.now();
			this.aheadMs = isShort ? 0 : Number.NEGATIVE_INFINITY;
		}
		return undefined;
	}
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
