// The API itself: `/v2/{client_id}/...` in Express. Started by main.ts.
import { unescape } from 'node:querystring';
import { setTimeout as delay } from 'node:timers/promises';
import express, {
	type ErrorRequestHandler,
	type Request,
	type RequestHandler,
	type Response,
} from 'express';
import type { AccessTokens, Caller } from './access.ts';
import { Answering, type Faults, type Journey } from './answer.ts';
import type { Books } from './books.ts';
import type { ResolvedOptions } from './contract.ts';
import type { Dialect } from './dialect.ts';
import {
	ApiError,
	apiError,
	badToken,
	inFront,
	missingPath,
	missingScope,
	practiceNotAnInteger,
	tooLargeBody,
	tooManyRequests,
} from './errors.ts';
import type { Practices } from './practices.ts';
import { RateLimits } from './rateLimits.ts';
import { scopeFor, type Resource } from './resources.ts';
import type { Answer } from './shapes.ts';
import { wordingOf } from './wording.ts';
import { actionsAt, work } from './work.ts';

export interface ApiParts {
	options: ResolvedOptions;
	practices: Practices;
	tokens: AccessTokens;
	faults: Faults;
	books: Books;
}

export type Api = ReturnType<typeof createApi>;

interface Locals {
	journey: Journey;
	route: Route;
	caller?: Caller;
	bodyError?: Error & { type?: string };
}

/** What a path means. Found before anything else, since books and faults need it too. */
interface Route {
	/** Undefined outside of `/v2`. */
	practice?: string;
	resource?: Resource;
	id?: string;
	template: string;
	/** The first segment after the practice, which a rate limit is for. */
	module: string;
}

const smallBodies = express.json({ strict: false });
const allBodies = express.json({ limit: '50mb', strict: false });

function localsOf(response: Response): Locals {
	return response.locals as Locals;
}

export function createApi(parts: ApiParts) {
	const { options, tokens } = parts;
	const limits: RateLimits = new RateLimits({
		options: () => options,
		key(response) {
			const { route, caller } = localsOf(response);
			return `${route.module} ${caller?.oauthClientId}`;
		},
		refuse: (_request, response) => {
			answering.send(localsOf(response).journey, tooManyRequests(options.dialect));
		},
	});
	const answering: Answering = new Answering({ ...parts, limits: () => limits });
	const app = express();
	app.disable('x-powered-by');
	app.set('etag', false);

	app.use((request, response, next) => {
		const parse = options.dialect.tooLargeBody === 'accepted' ? allBodies : smallBodies;
		// A body that can't be read is the caller's mistake only once the caller may write at all.
		parse(request, response, (error) => {
			localsOf(response).bodyError = error as Locals['bodyError'];
			next();
		});
	});
	app.use(receive(parts, answering));
	app.use((_request, response, next) => {
		const refusal = inFront(options.dialect);
		if (!refusal) return next();
		answering.send(localsOf(response).journey, refusal);
	});
	// In which order the API looks is not documented. This one is the order in which most APIs built
	// on Express do: limit, token, practice, scope, and only then the values.
	app.use((request, response, next) => {
		if (!localsOf(response).route.resource) return next();
		return limits.limit(request, response, next);
	});
	app.use(async (request, response) => {
		const locals = localsOf(response);
		// Asked again: a fault may have expired the token since the request came in.
		const caller = await tokens.callerOf(request.headers.authorization);
		answering.send(locals.journey, answerTo(request, locals, caller, parts));
	});
	app.use(answerError(answering, options));
	return { app, limits, answering };
}

