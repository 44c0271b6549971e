// The client secret and the token go out by https alone, this very machine aside: to the auth server, at the
// first token and a later one, where a person signs in, and to the API.
import '../harness/fastTime.ts';

import { startSimulator, type Simulator } from '../simulator/start.ts';
import { listen, type Listener } from '../harness/ports.ts';
import { runNode } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

let simulator: Simulator;
let server: Listener;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 5 });
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	server = await listen(200, { access_token: 'x.y.z', token_type: 'Bearer' });
});
afterEach(() => server.close());

/** Addresses that lead to this machine, and do not say so in the way that counts. */
const elsewhere = () => {
	const { port } = new URL(server.address);
	return [
		`http://0.0.0.0:${port}`,
		`HTTP://0.0.0.0:${port}/`,
		` http://0.0.0.0:${port}`,
		`http://localhost@0.0.0.0:${port}`,
		`http://127.0.0.1:x@0.0.0.0:${port}`,
		`http://127.0.0.1.0.0.0.0:${port}`,
		`0.0.0.0:${port}`,
		'ftp://auth.example',
		'',
	];
};

test.each(['clientCredentials', 'authorizationCode', 'pkce'])(
	'%s: the addresses of tokens and of signing in',
	async (grantType) => {
		for (const authServerUrl of elsewhere()) {
			for (const environment of ['custom', 'staging']) {
				const credential = new StoredCredential({ grantType, environment, authServerUrl });
				const { accessTokenUrl, authUrl } = await credential.getDecrypted();
				const nowhere = 'https://auth-server-url-must-begin-with-https.invalid';
				expect(accessTokenUrl).toBe(`${nowhere}/oauth/token`);
				// n8n leaves it out where nobody signs in.
				const isAsked = grantType !== 'clientCredentials';
				expect(authUrl).toBe(isAsked ? `${nowhere}/authorize` : undefined);
			}
		}
		for (const authServerUrl of [
			'https://auth.example/',
			' http://127.0.0.1:80 ',
			'http://[::1]',
		]) {
			const credential = new StoredCredential({ grantType, environment: 'custom', authServerUrl });
			const { accessTokenUrl } = await credential.getDecrypted();
			expect(accessTokenUrl).toBe(`${authServerUrl.trim().replace(/\/$/, '')}/oauth/token`);
		}
	},
);

test('production needs no address', async () => {
	const { accessTokenUrl } = await new StoredCredential({
		environment: 'production',
	}).getDecrypted();
	expect(accessTokenUrl).toBe('https://auth.eyecloudpro.com/oauth/token');
});

test.each([
	['authServerUrl', 'Auth Server URL'],
	['apiBaseUrl', 'API Base URL'],
])('the node says so of the %s, and sends nothing', async (field, name) => {
	for (const address of elsewhere()) {
		const credential = StoredCredential.for(simulator, undefined, { [field]: address });
		const parameters = { resource: 'patient', operation: 'count' };
		const { error } = await runNode({ credential, parameters });
		expect(error?.message).toBe(`The '${name}' in the credential is not an https address`);
	}
	expect(server.received).toEqual([]);
	expect(await simulator.received()).toEqual([]);
});

test('a later token: the address that was changed to http gets nothing', async () => {
	const credential = StoredCredential.for(simulator);
	const parameters = { resource: 'patient', operation: 'count' };
	expect((await runNode({ credential, parameters })).error).toBeUndefined();
	await simulator.expireTokens();
	credential.change({ authServerUrl: elsewhere()[0] });
	expect((await runNode({ credential, parameters })).error?.message).toContain('Auth Server URL');
	expect(server.received).toEqual([]);
});
