// The OAuth clients: who may ask for tokens, for which scopes and practices. Used by the auth server
// and changed by control.
import { randomBytes } from 'node:crypto';
import type { GrantType, NewOAuthClient, OAuthClient } from './contract.ts';
import { otherPracticeId, practiceId } from './practices.ts';
import { allScopes } from './resources.ts';

const allGrantTypes: GrantType[] = ['client_credentials', 'authorization_code', 'refresh_token'];

export class OAuthClients {
	/** Tokens carry the generation that they were issued in; older ones are refused. */
	generation = 0;
	readonly practice: OAuthClient;
	readonly group: OAuthClient;
	readonly reader: OAuthClient;
	private readonly clients = new Map<string, OAuthClient>();

	constructor() {
		this.practice = this.create({ clientId: 'simulator-practice' });
		this.group = this.create({
			clientId: 'simulator-group',
			practiceIds: [practiceId, otherPracticeId],
		});
		this.reader = this.create({ clientId: 'simulator-reader', scopes: ['read:patients'] });
	}

	create(wanted: NewOAuthClient): OAuthClient {
		const clientId = wanted.clientId ?? `simulator-${randomBytes(4).toString('hex')}`;
		const client: OAuthClient = {
			clientId,
			clientSecret: wanted.public ? undefined : `not-a-secret-${randomBytes(12).toString('hex')}`,
			scopes: wanted.scopes ?? [...allScopes],
			practiceIds: wanted.practiceIds ?? [practiceId],
			grantTypes: wanted.grantTypes ?? allGrantTypes.slice(wanted.public ? 1 : 0),
		};
		this.clients.set(clientId, client);
		return client;
	}

	find(clientId: string): OAuthClient | undefined {
		return this.clients.get(clientId);
	}

	/** Throws a RangeError when there is no such client. */
	known(clientId: string): OAuthClient {
		const client = this.clients.get(clientId);
		if (client) return client;
		throw new RangeError(`There is no OAuth client ${clientId}.`);
	}

	revoke(clientId: string): void {
		this.clients.delete(this.known(clientId).clientId);
	}
}
