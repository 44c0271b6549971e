// Puts the simulator together: three listeners on loopback around the same data, clients and books.
// Called by main.ts.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessTokens } from './access.ts';
import { createApi } from './api.ts';
import { createAuthServer } from './authServer.ts';
import { Books } from './books.ts';
import { OAuthClients } from './clients.ts';
import type { ResolvedOptions, SimulatorState } from './contract.ts';
import { createControl } from './control.ts';
import { Faults } from './faults.ts';
import { audience } from './options.ts';
import { otherPracticeId, practiceId, Practices } from './practices.ts';
import { Storage } from './storage.ts';
import { TokenFaults } from './tokenFaults.ts';

/** Listens first, since the auth server must know its own address before it can be made. */
async function listen(port: number): Promise<{ server: Server; url: string }> {
	const server = createServer({ keepAliveTimeout: 30_000 });
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Rejects with Node's own error when a port is taken. */
export async function runSimulator(options: ResolvedOptions): Promise<SimulatorState> {
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
