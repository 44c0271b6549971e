// The auth server: oidc-provider, a certified OAuth server, made to speak as the API's publisher
// lets expect (an `audience` parameter, `/oauth/token`, `/authorize`). Started by main.ts.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import express, { type Express } from 'express';
import {
	Provider,
	errors,
	type Adapter,
	type AdapterPayload,
	type Configuration,
	type KoaContextWithOIDC,
} from 'oidc-provider';
import type { Books } from './books.ts';
import type { OAuthClients } from './clients.ts';
import type { OAuthClient, ResolvedOptions, TokenFault } from './contract.ts';
import { audience } from './options.ts';
import { addSignInPages } from './signInPages.ts';

export const jwksPath = '/.well-known/jwks.json';
const tokenPath = '/oauth/token';

interface AuthServerParts {
	issuer: string;
	clients: OAuthClients;
	options: ResolvedOptions;
	books: Books;
	storage: Storage;
	/** What the next token requests are answered with instead of a token. */
	tokenFaults: TokenFault[];
}

/** The claims by which the API knows what an access token may do. */
export interface AccessClaims {
	client_ids: number[];
	generation: number;
}

export function createAuthServer(parts: AuthServerParts): Express {
	const { issuer, books, tokenFaults } = parts;
	const provider = new Provider(issuer, configuration(parts));
	// n8n's port is chosen when it starts, so its callback can't be registered beforehand.
	provider.Client.prototype.redirectUriAllowed = isLoopback;
	provider.use(async (context, next) => {
		askForConsentWithOfflineAccess(context);
		await next();
		const { oidc } = context as KoaContextWithOIDC;
		if (oidc?.route !== 'token') return;
		books.recordTokenRequest({
			grantType: oidc.body?.grant_type as string | undefined,
			status: context.status,
		});
	});
	const app = express();
	app.disable('x-powered-by');
	app.post(tokenPath, (_request, response, next) => {
		const fault = tokenFaults.shift();
		if (!fault) return next();
		books.recordTokenRequest({ status: fault.status });
		response.status(fault.status);
		if (typeof fault.body === 'string') response.type('html').send(fault.body);
		else response.json(fault.body ?? {});
	});
	addSignInPages(app, provider);
	app.use(provider.callback());
	return app;
}

