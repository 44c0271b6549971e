// Loopback ports on which nothing listens, listens late, or writes down what comes: what a test needs
// beside the simulator to see where requests go.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { freePorts } from './supervised.ts';

/** The address of a port that was free a moment ago, so that connecting to it is refused. */
export async function closedAddress(): Promise<string> {
	return `http://127.0.0.1:${(await freePorts(1))[0]}`;
}

/** Opens the port of `address` and hands its connections on to the server at `target`. */
export function forward(address: string, target: string): Server {
	return createServer((socket) => {
		const onward = connect(Number(new URL(target).port), '127.0.0.1');
		socket.on('error', () => onward.destroy());
		onward.on('error', () => socket.destroy());
		socket.pipe(onward).pipe(socket);
	}).listen(Number(new URL(address).port), '127.0.0.1');
}

export interface Listener {
	address: string;
	/** `METHOD /path` of each request, with its Authorization header. */
	received: string[];
	close(): void;
}

/** A server that answers everything with one status, and a JSON body, what makes one, or a table as text. */
export async function listen(
	status = 200,
	body: string | object | (() => object) = {},
): Promise<Listener> {
	const received: string[] = [];
	const server = createHttpServer((request, response) => {
		received.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
		const value: unknown = typeof body === 'function' ? body() : body;
		const isText = typeof value === 'string';
		response.writeHead(status, { 'Content-Type': isText ? 'text/csv' : 'application/json' });
		response.end(isText ? value : JSON.stringify(value));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return { address: `http://127.0.0.1:${port}`, received, close: () => server.close() };
}
