// The way of one request: endpoint, rate limit, sending, retries, and what came of it.
// Called by the operations, pagination and the editor's methods. Knows no parameters and no UI.
import type { IDataObject } from 'n8n-workflow';

import { AccessToken } from './accessToken';
import { systemClock, type Clock } from './clock';
import { buildEndpoint, type Endpoint } from './endpoint';
import { mayHaveCreated, refusalIn, statusOf, type Answer } from './answer';
import { ApiError, outcomeUnknown, stillLimited, type Asked } from './errors';
import { learnFrom } from './learnedRefusals';
import { limiterFor, type RateLimiter, type ScheduleOptions } from './rateLimiter';
import { readRateLimit } from './responseHeaders';
import { maySendAgain, RetryBudget, type Failure, type Method } from './retry';
import { checkRequest } from './requestCheck';
import type { SharedCredential } from './sharedCredential';
import { CREDENTIAL_TYPE, send, type NoAnswer, type RequestContext } from './transport';
import { WaitingTime } from './waitingTime';
import { requestValues } from './redaction';

export interface ClientSettings {
	/** Scheme and host, e.g. `https://api.eyecloudpro.com`. */
	apiBaseUrl: string;
	/** The OAuth client: the API counts its rate limit by it. */
	oauthClientId: string;
	/** A person has signed in, for the scopes that the credential asked for by name. */
	isSignedIn?: boolean;
	/** The client_id of the URL path. */
	practiceId: string;
	/** The limit for each window, which is a minute. */
	requestsPerMinute: number;
	rateLimitWindowMs: number;
	timeoutMs: number;
	/** What the credential says under API Differences, as JSON; for whoever knows the resources. */
	apiDifferences?: string;
	/** A person waits in the editor: goes ahead of bulk work under the rate limit. */
	isInteractive?: boolean;
	/** Ends waiting and sending at once, where n8n does not say itself when: a poll's time is over. */
	signal?: AbortSignal;
}

export interface ApiRequest {
	method: Method;
	/** Path after the practice, e.g. `['patients', '42']`; encoded on the way. */
	segments: readonly string[];
	query?: IDataObject;
	body?: IDataObject | IDataObject[];
	/** Changes one record, whatever the method: once or twice, it is the same. */
	isUpdate?: boolean;
	/** Ends it at once, instead of the execution's own signal. */
	signal?: AbortSignal;
	/** Returns error statuses instead of throwing; 429 is still retried. */
	takesRefusals?: boolean;
}

interface Unsuccessful {
	failure: Failure;
	error: ApiError;
	/** The wait that the server asked for, if it did. */
	retryAfterMs?: number;
	/** The limiter holds everybody back for `retryAfterMs`, this request included. */
	isHeld?: boolean;
}

/** The answer for a retried DELETE that gets 404: the first try deleted the record. */
const GONE: Answer = { statusCode: 204, headers: {}, body: undefined };

/** Shorter waits for the rate limit are no line in the log. */
const WORTH_A_LINE_MS = 1_000;

export class Client {
	/** Requests that were sent once more, since the client was made. */
	retries = 0;

	/** The one that n8n holds for this client now. */
	readonly token: AccessToken;

	private readonly context: RequestContext;

	constructor(
		private readonly credential: SharedCredential,
		readonly settings: Readonly<ClientSettings>,
		private readonly waitingTime: WaitingTime = new WaitingTime(),
		readonly clock: Clock = systemClock,
	) {
		this.context = credential.context;
		this.token = new AccessToken(credential);
	}

	/** A line in n8n's log at debug level: counts, times and the API's own names, never a value. */
	log(line: string): void {
		this.context.logger?.debug(`EyeCloud Pro: ${line}`);
	}

	/** Tells whose data this client sees: API, OAuth client and practice. Holds no secret. */
	get identity(): string {
		const { apiBaseUrl, oauthClientId, practiceId } = this.settings;
		return JSON.stringify([apiBaseUrl, oauthClientId, practiceId]);
	}

