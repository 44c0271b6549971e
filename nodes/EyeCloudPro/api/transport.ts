// One request through n8n, without an exception to unpick: the answer, or why there is none.
// Called by the client and for new tokens; the one place that knows how n8n's request helper fails. Nothing of what it
// throws is handed on, as that may hold a token, but status, code and the names of errors that OAuth knows.
import type { IDataObject, IHttpRequestOptions, INode } from 'n8n-workflow';

import type { Answer } from './answer';
import { untilCancelled } from './clock';
import { ApiError, CancelledError, isObject, tokenNotAccepted } from './errors';
import type { Failure, Method } from './retry';
import type { SharedCredential } from './sharedCredential';

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
 * renews the token only then, and sends once more by itself (`requestOAuth2` in
 * n8n-core 2.41).
 */
export async function send(
	credential: SharedCredential,
	request: HttpRequest,
	signal?: AbortSignal,
): Promise<Answer | NoAnswer> {
	const { context } = credential;
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
		const failed = await untilCancelled(renewToken(credential), signal, true);
		if (failed) return failed;
	}
}

/** Lets n8n fetch another access token. */
export async function renewToken(credential: SharedCredential): Promise<NoAnswer | undefined> {
	const { context } = credential;
	try {
		await context.helpers.refreshOAuth2Token?.call(context, CREDENTIAL_TYPE);
		credential.forget();
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

/** What n8n throws, and each cause of it. */
interface Thrown {
	message?: unknown;
	code?: unknown;
	syscall?: unknown;
	/** One for each address of a host, where none could be connected to. */
	errors?: unknown;
	cause?: unknown;
	response?: { status?: unknown };
	/** Of a refusal by the auth server. */
	body?: unknown;
	status?: unknown;
	/** The request that failed. */
	config?: { url?: unknown };
	/** n8n's NodeApiError. In n8n 1.x it has no cause, but the status or code of what it was made of. */
	httpCode?: unknown;
	messages?: unknown;
}

const NEVER_CONNECTED = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED)$/;
/** These also end a connection over which a request went. */
const NO_WAY = /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/;
const CONNECTING = /\b(connect|getaddrinfo) E[A-Z]/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)_/;
const TLS = /^(ERR_SSL|EPROTO$)/;
/** Of TLS, what happens only before anything can be sent. */
const HANDSHAKE =
	/handshake|wrong[ _]version|(unsupported|no|alert)[ _]protocol|protocol[ _]version|unrecognized[ _]name|no[ _]shared/i;

/** Sorts out what n8n threw. */
function noAnswer(thrown: unknown): NoAnswer {
	const chain = causes(thrown);
	const code = chain.map(codeOf).find((each) => each !== '') ?? '';
	const told = code ? ` (${code})` : '';

	if (chain.some(({ response }) => response?.status === 401)) return final(tokenNotAccepted());
	const ofToken = tokenFailure(chain);
	if (ofToken?.failure === 'final') return ofToken;
	if (chain.some(({ httpCode }) => Number(httpCode) === 401)) return final(tokenNotAccepted());
	const text = textOf(chain);
	if (CERTIFICATE.test(code) || (TLS.test(code) && HANDSHAKE.test(`${code} ${text}`))) {
		return final(
			new ApiError('unreachable', 'The certificate of the API address is not trusted', {
				description: `Check the 'API Base URL' in the credential, or ask whoever runs that server${told}.`,
			}),
		);
	}
	const isConnecting =
		chain.some(({ syscall, errors }) => syscall === 'connect' || Array.isArray(errors)) ||
		CONNECTING.test(text);
	if (NEVER_CONNECTED.test(code) || (NO_WAY.test(code) && isConnecting)) {
		return {
			failure: 'neverSent',
			error: new ApiError('unreachable', 'EyeCloud Pro could not be reached', {
				description: `Check 'Environment' and the addresses in the credential, and that this n8n can reach them${told}. Nothing was changed in EyeCloud Pro.`,
			}),
		};
	}
	if (ofToken) return ofToken;
	return {
		failure: 'unknown',
		error: new ApiError('unreachable', 'EyeCloud Pro did not answer', {
			description: `The connection was lost or timed out${told}. Run it again later, or raise the option 'Timeout'.`,
		}),
	};
}

/**
 * n8n's own words, and what it stumbles over, where a person has never signed in; the same where an
 * answer to client credentials held no token.
 */
const NOT_CONNECTED =
	/credentials not connected|sign without access token|reading 'access_?token'/i;

