// Where requests, secrets and tokens may go: to the address of the credential and nowhere else, and by https alone,
// this very machine aside: the client secret at the first token and a later one, the token to the API, whatever the
// version of n8n checks itself, and n8n's own HTTP Request node.
import '../harness/fastTime.ts';

import fc from 'fast-check';

import { buildEndpoint } from '../../nodes/EyeCloudPro/api/endpoint';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { listen, type Listener } from '../harness/ports.ts';
import { runNode } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const API = 'https://api.eyecloudpro.com';

describe('the address of a request', () => {
	test.each([
		[API, ['patients'], `${API}/v2/2/patients`, 'patients'],
		[`${API}//`, ['stores', '7'], `${API}/v2/2/stores/7`, 'stores'],
		[`${API}/eyecloud/`, ['stores'], `${API}/eyecloud/v2/2/stores`, 'stores'],
		[API, ['pricebooks', 'frames', '9'], `${API}/v2/2/pricebooks/frames/9`, 'pricebooks'],
		[API, ['patients', 'a b?c#d%2F'], `${API}/v2/2/patients/a%20b%3Fc%23d%252F`, 'patients'],
		[API, ['patients', 'ü'], `${API}/v2/2/patients/%C3%BC`, 'patients'],
		['http://127.0.0.1:4010', ['patients'], 'http://127.0.0.1:4010/v2/2/patients', 'patients'],
		['http://localhost:4010', ['patients'], 'http://localhost:4010/v2/2/patients', 'patients'],
		['http://[::1]:4010', ['patients'], 'http://[::1]:4010/v2/2/patients', 'patients'],
	])('%s %j', (base, segments, url, module) => {
		expect(buildEndpoint(base, '2', segments)).toEqual({
			...{ url, origin: new URL(base).origin, module },
		});
	});

	test('whatever an ID is, the request goes to the host of the credential, and below its practice', () => {
		const odd = fc.constantFrom(
			'//evil.example',
			'@evil.example',
			'\\',
			'..',
			'%2e%2e',
			'?',
			'#',
			'\t',
		);
		const text = fc.array(fc.oneof(odd, fc.string())).map((parts) => parts.join(''));
		const each = fc.property(text, (id) => {
			try {
				const { href } = new URL(buildEndpoint(API, '2', ['patients', id]).url);
				expect(href.startsWith(`${API}/v2/2/patients/`)).toBe(true);
			} catch (thrown) {
				expect((thrown as Error).message).toBe('The ID is not one that a record can have');
			}
		});
		fc.assert(each);
	});

	test.each(['', '.', '..', 'a/b', '/', '../stores', 'a\\b'])('ID %j is refused', (id) => {
		expect(() => buildEndpoint(API, '2', ['patients', id])).toThrow(
			'The ID is not one that a record can have',
		);
	});

	const wrong = ['', '0', '-1', 'abc', '1e3', ' 12 ', '12.0', '0x10', '01', '1/2', '1?x', '١٢'];
	test.each([...wrong, '1'.repeat(40)])('practice %j is refused', (practiceId) => {
		expect(() => buildEndpoint(API, practiceId, ['x'])).toThrow(
			"The 'Practice Client ID' must be a whole number",
		);
		expect(buildEndpoint(API, '999999999999999999', ['x']).url).toContain('/999999999999999999/x');
	});

	test.each([
		...['', 'api.eyecloudpro.com', 'http://api.eyecloudpro.com', 'http://127.0.0.1.example.com'],
		...['http://localhost.example.com', 'http://127.0.0.1@example.com', 'ftp://127.0.0.1'],
		...['http://localhost:80@example.com', 'http://127.0.0.1\t.example.com', 'https://'],
		...['file:///etc', 'javascript:alert(1)'],
	])('address %j is refused', (base) => {
		expect(() => buildEndpoint(base, '2', ['x'])).toThrow(
			"The 'API Base URL' in the credential is not an https address",
		);
	});
});

describe('the credential', () => {
	let simulator: Simulator;
	let server: Listener;

	beforeAll(async () => {
		simulator = await startSimulator({ patients: 5 });
		server = await listen(200, { access_token: 'x.y.z', token_type: 'Bearer' });
	});
	afterAll(async () => {
		server?.close();
		await simulator?.stop();
	});

	/** Addresses that lead to this machine, and do not say so in the way that counts. */
	const elsewhere = () => {
		const { port } = new URL(server.address);
		return [
			...[`http://0.0.0.0:${port}`, `HTTP://0.0.0.0:${port}/`, ` http://0.0.0.0:${port}`],
			...[`http://localhost@0.0.0.0:${port}`, `http://127.0.0.1:x@0.0.0.0:${port}`],
			...[`http://127.0.0.1.0.0.0.0:${port}`, `0.0.0.0:${port}`, 'ftp://auth.example', ''],
		];
	};

	test.each(['clientCredentials', 'authorizationCode', 'pkce'])(
		'%s: the addresses of tokens and of signing in',
		async (grantType) => {
			const nowhere = 'https://auth-server-url-must-begin-with-https.invalid';
			const here = ['https://auth.example/', ' http://127.0.0.1:80 ', 'http://[::1]'];
			const expected = [
				...elsewhere().map((address) => [address, nowhere]),
				...here.map((address) => [address, address.trim().replace(/\/$/, '')]),
			];
			for (const [authServerUrl, base] of expected) {
				for (const environment of ['custom', 'staging']) {
					const credential = new StoredCredential({ grantType, environment, authServerUrl });
					const { accessTokenUrl, authUrl } = await credential.getDecrypted();
					expect(accessTokenUrl).toBe(`${base}/oauth/token`);
					// n8n leaves it out where nobody signs in.
					const isAsked = grantType !== 'clientCredentials';
					expect(authUrl).toBe(isAsked ? `${base}/authorize` : undefined);
				}
			}
		},
	);

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

	const nowhere = 'api-base-url-must-begin-with-https.invalid';

	test.each([
		['production', '', 'api.eyecloudpro.com'],
		['production', 'https://left.over.example', 'api.eyecloudpro.com'],
		['staging', '', 'api-staging.eyecloudpro.com'],
		['custom', ' https://api.example.com/ ', 'api.example.com'],
		['custom', 'https://api.example.com:8443/api/?a=b', 'api.example.com'],
		['custom', 'https://api.example.com?x@elsewhere.example', 'api.example.com'],
		['custom', 'https://user@api.example.com', 'api.example.com'],
		['custom', 'http://127.0.0.1:4010', '127.0.0.1'],
		['custom', 'http://[::1]:4010', '[::1]'],
		['custom', 'http://api.example.com', nowhere],
		['custom', 'api.example.com', nowhere],
		['custom', '', nowhere],
	])('%s %j: the HTTP Request node may take the token to %s', async (environment, base, host) => {
		const credential = new StoredCredential({ environment, apiBaseUrl: base });
		const values = await credential.getDecrypted();
		expect([values.allowedHttpRequestDomains, values.allowedDomains]).toEqual(['domains', host]);
	});

	test('production asks for no address, and the audience goes along', async () => {
		const values = await new StoredCredential({ environment: 'production' }).getDecrypted();
		expect(values.accessTokenUrl).toBe('https://auth.eyecloudpro.com/oauth/token');
		expect(values.additionalBodyProperties).toBe(`{"audience":"${API}"}`);
	});
});