	/**
	 * Like `identity`, plus the credential: two credentials of one OAuth client may see different data. Holds no secret.
	 * n8n copies the node each time, so it is for the few that show values.
	 */
	get asker(): string {
		const credential = this.context.getNode?.().credentials?.[CREDENTIAL_TYPE];
		const { isSignedIn } = this.settings;
		return JSON.stringify([this.identity, isSignedIn, credential?.id ?? credential?.name]);
	}

	/**
	 * Sends until there is a result, within what the retry table allows.
	 *
	 * @returns the answer of a success
	 * @throws ApiError saying what happened and what to do
	 * @throws CancelledError when the user stops the execution
	 */
	async request(request: ApiRequest): Promise<Answer> {
		const endpoint = this.endpointOf(request);
		const limiter = this.limiter(endpoint);
		const budget = new RetryBudget();
		const startMs = this.clock.elapsedMs();
		const signal = request.signal ?? this.cancelSignal;
		const effect = effectOf(request);
		let isRenewed = false;
		let mayBeDone = false;
		for (let tries = 1; ; tries++) {
			// It takes a refusal for an answer, so it may not be one of the token.
			const tokenError = await this.token.renewFor(request.takesRefusals ? 'POST' : effect);
			let token = await this.token.inUse();
			const result =
				tokenError ??
				(await limiter.schedule(
					async () => {
						token = await this.token.inUse();
						const { method, query, body } = request;
						const { timeoutMs } = this.settings;
						const sent = { method, url: endpoint.url, query, body, timeoutMs };
						return await send(this.credential, sent, signal);
					},
					this.turn(endpoint, limiter, budget, signal),
				));
			const outcome = this.outcomeOf(result, endpoint, request);
			if ('answer' in outcome) return outcome.answer;

			const { failure, error, retryAfterMs } = outcome;
			const wasUnknown = mayBeDone;
			mayBeDone ||= failure === 'unknown';
			// A POST that may have run is never sent again; its token was good when it went out.
			const isRefused = 'statusCode' in result && (failure === 'final' || effect !== 'POST');
			// A server that names a wait has said why it refused.
			const mayBeToken = isRefused && !isRenewed && !outcome.isHeld;
			if (mayBeToken && (await this.token.renewAfter(error, token))) {
				isRenewed = true;
				budget.countTry();
				this.retries++;
				continue;
			}
			// A DELETE whose first try got lost may well have worked.
			if (request.method === 'DELETE' && wasUnknown && error.kind === 'notFound') return GONE;
			learnFrom(error.refused, effect, this.identity, request.segments);
			const tookMs = this.clock.elapsedMs() - startMs;
			if (!maySendAgain(effect, failure)) throw lastTry(effect, outcome, tries, tookMs);
			if (failure === 'rateLimited') {
				// The limiter holds everybody back, this request included, for as long as is right.
				if (!budget.maySpendOnLimit(this.clock.elapsedMs())) {
					throw lastTry(effect, outcome, tries, tookMs);
				}
				this.retries++;
				continue;
			}
			const waitMs = budget.nextWaitMs(retryAfterMs);
			if (waitMs === undefined) throw lastTry(effect, outcome, tries, tookMs);
			const { module } = endpoint;
			this.retries++;
			this.log(`try ${tries + 1} of ${request.method} ${module} in ${seconds(waitMs)}`);
			const isLongEnough = outcome.isHeld && waitMs <= Number(retryAfterMs);
			if (!isLongEnough) await this.clock.sleep(waitMs, signal);
		}
	}

	/** The answer to a GET, whatever it says: for whoever asks how the API speaks. */
	async answerTo(request: Pick<ApiRequest, 'segments' | 'query'>): Promise<Answer> {
		return await this.request({ ...request, method: 'GET', takesRefusals: true });
	}

	/**
	 * Where the request would go, without sending it.
	 *
	 * @throws ApiError `invalidInput` for a request that can't be sent
	 */
	endpointOf({ segments, query, body }: Omit<ApiRequest, 'method'>): Endpoint {
		checkRequest([query, body]);
		return buildEndpoint(this.settings.apiBaseUrl, this.settings.practiceId, segments);
	}

