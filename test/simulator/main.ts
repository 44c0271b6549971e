// The simulator as a process of its own: `node test/simulator/main.ts --port 4010`. Run by hand, and
// by start.ts for tests and the demo.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { AccessTokens } from './access.ts';
import { Faults } from './answer.ts';
import { createApi } from './api.ts';
import { createAuthServer, Storage } from './authServer.ts';
import { Books } from './books.ts';
import { OAuthClients } from './clients.ts';
import type { ResolvedOptions, SimulatorOptions, SimulatorState, TokenFault } from './contract.ts';
import { controlCalls, createControl } from './control.ts';
import { parseDialect, type Dialect } from './dialect.ts';
import { audience, resolveOptions } from './options.ts';
import { otherPracticeId, practiceId, Practices } from './practices.ts';

const help = `A simulator of the EyeCloud Pro API, on 127.0.0.1 only.

  --port N              of the API; auth server N+1, control N+2 (default: free ports)
  --dialect NAME=VALUE  what it says where the API's document is silent, any number of times, or as
                        JSON; dialect.ts has the names with their values
  --options JSON        all else, such as {"patients":50,"latencyMs":20}: SimulatorOptions of contract.ts
  --help                this text`;

/** Listens first, since the auth server must know its own address before it can be made. */
async function listen(port: number): Promise<{ server: Server; url: string }> {
	// The caller ends connections: one that this side ends may break a request that is on its way.
	const server = createServer({ keepAliveTimeout: 0 });
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

	const clients = new OAuthClients();
	const shared = {
		...{ options, clients, books: new Books(), faults: new Faults() },
		...{ practices: new Practices(options), tokens: new AccessTokens(auth.url, clients) },
		...{ storage: new Storage(clients), tokenFaults: [] as TokenFault[] },
	};
	const madeApi = createApi(shared);
	const calls = controlCalls({ ...shared, api: madeApi });
	api.server.on('request', madeApi.app);
	auth.server.on('request', createAuthServer({ ...shared, issuer: auth.url }));
	control.server.on('request', createControl(calls));
	return {
		...{ apiUrl: api.url, authUrl: auth.url, controlUrl: control.url },
		...{ audience, practiceId, otherPracticeId, clients: clients.usual },
		calls: Object.keys(calls),
	};
}

async function main(): Promise<void> {
	// Whoever started the simulator from a program holds the other end of the channel.
	for (const end of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(end, () => process.exit(0));
	const { values: given } = parseArgs({
		options: {
			port: { type: 'string' },
			dialect: { type: 'string', multiple: true },
			options: { type: 'string' },
			help: { type: 'boolean' },
		},
	});
	if (given.help) return console.log(help);
	const { port, dialect = [], options = '{}' } = given;
	const others = JSON.parse(options) as SimulatorOptions;
	const named = Object.assign({}, others.dialect, ...dialect.map(parseDialect)) as Dialect;
	const all = { ...others, ...(port && { port: Number(port) }), dialect: named };
	const state = await runSimulator(resolveOptions(all));
	if (process.send) process.send(state);
	else console.log('The simulator, until Ctrl-C stops it', state);
}

main().catch((error: Error) => {
	console.error(`The simulator can't start: ${error.message}`);
	process.exit(1);
});
