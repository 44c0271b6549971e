// How n8n gets tokens for the credential, by each grant: a person connects it in the browser, tokens end, and consent
// is withdrawn. The workflow goes on, or the user reads what to do. Called by realN8n.test.ts.
import { authorizeUrl, connect, type Outcome, type Rig } from '../harness/realN8n.ts';

const count = { resource: 'patient', operation: 'count' };
const readAll = { resource: 'patient', operation: 'getAll', returnAll: true };
const patients = 1_000;

/** What the oldest n8n does as well. */
export function authorizationCases(rig: () => Rig): void {
	it.each(['authorizationCode', 'pkce'])('%s: connects, reads, and renews', async (grantType) => {
		const { n8n, simulator, saveCredential, run } = rig();
		const credential = await saveCredential(simulator.clients.practice, { grantType });
		const { error } = await run(count, { credential });
		expect(error?.message).toBe('The credential is not connected yet');
		expect(await simulator.received()).toEqual([]);

		const url = await authorizeUrl(n8n, credential.id);
		expect(`${url.origin}${url.pathname}`).toBe(`${simulator.authUrl}/authorize`);
		expect(url.searchParams.get('audience')).toBe(simulator.audience);
		const asked = url.searchParams.get('scope')?.split(' ') ?? [];
		expect(asked.slice(0, 2)).toEqual(['openid', 'offline_access']);
		// All that is published, and that no one could be refused for.
		expect(asked.slice(2).sort()).toEqual(
			simulator.clients.practice.scopes.filter((scope) => scope !== 'create:appointments').sort(),
		);
		expect(url.searchParams.has('code_challenge')).toBe(grantType === 'pkce');

		await connect(n8n, credential.id);
		expect((await run(count, { credential })).items[0].json).toEqual({ count: patients });
		await simulator.expireTokens();
		expect((await run(count, { credential })).items[0].json).toEqual({ count: patients });
		const grants = (await simulator.tokenRequests()).map((request) => request.grantType);
		expect(grants).toEqual(['authorization_code', 'refresh_token']);
	});
}

export function grantsCases(rig: () => Rig): void {
	const expectAll = ({ error, items }: Outcome) => {
		expect([error?.message, error?.description]).toEqual([undefined, undefined]);
		expect(new Set(items.map(({ json }) => json.patient_id)).size).toBe(patients);
	};

	it.each([
		['clientCredentials', 'client_credentials', 'The auth server refused this credential'],
		['authorizationCode', 'refresh_token', 'The credential needs to be reconnected'],
		['pkce', 'refresh_token', 'The credential needs to be reconnected'],
	])(
		'%s: one new token for executions at once, and a sentence when there is none',
		async (grantType, renewal, sentence) => {
			const { n8n, simulator, saveCredential, run } = rig();
			const { clientId, clientSecret } = await simulator.createClient();
			const credential = await saveCredential({ clientId, clientSecret }, { grantType });
			const isInteractive = grantType !== 'clientCredentials';
			if (isInteractive) await connect(n8n, credential.id);
			expectAll(await run(readAll, { credential }));
			const before = (await simulator.tokenRequests()).length;
			const match = { path: '/patients$', page: 3 };
			await simulator.addFault({ match, fault: { kind: 'expireTokens' } });
			const runs = Array.from({ length: 3 }, async () => await run(readAll, { credential }));
			for (const outcome of await Promise.all(runs)) expectAll(outcome);
			const renewals = (await simulator.tokenRequests()).slice(before);
			expect(renewals.map((request) => request.grantType)).toEqual([renewal]);

			if (isInteractive) await simulator.withdrawConsent(clientId);
			else await simulator.revokeClient(clientId);
			await simulator.expireTokens();
			const { error, execution } = await run(readAll, { credential });
			expect(error?.message).toBe(sentence);
			// Nothing of what the auth server said.
			expect(execution.raw).not.toMatch(/invalid_grant|error_description|_token"|eyJ/);
			if (!isInteractive) return;
			await connect(n8n, credential.id);
			expectAll(await run(readAll, { credential }));
		},
	);

	// n8n 1.123 asks for all of Scope's default, whatever it was changed to.
	it('asks for what the credential names, and no more', async () => {
		const { n8n, simulator, saveCredential, run } = rig();
		const changes = { grantType: 'authorizationCode', scope: 'offline_access read:stores' };
		const credential = await saveCredential(simulator.clients.practice, changes);
		const url = await authorizeUrl(n8n, credential.id);
		expect(url.searchParams.get('scope')).toBe(changes.scope);
		await connect(n8n, credential.id);
		// Renewed, it is still no more.
		await simulator.expireTokens();
		const { error } = await run(count, { credential });
		expect(error?.message).toBe("The credential lacks the scope 'read:patients'");
		expect(error?.description).toMatch(/^Add 'read:patients' to 'Scope' in the credential and/);
	});
}
