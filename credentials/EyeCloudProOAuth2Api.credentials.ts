// How n8n gets an access token for EyeCloud Pro, and how it tests one. Loaded by n8n.
import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import {
	ENCRYPTED_OR_HERE,
	PRODUCTION,
	STAGING_API_BASE_URL,
} from '../nodes/EyeCloudPro/api/environments';
import { resources } from '../nodes/EyeCloudPro/catalogue';
import { documentedScopes } from '../nodes/EyeCloudPro/catalogue/scopes';

/**
 * The address in a field, or one that is nowhere and says why: the client secret and the token go out encrypted
 * or not at all. Only this very machine may be asked by http.
 */
const encrypted = (field: string, name: string) =>
	`[(${field} || "").trim()].map((url) => ${ENCRYPTED_OR_HERE}.test(url) ? url.replace(/\\/+$/, "") : "https://${name}-must-begin-with-https.invalid")[0]`;

/** Documented: production's auth server and audience; the others can only be asked for. */
const authServer = `($self["environment"] === "production" ? "${PRODUCTION.authServerUrl}" : ${encrypted('$self["authServerUrl"]', 'auth-server-url')})`;
const audience = `($self["environment"] === "production" ? "${PRODUCTION.audience}" : $self["audience"])`;

/** The API's address, of the credential that `credential` stands for in the expression. */
const apiAddress = (credential: '$self' | '$credentials') =>
	`(${credential}["environment"] === "custom" ? ${encrypted(`${credential}["apiBaseUrl"]`, 'api-base-url')} : ${credential}["environment"] === "staging" ? "${STAGING_API_BASE_URL}" : "${PRODUCTION.apiBaseUrl}")`;

/** The host in an address. */
const hostIn = (address: string) =>
	`${address}.split("//")[1].split(/[/?#]/)[0].split("@").pop().replace(/:\\d*$/, "")`;

const NO_API_HERE =
	"There is no EyeCloud Pro API at this address. Check 'Environment' and 'API Base URL'.";

/** Something answers there, and it may be EyeCloud Pro with its patients elsewhere. */
const NO_PATIENTS_HERE =
	"There is no list of patients at this address. Check 'Environment' and 'API Base URL'. If they are right, save and run 'Check API' of 'Account'.";

/** The list of patients, where API Differences says that it is. Text that is no JSON is told of by n8n. */
const patients =
	'(($credentials.apiDifferences || "{}").parseJson()?.patient?.path || "patients").replace(/^[/]/, "")';

/** Shown for a status that is not one of those which say that the token was accepted. */
const statusRule = (value: number, message: string) => ({
	type: 'responseCode' as const,
	properties: { value, message },
});

/** Shown when the answer's body has that value at that path. */
const bodyRule = (key: string, value: unknown, message: string) => ({
	type: 'responseSuccessBody' as const,
	properties: { key, value, message },
});

/** Production's whole address is known, so nothing needs to be asked. */
const exceptProduction: INodeProperties['displayOptions'] = {
	show: { environment: ['staging', 'custom'] },
};

/**
 * n8n's test of a credential only says that such a host is nowhere, so the form says why at once. A pattern would say
 * it better, but n8n gives one 250 ms at each request of a busy server, and fails the execution after that.
 */
const onlyEncrypted = (name: string): INodeProperties => ({
	displayName:
		'An address must begin with https://, or your secret could be read on its way. Only this very computer can be asked by http://, as localhost.',
	name: `${name}Notice`,
	type: 'notice',
	displayOptions: { show: { [name]: [{ _cnd: { startsWith: 'http:' } }] } },
	default: '',
});

/** n8n evaluates the expressions of all fields that apply, for each request: the fewer, the faster. */
const whereAPersonSignsIn: INodeProperties['displayOptions'] = {
	show: { grantType: ['authorizationCode', 'pkce'] },
};

/** What n8n reads and nobody fills in. */
const hidden = (
	name: string,
	value: string | number | boolean,
	displayOptions?: INodeProperties['displayOptions'],
): INodeProperties => ({
	...{ displayName: name, name, type: 'hidden', default: value },
	...(displayOptions && { displayOptions }),
});

/** A line of text that must be filled in. */
const text = (displayName: string, name: string, more: Partial<INodeProperties>) =>
	({ displayName, name, type: 'string', default: '', required: true, ...more }) as INodeProperties;

export class EyeCloudProOAuth2Api implements ICredentialType {
	name = 'eyeCloudProOAuth2Api';

	displayName = 'EyeCloud Pro OAuth2 API';

	extends = ['oAuth2Api'];

	icon = {
		light: 'file:../nodes/EyeCloudPro/eyecloudpro.svg',
		dark: 'file:../nodes/EyeCloudPro/eyecloudpro.dark.svg',
	} as const;

	// The address of docs/connecting.md, as nodes/EyeCloudPro/documentation.ts makes it; n8n's lint wants it in full.
	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-eyecloudpro';

