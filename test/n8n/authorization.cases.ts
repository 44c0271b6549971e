// A person connects the credential in the browser: authorization code, with PKCE and without, and what
// follows when the access token has ended. Called by realN8n.test.ts.
import { signIn } from '../simulator/signIn.ts';
import type { Rig } from './rig.ts';

export function authorizationCases(rig: () => Rig): void {
	const count = { resource: 'patient', operation: 'count' };

	/** The address that the editor opens in a popup when the user selects Connect. */
	async function authorizeUrl(credentialId: string): Promise<URL> {
		const path = `/rest/oauth2-credential/auth?id=${credentialId}`;
		return new URL(await rig().n8n.request<string>('GET', path));
	}

	it.each(['authorizationCode', 'pkce'])('%s: connects, reads, and renews', async (grantType) => {
		const { n8n, simulator, saveCredential, run } = rig();
		const credential = await saveCredential(simulator.clients.practice, { grantType });

		const url = await authorizeUrl(credential.id);
		expect(url.origin).toBe(simulator.authUrl);
		expect(url.pathname).toBe('/authorize');
		expect(url.searchParams.get('audience')).toBe(simulator.audience);
		expect(url.searchParams.get('scope')?.split(' ')).toContain('offline_access');
		expect(url.searchParams.has('code_challenge')).toBe(grantType === 'pkce');

		const back = await signIn(url);
		expect(back.searchParams.get('code')).toBeTruthy();
		await n8n.visit(`${back.pathname}${back.search}`);
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