function isLoopback(uri: string): boolean {
	const url = URL.parse(uri);
	return url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

/** OpenID Connect gives no refresh token without `prompt=consent`; servers with `audience` do. */
function askForConsentWithOfflineAccess(context: { path: string; query: object }): void {
	const query = context.query as Record<string, string>;
	if (context.path !== '/authorize' || query.prompt !== undefined) return;
	if (!query.scope?.split(' ').includes('offline_access')) return;
	context.query = { ...query, prompt: 'consent' };
}

/** The audience of a request; an OAuth error for a wrong one, and for none where one must be. */
function checkedAudience(context: KoaContextWithOIDC): string {
	const asked = context.oidc.body?.audience ?? context.oidc.params?.audience;
	if (asked === audience) return audience;
	throw new errors.InvalidTarget(asked ? 'audience is unknown' : 'audience is missing');
}

const identityScopes = ['openid', 'offline_access'];

/** A client that asks for no scope by its own credentials gets all that it has. A person is asked for each. */
function askForAllScopesWhenNone({ oidc }: KoaContextWithOIDC, granted: string[]): void {
	const { params, body } = oidc;
	if (!params || params.scope || body?.grant_type !== 'client_credentials') return;
	params.scope = granted.join(' ') || undefined;
}

function configuration({ clients, options, storage }: AuthServerParts): Configuration {
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const lifetime = () => options.tokenLifetimeSeconds;
	return {
		adapter: (model) => storage.adapter(model),
		jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'simulator', use: 'sig' }] },
		clientDefaults: { id_token_signed_response_alg: 'ES256' },
		cookies: { keys: [randomBytes(16).toString('hex')] },
		routes: { authorization: '/authorize', token: tokenPath, jwks: jwksPath },
		scopes: identityScopes,
		extraParams: ['audience'],
		pkce: { required: () => false },
		rotateRefreshToken: true,
		issueRefreshToken: async (_context, _client, code) => code.scopes.has('offline_access'),
		expiresWithSession: async () => false,
		findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
		interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
		extraTokenClaims: async (context) => {
			const client = clients.find(context.oidc.client?.clientId ?? '');
			return { client_ids: client?.practiceIds ?? [], generation: clients.generation };
		},
		ttl: {
			...{ AccessToken: lifetime, ClientCredentials: lifetime, AuthorizationCode: 60 },
			...{ RefreshToken: 86_400, Session: 86_400, Grant: 86_400 },
			...{ Interaction: 3_600, IdToken: 3_600 },
		},
		features: {
			devInteractions: { enabled: false },
			userinfo: { enabled: false },
			dPoP: { enabled: false },
			pushedAuthorizationRequests: { enabled: false },
			rpInitiatedLogout: { enabled: false },
			clientCredentials: { enabled: true },
			resourceIndicators: {
				enabled: true,
				// `audience` is what other servers call a resource indicator.
				defaultResource: (context) => checkedAudience(context),
				// The audience of a code or refresh token is that of its authorization request.
				useGrantedResource: async (context) => {
					if (context.oidc.body?.audience !== undefined) checkedAudience(context);
					return true;
				},
				getResourceServerInfo: (context, resource, client) => {
					if (resource !== audience) throw new errors.InvalidTarget('audience is unknown');
					const granted = clients.find(client.clientId)?.scopes ?? [];
					askForAllScopesWhenNone(context, granted);
					return { audience, scope: granted.join(' '), accessTokenFormat: 'jwt' };
				},
			},
		},
		renderError: async (context, out) => {
			context.type = 'text';
			context.body = `${out.error}: ${out.error_description ?? ''}`;
		},
	};
}

/** What oidc-provider knows of a client. Any loopback redirect is allowed beside the one named here. */
function metadataOf(client: OAuthClient): AdapterPayload {
	return {
		client_id: client.clientId,
		client_secret: client.clientSecret,
		token_endpoint_auth_method: 'client_secret_post',
		grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
		response_types: ['code'],
		redirect_uris: ['http://127.0.0.1/rest/oauth2-credential/callback'],
	};
}

/** Where sessions, grants, codes and refresh tokens are kept: in memory. Control takes away from it. */
export class Storage {
	private readonly entries = new Map<string, AdapterPayload>();

	private readonly clients: OAuthClients;

	constructor(clients: OAuthClients) {
		this.clients = clients;
	}

	/** Grants, codes and tokens of the client are gone. */
	withdraw(clientId: string): void {
		for (const [key, entry] of this.entries) {
			if (entry.clientId === clientId) this.entries.delete(key);
		}
	}

	/** oidc-provider asks for one adapter a model. */
	adapter(model: string): Adapter {
		const { clients, entries } = this;
		const keyOf = (id: string) => `${model}:${id}`;
		return {
			async find(id) {
				const client = model === 'Client' && clients.find(id);
				return client ? metadataOf(client) : entries.get(keyOf(id));
			},
			upsert: async (id, payload) => void entries.set(keyOf(id), payload),
			consume: async (id) =>
				void Object.assign(entries.get(keyOf(id)) ?? {}, { consumed: Date.now() / 1_000 }),
			destroy: async (id) => void entries.delete(keyOf(id)),
			async revokeByGrantId(grantId) {
				for (const [key, entry] of entries) if (entry.grantId === grantId) entries.delete(key);
			},
			findByUid: async (uid) =>
				Array.from(entries.values()).find((entry) => entry.kind === model && entry.uid === uid),
			// The device flow, which alone has user codes, is off.
			findByUserCode: async () => undefined,
		};
	}
}
