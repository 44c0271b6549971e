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
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
input, button { font: inherit; display: block; width: 100%; margin: 0.75rem 0; padding: 0.5rem;
	box-sizing: border-box; }
</style></head>
<body><h1>${title}</h1><p>EyeCloud Pro simulator: nothing here is real.</p>
${content}
</body></html>`);
}

/** Adds `/interaction/{uid}` to the auth server, where the provider sends people. */
export function addSignInPages(app: Express, provider: Provider): void {
	app.get('/interaction/:uid', async (request, response) => {
		const { uid, prompt, params } = await provider.interactionDetails(request, response);
		const action = `/interaction/${escaped(uid)}`;
		if (prompt.name === 'login') {
			page(
				response,
				'Sign in',
				`<form method="post" action="${action}/login">
<label>Name (any will do) <input name="login" value="demo" required autofocus></label>
<button type="submit">Sign in</button></form>`,
			);
			return;
		}
		const scopes = Object.values(
			(prompt.details.missingResourceScopes ?? {}) as Record<string, string[]>,
		).flat();
		page(
			response,
			'Allow access',
			`<p><b>${escaped(String(params.client_id))}</b> asks for:</p>
<ul>${scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('')}</ul>
<form method="post" action="${action}/consent"><button type="submit" autofocus>Allow</button></form>
<form method="post" action="${action}/abort"><button type="submit">Cancel</button></form>`,
		);
	});

	app.post('/interaction/:uid/login', express.urlencoded(), async (request, response) => {
		const accountId = String(request.body?.login ?? 'demo');
		const result = { login: { accountId } };
		await provider.interactionFinished(request, response, result, {
			mergeWithLastSubmission: false,
		});
	});

	app.post('/interaction/:uid/consent', async (request, response) => {
		const details = await provider.interactionDetails(request, response);
		const grantId = await grantAsAsked(provider, details);
		await provider.interactionFinished(
			request,
			response,
			{ consent: { grantId } },
			{ mergeWithLastSubmission: true },
		);
	});

	app.post('/interaction/:uid/abort', async (request, response) => {
		const result = { error: 'access_denied', error_description: 'The user refused access.' };
		await provider.interactionFinished(request, response, result);
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
