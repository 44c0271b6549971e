// Where requests, secrets and tokens may go: to the address of the credential and nowhere else, and by https alone,
// this very machine aside: the client secret, the token to the API, and n8n's own HTTP Request node. IDs that
// lead elsewhere: test/hostile.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import { buildEndpoint } from '../../nodes/EyeCloudPro/api/endpoint';
import { StoredCredential } from '../harness/storedCredential.ts';

const API = 'https://api.eyecloudpro.com';
const practice = simulatedPractice({ patients: 5 });

test.each([
	[`${API}/x//`, ['stores', 'a b?c#d%2F'], `${API}/x/v2/2/stores/a%20b%3Fc%23d%252F`, 'stores'],
	['http://[::1]:4010', ['patients'], 'http://[::1]:4010/v2/2/patients', 'patients'],
])('the address of a request: %s %j', (base, segments, url, module) => {
	const origin = new URL(base).origin;
	expect(buildEndpoint(base, '2', segments)).toEqual({ url, origin, module });
});

test.each(['', '0', '01', '1e3', '1/2', '١٢'])('practice %j is refused', (practiceId) => {
	expect(() => buildEndpoint(API, practiceId, ['x'])).toThrow('must be a whole number');
});

/** Addresses that lead to this machine, and do not say so in the way that counts. */
const elsewhere = [
	...['http://0.0.0.0:4010', 'HTTP://0.0.0.0:4010/', ' http://0.0.0.0:4010', '0.0.0.0:4010', ''],
	...['http://localhost@0.0.0.0:4010', 'http://127.0.0.1:x@0.0.0.0:4010', 'ftp://127.0.0.1'],
	'http://127.0.0.1.0.0.0.0:4010',
];

test.each([
	['authServerUrl', 'Auth Server URL'],
	['apiBaseUrl', 'API Base URL'],
])('not encrypted: the node says so of the %s, and sends nothing', async (field, name) => {
	for (const address of elsewhere) {
		const credential = StoredCredential.for(practice.simulator, undefined, { [field]: address });
		const { error } = await practice.run('patient', 'count', {}, { credential });
		expect(error?.message).toBe(`The '${name}' in the credential is not an https address`);
	}
	expect(await practice.received()).toEqual([]);
});

test.each(['clientCredentials', 'pkce'])('%s: n8n asks no other address', async (grantType) => {
	const nowhere = 'https://auth-server-url-must-begin-with-https.invalid';
	const here = ['https://auth.example/', ' http://127.0.0.1:80 ', 'http://[::1]'];
	for (const authServerUrl of [...elsewhere, ...here]) {
		const base = here.includes(authServerUrl) ? authServerUrl.trim().replace(/\/$/, '') : nowhere;
		const credential = new StoredCredential({ grantType, environment: 'staging', authServerUrl });
		const { accessTokenUrl, authUrl } = await credential.getDecrypted();
		expect(accessTokenUrl).toBe(`${base}/oauth/token`);
		// n8n leaves it out where nobody signs in.
		expect(authUrl).toBe(grantType === 'pkce' ? `${base}/authorize` : undefined);
	}
});

test.each([
	['production', 'https://left.over.example', 'api.eyecloudpro.com'],
	['staging', '', 'api-staging.eyecloudpro.com'],
	['custom', ' https://api.example.com/ ', 'api.example.com'],
	['custom', 'https://api.example.com:8443/api/?a=b', 'api.example.com'],
	['custom', 'https://user@api.example.com', 'api.example.com'],
	['custom', 'http://[::1]:4010', '[::1]'],
	['custom', 'http://api.example.com', 'api-base-url-must-begin-with-https.invalid'],
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
