// Tokens: how they are had, and when they are refused, by the auth server and by the API.
import { createHash, randomBytes } from 'node:crypto';
import { credentialsOf, send, tokenFor, tokenRequest } from './caller.ts';
import { signIn } from './signIn.ts';
import { startSimulator, type OAuthClient, type Simulator } from './start.ts';

let simulator: Simulator;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 5, rateLimit: { requestsPerMinute: 10_000 } });
});

afterAll(() => simulator.stop());
afterEach(() => simulator.reset({ options: true }));

function byCredentials(fields: Record<string, string | undefined> = {}) {
	return tokenRequest(simulator, {
		grant_type: 'client_credentials',
		audience: simulator.audience,
		...credentialsOf(simulator.clients.practice),
		...fields,
	});
}

async function statusWith(token: string | undefined): Promise<number> {
	return (await send(simulator, '/v2/2/patients', { token })).status;
}

test('client credentials: all scopes of the client when none is asked for', async () => {
	const { status, body } = await byCredentials();
	expect([status, body.token_type, body.expires_in]).toEqual([200, 'Bearer', 3600]);
	expect(body.scope.split(' ')).toEqual(simulator.clients.practice.scopes);
	expect(await statusWith(body.access_token)).toBe(200);
});

test('client credentials by Basic header', async () => {
	const { clientId, clientSecret } = simulator.clients.reader;
	const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
	const { status, body } = await tokenRequest(
		simulator,
		{ grant_type: 'client_credentials', audience: simulator.audience },
		{ Authorization: `Basic ${basic}` },
	);
	expect([status, body.scope]).toEqual([200, 'read:patients']);
});

test('only scopes that the client has', async () => {
	const { body } = await byCredentials({ scope: 'read:stores read:moon' });
	expect(body.scope).toBe('read:stores');
	const { status, body: refusal } = await send(simulator, '/v2/2/patients', {
		token: body.access_token,
	});
	expect([status, refusal.available_scopes]).toEqual([403, ['read:stores']]);
});

