// A plain caller of the API for the simulator's own tests: gets tokens and sends requests with
// nothing between the test and the wire.
import type { OAuthClient, Simulator } from './start.ts';

export interface Response {
	status: number;
	headers: Headers;
	text: string;
	/** Undefined when the body is no JSON. */
	// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of any shape, for tests to look into
	body: any;
}

async function readResponse(response: globalThis.Response): Promise<Response> {
	const text = await response.text();
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		body = undefined;
	}
	return { status: response.status, headers: response.headers, text, body };
}

/** A request to the token endpoint; form fields that are undefined are left out. */
export async function tokenRequest(
	{ authUrl }: Simulator,
	fields: Record<string, string | undefined>,
	headers: Record<string, string> = {},
): Promise<Response> {
	const form = new URLSearchParams();
	for (const [name, value] of Object.entries(fields)) if (value) form.set(name, value);
	return readResponse(
		await fetch(`${authUrl}/oauth/token`, { method: 'POST', body: form, headers }),
	);
}

export function credentialsOf({ clientId, clientSecret }: OAuthClient) {
	return { client_id: clientId, client_secret: clientSecret };
}

/** An access token by client credentials. */
export async function tokenFor(simulator: Simulator, client: OAuthClient): Promise<string> {
	const { status, text, body } = await tokenRequest(simulator, {
		grant_type: 'client_credentials',
		audience: simulator.audience,
		...credentialsOf(client),
	});
	if (status !== 200) throw new Error(text);
	return body.access_token as string;
}

export interface Call {
	method?: string;
	/** Sent as JSON; a string is sent as it is. */
	body?: unknown;
	/** Undefined: no Authorization header. */
	token?: string;
}

/** A request to the API; `path` begins after the address. Redirects are not followed. */
export async function send(simulator: Simulator, path: string, call: Call): Promise<Response> {
	const { method = 'GET', body, token } = call;
	const response = await fetch(simulator.apiUrl + path, {
		method,
		redirect: 'manual',
		headers: {
			...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
			...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
		},
		body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
	});
	return readResponse(response);
}
