// Where n8n's HTTP Request node may take our token: to the API of the credential, by its host alone.
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { StoredCredential } from '../harness/storedCredential.ts';

const hostsOf = async (data: ICredentialDataDecryptedObject) => {
	const { allowedHttpRequestDomains, allowedDomains } = await new StoredCredential(
		data,
	).getDecrypted();
	return [allowedHttpRequestDomains, allowedDomains];
};

test.each([
	['production', '', 'api.eyecloudpro.com'],
	['production', 'https://left.over.example', 'api.eyecloudpro.com'],
	['staging', '', 'api-staging.eyecloudpro.com'],
	['custom', 'https://api.example.com', 'api.example.com'],
	['custom', ' https://api.example.com/ ', 'api.example.com'],
	['custom', 'https://api.example.com:8443/api/?a=b', 'api.example.com'],
	['custom', 'https://api.example.com?x@elsewhere.example', 'api.example.com'],
	['custom', 'https://user@api.example.com', 'api.example.com'],
	['custom', 'http://127.0.0.1:4010', '127.0.0.1'],
	['custom', 'http://[::1]:4010', '[::1]'],
	['custom', 'http://api.example.com', 'api-base-url-must-begin-with-https.invalid'],
	['custom', 'api.example.com', 'api-base-url-must-begin-with-https.invalid'],
	['custom', '', 'api-base-url-must-begin-with-https.invalid'],
])('%s %j: %s', async (environment, apiBaseUrl, host) => {
	expect(await hostsOf({ environment, apiBaseUrl })).toEqual(['domains', host]);
});
