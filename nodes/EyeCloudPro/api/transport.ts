// One request through n8n, without an exception to unpick: the answer, or why there is none.
// Called by the client only; the one place that knows how n8n's request helper fails.
import type { IDataObject, IHttpRequestOptions, INode } from 'n8n-workflow';

import type { Answer } from './answer';
import { untilCancelled } from './clock';
import { ApiError, CancelledError, tokenNotAccepted } from './errors';
import type { Failure, Method } from './retry';
import { codeOf, tokenError, type Thrown } from './tokenErrors';

export const CREDENTIAL_TYPE = 'eyeCloudProOAuth2Api';

/** The part of n8n's contexts that requests need; execute, load-options and poll contexts have it. */
export interface RequestContext {
	helpers: {
		httpRequestWithAuthentication(
			this: unknown,
			credentialType: string,
			options: IHttpRequestOptions,
		): Promise<unknown>;
		refreshOAuth2Token?(this: unknown, credentialType: string): Promise<unknown>;
	};
	getCredentials<T extends object>(type: string, itemIndex?: number): Promise<T>;
	getNode?(): Pick<INode, 'credentials'>;
	getExecutionCancelSignal?(): AbortSignal | undefined;
	logger?: { debug(message: string): void };
}

/** The request got no answer that n8n would hand on. */
export interface NoAnswer {
	failure: Failure;
	error: ApiError;
}

export interface HttpRequest {
	method: Method;
	url: string;
	query?: IDataObject;
	body?: IDataObject | IDataObject[];
	timeoutMs: number;
}

/**
 * n8n's time-out begins anew with each byte, so an answer that drips would never end. Within one call n8n
 * may send, fetch a token, and send again.
 */
const DEADLINE_TIMEOUTS = 3;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Sends one request. Every status but 401 comes back as an answer; a 401 must throw inside n8n, which
 * renews the token only then, and sends once more by itself (`n8n-facts.md`, "Requests").
 */
export async function send(
	context: RequestContext,
	request: HttpRequest,
	signal?: AbortSignal,
): Promise<Answer | NoAnswer> {
	for (let isAgain = false; ; isAgain = true) {
		const answer = context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL_TYPE,
			optionsOf(request),
		);
		const result = await untilCancelled(answerWithin(answer, request.timeoutMs), signal, true);
		if (signal?.aborted) throw new CancelledError(true);
		if (isAgain || !('statusCode' in result) || result.statusCode !== 401) return result;
		// n8n 1.x knows no exceptions to what it ignores: it hands a 401 on without renewing the token. The API
		// did nothing yet, so the request can be sent again.
		const failed = await untilCancelled(renewToken(context), signal, true);
		if (failed) return failed;
	}
}

/** Lets n8n fetch another access token. */
export async function renewToken(context: RequestContext): Promise<NoAnswer | undefined> {
	try {
		await context.helpers.refreshOAuth2Token?.call(context, CREDENTIAL_TYPE);
		return undefined;
	} catch (error) {
		const { failure, error: told } = noAnswer(error);
		// Whatever it was, nothing was sent to the API.
		return { failure: failure === 'unknown' ? 'neverSent' : failure, error: told };
	}
}

function optionsOf(request: HttpRequest): IHttpRequestOptions {
	return {
		method: request.method,
		url: request.url,
		qs: request.query,
		body: request.body,
		timeout: request.timeoutMs,
		json: true,
		returnFullResponse: true,
		ignoreHttpStatusErrors: { ignore: true, except: [401] },
		disableFollowRedirect: true,
		sendCredentialsOnCrossOriginRedirect: false,
	};
}

async function answerWithin(
	answer: Promise<unknown>,
	timeoutMs: number,
): Promise<Answer | NoAnswer> {
	const deadlineMs = Math.min(DEADLINE_TIMEOUTS * timeoutMs, LONGEST_TIMER_MS);
	try {
		return (await untilCancelled(answer, AbortSignal.timeout(deadlineMs))) as Answer;
	} catch (error) {
		return noAnswer(error);
	}
}

const NEVER_CONNECTED = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)_|^ERR_SSL|^EPROTO$/;

/** Sorts out what n8n threw. Nothing of the thrown thing is kept: it may hold the token. */
function noAnswer(thrown: unknown): NoAnswer {
	const chain = causes(thrown);
	const code = chain.map(codeOf).find((each) => each !== '') ?? '';

	if (chain.some((link) => link.response?.status === 401)) return final(tokenNotAccepted());
	const signIn = tokenError(chain);
	if (signIn?.failure === 'final') return signIn;
	if (chain.some((link) => statusOf(link) === 401)) return final(tokenNotAccepted());
	if (CERTIFICATE.test(code)) {
		return final(
			new ApiError('unreachable', 'The certificate of the API address is not trusted', {
				description: `Check the 'API Base URL' in the credential, or ask whoever runs that server (${code}).`,
			}),
		);
	}
	if (NEVER_CONNECTED.test(code)) {
		return {
			failure: 'neverSent',
			error: new ApiError('unreachable', 'EyeCloud Pro could not be reached', {
				description: `Check 'Environment' and the addresses in the credential, and that this n8n can reach them (${code}). Nothing was changed in EyeCloud Pro.`,
			}),
		};
	}
	if (signIn) return signIn;
	return {
		failure: 'unknown',
		error: new ApiError('unreachable', 'EyeCloud Pro did not answer', {
			description: `The connection was lost or timed out${code ? ` (${code})` : ''}. Run it again later, or raise the option 'Timeout'.`,
		}),
	};
}

function final(error: ApiError): NoAnswer {
	return { failure: 'final', error };
}

function statusOf({ response, httpCode }: Thrown): number | undefined {
	const status = Number(response?.status ?? httpCode ?? Number.NaN);
	return status >= 100 && status < 600 ? status : undefined;
}

function causes(thrown: unknown): Thrown[] {
	const chain: Thrown[] = [];
	let link = thrown;
	while (isErrorLike(link) && chain.length < 6) {
		chain.push(link);
		link = link.cause;
	}
	return chain;
}

function isErrorLike(value: unknown): value is Thrown {
	return typeof value === 'object' && value !== null;
}
