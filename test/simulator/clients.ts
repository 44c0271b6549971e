// The OAuth clients: who may ask for tokens, for which scopes and practices. Used by the auth server
// and changed by control.
import { randomBytes } from 'node:crypto';
import type { NewOAuthClient, OAuthClient } from './contract.ts';
import { otherPracticeId, practiceId } from './practices.ts';
import { allScopes } from './resources.ts';

export class OAuthClients {
	/** Tokens carry the generation that they were issued in; older ones are refused. */
	generation = 0;
	private readonly clients = new Map<string, OAuthClient>();

	/** Those that are always there. */
	readonly usual = {
		practice: this.create({ clientId: 'simulator-practice' }),
		group: this.create({
			clientId: 'simulator-group',
			practiceIds: [practiceId, otherPracticeId],
		}),
		reader: this.create({ clientId: 'simulator-reader', scopes: ['read:patients'] }),
	};

	create({ clientId, scopes, practiceIds }: NewOAuthClient): OAuthClient {
		const client: OAuthClient = {
			clientId: clientId ?? `simulator-${randomBytes(4).toString('hex')}`,
			clientSecret: `not-a-secret-${randomBytes(12).toString('hex')}`,
			scopes: scopes ?? [...allScopes],
			practiceIds: practiceIds ?? [practiceId],
		};
		this.clients.set(client.clientId, client);
		return client;
	}

	find(clientId: string): OAuthClient | undefined {
		return this.clients.get(clientId);
	}

	grant(clientId: string, scopes: string[]): void {
		const client = this.clients.get(clientId);
		if (!client) throw new RangeError(`There is no OAuth client ${clientId}.`);
		client.scopes = scopes;
	}

	revoke(clientId: string): void {
		this.clients.delete(clientId);
	}
}
