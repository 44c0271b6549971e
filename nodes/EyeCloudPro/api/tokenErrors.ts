// Why n8n could not get an access token, in sentences. Called by the transport only. Nothing of the auth
// server's answer is handed on but the names of errors that OAuth knows.
import { ApiError, isObject } from './errors';
import type { NoAnswer } from './transport';

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
	/** n8n's NodeApiError. In n8n 1.x it has no cause, but the status or code of what it was made of. */
	httpCode?: unknown;
	messages?: unknown;
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

/** What n8n calls a refusal in OAuth's form, and any other answer that is no token. */
const REFUSED = 'EAUTH';
const OTHER_STATUS = 'ESTATUS';

/** Where the credential has its tokens from; no request of ours ever goes there. */
const TOKEN_ADDRESS = /^https?:\/\/[^?#]*\/oauth\/token$/;

/** Errors by OAuth's names that are over when asked again later. */
const FOR_THE_MOMENT = /^(server_error|temporarily_unavailable|slow_down|too_many_requests)$/;

/**
 * What happened if no token could be had; undefined if that is not what happened. Where it may be over
 * in a moment it is as if the request was never sent, since EyeCloud Pro did not work on it.
 *
 * @param chain what n8n threw, and its causes
 */
export function tokenError(chain: readonly Thrown[]): NoAnswer | undefined {
	const text = chain.flatMap(({ message, messages }) => [message, messages]).join('\n');
	if (NOT_CONNECTED.test(text)) {
		return final(
			new ApiError('signIn', 'The credential is not connected yet', {
				description:
					"Open the credential and select 'Connect my account'. With the Client Credentials grant, check the 'Auth Server URL': its answer held no token.",
			}),
		);
	}
	if (MUST_RECONNECT.test(text)) {
		return final(
			new ApiError('signIn', 'The credential needs to be reconnected', {
				description:
					"The access was withdrawn or has ended. Open the credential and select 'Reconnect'.",
			}),
		);
	}
	const refusal = chain.find((link) => [REFUSED, OTHER_STATUS].includes(codeOf(link)));
	if (refusal) return refused(refusal);
	const failed = chain.find(({ config }) => TOKEN_ADDRESS.test(String(config?.url)));
	if (failed || /Failed to acquire OAuth2 access token/.test(text)) {
		const status = failed?.response?.status;
		return forTheMoment(status === undefined ? '' : `HTTP ${String(status)}`);
	}
	return undefined;
}

function refused(refusal: Thrown): NoAnswer {
	const { status, body } = refusal;
	const error = isObject(body) ? String(body.error ?? '') : '';
	// A server may put anything here, a secret that was sent included.
	const name = /^[a-z_]{1,40}$/.test(error) ? error : '';
	if (FOR_THE_MOMENT.test(name)) return forTheMoment(name);
	if (status === 429 || Number(status) >= 500) return forTheMoment(`HTTP ${String(status)}`);
	if (codeOf(refusal) === OTHER_STATUS && status !== 401 && status !== 403) {
		// Something answers at the address, but hardly an auth server.
		return final(
			new ApiError('signIn', 'The auth server gave no access token', {
				description: `It answered with HTTP ${String(status)} and nothing that can be read. Check 'Environment' and 'Auth Server URL' in the credential.`,
			}),
		);
	}
	return final(
		new ApiError('signIn', 'The auth server refused this credential', {
			description: `Check 'Client ID', 'Client Secret' and 'Audience' in the credential${name ? ` (${name})` : ''}. If they are right, ask EyeCloud Pro support whether your OAuth client still exists.`,
		}),
	);
}

function forTheMoment(why: string): NoAnswer {
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
export function codeOf({ code, cause, httpCode }: Thrown): string {
	// Where there is a cause, it knows more than what n8n made of it.
	const given = typeof code === 'string' || cause ? code : httpCode;
	return typeof given === 'string' && /^[A-Z][A-Z0-9_]{2,50}$/.test(given) ? given : '';
}
