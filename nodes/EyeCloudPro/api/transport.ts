// One request through n8n, without an exception to unpick: the answer, or why there is none.
// Called by the client only; the one place that knows how n8n's request helper fails.
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { untilCancelled } from './clock';
import { ApiError, isObject, tokenNotAccepted } from './errors';
import type { Failure, Method } from './retry';
import type { ResponseHeaders } from './responseHeaders';

export const CREDENTIAL_TYPE = 'eyeCloudProOAuth2Api';

/** The part of n8n's contexts that requests need; execute, load-options and poll contexts have it. */
export interface RequestContext {
	helpers: {
		httpRequestWithAuthentication(
			this: unknown,
			credentialType: string,
			options: IHttpRequestOptions,
		): Promise<unknown>;
	};
	getCredentials<T extends object>(type: string, itemIndex?: number): Promise<T>;
	getExecutionCancelSignal?(): AbortSignal | undefined;
	logger?: { debug(message: string): void };
}

export interface Answer {
	statusCode: number;
	headers: ResponseHeaders;
	/** Parsed JSON; a string when it was none. */
	body: unknown;
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
): Promise<Answer | NoAnswer> {
	const result = await sendIgnoring(context, request, { ignore: true, except: [401] });
	if (!('statusCode' in result) || result.statusCode !== 401) return result;
	// n8n 1.x knows no exceptions to what it ignores: it hands a 401 on without renewing the token. It
	// renews when it ignores nothing. The API did nothing yet, so the request can be sent again; and once
	// more where that is refused with a status that n8n then throws, for the sake of its body.
	const renewed = await sendIgnoring(context, request, false);
	return 'wasRefused' in renewed
		? await sendIgnoring(context, request, { ignore: true, except: [401] })
		: renewed;
}

async function sendIgnoring(
	context: RequestContext,
	request: HttpRequest,
	ignoreHttpStatusErrors: IHttpRequestOptions['ignoreHttpStatusErrors'],
): Promise<Answer | (NoAnswer & { wasRefused?: true })> {
	const deadlineMs = Math.min(DEADLINE_TIMEOUTS * request.timeoutMs, LONGEST_TIMER_MS);
	try {
		const answer = context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL_TYPE, {
			method: request.method,
			url: request.url,
			qs: request.query,
			body: request.body,
			timeout: request.timeoutMs,
			json: true,
			returnFullResponse: true,
			ignoreHttpStatusErrors,
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
		});
		return (await untilCancelled(answer, AbortSignal.timeout(deadlineMs))) as Answer;
	} catch (error) {
		const result = noAnswer(error);
		const isKnown = ignoreHttpStatusErrors !== false || result.error.kind === 'signIn';
		return isKnown || !causes(error).some(isRefusal) ? result : { ...result, wasRefused: true };
	}
}

interface Thrown {
	message?: unknown;
	code?: unknown;
	cause?: unknown;
	response?: { status?: unknown };
	body?: unknown;
	status?: unknown;
	/** n8n's NodeApiError. In n8n 1.x it has no cause, but the status or code of what it was made of. */
	httpCode?: unknown;
	messages?: unknown;
}

const NEVER_CONNECTED = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)_|^ERR_SSL|^EPROTO$/;

/** Sorts out what n8n threw. Nothing of the thrown thing is kept: it may hold the token. */
function noAnswer(thrown: unknown): NoAnswer {
	const chain = causes(thrown);
	const code = chain.map(codeOf).find((each) => each !== '') ?? '';
	const text = chain.flatMap(({ message, messages }) => [message, messages]).join('\n');

	if (chain.some((link) => link.response?.status === 401)) return final(tokenNotAccepted());
	const signIn = signInRefusal(chain, text, code);
	if (signIn) return final(signIn);
	if (chain.some((link) => statusOf(link) === 401)) return final(tokenNotAccepted());
	if (CERTIFICATE.test(code)) {
		return final(
			new ApiError('unreachable', 'The certificate of the API address is not trusted', {
				description: `Check the address in the credential, or ask whoever runs the server (${code}).`,
			}),
		);
	}
	if (NEVER_CONNECTED.test(code)) {
		return {
			failure: 'neverSent',
			error: new ApiError('unreachable', 'EyeCloud Pro could not be reached', {
				description: `Check the Environment and addresses in the credential, and that this n8n can reach them (${code}). Nothing was changed in EyeCloud Pro.`,
			}),
		};
	}
	if (/Failed to acquire OAuth2 access token/.test(text)) {
		return {
			failure: 'neverSent',
			error: new ApiError('unreachable', 'The auth server gave no access token', {
				description: `Check the Environment and addresses in the credential, or run it again later${code ? ` (${code})` : ''}. Nothing was changed in EyeCloud Pro.`,
			}),
		};
	}
	return {
		failure: 'unknown',
		error: new ApiError('unreachable', 'EyeCloud Pro did not answer', {
			description: `The connection was lost or timed out${code ? ` (${code})` : ''}. Run it again later, or raise the Timeout option.`,
		}),
	};
}

function final(error: ApiError): NoAnswer {
	return { failure: 'final', error };
}

/** n8n's own words, and what it stumbles over, where a person has never signed in. */
const NOT_CONNECTED =
	/credentials not connected|sign without access token|reading 'access_?token'/i;

/** n8n's words; in n8n 1.x those for OAuth's invalid_grant. */
const NEEDS_RECONNECTING =
	/needs to be reconnected|no refresh token is available|grant.*is invalid, expired, revoked/;

/** Why no token could be had, if that is what happened and asking again won't help. */
function signInRefusal(chain: Thrown[], text: string, code: string): ApiError | undefined {
	if (NOT_CONNECTED.test(text)) {
		return new ApiError('signIn', 'The credential is not connected yet', {
			description: 'Open the credential and select Connect my account.',
		});
	}
	if (NEEDS_RECONNECTING.test(text)) {
		return new ApiError('signIn', 'The credential needs to be reconnected', {
			description:
				'The access was withdrawn or has ended. Open the credential and select Reconnect.',
		});
	}
	const refusal = chain.find((link) =>
		code === 'EAUTH' || code === 'ESTATUS' ? codeOf(link) === code : false,
	);
	if (!refusal) return undefined;
	const said = isObject(refusal.body) ? refusal.body.error : undefined;
	// A code of OAuth, such as invalid_client; anything longer may be what was sent.
	const reason = typeof said === 'string' && /^[a-z_]{1,40}$/.test(said) ? said : '';
	return new ApiError('signIn', 'The auth server refused the client of this credential', {
		description: `Check the Client ID, Client Secret and Audience in the credential${reason ? ` (${reason})` : ''}.`,
	});
}

/** The code of Node.js, axios or n8n's OAuth client, such as ECONNREFUSED; empty if there is none. */
function codeOf({ code, httpCode }: Thrown): string {
	const given = typeof code === 'string' ? code : httpCode;
	return typeof given === 'string' && /^[A-Z][A-Z0-9_]{2,50}$/.test(given) ? given : '';
}

function statusOf({ response, httpCode }: Thrown): number | undefined {
	const status = Number(response?.status ?? httpCode ?? Number.NaN);
	return status >= 100 && status < 600 ? status : undefined;
}

/** The API did nothing, so whatever was sent can be sent again. */
function isRefusal(link: Thrown): boolean {
	const status = statusOf(link);
	return status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 408;
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
