// One request through n8n, without an exception to unpick: the answer, or why there is none.
// Called by the client only; the one place that knows how n8n's request helper fails.
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { ApiError, tokenNotAccepted } from './errors';
import type { Failure, Method } from './retry';
import type { ResponseHeaders } from './responseHeaders';
import { withoutToken } from './withoutToken';

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
 * Sends one request. Every status but 401 comes back as an answer; a 401 must throw inside n8n, which
 * renews the token only then, and sends once more by itself (`n8n-facts.md`, "Requests").
 */
export async function send(
	context: RequestContext,
	request: HttpRequest,
): Promise<Answer | NoAnswer> {
	try {
		return (await context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL_TYPE, {
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
		})) as Answer;
	} catch (error) {
		return noAnswer(error);
	}
}

/** What n8n throws, and each cause of it. */
export interface Thrown {
	message?: unknown;
	code?: unknown;
	cause?: unknown;
	response?: { status?: unknown };
	/** Of a refusal by the auth server. */
	body?: unknown;
	status?: unknown;
	/** The request that failed. */
	config?: { url?: unknown };
}

const NEVER_CONNECTED = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)_|^ERR_SSL|^EPROTO$/;

/** Sorts out what n8n threw. Nothing of the thrown thing is kept: it may hold the token. */
function noAnswer(thrown: unknown): NoAnswer {
	const chain = causes(thrown);
	const code = String(chain.find((link) => typeof link.code === 'string')?.code ?? '');

	if (chain.some((link) => link.response?.status === 401)) return final(tokenNotAccepted());
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
	const signIn = withoutToken(chain);
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
