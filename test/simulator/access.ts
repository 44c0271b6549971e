// Who calls, and what they may do: the API's own check of access tokens, against the auth server's
// published keys as any API would do it. Called by api.ts for each request.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { jwksPath, type AccessClaims } from './authServer.ts';
import type { OAuthClients } from './clients.ts';
import { audience } from './options.ts';

export interface Caller {
	oauthClientId: string;
	scopes: string[];
	practiceIds: number[];
}

type VerifiedToken = Caller & { expiresAtMs: number; generation: number };

const rememberedTokens = 10_000;

export class AccessTokens {
	private readonly keys: ReturnType<typeof createRemoteJWKSet>;
	/** A signature that was good once stays good, so a token's is worked out only once. */
	private readonly verified = new Map<string, VerifiedToken>();

	private readonly issuer: string;
	private readonly clients: OAuthClients;

	constructor(issuer: string, clients: OAuthClients) {
		this.issuer = issuer;
		this.clients = clients;
		this.keys = createRemoteJWKSet(new URL(jwksPath, issuer));
	}

	/** Undefined when there is no token, or one that is not good (any more). */
	async callerOf(authorization: string | undefined): Promise<Caller | undefined> {
		const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
		if (token === undefined) return undefined;
		const known = this.verified.get(token) ?? (await this.verify(token));
		if (!known || known.expiresAtMs <= Date.now()) return undefined;
		return known.generation < this.clients.generation ? undefined : known;
	}

	/** Every token issued until now is refused. Refresh tokens and secrets stay good. */
	expireAll(): void {
		this.clients.generation += 1;
	}

	private async verify(token: string): Promise<VerifiedToken | undefined> {
		const { issuer } = this;
		const rules = { issuer, audience, typ: 'at+jwt', requiredClaims: ['exp'] };
		type Claims = AccessClaims & { client_id: string; scope?: string };
		const found = await jwtVerify<Claims>(token, this.keys, rules).catch(() => undefined);
		if (!found) return undefined;
		const { client_id, client_ids, scope, exp = 0, generation } = found.payload;
		const verified = {
			...{ oauthClientId: client_id, scopes: scope?.split(' ') ?? [], practiceIds: client_ids },
			...{ expiresAtMs: exp * 1_000, generation },
		};
		if (this.verified.size >= rememberedTokens) this.verified.clear();
		this.verified.set(token, verified);
		return verified;
	}
}
