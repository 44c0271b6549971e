// The two pages that a person sees on the way to an authorization code: sign in, and consent. Used
// by authServer.ts; a browser or a test's plain fetch walks through them.
import express, { type Express, type Response } from 'express';
import type { Provider } from 'oidc-provider';

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(response: Response, title: string, content: string): void {
	response.set('Cache-Control', 'no-store').type('html').send(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>
<style>body { font: 16px/1.5 system-ui; max-width: 26rem; margin: 4rem auto }
input, button { font: inherit; display: block; width: 100%; margin: 0.75rem 0 }</style></head>
<body><h1>${title}</h1><p>EyeCloud Pro simulator: nothing here is real.</p>
${content}
</body></html>`);
}

/** Adds `/interaction/{uid}` to the auth server, where the provider sends people. */
export function addSignInPages(app: Express, provider: Provider): void {
	app.get('/interaction/:uid', async (request, response) => {
		const { uid, prompt, params } = await provider.interactionDetails(request, response);
		const form = (action: string, button: string, content = '') =>
			`<form method="post" action="/interaction/${escaped(uid)}/${action}">${content}
<button type="submit">${button}</button></form>`;
		if (prompt.name === 'login') {
			const name = '<label>Name (any will do) <input name="login" value="demo" required></label>';
			return page(response, 'Sign in', form('login', 'Sign in', name));
		}
		const missing = (prompt.details.missingResourceScopes ?? {}) as Record<string, string[]>;
		const scopes = Object.values(missing)
			.flat()
			.map((scope) => `<li>${escaped(scope)}</li>`);
		const asks = `<p><b>${escaped(String(params.client_id))}</b> asks for:</p>`;
		const forms = form('consent', 'Allow') + form('abort', 'Cancel');
		page(response, 'Allow access', `${asks}<ul>${scopes.join('')}</ul>${forms}`);
	});

	app.post('/interaction/:uid/:action', express.urlencoded(), async (request, response) => {
		const { action } = request.params;
		const details = await provider.interactionDetails(request, response);
		const body = request.body as { login?: string } | undefined;
		const result =
			action === 'login'
				? { login: { accountId: body?.login ?? 'demo' } }
				: action === 'consent'
					? { consent: { grantId: await grantAsAsked(provider, details) } }
					: { error: 'access_denied', error_description: 'The user refused access.' };
		const isConsent = action === 'consent';
		await provider.interactionFinished(request, response, result, {
			mergeWithLastSubmission: isConsent,
		});
	});
}

type InteractionDetails = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Grants all that the request asks for and that isn't granted yet; returns the grant's id. */
async function grantAsAsked(
	provider: Provider,
	{ prompt, params, session, grantId }: InteractionDetails,
): Promise<string> {
	const known = grantId ? await provider.Grant.find(grantId) : undefined;
	const grant =
		known ??
		new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) });
	const { missingOIDCScope, missingResourceScopes } = prompt.details as {
		missingOIDCScope?: string[];
		missingResourceScopes?: Record<string, string[]>;
	};
	if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
	for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
		grant.addResourceScope(resource, scopes.join(' '));
	}
	return grant.save();
}
