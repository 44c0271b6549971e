// Connects a credential as a person does in the editor: Connect my account, the popup, sign in, consent.
// Called by the cases in this folder.
import { signIn } from '../simulator/signIn.ts';
import type { N8nClient } from './n8nClient.ts';

/** The address that the editor opens in a popup. */
export async function authorizeUrl(n8n: N8nClient, credentialId: string): Promise<URL> {
	return new URL(
		await n8n.request<string>('GET', `/rest/oauth2-credential/auth?id=${credentialId}`),
	);
}

/** Returns the address that the auth server sent the browser back to. */
export async function connect(n8n: N8nClient, credentialId: string): Promise<URL> {
	const back = await signIn(await authorizeUrl(n8n, credentialId));
	await n8n.visit(`${back.pathname}${back.search}`);
	return back;
}
