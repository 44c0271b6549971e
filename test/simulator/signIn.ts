// Signs in at the simulator's auth server as a person would. Called by the tests of authorization code
// and PKCE.

/**
 * A browser for two forms: keeps cookies, follows redirects within the auth server.
 *
 * @returns where the auth server sends the browser in the end
 */
export async function signIn(start: URL): Promise<URL> {
	const cookies = new Map<string, string>();
	let next: { url: URL; method: string; body?: URLSearchParams } = { url: start, method: 'GET' };
	for (let step = 0; step < 12; step += 1) {
		const { url, ...request } = next;
		const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		const response = await fetch(url, { ...request, headers: { cookie }, redirect: 'manual' });
		for (const set of response.headers.getSetCookie()) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
			cookies.set(name, value);
		}
		const text = await response.text();
		const location = response.headers.get('location');
		if (location) {
			next = { url: new URL(location, url), method: 'GET' };
			if (next.url.origin !== start.origin) return next.url;
			continue;
		}
		const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1];
		if (!action) throw new Error(text);
		const body = new URLSearchParams({ login: 'marge' });
		next = { url: new URL(action, url), method: 'POST', body };
	}
	throw new Error('No way out of the forms.');
}
