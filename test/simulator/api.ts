// The API itself: `/v2/{client_id}/...` in Express. Started by simulator.ts.
import { setTimeout as delay } from 'node:timers/promises';
import express, {
	type ErrorRequestHandler,
	type Express,
	type NextFunction,
	type Request,
	type RequestHandler,
	type Response,
} from 'express';
import type { AccessTokens, Caller } from './access.ts';
import { Answering, type Journey } from './answer.ts';
import type { Books } from './books.ts';
import type { ResolvedOptions } from './contract.ts';
import {
	ApiError,
	apiError,
	missingScope,
	practiceNotAllowed,
	practiceNotAnInteger,
} from './errors.ts';
import type { Faults } from './faults.ts';
import type { Practices } from './practices.ts';
import { RateLimits } from './rateLimits.ts';
import { resources } from './resources/index.ts';
import { moduleOf, scopeFor, type Resource } from './resources/resource.ts';
import { actionsAt, work } from './work.ts';

export interface ApiParts {
	options: ResolvedOptions;
	practices: Practices;
	tokens: AccessTokens;
	faults: Faults;
	books: Books;
}

export interface Api {
	app: Express;
	limits: RateLimits;
	answering: Answering;
}

interface Locals {
	journey: Journey;
	route: Route;
	caller?: Caller;
	bodyError?: Error;
}

/** What a path means. Found before anything else, since books and faults need it too. */
interface Route {
	/** Undefined outside of `/v2`. */
	practice?: string;
	resource?: Resource;
	id?: string;
	template: string;
}

function localsOf(response: Response): Locals {
	return response.locals as Locals;
}

export function createApi(parts: ApiParts): Api {
	const { options, tokens } = parts;
	const limits: RateLimits = new RateLimits({
		options: () => options.rateLimit,
		oauthClientId: (response) => localsOf(response).caller?.oauthClientId,
		refuse: (_request, response) => {
			const error = apiError(429, 'Too many requests, please try again later.');
			answering.send(localsOf(response).journey, error);
		},
	});
	const answering = new Answering({ ...parts, limits: () => limits });
	const app = express();
	app.disable('x-powered-by');
	app.set('etag', false);

	app.use(express.json({ limit: '50mb', strict: false }), keepBodyError);
	app.use(receive(parts, answering));
	// In which order the API looks is not documented. This one is the order in which most APIs built
	// on Express do: limit, token, practice, scope, and only then the values.
	app.use((request, response, next) => {
		const { resource } = localsOf(response).route;
		if (!resource) return next();
		return limits.of(moduleOf(resource.path))(request, response, next);
	});
	app.use(async (request, response) => {
		const locals = localsOf(response);
		// Asked again: a fault may have expired the token since the request came in.
		const caller = await tokens.callerOf(request.headers.authorization);
		answering.send(locals.journey, answerTo(request, locals, caller, parts));
	});
	app.use(answerError(answering));
	return { app, limits, answering };
}

/** What happens to each request first: it is written down, waits for the latency, and meets faults. */
function receive(
	{ options, books, faults, tokens }: ApiParts,
	answering: Answering,
): RequestHandler {
	return async (request, response, next) => {
		const locals = localsOf(response);
		locals.route = routeOf(request.path);
		locals.caller = await tokens.callerOf(request.headers.authorization);
		const entry = books.open(bookEntry(request, locals));
		locals.journey = { request, response, entry, faults: faults.due(faultTarget(request)) };
		const gone = () => {
			books.settle(entry, 'aborted');
			books.finish(entry);
		};
		response.on('close', gone);
		// The caller may have left while its token was looked at; the work is done all the same.
		if (request.socket.destroyed) gone();
		if (options.latencyMs > 0) await delay(options.latencyMs);
		if (!answering.dealtWithBefore(locals.journey)) next();
	};
}

/** A body that can't be read is the caller's mistake only once the caller may write at all. */
const keepBodyError: ErrorRequestHandler = (error, _request, response, next) => {
	localsOf(response).bodyError = error as Error;
	next();
};

function answerError(answering: Answering): ErrorRequestHandler {
	return (error, _request, response, _next: NextFunction) => {
		const known = error instanceof ApiError ? error : apiError(500, 'Internal server error');
		if (known !== error) console.error(error);
		answering.send(localsOf(response).journey, known);
	};
}

function answerTo(
	request: Request,
	{ route, bodyError }: Locals,
	caller: Caller | undefined,
	{ options, practices }: ApiParts,
) {
	if (!caller) throw apiError(401, 'The access token is missing, invalid or expired');
	const { practice, resource, id } = route;
	const notFound = () => apiError(404, `Cannot find ${request.method} ${request.path}`);
	if (practice === undefined) throw notFound();
	if (!/^-?\d+$/.test(practice)) throw practiceNotAnInteger();
	if (!caller.practiceIds.includes(Number(practice))) throw practiceNotAllowed(practice);
	const collection = resource && practices.collection(Number(practice), resource.path);
	if (!collection) throw notFound();
	requireScope(request.method, resource, id !== undefined, caller);
	if (bodyError) throw apiError(400, bodyError.message);
	const { method, query, body } = request;
	return work({ method, id, query, body, collection, options });
}

function requireScope(method: string, resource: Resource, hasId: boolean, caller: Caller): void {
	const possible = actionsAt(hasId);
	const action = possible[method];
	if (!action || !resource.actions.includes(action)) {
		const allowed = Object.keys(possible).filter((candidate) =>
			resource.actions.includes(possible[candidate] ?? 'read'),
		);
		throw apiError(405, `Method ${method} is not allowed here`, { Allow: allowed.join(', ') });
	}
	const scope = scopeFor(action, resource);
	if (!caller.scopes.includes(scope)) throw missingScope(scope, caller.scopes);
}

function routeOf(path: string): Route {
	const match = /^\/v2\/([^/]*)(\/.*?)?\/?$/.exec(path);
	if (!match) return { template: path };
	const [, practice, rest = ''] = match;
	for (const resource of resources) {
		if (rest === resource.path) return { practice, resource, template: rest };
		const id = rest.startsWith(`${resource.path}/`) ? rest.slice(resource.path.length + 1) : '';
		if (id !== '' && !id.includes('/')) {
			return { practice, resource, id: decoded(id), template: `${resource.path}/{id}` };
		}
	}
	return { practice, template: rest };
}

function decoded(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

function bookEntry(request: Request, { route, caller }: Locals) {
	const body: unknown = request.method === 'GET' ? undefined : request.body;
	const sample: unknown = Array.isArray(body) ? body[0] : body;
	return {
		method: request.method,
		path: request.path,
		template: route.template,
		query: { ...request.query },
		userAgent: request.headers['user-agent'],
		oauthClientId: caller?.oauthClientId,
		practiceId: route.practice,
		bodyKeys: sample && typeof sample === 'object' ? Object.keys(sample) : undefined,
		body,
	};
}

function faultTarget(request: Request) {
	const page = Number(request.query.page ?? 1);
	return { method: request.method, path: request.path, page };
}
