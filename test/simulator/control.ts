// Control: what tests, the demo and curious people tell the simulator and ask of it: a POST to the name of a call, with
// its values as a JSON list. It is no part of the API. Started by main.ts, called through start.ts.
import express, { type ErrorRequestHandler, type Express } from 'express';
import Joi from 'joi';
import type { AccessTokens } from './access.ts';
import type { Faults } from './answer.ts';
import type { Api } from './api.ts';
import type { Storage, TokenFaults } from './authServer.ts';
import type { Books } from './books.ts';
import type { OAuthClients } from './clients.ts';
import type {
	ResetWhat,
	ResolvedOptions,
	SimulatorChanges,
	SimulatorControl,
	SimulatorState,
} from './contract.ts';
import { changesSchema, count, faultRuleSchema, path, positive, status } from './options.ts';
import type { Collection, Practices } from './practices.ts';

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

type Calls = {
	[Name in keyof SimulatorControl]: (...values: Parameters<SimulatorControl[Name]>) => unknown;
};

export function createControl(parts: ControlParts): Express {
	const initial = structuredClone(parts.options);
	const calls = callsOf(parts, initial) as Record<string, (...values: unknown[]) => unknown>;
	const app = express();
	app.disable('x-powered-by');
	app.use(express.json({ limit: '50mb' }));
	app.all('/:name', (request, response) => {
		const { name } = request.params;
		if (!Object.hasOwn(calls, name)) throw new RangeError(`Control has no call ${name}.`);
		const given = (request.body ?? []) as unknown[];
		const rules = (rulesOf[name] ?? Joi.array()).required();
		const values = Joi.attempt(given, rules, { abortEarly: false }) as unknown[];
		response.json({ result: calls[name](...values) });
	});
	app.use(answerError);
	return app;
}

const list = (...items: Joi.Schema[]) => Joi.array().ordered(...items);
const word = Joi.string().pattern(/^\w+$/);
const ofClient = list(Joi.string().required());
const practice = Joi.number().required();

/** What the values of a call must be, so that a misspelled switch in a test is no test of something else. */
const rulesOf: Record<string, Joi.Schema> = {
	configure: list(changesSchema.required()),
	addFault: Joi.array().items(faultRuleSchema),
	reset: list(Joi.object({ data: Joi.boolean(), options: Joi.boolean() })),
	records: list(practice, path.required()),
	answeredRecords: list(practice, path.required()),
	addRecord: list(practice, path.required(), Joi.object()),
	deleteRecord: list(
		practice,
		path.required(),
		Joi.object({ id: Joi.number(), position: count }).xor('id', 'position').required(),
	),
	changeRecord: list(practice, path.required(), Joi.number().required(), Joi.object().required()),
	addResource: list(Joi.object({ path: path.required(), idField: word.required() }).required()),
	addField: list(
		Joi.object({
			...{ path: path.required(), name: word.required() },
			...{ value: Joi.any().required(), sortable: Joi.boolean() },
		}).required(),
	),
	refuseSort: list(Joi.object({ path: path.required(), field: word.required() }).required()),
	createClient: list(
		Joi.object({
			clientId: Joi.string(),
			scopes: Joi.array().items(Joi.string()),
			practiceIds: Joi.array().items(Joi.number().integer()),
			grantTypes: Joi.array()
				.items(Joi.string().valid('client_credentials', 'authorization_code', 'refresh_token'))
				.min(1),
			public: Joi.boolean(),
		}),
	),
	...{ revokeClient: ofClient, withdrawConsent: ofClient, forgetRefreshTokens: ofClient },
	addTokenFault: list(
		Joi.object({ status: status.required(), body: Joi.any(), times: positive }).required(),
	),
};

function callsOf(parts: ControlParts, initial: ResolvedOptions): Calls {
	const { api, books, clients, faults, practices, storage, tokenFaults, tokens, state } = parts;
	const knownClient = (clientId: string) => {
		if (clients.find(clientId)) return clientId;
		throw new RangeError(`There is no OAuth client ${clientId}.`);
	};
	const collection = (practiceId: number, ofPath: string) =>
		collectionOf(parts, practiceId, ofPath);
	return {
		state,
		counts: () => books.counts(),
		received: (filter = {}) => books.received(filter),
		tokenRequests: () => books.tokenRequests(),
		configure(changes) {
			configure(parts, changes);
			return state();
		},
		addFault: (...rules) => faults.add(rules),
		clearFaults() {
			faults.clear();
			api.answering.release();
		},
		reset: (what = {}) => reset(parts, initial, what),
		records: (practiceId, ofPath) => collection(practiceId, ofPath).all(),
		answeredRecords(practiceId, ofPath) {
			const known = collection(practiceId, ofPath);
			const wording = api.wordings.of(known.resource);
			return known.all().map((record) => wording.write(record));
		},
		addRecord: (practiceId, ofPath, record) => collection(practiceId, ofPath).insert(record),
		deleteRecord(practiceId, ofPath, which) {
			const known = collection(practiceId, ofPath);
			return known.delete('id' in which ? which.id : known.idAt(which.position));
		},
		changeRecord(practiceId, ofPath, id, changes) {
			const changed = collection(practiceId, ofPath).change(id, changes);
			if (changed) return changed;
			throw new RangeError(`There is no record ${id}.`);
		},
		addResource: (resource) => practices.addResource(resource),
		addField: (field) => practices.addField(field),
		refuseSort: (sort) => practices.refuseSort(sort),
		createClient: (client = {}) => clients.create(client),
		expireTokens: () => tokens.expireAll(),
		revokeClient: (clientId) => clients.revoke(knownClient(clientId)),
		withdrawConsent: (clientId) => storage.withdrawConsent(knownClient(clientId)),
		forgetRefreshTokens: (clientId) => storage.forgetRefreshTokens(knownClient(clientId)),
		addTokenFault: (fault) => tokenFaults.add(fault),
	};
}

function collectionOf({ practices }: ControlParts, practiceId: number, ofPath: string): Collection {
	const collection = practices.collection(practiceId, ofPath);
	if (collection) return collection;
	throw new RangeError(`There is no practice ${practiceId}, or no resource ${ofPath}.`);
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
