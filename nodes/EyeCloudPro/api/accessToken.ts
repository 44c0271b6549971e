// What is known of the access token that n8n holds, and when it has to be renewed for it. n8n renews a token after a
// 401 alone; servers answer an expired one in other ways too. Called by the client and, for the claims, by Get Access.
import { isObject, type ApiError } from './errors';
import type { Method } from './retry';
import type { SharedCredential } from './sharedCredential';
import { renewToken, type NoAnswer } from './transport';

export interface TokenClaims {
	/** The granted scopes; undefined where the token does not name them. */
	scopes?: string[];
	/** Milliseconds since the epoch; undefined where neither the token nor n8n knows. */
	expiresAtMs?: number;
}

/** The token that a request goes out with. */
export interface TokenInUse {
	/** To tell it from another one; nothing else is done with it. */
	value?: string;
	/** Number of renewals completed when this token was read. */
	renewals: number;
}

interface CredentialWithToken {
	oauthTokenData?: { access_token?: string; n8n_expires_at?: unknown };
}

/** The way to the API takes a moment, and clocks differ. */
const AHEAD_MS = 30_000;

/** The access token that n8n holds for a credential. */
export class AccessToken {
	private expiresAtMs?: number;

	/** As long as there is none, the first request is what fetches it. */
	private value?: string;

	private aheadMs = AHEAD_MS;

	private renewals = 0;

	private renewing?: Promise<NoAnswer | undefined>;

	/** If the expiry is unknown, one unexplained refusal triggers one renewal. */
	private wasSuspected = false;

	constructor(private readonly credential: SharedCredential) {}

	/** Of the token that is stored now. */
	async claims(): Promise<TokenClaims> {
		return this.claimsIn(await this.credential.read<CredentialWithToken>());
	}

	private claimsIn({ oauthTokenData: stored }: CredentialWithToken): TokenClaims {
		const { scopes, expiresAtMs: ownEndMs } = readClaims(stored?.access_token);
		// n8n notes when a token ends that can't be read; n8n 1.x does not.
		const noted = Number(stored?.n8n_expires_at ?? Number.NaN);
		this.expiresAtMs = ownEndMs ?? (isTime(noted) ? noted : undefined);
		this.value = stored?.access_token;
		return { scopes, expiresAtMs: this.expiresAtMs };
	}

	/** To be asked for as each request goes out: another one may be stored by the time that it is refused. */
	async inUse(): Promise<TokenInUse> {
		const credential = await this.credential.shared<CredentialWithToken>();
		if (credential.oauthTokenData?.access_token !== this.value) this.claimsIn(credential);
		const { value, renewals } = this;
		return { value, renewals };
	}

	/**
	 * Before a write: an expired token is not used, as some servers answer it like a write that may be done. Reading
	 * does no harm.
	 */
	async renewFor(method: Method): Promise<NoAnswer | undefined> {
		if (method === 'GET' || (this.value && !this.isExpired())) return undefined;
		await this.claims();
		if (!this.isExpired()) return undefined;
		const failed = await this.renew();
		// As long as it holds, no other one is needed.
		return Number(this.expiresAtMs) > Date.now() ? undefined : failed;
	}

	/**
	 * After a refusal that an expired token explains, whatever the API says about it.
	 *
	 * @param used the token that the refused request went out with
	 * @returns whether there is another token now
	 */
	async renewAfter(
		{ statusCode = 0, isUnexplained }: ApiError,
		used: TokenInUse,
	): Promise<boolean> {
		if (![400, 401, 403].includes(statusCode) && statusCode < 500) return false;
		if (this.renewals > used.renewals) return true;
		const { expiresAtMs } = await this.claims();
		// Renewed meanwhile, by this process or by another one.
		const isAnother = used.value !== undefined && this.value !== used.value;
		if (this.renewals > used.renewals || isAnother) return true;
		const isSuspect = expiresAtMs === undefined && isUnexplained && !this.wasSuspected;
		if (isSuspect) this.wasSuspected = true;
		const isDue = isSuspect || this.isExpired() || this.renewing !== undefined;
		return isDue && (await this.renew()) === undefined;
	}

	/** By the local clock. If even a fresh token looks expired, the clock is wrong and is ignored. */
	private isExpired(): boolean {
		return this.expiresAtMs !== undefined && this.expiresAtMs - Date.now() < this.aheadMs;
	}

	/** Once for all requests of this client that wait for it. */
	private async renew(): Promise<NoAnswer | undefined> {
		this.renewing ??= this.renewNow().finally(() => {
			this.renewing = undefined;
		});
		return await this.renewing;
	}

	private async renewNow(): Promise<NoAnswer | undefined> {
		const failed = await renewToken(this.credential);
		if (failed) return failed;
		this.renewals++;
		await this.claims();
		if (this.isExpired()) {
			const isShort = Number(this.expiresAtMs) > Date.now();
			this.aheadMs = isShort ? 0 : Number.NEGATIVE_INFINITY;
		}
		return undefined;
	}
}

/**
 * Reads the claims of a JWT (EyeCloud Pro's API documentation, "Authentication and Authorization"): `scope` as text, or
 * `permissions` or `scp` as a list, whichever holds more. The signature is for the API to check.
 *
 * @returns nothing known for a token that is no JWT
 */
export function readClaims(token: unknown): TokenClaims {
	const { scope, scp, permissions, exp } = payloadOf(token);
	const lists = [scope, scp, permissions].map(toList);
	const longest = lists.reduce((a, b) => (b.length > a.length ? b : a));
	const expiresAtMs = typeof exp === 'number' ? exp * 1000 : Number.NaN;
	return {
		scopes: longest.length > 0 ? longest : undefined,
		expiresAtMs: isTime(expiresAtMs) ? expiresAtMs : undefined,
	};
}

/** Whether a Date can represent it. */
function isTime(ms: number): boolean {
	return !Number.isNaN(new Date(ms).getTime());
}

function toList(claim: unknown): string[] {
	if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
	return Array.isArray(claim) ? claim.filter((scope) => typeof scope === 'string') : [];
}

function payloadOf(token: unknown): Record<string, unknown> {
	const part = typeof token === 'string' ? (token.split('.')[1] ?? '') : '';
	try {
		const payload: unknown = JSON.parse(atob(part.replace(/-/g, '+').replace(/_/g, '/')));
		return isObject(payload) ? payload : {};
	} catch {
		return {};
	}
}
