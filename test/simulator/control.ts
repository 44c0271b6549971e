// Control: what tests, the demo and curious people tell the simulator and ask of it: a POST to the name of a call, with
// its values as a JSON list. It is no part of the API. Started by main.ts, called through start.ts.
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { AccessTokens } from './access.ts';
import type { Faults } from './answer.ts';
import type { Api } from './api.ts';
import type { Storage } from './authServer.ts';
import type { Books } from './books.ts';
import type { OAuthClients } from './clients.ts';
import type {
	ApiRecord,
	FaultRule,
	NewField,
	NewOAuthClient,
	ResolvedOptions,
	SimulatorChanges,
	TokenFault,
} from './contract.ts';
import type { Practices } from './practices.ts';
import { wordingOf } from './wording.ts';

export interface ControlParts {
	api: Api;
	books: Books;
	clients: OAuthClients;
	faults: Faults;
	practices: Practices;
	tokens: AccessTokens;
	storage: Storage;
	tokenFaults: TokenFault[];
	/** Changed in place: every part looks at the same object. */
	options: ResolvedOptions;
}

/** All that control can do; a wrong value is refused with a sentence. */
export type ControlCalls = ReturnType<typeof controlCalls>;

export function createControl(calls: ControlCalls): Express {
	const app = express();
	app.disable('x-powered-by');
	app.use(express.json({ limit: '50mb' }));
	app.all('/:name', (request, response) => {
		const { name } = request.params;
		if (!Object.hasOwn(calls, name)) throw new RangeError(`Control has no call ${name}.`);
		const call = calls[name as keyof ControlCalls] as (...values: unknown[]) => unknown;
		response.json({ result: call(...((request.body ?? []) as unknown[])) });
	});
	const answerError: ErrorRequestHandler = (error: Error, _request, response, _next) => {
		response.status(400).json({ message: error.message });
	};
	app.use(answerError);
	return app;
}

export function controlCalls(parts: ControlParts) {
	const { api, books, clients, faults, options, practices, storage, tokenFaults, tokens } = parts;
	const initial = structuredClone(options);
	const collection = (practiceId: number, path: string) => {
		const found = practices.collection(practiceId, path);
		if (found) return found;
		throw new RangeError(`There is no practice ${practiceId}, or no resource ${path}.`);
	};
	const clearFaults = () => {
		faults.clear();
		api.answering.release();
	};
	return {
		/** Changes options while it runs; a changed rate limit starts counting from nothing. */
		configure({ rateLimit, dialect, ...others }: SimulatorChanges): void {
			Object.assign(options, others);
			if (dialect) {
				options.dialect = { ...options.dialect, ...dialect };
				practices.forgetOrders();
			}
			Object.assign(options.rateLimit, rateLimit);
			if (rateLimit ?? dialect?.tooManyRequests) api.limits.rebuild();
		},
		addFault: (...rules: FaultRule[]): void => faults.add(rules),
		/** Also lets go of hanging requests. */
		clearFaults,
		/** Empties books, faults and rate limit counts; records or options are then as at the start. Granted scopes stay. */
		reset(also: { data?: boolean; options?: boolean } = {}): void {
			clearFaults();
			tokenFaults.length = 0;
			if (also.options) {
				Object.assign(options, structuredClone(initial));
				practices.forgetOrders();
			}
			api.limits.rebuild();
			books.clear();
			if (also.data) practices.restore();
		},
		/** Requests to the API in the order in which they came. */
		received: ({ method }: { method?: string } = {}) => books.received(method),
		tokenRequests: () => books.tokenRequests(),
		counts: () => books.counts(),
		/** All records in the order of their ids, as they are stored; `path` as in `/patients`. */
		records: (practiceId: number, path: string) => collection(practiceId, path).all(),
		/** The same as the API answers them in the dialect that it speaks. */
		answeredRecords(practiceId: number, path: string) {
			const known = collection(practiceId, path);
			const wording = wordingOf(known.resource, options.dialect);
			return known.all().map((record) => wording.write(record));
		},
		/** Adds a record behind the API's back; believable values for what isn't given. */
		addRecord: (practiceId: number, path: string, record?: ApiRecord) =>
			collection(practiceId, path).insert(record),
		/** False when there was no such record. */
		deleteRecord: (practiceId: number, path: string, id: number): boolean =>
			collection(practiceId, path).delete(id),
		/** Changes a record behind the API's back; answers it as it is now. */
		changeRecord(practiceId: number, path: string, id: number, changes: ApiRecord): ApiRecord {
			const changed = collection(practiceId, path).change(id, changes);
			if (changed) return changed;
			throw new RangeError(`There is no record ${id}.`);
		},
		/** From now on the API has one more resource with all four actions, until data are reset. */
		addResource: (resource: { path: string; idField: string }): void =>
			practices.addResource(resource),
		/** Until data are reset, every record of the resource has the field. */
		addField: (field: NewField): void => practices.addField(field),
		/** From now on lists can't be sorted by the field, until data are reset. */
		refuseSort: (sort: { path: string; field: string }): void => practices.refuseSort(sort),
		/** They hold for tokens issued from now on, as in life. */
		grantScopes: (clientId: string, scopes: string[]): void => clients.grant(clientId, scopes),
		createClient: (client: NewOAuthClient = {}) => clients.create(client),
		/** Every access token issued until now is refused. */
		expireTokens: (): void => tokens.expireAll(),
		/**
		 * The auth server knows the client no more. Access tokens stay good until they expire, as they do wherever an
		 * API checks them by itself.
		 */
		revokeClient: (clientId: string): void => clients.revoke(clientId),
		/** A person has withdrawn consent: no refresh token of the client is good any more. */
		withdrawConsent: (clientId: string): void => storage.withdraw(clientId),
		/** The next token requests get no token, whoever sends them; until `reset`. */
		addTokenFault({ times = 1, ...fault }: TokenFault): void {
			for (let time = 0; time < times; time++) tokenFaults.push(fault);
		},
	};
}
