// The two pages that a person sees on the way to an authorization code: sign in, and consent. Used
// by authServer.ts; a browser or a test's plain fetch walks through them.
import express, { type Express } from 'express';
import type { Provider } from 'oidc-provider';

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(title: string, content: string): string {
	return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body style="font: 16px/1.5 system-ui; max-width: 26rem; margin: 4rem auto">
<h1>${title}</h1><p>EyeCloud Pro simulator: nothing here is real.</p>${content}</body></html>`;
}

/** Adds `/interaction/{uid}` to the auth server, where the provider sends people. */
export function addSignInPages(app: Express, provider: Provider): void {
	app.get('/interaction/:uid', async (request, response) => {
		const { uid, prompt, params } = await provider.interactionDetails(request, response);
		const form = (action: string, button: string, content = '') =>
			`<form method="post" action="/interaction/${uid}/${action}">${content}<button>${button}</button></form>`;
		response.set('Cache-Control', 'no-store').type('html');
		if (prompt.name === 'login') {
			const name = '<label>Name (any will do) <input name="login" value="demo" required></label> ';
			response.send(page('Sign in', form('login', 'Sign in', name)));
			return;
		}
		const missing = (prompt.details.missingResourceScopes ?? {}) as Record<string, string[]>;
		const scopes = Object.values(missing).flat();
		const asked = scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('');
		const asks = `<p><b>${escaped(String(params.client_id))}</b> asks for:</p><ul>${asked}</ul>`;
		response.send(page('Allow access', asks + form('consent', 'Allow')));
	});

	app.post('/interaction/:uid/:action', express.urlencoded(), async (request, response) => {
		const details = await provider.interactionDetails(request, response);
		const { login = 'demo' } = (request.body ?? {}) as { login?: string };
		const isConsent = request.params.action === 'consent';
		const result = isConsent
			? { consent: { grantId: await grantAsAsked(provider, details) } }
			: { login: { accountId: login } };
		const options = { mergeWithLastSubmission: isConsent };
		await provider.interactionFinished(request, response, result, options);
	});
}

/** Grants all that the request asks for and that isn't granted yet; returns the grant's id. */
async function grantAsAsked(
	provider: Provider,
	{ prompt, params, session, grantId }: Awaited<ReturnType<Provider['interactionDetails']>>,
): Promise<string> {
	const made = { accountId: session?.accountId, clientId: String(params.client_id) };
	const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant(made);
	const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details as {
		missingOIDCScope?: string[];
		missingResourceScopes?: Record<string, string[]>;
	};
	if (missingOIDCScope.length > 0) grant.addOIDCScope(missingOIDCScope.join(' '));
	for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
		grant.addResourceScope(resource, scopes.join(' '));
	}
	return grant.save();
}
