// An API that means no good: a plain HTTP server whose every answer the test writes itself, down to the
// bytes. Tokens come from the simulator's auth server. Called by the tests of answers in this folder.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { StoredCredential } from '../harness/storedCredential.ts';

export type AnswerRequest = (
	request: IncomingMessage & { query: URLSearchParams; nth: number },
	response: ServerResponse,
) => void;

/** For a test file, which it starts and ends with. */
export function hostileApi() {
	/** `METHOD /path?query` of each request since the last `answer`. */
	const received: string[] = [];
	/** Tokens that came in, ever, which must be seen nowhere else. */
	const tokens = new Set<string>();
	let how: AnswerRequest = (_, response) => json(response, {});
	const server = createServer((request, response) => {
		request.resume();
		received.push(`${request.method} ${request.url}`);
		const token = request.headers.authorization;
		if (token) tokens.add(token.replace(/^Bearer /, ''));
		const { searchParams: query } = new URL(request.url ?? '/', 'http://127.0.0.1');
		response.on('error', () => response.destroy());
		how(Object.assign(request, { query, nth: received.length }), response);
	});
	server.on('connection', (socket) => socket.on('error', () => socket.destroy()));
	const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	beforeAll(async () => await once(server.listen(0, '127.0.0.1'), 'listening'));
	afterAll(() => {
		server.close();
		server.closeAllConnections();
	});
	return {
		...{ address, received, tokens },
		/** How to answer from now on. */
		answer(next: AnswerRequest) {
			received.length = 0;
			how = next;
		},
		/** Fills in its address. */
		use: (credential: StoredCredential) =>
			credential.change({ apiBaseUrl: address(), requestsPerMinute: 100_000 }),
	};
}

/** Answers with a value, or with a text that is to be JSON. */
export function json(response: ServerResponse, body: unknown, status = 200): void {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
}

/** A page of a list as the API documents it. */
export function pageOf(
	records: unknown,
	totalCount: unknown,
	page = 1,
	pageSize = 250,
): Record<string, unknown> {
	const total = Math.ceil(Number(totalCount) / pageSize);
	return {
		data: records,
		pagination: { page, page_size: pageSize, total_pages: total, total_count: totalCount },
	};
}
