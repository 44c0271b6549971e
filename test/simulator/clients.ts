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

	/** Throws a RangeError when the id is taken. */
	create(wanted: NewOAuthClient): OAuthClient {
		const clientId = wanted.clientId ?? `simulator-${randomBytes(4).toString('hex')}`;
		if (this.clients.has(clientId))
			throw new RangeError(`OAuth client ${clientId} exists already.`);
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

	/** Those beyond the three that are always there. */
	created(): OAuthClient[] {
		return [...this.clients.values()].slice(3);
	}

	/** Throws a RangeError when there is no such client, or when it is one that every test uses. */
	revoke(clientId: string): void {
		if (!this.created().some((client) => client.clientId === clientId)) {
			throw new RangeError(`Control has made no OAuth client ${clientId}.`);
		}
		this.clients.delete(clientId);
	}

	/** Throws a RangeError when there is no such client. */
	grant(clientId: string, scopes: string[]): void {
		const client = this.clients.get(clientId);
		if (!client) throw new RangeError(`There is no OAuth client ${clientId}.`);
		client.scopes = scopes;
	}
}
