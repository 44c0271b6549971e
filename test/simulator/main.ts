// The simulator as a process of its own: `node test/simulator/main.ts --port 4010`. Run by hand, and
// by start.ts for tests and the demo.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { AccessTokens } from './access.ts';
import { Faults } from './answer.ts';
import { createApi } from './api.ts';
import { createAuthServer, Storage, TokenFaults } from './authServer.ts';
import { Books } from './books.ts';
import { OAuthClients } from './clients.ts';
import {
	rateLimitHeaderStyles,
	type ResolvedOptions,
	type SimulatorOptions,
	type SimulatorState,
} from './contract.ts';
import { createControl } from './control.ts';
import { dialectList, parseDialect } from './dialect.ts';
import { audience, resolveOptions } from './options.ts';
import { otherPracticeId, practiceId, Practices } from './practices.ts';

const help = `A simulator of the EyeCloud Pro API, on 127.0.0.1 only.

  --port N                    port of the API; auth server N+1, control N+2 (default: free ports)
  --patients N                patients of practice 2 (1000)
  --size N                    how many times the usual number of everything else it has (1)
  --seed N                    other data (2)
  --latency-ms N              how long the API takes for each request (0)
  --token-lifetime-seconds N  of access tokens (3600)
  --requests-per-minute N     rate limit for each module and OAuth client (100)
  --window-ms N               the time in which they are counted (60000)
  --headers STYLE             of the rate limit: ${rateLimitHeaderStyles.join(', ')}
                              (none)
  --dialect NAME=VALUE        what it says where the API's document is silent, any number of times;
                              --dialect list prints every name with its values
  --dialect-file FILE         a JSON file of such names and values
  --help                      this text`;

const flags = {
	port: { type: 'string' },
	patients: { type: 'string' },
	size: { type: 'string' },
	seed: { type: 'string' },
	'latency-ms': { type: 'string' },
	'token-lifetime-seconds': { type: 'string' },
	'requests-per-minute': { type: 'string' },
	'window-ms': { type: 'string' },
	headers: { type: 'string' },
	dialect: { type: 'string', multiple: true },
	'dialect-file': { type: 'string' },
	help: { type: 'boolean' },
	/** All of them as JSON, from start.ts. */
	options: { type: 'string' },
} satisfies ParseArgsOptionsConfig;

type Flags = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/** What the flags say. Values go on as text: the options' own rules turn them into numbers. */
function optionsFromFlags(values: Flags): SimulatorOptions {
	if (values.options) return JSON.parse(values.options) as SimulatorOptions;
	// What is named beside a file goes before what the file says.
	const file = values['dialect-file'];
	const texts = [...(file ? [readFileSync(file, 'utf8')] : []), ...(values.dialect ?? [])];
	const given = {
		...{ port: values.port, patients: values.patients, size: values.size, seed: values.seed },
		latencyMs: values['latency-ms'],
		tokenLifetimeSeconds: values['token-lifetime-seconds'],
		rateLimit: {
			requestsPerMinute: values['requests-per-minute'],
			windowMs: values['window-ms'],
			headers: values.headers,
		},
		dialect: Object.assign({}, ...texts.map(parseDialect)) as SimulatorOptions['dialect'],
	};
	// Without the flags that were not given, which would hide the defaults.
	return JSON.parse(JSON.stringify(given)) as SimulatorOptions;
}

function describe(state: SimulatorState): string {
	const { options } = state;
	const clients = Object.values(state.clients).map(
		({ clientId, clientSecret, scopes, practiceIds }) => {
			const reach = `practices: ${practiceIds.join(', ')}; scopes: ${scopes.length}`;
			return `  ${clientId.padEnd(20)} ${clientSecret}  (${reach})`;
		},
	);
	return [
		`API          ${state.apiUrl}/v2/${state.practiceId}/patients`,
		`auth server  ${state.authUrl}  (/oauth/token, /authorize)`,
		`audience     ${state.audience}`,
		`control      ${state.controlUrl}/state`,
		`practices    ${state.practiceId} with ${options.patients} patients, ${state.otherPracticeId}`,
		'OAuth clients and their secrets, which are made up at each start:',
		...clients,
		'Ctrl-C stops it.',
	].join('\n');
}

function stopWithParent(): void {
	process.on('SIGINT', () => process.exit(0));
	process.on('SIGTERM', () => process.exit(0));
	// Whoever started the simulator from a program holds the other end of this channel.
	process.on('disconnect', () => process.exit(0));
}

/** Listens first, since the auth server must know its own address before it can be made. */
async function listen(port: number): Promise<{ server: Server; url: string }> {
	const server = createServer({ keepAliveTimeout: 30_000 });
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Rejects with Node's own error when a port is taken. */
async function runSimulator(options: ResolvedOptions): Promise<SimulatorState> {
	const portOf = (offset: number) => (options.port === 0 ? 0 : options.port + offset);
	const api = await listen(portOf(0));
	const auth = await listen(portOf(1));
	const control = await listen(portOf(2));

	const books = new Books();
	const clients = new OAuthClients();
	const faults = new Faults();
	const practices = new Practices(options);
	const storage = new Storage(clients);
	const tokenFaults = new TokenFaults();
	const tokens = new AccessTokens(auth.url, clients);
	const madeApi = createApi({ options, practices, tokens, faults, books });
	const state = (): SimulatorState => ({
		apiUrl: api.url,
		authUrl: auth.url,
		controlUrl: control.url,
		audience,
		practiceId,
		otherPracticeId,
		clients: { practice: clients.practice, group: clients.group, reader: clients.reader },
		createdClients: clients.created(),
		options,
	});

	serve(api.server, madeApi.app);
	const shared = { clients, options, books, storage, tokenFaults };
	serve(auth.server, createAuthServer({ issuer: auth.url, ...shared }));
	const parts = { api: madeApi, ...shared, faults, practices, tokens, state };
	serve(control.server, createControl(parts));
	return state();
}

function serve(server: Server, app: RequestListener): void {
	server.on('request', app);
}

async function main(): Promise<void> {
	stopWithParent();
	const { values } = parseArgs({ options: flags });
	if (values.help) {
		console.log(help);
		return;
	}
	if (values.dialect?.includes('list')) {
		console.log(dialectList());
		return;
	}
	const state = await runSimulator(resolveOptions(optionsFromFlags(values)));
	if (process.send) process.send(state);
	else console.log(describe(state));
}

main().catch((error: Error) => {
	console.error(`The simulator can't start: ${error.message}`);
	process.exit(1);
});
