// The simulator as a process of its own: `node test/simulator/main.ts --port 4010`. Run by hand, and
// by start.ts for tests and the demo.
import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { rateLimitHeaderStyles, type SimulatorOptions, type SimulatorState } from './contract.ts';
import { dialectList, parseDialect } from './dialect.ts';
import { resolveOptions } from './options.ts';
import { runSimulator } from './simulator.ts';

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
} satisfies ParseArgsOptionsConfig;

/** What the flags say. Values go on as text: the options' own rules turn them into numbers. */
function optionsFromFlags(values: Record<string, unknown>): SimulatorOptions {
	const given = {
		port: values.port,
		patients: values.patients,
		size: values.size,
		seed: values.seed,
		latencyMs: values['latency-ms'],
		tokenLifetimeSeconds: values['token-lifetime-seconds'],
		rateLimit: {
			requestsPerMinute: values['requests-per-minute'],
			windowMs: values['window-ms'],
			headers: values.headers,
		},
		dialect: dialectFromFlags(values as { dialect?: string[]; 'dialect-file'?: string }),
	};
	return given as unknown as SimulatorOptions;
}

/** What is named beside a file goes before what the file says. */
function dialectFromFlags(values: { dialect?: string[]; 'dialect-file'?: string }) {
	const file = values['dialect-file'];
	const texts = [...(file ? [readFileSync(file, 'utf8')] : []), ...(values.dialect ?? [])];
	return Object.assign({}, ...texts.map(parseDialect)) as SimulatorOptions['dialect'];
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