/** What happens to each request first: it is written down, waits for the latency, and meets faults. */
function receive(
	{ options, books, faults, practices, tokens }: ApiParts,
	answering: Answering,
): RequestHandler {
	return async (request, response, next) => {
		const locals = localsOf(response);
		const { method, path, query } = request;
		const { practice, template } = (locals.route = routeOf(path, options.dialect, practices));
		locals.caller = await tokens.callerOf(request.headers.authorization);
		const body = method === 'GET' ? undefined : (request.body as unknown);
		const of = { practiceId: practice, template, query: { ...query } };
		const entry = books.open({ method, path, ...of, body });
		locals.journey = { request, response, entry, faults: faults.due(entry) };
		const gone = () => books.finish(entry, 'aborted');
		response.on('close', gone);
		// The caller may have left while its token was looked at; the work is done all the same.
		if (request.socket.destroyed) gone();
		if (options.latencyMs > 0) await delay(options.latencyMs);
		if (!answering.dealtWithBefore(locals.journey)) next();
	};
}

function answerError(answering: Answering, options: ResolvedOptions): ErrorRequestHandler {
	// Express knows it by its four parameters.
	return (error, _request, response, _next) => {
		const { journey } = localsOf(response);
		const known = error instanceof ApiError ? error : apiError(500, 'Internal server error');
		if (known !== error) console.error(error);
		answering.send(journey, options.dialect.errorWithStatus200 === 'yes' ? hidden(known) : known);
	};
}

/** What refuses a caller's values is told with status 200; tokens and the server's own troubles are not. */
function hidden({ status, body, headers }: ApiError): Answer {
	const isOfValues = status !== 401 && status < 500 && typeof body === 'object';
	return isOfValues
		? { status: 200, body: { status: 'ERROR', ...body }, headers }
		: { status, body, headers };
}

/** Throws an ApiError with what the API answers when it can't do the work. */
function answerTo(
	request: Request,
	{ route, bodyError }: Locals,
	caller: Caller | undefined,
	{ options, practices }: ApiParts,
): Answer {
	const { dialect } = options;
	const { method, query, body } = request;
	if (!caller) throw badToken(dialect);
	const { practice, resource, id } = route;
	if (practice === undefined) throw missingPath(dialect, method, request.path);
	if (!/^-?\d+$/.test(practice)) throw practiceNotAnInteger();
	if (!caller.practiceIds.includes(Number(practice))) {
		throw apiError(403, `You are not authorized to access client_id ${practice}`);
	}
	const collection = resource && practices.collection(Number(practice), resource.path);
	if (!collection) throw missingPath(dialect, method, request.path);
	requireScope(method, resource, caller, actionsAt(id !== undefined, dialect));
	if (bodyError?.type === 'entity.too.large') throw tooLargeBody(dialect);
	if (bodyError) throw apiError(400, bodyError.message);
	const wording = wordingOf(collection.resource, dialect);
	const path = `/v2/${practice}${wording.path}`;
	return work({ method, id, path, query, body, collection, wording, dialect });
}

function requireScope(
	method: string,
	resource: Resource,
	caller: Caller,
	possible: ReturnType<typeof actionsAt>,
): void {
	const action = possible[method];
	if (!action || !resource.actions.includes(action)) {
		throw apiError(405, `Method ${method} is not allowed here`);
	}
	const scope = scopeFor(action, resource);
	if (!caller.scopes.includes(scope)) throw missingScope(scope, caller.scopes);
}

function routeOf(path: string, dialect: Dialect, practices: Practices): Route {
	const match = /^\/v2\/([^/]*)(\/.*?)?\/?$/.exec(path);
	if (!match) return { template: path, module: '' };
	const [, practice, rest = ''] = match;
	const module = rest.split('/')[1];
	for (const resource of practices.resources()) {
		const at = wordingOf(resource, dialect).path;
		// The books know a resource by its usual path, wherever it is.
		const template = resource.path;
		if (rest === at) return { practice, resource, template, module };
		const id = rest.startsWith(`${at}/`) ? rest.slice(at.length + 1) : '';
		if (id !== '' && !id.includes('/')) {
			return { practice, resource, id: unescape(id), template: `${template}/{id}`, module };
		}
	}
	return { practice, template: rest, module };
}
