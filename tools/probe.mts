// `npm run probe`: what Check API does, from a terminal, for the owner of a real OAuth client. Reads alone, over
// https alone, and prints no token, no secret and no value of a record.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { IHttpRequestOptions } from 'n8n-workflow';
import { npmStep } from './steps.mjs';

const help = `Asks the EyeCloud Pro API how it speaks, by at most three small GET requests for each resource.

  EYECLOUDPRO_CLIENT_ID       the ID of the OAuth client     (all three from the environment)
  EYECLOUDPRO_CLIENT_SECRET   its secret
  EYECLOUDPRO_PRACTICE_ID     the number of the practice, after /v2/ in addresses

  --api-base-url URL          another API than production, with the two that belong to it:
  --auth-server-url URL       where tokens come from
  --audience URL              what tokens are for
  --api-differences FILE      what is known to differ already, as in the credential
  --help                      this text`;

const flags = {
	'api-base-url': { type: 'string' },
	'auth-server-url': { type: 'string' },
	audience: { type: 'string' },
	'api-differences': { type: 'string' },
	help: { type: 'boolean' },
} satisfies ParseArgsOptionsConfig;

const { values } = parseArgs({ options: flags });
const root = fileURLToPath(new URL('..', import.meta.url));

type Parts = typeof import('../nodes/EyeCloudPro/api/client') &
	typeof import('../nodes/EyeCloudPro/api/clock') &
	typeof import('../nodes/EyeCloudPro/api/sharedCredential') &
	typeof import('../nodes/EyeCloudPro/api/endpoint') &
	typeof import('../nodes/EyeCloudPro/api/environments') &
	typeof import('../nodes/EyeCloudPro/catalogue') &
	typeof import('../nodes/EyeCloudPro/catalogue/differences') &
	typeof import('../nodes/EyeCloudPro/operations/checkApi');

/** The node's own parts, compiled: Node.js can't read them as they are written. */
async function nodeParts(): Promise<Parts> {
	const folder = join(root, '.cache/probe');
	const compile = ['exec', '--', 'tsc', '-p', root, '--noCheck', '--outDir', folder];
	await npmStep('Compiling', compile, { cwd: root });
	const require = createRequire(join(folder, 'nodes/EyeCloudPro/'));
	const inApi = ['client', 'clock', 'sharedCredential', 'endpoint', 'environments'];
	const files = [
		...inApi.map((name) => `api/${name}`),
		...['catalogue', 'catalogue/differences', 'operations/checkApi'],
	];
	return Object.assign({}, ...files.map((file) => require(`./${file}`))) as Parts;
}

function fromEnvironment(name: string): string {
	const value = process.env[`EYECLOUDPRO_${name}`]?.trim();
	if (value) return value;
	throw new Error(`Set EYECLOUDPRO_${name} in the environment; --help says more.`);
}

const answerTimeoutMs = 60_000;

/** A client-credentials token, asked for as n8n does. What the auth server says stays unsaid but for its code. */
async function fetchToken(authServerUrl: string, audience: string): Promise<string> {
	const response = await fetch(`${authServerUrl}/oauth/token`, {
		method: 'POST',
		redirect: 'error',
		signal: AbortSignal.timeout(answerTimeoutMs),
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: fromEnvironment('CLIENT_ID'),
			client_secret: fromEnvironment('CLIENT_SECRET'),
			audience,
		}),
	}).catch(() => {
		throw new Error(`The auth server ${authServerUrl} could not be reached.`);
	});
	const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
	if (typeof answer.access_token === 'string') return answer.access_token;
	const code = /^\w{1,40}$/.exec(String(answer.error))?.[0] ?? `HTTP ${response.status}`;
	throw new Error(
		`The auth server gave no token (${code}). Check the client ID, the secret and the audience.`,
	);
}

/** The node's own client, with its waits and tries; fetch stands in for n8n. */
function clientFor(parts: Parts, apiBaseUrl: string, token: string) {
	const context = {
		helpers: {
			httpRequestWithAuthentication: async (_: string, options: IHttpRequestOptions) =>
				await sent(options, token),
		},
		getCredentials: async () => ({ oauthTokenData: { access_token: token } }) as never,
		logger: { debug: () => undefined },
	};
	return new parts.Client(new parts.SharedCredential(context, parts.systemClock), {
		apiBaseUrl,
		oauthClientId: fromEnvironment('CLIENT_ID'),
		practiceId: fromEnvironment('PRACTICE_ID'),
		requestsPerMinute: 100,
		rateLimitWindowMs: 60_000,
		timeoutMs: answerTimeoutMs,
	});
}

async function sent({ url, qs, headers }: IHttpRequestOptions, token: string) {
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(qs ?? {})) search.set(name, String(value));
	const response = await fetch(`${url}?${search}`, {
		headers: { ...(headers as Record<string, string>), Authorization: `Bearer ${token}` },
		redirect: 'manual',
		signal: AbortSignal.timeout(answerTimeoutMs),
	});
	const text = await response.text();
	const body = await new Response(text).json().catch(() => text);
	return { statusCode: response.status, headers: Object.fromEntries(response.headers), body };
}

/** Where the API and its tokens are; nothing but https, or this very machine. */
function addressesFor({
	PRODUCTION,
	buildEndpoint,
}: Parts): Record<keyof Parts['PRODUCTION'], string> {
	const apiBaseUrl = values['api-base-url'];
	const authServerUrl = values['auth-server-url']?.replace(/\/+$/, '');
	const { audience } = values;
	if (!apiBaseUrl && !authServerUrl && !audience) return PRODUCTION;
	if (!apiBaseUrl || !authServerUrl || !audience) {
		throw new Error('Give all three: --api-base-url, --auth-server-url, --audience.');
	}
	// The same rule for both: the secret goes to one, the token to the other.
	for (const address of [apiBaseUrl, authServerUrl]) buildEndpoint(address, '1', ['x']);
	return { apiBaseUrl, authServerUrl, audience };
}

async function probe(): Promise<void> {
	['CLIENT_ID', 'CLIENT_SECRET', 'PRACTICE_ID'].forEach(fromEnvironment);
	const parts = await nodeParts();
	const { apiBaseUrl, authServerUrl, audience } = addressesFor(parts);
	const file = values['api-differences'];
	const known = parts.readDifferences(file ? readFileSync(file, 'utf8') : '', parts.resources);
	if ('reason' in known) throw new Error(`${file} ${known.reason}`);

	const token = await fetchToken(authServerUrl, audience);
	const client = clientFor(parts, apiBaseUrl, token);
	const check = await parts.checkCatalogue(
		async (segments, query) => await client.answerTo({ segments, query: { ...query } }),
		known.differences,
		async () => (await client.token.claims()).scopes,
	);
	console.log(String(parts.itemsOf(check).at(-1)?.report));
}

if (values.help) console.log(help);
else {
	await probe().catch((error: Error) => {
		console.error(error.message);
		process.exitCode = 1;
	});
}
