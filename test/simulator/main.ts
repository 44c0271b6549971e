// The simulator as a process of its own: `node test/simulator/main.ts --port 4010`. Run by hand, and
// by start.ts for tests and the demo.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { rateLimitHeaderStyles, type SimulatorOptions, type SimulatorState } from './contract.ts';
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
  --created-body SHAPE        of a 201: data ({ "data": record }) or record (data)
  --record-body SHAPE         of a single record that was read or changed: data or record (data)
  --bulk-key NAME             of a bulk POST: the name of its list; none: the list is the body (none)
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
	'created-body': { type: 'string' },
	'record-body': { type: 'string' },
	'bulk-key': { type: 'string' },
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
		createdBody: values['created-body'],
		recordBody: values['record-body'],
		bulkKey: values['bulk-key'],
	};
	return given as unknown as SimulatorOptions;
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
	const state = await runSimulator(resolveOptions(optionsFromFlags(values)));
	if (process.send) process.send(state);
	else console.log(describe(state));
}

main().catch((error: Error) => {
	console.error(`The simulator can't start: ${error.message}`);
	process.exit(1);
});
