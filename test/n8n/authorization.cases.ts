// A person connects the credential in the browser: authorization code, with PKCE and without, and what
// follows when the access token has ended. Called by realN8n.test.ts.
import { authorizeUrl, connect, type Rig } from '../harness/realN8n.ts';

export function authorizationCases(rig: () => Rig): void {
	const count = { resource: 'patient', operation: 'count' };

	it.each(['authorizationCode', 'pkce'])('%s: connects, reads, and renews', async (grantType) => {
		const { n8n, simulator, saveCredential, run } = rig();
		const credential = await saveCredential(simulator.clients.practice, { grantType });

		const url = await authorizeUrl(n8n, credential.id);
		expect(url.origin).toBe(simulator.authUrl);
		expect(url.pathname).toBe('/authorize');
		expect(url.searchParams.get('audience')).toBe(simulator.audience);
		const asked = url.searchParams.get('scope')?.split(' ') ?? [];
		expect(asked.slice(0, 2)).toEqual(['openid', 'offline_access']);
		// All that is published, and that no one could be refused for.
		expect(asked.slice(2).sort()).toEqual(
			simulator.clients.practice.scopes.filter((scope) => scope !== 'create:appointments').sort(),
		);
		expect(url.searchParams.has('code_challenge')).toBe(grantType === 'pkce');

		const back = await connect(n8n, credential.id);
		expect(back.searchParams.get('code')).toBeTruthy();
		expect((await run(count, { credential })).items[0].json).toEqual({ count: 1000 });

		await simulator.expireTokens();
		expect((await run(count, { credential })).items[0].json).toEqual({ count: 1000 });
		const grants = (await simulator.tokenRequests()).map((request) => request.grantType);
		expect(grants).toEqual(['authorization_code', 'refresh_token']);
	});

	it.each(['authorizationCode', 'pkce'])('%s: says so until it is connected', async (grantType) => {
		const { simulator, saveCredential, run } = rig();
		const credential = await saveCredential(simulator.clients.practice, { grantType });
		const { error } = await run(count, { credential });
		expect(error?.message).toBe('The credential is not connected yet');
		expect(await simulator.received()).toEqual([]);
	});
}