/** n8n's words; in n8n 1.x those for OAuth's invalid_grant. */
const MUST_RECONNECT =
	/needs to be reconnected|no refresh token is available|grant.*is invalid, expired, revoked/;

/** n8n's codes for a refusal in OAuth's form, and for any other answer that is no token. */
const REFUSED = 'EAUTH';
const OTHER_STATUS = 'ESTATUS';

/** Where the credential has its tokens from; no request of ours ever goes there. */
const TOKEN_ADDRESS = /^https?:\/\/[^?#]*\/oauth\/token$/;

/** Errors by OAuth's names that are over when asked again later. */
const FOR_THE_MOMENT = /^(server_error|temporarily_unavailable|slow_down|too_many_requests)$/;

/**
 * Why there was no token; undefined if that is not what happened. What may be over in a moment is as if the request
 * was never sent, since EyeCloud Pro did not work on it.
 */
function tokenFailure(chain: readonly Thrown[]): NoAnswer | undefined {
	const text = textOf(chain);
	if (NOT_CONNECTED.test(text)) {
		return noToken(
			'The credential is not connected yet',
			"Open the credential and select 'Connect' ('Connect my account' in n8n 1). With the Client Credentials grant, check the 'Auth Server URL': its answer held no token.",
		);
	}
	if (MUST_RECONNECT.test(text)) {
		return noToken(
			'The credential needs to be reconnected',
			"The access was withdrawn or has ended. Open the credential and select 'Switch account' ('Reconnect' in n8n 1).",
		);
	}
	const refusal = chain.find((link) => [REFUSED, OTHER_STATUS].includes(codeOf(link)));
	if (refusal) return tokenRefused(refusal);
	const failed = chain.find(({ config }) => TOKEN_ADDRESS.test(String(config?.url)));
	if (!failed && !/Failed to acquire OAuth2 access token/.test(text)) return undefined;
	const status = failed?.response?.status;
	return noTokenNow(status === undefined ? '' : `HTTP ${String(status)}`);
}

function tokenRefused(refusal: Thrown): NoAnswer {
	const { status, body } = refusal;
	const error = isObject(body) ? String(body.error ?? '') : '';
	// A server may put anything here, a secret that was sent included.
	const name = /^[a-z_]{1,40}$/.test(error) ? error : '';
	if (FOR_THE_MOMENT.test(name)) return noTokenNow(name);
	if (status === 429 || Number(status) >= 500) return noTokenNow(`HTTP ${String(status)}`);
	if (codeOf(refusal) === OTHER_STATUS && status !== 401 && status !== 403) {
		// Something answers at the address, but hardly an auth server.
		return noToken(
			'The auth server gave no access token',
			`It answered with HTTP ${String(status)} and nothing that can be read. Check 'Environment' and 'Auth Server URL' in the credential.`,
		);
	}
	return noToken(
		'The auth server refused this credential',
		`Check 'Client ID', 'Client Secret' and 'Audience' in the credential${name ? ` (${name})` : ''}. If they are right, ask EyeCloud Pro support whether your OAuth client still exists.`,
	);
}

function noToken(message: string, description: string): NoAnswer {
	return final(new ApiError('signIn', message, { description }));
}

function noTokenNow(why: string): NoAnswer {
	return {
		failure: 'neverSent',
		error: new ApiError('unreachable', 'The auth server gave no access token', {
			description: `Run it again later, or check 'Environment' and the addresses in the credential${why ? ` (${why})` : ''}. Nothing was changed in EyeCloud Pro.`,
		}),
	};
}

function final(error: ApiError): NoAnswer {
	return { failure: 'final', error };
}

/** The code of Node.js, axios or n8n's OAuth client, such as ECONNREFUSED; empty if there is none. */
function codeOf({ code, cause, httpCode }: Thrown): string {
	// Where there is a cause, it knows more than what n8n made of it.
	const given = typeof code === 'string' || cause ? code : httpCode;
	return typeof given === 'string' && /^[A-Z][A-Z0-9_]{2,50}$/.test(given) ? given : '';
}

function textOf(chain: readonly Thrown[]): string {
	return chain.flatMap(({ message, messages }) => [message, messages]).join('\n');
}

function causes(thrown: unknown): Thrown[] {
	const chain: Thrown[] = [];
	let link = thrown as Thrown | undefined;
	while (typeof link === 'object' && link !== null && chain.length < 6) {
		chain.push(link);
		link = link.cause as Thrown | undefined;
	}
	return chain;
}
