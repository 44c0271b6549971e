// Control: what tests, the demo and curious people tell the simulator and ask of it, as JSON over
// HTTP. It is no part of the API. Started by simulator.ts, called through start.ts.
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import type { Api } from './api.ts';
import type { AccessTokens } from './access.ts';
import type { Books } from './books.ts';
import type { OAuthClients } from './clients.ts';
import type {
	ApiRecord,
	ReceivedFilter,
	ResetWhat,
	ResolvedOptions,
	SimulatorChanges,
	SimulatorState,
} from './contract.ts';
import type { Faults } from './faults.ts';
import {
	checkedChanges,
	checkedFaultRules,
	checkedNewClient,
	checkedNewField,
	checkedNewResource,
	checkedRefusedSort,
	checkedOfClient,
	checkedReset,
	checkedTokenFault,
} from './options.ts';
import type { Collection, Practices } from './practices.ts';
import type { Storage } from './storage.ts';
import type { TokenFaults } from './tokenFaults.ts';

export interface ControlParts {
	api: Api;
	books: Books;
	clients: OAuthClients;
	faults: Faults;
	practices: Practices;
	tokens: AccessTokens;
	storage: Storage;
	tokenFaults: TokenFaults;
	/** Changed in place: every part looks at the same object. */
	options: ResolvedOptions;
	state: () => SimulatorState;
}

export function createControl(parts: ControlParts): Express {
	const { api, books, clients, faults, tokens, state } = parts;
	const initial = structuredClone(parts.options);
	const app = express();
	app.disable('x-powered-by');
	app.use(express.json({ limit: '50mb' }));

	app.get('/state', (_request, response) => void response.json(state()));
	app.get('/counts', (_request, response) => void response.json(books.counts()));
	app.get('/received', (request, response) => {
		response.json(books.received(request.query as ReceivedFilter));
	});
	app.get('/token-requests', (_request, response) => void response.json(books.tokenRequests()));

	app.post('/configure', (request, response) => {
		configure(parts, checkedChanges(request.body));
		response.json(state());
	});
	app.post('/faults', (request, response) => {
		faults.add(checkedFaultRules(request.body));
		response.status(204).end();
	});
	app.delete('/faults', (_request, response) => {
		faults.clear();
		api.answering.release();
		response.status(204).end();
	});
	app.post('/reset', (request, response) => {
		reset(parts, initial, checkedReset(request.body ?? {}));
		response.status(204).end();
	});
	app.post('/clients', (request, response) => {
		response.status(201).json(clients.create(checkedNewClient(request.body ?? {})));
	});
	app.post('/expire-tokens', (_request, response) => {
		tokens.expireAll();
		response.status(204).end();
	});
	addAuthServerRoutes(app, parts);
	addRecordRoutes(app, parts);
	app.use((request, response) => {
		response.status(404).json({ message: `Control has no ${request.method} ${request.path}.` });
	});
	app.use(answerError);
	return app;
}

/** What may befall a client and its grants while workflows go on with them. */
function addAuthServerRoutes(app: Express, { clients, storage, tokenFaults }: ControlParts): void {
	const known = (body: unknown) => {
		const { clientId } = checkedOfClient(body);
		if (clients.find(clientId)) return clientId;
		throw new RangeError(`There is no OAuth client ${clientId}.`);
	};
	app.post('/revoke-client', (request, response) => {
		clients.revoke(known(request.body));
		response.status(204).end();
	});
	app.post('/withdraw-consent', (request, response) => {
		storage.withdrawConsent(known(request.body));
		response.status(204).end();
	});
	app.post('/forget-refresh-tokens', (request, response) => {
		storage.forgetRefreshTokens(known(request.body));
		response.status(204).end();
	});
	app.post('/token-faults', (request, response) => {
		tokenFaults.add(checkedTokenFault(request.body));
		response.status(204).end();
	});
}

/** Records and their fields, read and changed without a request to the API. */
function addRecordRoutes(app: Express, { practices, api }: ControlParts): void {
	app.get('/records', (request, response) => {
		const collection = collectionOf(practices, request);
		const wording = api.wordings.of(collection.resource);
		const isAnswered = request.query.answered === 'true';
		const records = collection.all();
		response.json(isAnswered ? records.map((record) => wording.write(record)) : records);
	});
	app.post('/records', (request, response) => {
		const given = request.body as ApiRecord | undefined;
		response.status(201).json(collectionOf(practices, request).insert(given));
	});
	app.post('/fields', (request, response) => {
		practices.addField(checkedNewField(request.body));
		response.status(204).end();
	});
	app.post('/resources', (request, response) => {
		practices.addResource(checkedNewResource(request.body));
		response.status(204).end();
	});
	app.patch('/records', (request, response) => {
		const collection = collectionOf(practices, request);
		const changed = collection.change(Number(request.query.id), request.body as ApiRecord);
		if (!changed) throw new RangeError(`There is no record ${request.query.id}.`);
		response.json(changed);
	});
	app.delete('/sorts', (request, response) => {
		practices.refuseSort(checkedRefusedSort(request.query));
		response.status(204).end();
	});
	app.delete('/records', (request, response) => {
		const collection = collectionOf(practices, request);
		const { id, position } = request.query;
		const wanted = id === undefined ? collection.idAt(Number(position ?? 0)) : Number(id);
		response.json({ deleted: collection.delete(wanted) });
	});
}

function collectionOf(practices: Practices, { query }: Request): Collection {
	const path = String(query.path);
	const collection = practices.collection(Number(query.practice), path);
	if (collection) return collection;
	throw new RangeError(`There is no practice ${query.practice}, or no resource ${path}.`);
}

/** Takes over what is given; a changed rate limit starts counting from nothing. */
function configure(
	{ api, clients, options, practices }: ControlParts,
	changes: SimulatorChanges,
): void {
	const { grantedScopes = {}, rateLimit, dialect, ...others } = changes;
	for (const [clientId, scopes] of Object.entries(grantedScopes)) clients.grant(clientId, scopes);
	Object.assign(options, others);
	if (dialect) {
		options.dialect = { ...options.dialect, ...dialect };
		practices.forgetOrders();
	}
	if (rateLimit) Object.assign(options.rateLimit, rateLimit);
	if (rateLimit ?? dialect?.tooManyRequests) api.limits.rebuild();
}

function reset(parts: ControlParts, initial: ResolvedOptions, what: ResetWhat): void {
	parts.faults.clear();
	parts.tokenFaults.clear();
	parts.api.answering.release();
	parts.api.limits.rebuild();
	parts.books.clear();
	if (what.data) parts.practices.restore();
	if (!what.options) return;
	Object.assign(parts.options, structuredClone(initial));
	parts.practices.forgetOrders();
}

const answerError: ErrorRequestHandler = (error: Error, _request, response, _next) => {
	response.status(400).json({ message: error.message });
};