	/** How one try waits for its turn under the rate limit. */
	private turn(
		{ module }: Endpoint,
		limiter: RateLimiter,
		budget: RetryBudget,
		signal?: AbortSignal,
	): ScheduleOptions {
		const endWaiting = this.waitingTime.begin(module, limiter);
		return {
			signal,
			isInteractive: this.settings.isInteractive,
			owner: this.waitingTime,
			longestWaitMs: (statusCode) => budget.leftMs(statusCode, this.clock.elapsedMs()),
			onWaited: () => {
				const waitedMs = endWaiting();
				if (waitedMs < WORTH_A_LINE_MS) return;
				this.log(`waited ${seconds(waitedMs)} for the rate limit of ${module}`);
			},
		};
	}

	private outcomeOf(
		result: Answer | NoAnswer,
		endpoint: Endpoint,
		request: ApiRequest,
	): { answer: Answer } | Unsuccessful {
		if ('failure' in result) return result;
		if (statusOf(result, request.body) === 429)
			return { failure: 'rateLimited', error: stillLimited() };
		const refusal = request.takesRefusals
			? undefined
			: refusalIn(result, this.asked(endpoint, request));
		if (!refusal) return { answer: result };
		const { retryAfterMs } = readRateLimit(result.headers, this.clock.now());
		const isHeld = result.statusCode === 503 && retryAfterMs !== undefined;
		const isAfterWork =
			effectOf(request) === 'POST' &&
			(REDIRECTS_AFTER_WORK.has(result.statusCode) || mayHaveCreated(result));
		const failure = isAfterWork ? 'unknown' : refusal.failure;
		return { ...refusal, failure, retryAfterMs, isHeld };
	}

	/** What an error may say about the request. */
	private asked(endpoint: Endpoint, request: ApiRequest): Asked {
		const { segments, query, body } = request;
		const { practiceId, isSignedIn } = this.settings;
		const isOneRecord =
			effectOf(request) !== 'POST' && query?.page === undefined && segments.length > 1;
		const { pathname } = new URL(endpoint.url);
		return {
			practiceId,
			isSignedIn,
			path: isOneRecord ? pathname.replace(/[^/]*$/, '…') : pathname,
			isOneRecord,
			isWrite: request.method !== 'GET',
			body,
			get sent() {
				// Whatever was given as an id may be anything.
				const id = isOneRecord ? segments[segments.length - 1] : undefined;
				return requestValues([query, body, id], practiceId);
			},
		};
	}

	/** The rate limit of the endpoint's module, shared with everybody who uses the OAuth client here. */
	limiter({ origin, module }: Endpoint): RateLimiter {
		const { oauthClientId, requestsPerMinute, rateLimitWindowMs } = this.settings;
		const limit = { requests: requestsPerMinute, windowMs: rateLimitWindowMs };
		return limiterFor({ origin, oauthClientId, module }, limit, this.clock);
	}

	/** Aborts when the user stops the execution, or when its time is over. */
	get cancelSignal(): AbortSignal | undefined {
		return this.settings.signal ?? this.context.getExecutionCancelSignal?.();
	}
}

/** A time for people to read, e.g. `1.2 s`. */
export function seconds(durationMs: number): string {
	return `${(durationMs / 1_000).toFixed(1)} s`;
}

/** Many servers answer so to a POST that they have done; 307 and 308 alone ask for the same elsewhere. */
const REDIRECTS_AFTER_WORK = new Set([300, 301, 302, 303, 304]);

/** What the request does, by the method that is usual for it. */
function effectOf({ method, isUpdate }: ApiRequest): Method {
	return isUpdate ? 'PATCH' : method;
}

/** What is thrown in the end: how long it went on belongs to it. */
function lastTry(
	method: Method,
	{ failure, error }: Unsuccessful,
	tries: number,
	tookMs: number,
): ApiError {
	if (failure === 'unknown' && method !== 'GET') return outcomeUnknown(method, error);
	if (tries === 1 || failure === 'final') return error;
	const long = tookMs < WORTH_A_LINE_MS ? '' : ` in ${Math.round(tookMs / 1_000)} seconds`;
	const description = `${error.description ?? ''} It was tried ${tries} times${long}.`.trim();
	return new ApiError(error.kind, error.message, { statusCode: error.statusCode, description });
}
