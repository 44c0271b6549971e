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

export class AccessTokens {
	private readonly keys: ReturnType<typeof createRemoteJWKSet>;
	private readonly issuer: string;
	private readonly clients: OAuthClients;

	constructor(issuer: string, clients: OAuthClients) {
		this.issuer = issuer;
		this.clients = clients;
		this.keys = createRemoteJWKSet(new URL(jwksPath, issuer));
	}

	/** Undefined when there is no token, or one that is not good (any more). */
	async callerOf(authorization = ''): Promise<Caller | undefined> {
		const [, token = ''] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
		const { issuer, keys } = this;
		const rules = { issuer, audience, typ: 'at+jwt', requiredClaims: ['exp'] };
		type Claims = AccessClaims & { client_id: string; scope?: string };
		const found = await jwtVerify<Claims>(token, keys, rules).catch(() => undefined);
		if (!found || found.payload.generation < this.clients.generation) return undefined;
		const { client_id: oauthClientId, client_ids: practiceIds, scope } = found.payload;
		return { oauthClientId, practiceIds, scopes: scope?.split(' ') ?? [] };
	}

	/** Every token issued until now is refused. Refresh tokens and secrets stay good. */
	expireAll(): void {
		this.clients.generation += 1;
	}
}
