// Both grants over time: tokens that expire and rotate, and what may befall the client, the consent and
// the refresh token. The workflow goes on, or the user reads what to do. Called by realN8n.test.ts.
import type { NewOAuthClient, OAuthClient } from '../simulator/start.ts';
import type { SavedCredential } from '../harness/n8nClient.ts';
import { authorizeUrl, connect, type Outcome, type Rig } from '../harness/realN8n.ts';

const grants = ['clientCredentials', 'authorizationCode', 'pkce'];
const count = { resource: 'patient', operation: 'count' };
const readAll = { resource: 'patient', operation: 'getAll', returnAll: true };
const patients = 1_000;

const reconnect = 'The credential needs to be reconnected';
const refused = 'The auth server refused this credential';

interface Connected {
	client: OAuthClient;
	credential: SavedCredential;
	renewals: () => Promise<Array<string | undefined>>;
}

export function grantsCases(rig: () => Rig): void {
	/** A client that nobody has used, and a credential with its first token. */
	async function connected(grantType: string, wanted: NewOAuthClient = {}): Promise<Connected> {
		const { n8n, simulator, saveCredential, run } = rig();
		const client = await simulator.createClient(wanted);
		const credential = await saveCredential(client, { grantType });
		if (grantType !== 'clientCredentials') await connect(n8n, credential.id);
		expectToGoOn(await run(count, { credential }));
		const before = (await simulator.tokenRequests()).length;
		const renewals = async () =>
			(await simulator.tokenRequests())
				.slice(before)
				.map((request) => `${request.grantType} ${request.status}`);
		return { client, credential, renewals };
	}

	const renewal = (grantType: string) =>
		grantType === 'clientCredentials' ? 'client_credentials 200' : 'refresh_token 200';

	function expectToGoOn({ error, items }: Outcome): void {
		expect([error?.message, error?.description]).toEqual([undefined, undefined]);
		if (items.length > 1) {
			expect(new Set(items.map(({ json }) => json.patient_id)).size).toBe(patients);
		} else expect(items[0].json).toEqual({ count: patients });
	}

	/** A sentence and what to do, and nothing of what the auth server said. */
	function expectSentence({ error, items, execution }: Outcome, message: string): void {
		expect(error?.message).toBe(message);
		expect(error?.description).toMatch(
			message === reconnect ? /select 'Switch account'/ : /Check 'Client ID'.*\(invalid_client\)/,
		);
		expect(items).toEqual([]);
		expect(execution.raw).not.toMatch(/invalid_grant|error_description|_token"|eyJ/);
	}

	describe.each(grants)('%s', (grantType) => {
		const isInteractive = grantType !== 'clientCredentials';

		it('tokens that expire between executions: one new token for each', async () => {
			const { simulator, run } = rig();
			const { credential, renewals } = await connected(grantType);
			for (let time = 1; time <= 3; time++) {
				await simulator.expireTokens();
				expectToGoOn(await run(count, { credential }));
			}
			// The auth server takes each refresh token once: n8n has used the newest every time.
			expect(await renewals()).toEqual(Array(3).fill(renewal(grantType)));
		});

		it('a token that expires in the middle of Return All', async () => {
			const { simulator, run } = rig();
			const { credential, renewals } = await connected(grantType);
			const match = { path: '/patients$', page: 3 };
			await simulator.addFault({ match, fault: { kind: 'expireTokens' } });
			expectToGoOn(await run(readAll, { credential }));
			expect(await renewals()).toEqual([renewal(grantType)]);
		});

		it('tokens that are good for three seconds', async () => {
			const { simulator, run } = rig();
			await simulator.configure({ tokenLifetimeSeconds: 3 });
			const { credential, renewals } = await connected(grantType);
			// However fast this machine is, there is a time when one has run out by the clock.
			while ((await renewals()).length === 0) expectToGoOn(await run(count, { credential }));
			expect(new Set(await renewals())).toEqual(new Set([renewal(grantType)]));
		});

		it('five executions find the same token expired', async () => {
			const { simulator, run } = rig();
			const { credential, renewals } = await connected(grantType);
			await simulator.expireTokens();
			const runs = Array.from({ length: 5 }, () => run(readAll, { credential }));
			for (const outcome of await Promise.all(runs)) expectToGoOn(outcome);
			expect(await renewals()).toEqual([renewal(grantType)]);
		});

		it('a busy auth server', async () => {
			const { simulator, run } = rig();
			const { credential } = await connected(grantType);
			await simulator.expireTokens();
			await simulator.addTokenFault({ status: 503, body: '<!DOCTYPE html>' });
			expectToGoOn(await run(count, { credential }));
		});

		it('a revoked client', async () => {
			const { simulator, run } = rig();
			const { client, credential } = await connected(grantType);
			await simulator.revokeClient(client.clientId);
			expectToGoOn(await run(count, { credential }));
			await simulator.expireTokens();
			const outcome = await run(count, { credential });
			expectSentence(outcome, refused);
		});

		it.each([
			[
				'the consent is withdrawn',
				{},
				async (id: string) => await rig().simulator.withdrawConsent(id),
			],
			[
				'the refresh token is refused',
				{},
				async (id: string) => await rig().simulator.forgetRefreshTokens(id),
			],
			[
				'there is no refresh token',
				{ grantTypes: [isInteractive ? 'authorization_code' : 'client_credentials'] },
				async () => {},
			],
		])('%s: is to be reconnected, and goes on then', async (_event, wanted, happens) => {
			const { n8n, simulator, run } = rig();
			const { client, credential } = await connected(grantType, wanted as NewOAuthClient);
			await happens(client.clientId);
			const match = { path: '/patients$', page: 3 };
			await simulator.addFault({ match, fault: { kind: 'expireTokens' } });
			const outcome = await run(readAll, { credential });
			// Client credentials have none of it.
			if (!isInteractive) return expectToGoOn(outcome);
			expectSentence(outcome, reconnect);
			await connect(n8n, credential.id);
			expectToGoOn(await run(readAll, { credential }));
		});
	});

	// n8n 1.123 asks for all of Scope's default, whatever it was changed to.
	it('asks for what the credential names, and no more', async () => {
		const { n8n, simulator, saveCredential, run } = rig();
		const changes = { grantType: 'authorizationCode', scope: 'offline_access read:stores' };
		const credential = await saveCredential(simulator.clients.practice, changes);
		const url = await authorizeUrl(n8n, credential.id);
		expect(url.searchParams.get('scope')).toBe(changes.scope);
		await connect(n8n, credential.id);
		const stores = { resource: 'store', operation: 'count' };
		expect((await run(stores, { credential })).error).toBeUndefined();
		// Renewed, it is still no more.
		await simulator.expireTokens();
		const { error } = await run(count, { credential });
		expect(error?.message).toBe("The credential lacks the scope 'read:patients'");
		expect(error?.description).toBe(
			"Add 'read:patients' to 'Scope' in the credential and reconnect it. If it stands there, ask EyeCloud Pro support to grant it to your OAuth client, or choose another operation. Granted now: read:stores.",
		);
	});
}