test.each<[string, Record<string, string | undefined>, number, string]>([
	['without an audience', { audience: undefined }, 400, 'invalid_target'],
	['with a wrong audience', { audience: 'https://wrong.example' }, 400, 'invalid_target'],
	['with a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
	['of an unknown client', { client_id: 'nobody' }, 401, 'invalid_client'],
	['without a secret', { client_secret: undefined }, 401, 'invalid_client'],
])('a token request %s is refused', async (_what, fields, status, error) => {
	const answer = await byCredentials(fields);
	expect([answer.status, answer.body.error]).toEqual([status, error]);
	const [entry] = await simulator.tokenRequests();
	expect(entry).toMatchObject({ grantType: 'client_credentials', status });
	expect(entry.hasAudience).toBe(fields.audience !== undefined || !('audience' in fields));
	expect(await simulator.counts()).toMatchObject({ tokenRequests: 1, tokensIssued: 0 });
});

test.each([
	['none', undefined],
	['nonsense', 'nonsense'],
	['unsigned', `${encoded({ alg: 'none' })}.${encoded({ client_ids: [2] })}.`],
])('the API refuses a token: %s', async (_what, token) => {
	const { status, body } = await send(simulator, '/v2/2/patients', { token });
	expect(status).toBe(401);
	expect(body).toEqual({
		status: 'ERROR',
		message: expect.any(String),
		error: { statusCode: 401, isOperational: true },
	});
});

function encoded(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}

test('the API refuses a token whose content was changed', async () => {
	const token = await tokenFor(simulator, simulator.clients.reader);
	const [header, payload, signature] = token.split('.');
	const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
	const forged = [header, encoded({ ...claims, client_ids: [2, 123] }), signature].join('.');
	expect([await statusWith(token), await statusWith(forged)]).toEqual([200, 401]);
});

test('the API refuses a token of another auth server', async () => {
	const other = await startSimulator({ patients: 5 });
	const token = await tokenFor(other, other.clients.practice);
	expect(await statusWith(token)).toBe(401);
	await other.stop();
});

test('a token expires', async () => {
	await simulator.configure({ tokenLifetimeSeconds: 1 });
	const { body } = await byCredentials();
	expect([body.expires_in, await statusWith(body.access_token)]).toEqual([1, 200]);
	const deadlineMs = Date.now() + 3_000;
	let status = 200;
	while (status === 200 && Date.now() < deadlineMs) status = await statusWith(body.access_token);
	expect(status).toBe(401);
});

test('all tokens expire at once, and new ones are good', async () => {
	const token = await tokenFor(simulator, simulator.clients.practice);
	await simulator.expireTokens();
	expect(await statusWith(token)).toBe(401);
	expect(await statusWith(await tokenFor(simulator, simulator.clients.practice))).toBe(200);
});

test('granted scopes hold from the next token on', async () => {
	const client = await simulator.createClient();
	const before = await tokenFor(simulator, client);
	await simulator.configure({ grantedScopes: { [client.clientId]: ['read:stores'] } });
	expect(await statusWith(before)).toBe(200);
	expect(await statusWith(await tokenFor(simulator, client))).toBe(403);
	await expect(simulator.configure({ grantedScopes: { nobody: [] } })).rejects.toThrow('nobody');
});

test('a client only gets tokens in the ways that it may', async () => {
	const client = await simulator.createClient({ grantTypes: ['authorization_code'] });
	const { status } = await byCredentials(credentialsOf(client));
	expect(status).toBe(400);
});

const callback = 'http://localhost:5678/rest/oauth2-credential/callback';

function authorizeUrl(client: OAuthClient, more: Record<string, string> = {}): URL {
	const url = new URL('/authorize', simulator.authUrl);
	const parameters = {
		response_type: 'code',
		client_id: client.clientId,
		redirect_uri: callback,
		scope: ['offline_access', ...client.scopes].join(' '),
		audience: simulator.audience,
		state: 'some-state',
		...more,
	};
	for (const [name, value] of Object.entries(parameters))
		if (value) url.searchParams.set(name, value);
	return url;
}

function byCode(client: OAuthClient, back: URL, more: Record<string, string> = {}) {
	return tokenRequest(simulator, {
		grant_type: 'authorization_code',
		code: back.searchParams.get('code') ?? '',
		redirect_uri: `${back.origin}${back.pathname}`,
		...credentialsOf(client),
		...more,
	});
}

test('authorization code with PKCE, for a client with a secret and one without', async () => {
	const open = await simulator.createClient({ public: true });
	for (const client of [simulator.clients.practice, open]) {
		const verifier = randomBytes(32).toString('base64url');
		const challenge = createHash('sha256').update(verifier).digest('base64url');
		const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
		const back = await signIn(authorizeUrl(client, pkce));
		expect(back.href.startsWith(`${callback}?`)).toBe(true);
		expect(back.searchParams.get('state')).toBe('some-state');
		const { status, body } = await byCode(client, back, { code_verifier: verifier });
		expect([status, body.scope.split(' ')]).toEqual([200, client.scopes]);
		expect(await statusWith(body.access_token)).toBe(200);

		const again = await signIn(authorizeUrl(client, pkce));
		const wrong = { code_verifier: randomBytes(32).toString('base64url') };
		const refused = await byCode(client, again, wrong);
		expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant']);
	}
});

test.each([
	['some', 'read:stores read:orders', 'read:stores read:orders'],
	['one that the client does not have', 'read:stores read:moon', 'read:stores'],
	['none', '', ''],
])('a person who is asked for %s of the scopes grants no other', async (_what, asked, granted) => {
	const { practice } = simulator.clients;
	const scope = `offline_access ${asked}`.trim();
	const { body } = await byCode(practice, await signIn(authorizeUrl(practice, { scope })));
	expect(body.scope).toBe(granted);
	const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
	const renewed = await tokenRequest(simulator, { ...refresh, ...credentialsOf(practice) });
	for (const { access_token: token } of [body, renewed.body]) {
		const { status, body: refusal } = await send(simulator, '/v2/2/patients', { token });
		expect([status, refusal.available_scopes.join(' ')]).toEqual([403, granted]);
	}
});

test('authorization code without PKCE: only with a secret; on any loopback port', async () => {
	const redirect = { redirect_uri: 'http://127.0.0.1:40123/rest/oauth2-credential/callback' };
	const back = await signIn(authorizeUrl(simulator.clients.practice, redirect));
	expect(back.port).toBe('40123');
	expect((await byCode(simulator.clients.practice, back)).status).toBe(200);
	const open = await simulator.createClient({ public: true });
	const refused = await signIn(authorizeUrl(open));
	expect(refused.searchParams.get('error')).toBe('invalid_request');
});

test('an authorization request needs the right audience and a loopback address', async () => {
	const { practice } = simulator.clients;
	for (const audience of ['', 'https://wrong.example']) {
		const back = await signIn(authorizeUrl(practice, { audience }));
		expect(back.searchParams.get('error')).toBe('invalid_target');
	}
	const elsewhere = authorizeUrl(practice, { redirect_uri: 'http://elsewhere.example/callback' });
	await expect(signIn(elsewhere)).rejects.toThrow('invalid_redirect_uri');
});

test('refresh tokens: each good once, and none unless asked for', async () => {
	const { practice } = simulator.clients;
	const refresh = (token: string) =>
		tokenRequest(simulator, {
			grant_type: 'refresh_token',
			refresh_token: token,
			...credentialsOf(practice),
		});
	const first = await byCode(practice, await signIn(authorizeUrl(practice)));
	await simulator.expireTokens();
	expect(await statusWith(first.body.access_token)).toBe(401);
	const second = await refresh(first.body.refresh_token);
	expect(second.status).toBe(200);
	expect(await statusWith(second.body.access_token)).toBe(200);
	expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
	const reused = await refresh(first.body.refresh_token);
	expect([reused.status, reused.body.error]).toEqual([400, 'invalid_grant']);
	const online = await byCode(practice, await signIn(authorizeUrl(practice, { scope: '' })));
	expect(online.body).not.toHaveProperty('refresh_token');
});

test('no secret and no token is ever in the books', async () => {
	await tokenFor(simulator, simulator.clients.practice);
	const books = JSON.stringify([await simulator.tokenRequests(), await simulator.received()]);
	expect(books).not.toContain(simulator.clients.practice.clientSecret);
	expect(books).not.toContain('eyJ');
});

describe('what may befall a client and its grants', () => {
	const refresh = (client: OAuthClient, token: string) =>
		tokenRequest(simulator, {
			grant_type: 'refresh_token',
			refresh_token: token,
			...credentialsOf(client),
		});

	test.each([
		['consent is withdrawn', 'withdrawConsent', 'invalid_grant'],
		['its refresh tokens have ended', 'forgetRefreshTokens', 'invalid_grant'],
		['it is revoked', 'revokeClient', 'invalid_client'],
	] as const)(
		'%s: what it holds is good until it expires, and no more',
		async (_, befall, error) => {
			const client = await simulator.createClient();
			const { body } = await byCode(client, await signIn(authorizeUrl(client)));
			await simulator[befall](client.clientId);
			expect(await statusWith(body.access_token)).toBe(200);
			const refused = await refresh(client, body.refresh_token);
			expect(refused.body.error).toBe(error);
			await expect(simulator[befall]('nobody')).rejects.toThrow('nobody');
		},
	);

	test('the clients that every test uses can not be revoked', async () => {
		const { clientId } = simulator.clients.practice;
		await expect(simulator.revokeClient(clientId)).rejects.toThrow(clientId);
	});

	test('the auth server is in trouble, for as many requests as it is told', async () => {
		await simulator.addTokenFault({ status: 503, body: '<!DOCTYPE html>', times: 2 });
		const answers = [await byCredentials(), await byCredentials(), await byCredentials()];
		expect(answers.map(({ status }) => status)).toEqual([503, 503, 200]);
		expect(answers[0].text).toBe('<!DOCTYPE html>');
		expect(await simulator.counts()).toMatchObject({ tokenRequests: 3, tokensIssued: 1 });
		await expect(simulator.addTokenFault({ state: 503 } as never)).rejects.toThrow('"status"');
	});
});
