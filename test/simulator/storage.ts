// Where the auth server keeps sessions, grants, codes and refresh tokens: in memory, and the clients
// where control can add to them. Used by authServer.ts; control takes away from it.
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { OAuthClients } from './clients.ts';
import type { OAuthClient } from './contract.ts';

/** What oidc-provider knows of a client. Any loopback redirect is allowed beside the one named here. */
function metadataOf(client: OAuthClient): AdapterPayload {
	const interactive = client.grantTypes.includes('authorization_code');
	return {
		client_id: client.clientId,
		client_secret: client.clientSecret,
		token_endpoint_auth_method: client.clientSecret ? 'client_secret_post' : 'none',
		grant_types: client.grantTypes,
		response_types: interactive ? ['code'] : [],
		redirect_uris: interactive ? ['http://127.0.0.1/rest/oauth2-credential/callback'] : [],
	};
}

/** What control takes away from what the auth server keeps. */
export class Storage {
	private readonly clients: OAuthClients;
	private readonly entries = new Map<string, AdapterPayload>();

	constructor(clients: OAuthClients) {
		this.clients = clients;
	}

	/** As when a person withdraws consent: the grants of a client, with all that rests on them. */
	withdrawConsent(clientId: string): void {
		this.remove(clientId, ['Grant', 'AuthorizationCode', 'RefreshToken', 'AccessToken']);
	}

	/** As when they have been idle for too long. */
	forgetRefreshTokens(clientId: string): void {
		this.remove(clientId, ['RefreshToken']);
	}

	private remove(clientId: string, models: string[]): void {
		for (const [key, entry] of this.entries) {
			if (entry.clientId !== clientId) continue;
			if (models.some((model) => key.startsWith(`${model}:`))) this.entries.delete(key);
		}
	}

	/** oidc-provider asks for one adapter a model. */
	adapter(model: string): Adapter {
		const { clients, entries } = this;
		const find = async (id: string) => {
			if (model !== 'Client') return entries.get(`${model}:${id}`);
			const client = clients.find(id);
			return client && metadataOf(client);
		};
		return {
			find,
			async upsert(id, payload) {
				entries.set(`${model}:${id}`, payload);
			},
			async consume(id) {
				const entry = entries.get(`${model}:${id}`);
				if (entry) entry.consumed = Math.floor(Date.now() / 1_000);
			},
			async destroy(id) {
				entries.delete(`${model}:${id}`);
			},
			async revokeByGrantId(grantId) {
				for (const [key, entry] of entries) {
					if (entry.grantId === grantId) entries.delete(key);
				}
			},
			async findByUid(uid) {
				for (const [key, entry] of entries) {
					if (key.startsWith(`${model}:`) && entry.uid === uid) return entry;
				}
				return undefined;
			},
			// The device flow, which alone has user codes, is off.
			findByUserCode: async () => undefined,
		};
	}
}