	properties: INodeProperties[] = [
		{
			displayName: 'Grant Type',
			name: 'grantType',
			type: 'options',
			options: [
				{
					name: 'Client Credentials',
					value: 'clientCredentials',
					description: 'The practice, or its integrator, signs in as itself',
				},
				{
					name: 'Authorization Code',
					value: 'authorizationCode',
					description: 'A person signs in to EyeCloud Pro in the browser',
				},
				{
					name: 'PKCE',
					value: 'pkce',
					description: 'Like Authorization Code, secured by a one-time proof',
				},
			],
			default: 'clientCredentials',
		},
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{ name: 'Production', value: 'production' },
				{ name: 'Staging', value: 'staging' },
				{ name: 'Custom', value: 'custom' },
			],
			default: 'production',
		},
		text('API Base URL', 'apiBaseUrl', {
			displayOptions: { show: { environment: ['custom'] } },
			placeholder: `e.g. ${PRODUCTION.apiBaseUrl}`,
		}),
		onlyEncrypted('apiBaseUrl'),
		text('Auth Server URL', 'authServerUrl', {
			displayOptions: exceptProduction,
			placeholder: `e.g. ${PRODUCTION.authServerUrl}`,
			description: 'Where access tokens come from. EyeCloud Pro support can tell you.',
		}),
		onlyEncrypted('authServerUrl'),
		text('Audience', 'audience', {
			displayOptions: exceptProduction,
			placeholder: `e.g. ${PRODUCTION.audience}`,
			description: 'The API that the access token is for. EyeCloud Pro support can tell you.',
		}),
		text('Client ID', 'clientId', {
			description: 'The ID of your OAuth client, not the number of the practice',
		}),
		text('Client Secret', 'clientSecret', { typeOptions: { password: true } }),
		{
			// Client credentials ask for none, and get all that EyeCloud Pro has granted the client.
			displayName: 'Scope',
			name: 'scope',
			type: 'string',
			displayOptions: whereAPersonSignsIn,
			// An auth server may refuse a sign-in for a scope that it does not know, so none is guessed.
			default: ['openid', 'offline_access', ...documentedScopes(resources)].join(' '),
			description:
				'What to ask for when a person signs in, separated by spaces. Take away what your workflows do not need, but not offline_access, which keeps the credential connected. Reconnect after a change.',
		},
		text('Practice Client ID', 'practiceId', {
			placeholder: 'e.g. 123',
			description:
				'The whole number that stands for your practice in API addresses, after /v2/. The documentation calls it client_id.',
		}),
		{
			displayName: 'Requests per Minute',
			name: 'requestsPerMinute',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 100,
			description:
				'The rate limit of your OAuth client for each module of the API. 100, unless EyeCloud Pro agreed to another one.',
		},
		{
			displayName: 'API Differences',
			name: 'apiDifferences',
			type: 'json',
			default: '',
			placeholder: `e.g. ${JSON.stringify({ patient: { path: '/patients' } })}`,
			description:
				"Where EyeCloud Pro is otherwise than this node expects, as JSON. 'Check API' of 'Account' writes it for you.",
		},
		// Documented as a minute, and only ever another one against a simulator.
		hidden('rateLimitWindowMs', 60_000),
		hidden('authUrl', `={{ ${authServer} + "/authorize" }}`, whereAPersonSignsIn),
		hidden('accessTokenUrl', `={{ ${authServer} + "/oauth/token" }}`),
		hidden(
			'authQueryParameters',
			`={{ "prompt=consent&audience=" + encodeURIComponent(${audience}) }}`,
			whereAPersonSignsIn,
		),
		// n8n's own choice would let its HTTP Request node send the token to any host.
		hidden('allowedHttpRequestDomains', 'domains'),
		hidden('allowedDomains', `={{ ${hostIn(apiAddress('$self'))} }}`),
		hidden('authentication', 'body'),
		hidden('sendAdditionalBodyProperties', true),
		hidden('additionalBodyProperties', `={{ JSON.stringify({ audience: ${audience} }) }}`),
	];

	/**
	 * Says yes for every token that the API accepts. A missing scope is a 403 without `error` in its
	 * body, a practice that may not be read one with `error.statusCode` 403, as the API documents, so a token
	 * with narrow scopes passes. The filter matches nobody: no patient is read.
	 */
	test: ICredentialTestRequest = {
		request: {
			baseURL: `={{ ${apiAddress('$credentials')} }}`,
			url: `={{ "/v2/" + encodeURIComponent($credentials.practiceId || "?") + "/" + ${patients} }}`,
			qs: { dob: '1800-01-01', page_size: 5 },
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: {
				ignore: true,
				except: [301, 302, 307, 308, 401, 404, 429, 500, 502, 503, 504],
			},
		},
		// The type wants rules of one kind; n8n's credential tester reads both kinds from one list.
		rules: [
			bodyRule(
				'error.statusCode',
				400,
				"The 'Practice Client ID' is not a whole number. It is the number after /v2/ in your API addresses, not the 'Client ID'.",
			),
			bodyRule(
				'error.statusCode',
				403,
				"This credential may not read that practice. Check the 'Practice Client ID', or ask EyeCloud Pro support to grant your OAuth client access to it.",
			),
			// A web page instead of JSON: its first character.
			bodyRule('0', '<', NO_API_HERE),
			...[301, 302, 307, 308].map((status) => statusRule(status, NO_API_HERE)),
			statusRule(404, NO_PATIENTS_HERE),
			statusRule(
				401,
				"EyeCloud Pro does not accept the access token. Check 'Environment' and 'Audience'.",
			),
			statusRule(
				429,
				"EyeCloud Pro's rate limit is used up at the moment. Test again in a minute.",
			),
			...[500, 502, 503, 504].map((status) =>
				statusRule(status, `EyeCloud Pro is not available (HTTP ${status}). Test again later.`),
			),
		] as ICredentialTestRequest['rules'],
	};
}
