// The client that a credential makes possible. Called by the node class and the editor's methods.
import type { IDataObject } from 'n8n-workflow';

import { Client } from './client';
import { systemClock } from './clock';
import { WINDOW_MS } from './rateLimitWindow';
import { refuseUnencrypted } from './endpoint';
import { apiBaseUrlOf, authServerUrlOf, PRODUCTION, type Environment } from './environments';
import { SharedCredential } from './sharedCredential';
import { CREDENTIAL_TYPE, type RequestContext } from './transport';
import type { WaitingTime } from './waitingTime';

/** Documented default: 100 requests per minute and module (EyeCloud Pro's API documentation, "Rate Limiting"). */
const DEFAULT_REQUESTS_PER_MINUTE = 100;

export const DEFAULT_TIMEOUT_MS = 60_000;

/** What an input item may set differently from its credential. */
export interface ClientOverrides {
	/** Another practice than the credential's; an empty one is refused, as it may have been meant. */
	practiceId?: string;
	timeoutMs?: number;
	itemIndex?: number;
	/** A person waits in the editor: its requests go ahead of bulk work under the rate limit. */
	isInteractive?: boolean;
	/** Ends waiting and sending at once. */
	signal?: AbortSignal;
}

/** An expression may give the object that the JSON stands for. */
function textOf(json: unknown): string {
	if (typeof json === 'string') return json;
	return json === undefined || json === null ? '' : JSON.stringify(json);
}

/**
 * @throws n8n's own error where the node has no credential, and ApiError `invalidInput` for an auth server to
 * which the client secret would go unencrypted
 */
export async function clientFor(
	context: RequestContext,
	overrides: ClientOverrides = {},
	waitingTime?: WaitingTime,
): Promise<Client> {
	const shared = new SharedCredential(context, systemClock);
	// Requests go by the first item, so that what is read for it serves them too.
	const credential = overrides.itemIndex
		? await context.getCredentials<IDataObject>(CREDENTIAL_TYPE, overrides.itemIndex)
		: await shared.read<IDataObject>();
	const environment = credential.environment as Environment;
	const authServerUrl = authServerUrlOf({
		environment,
		authServerUrl: credential.authServerUrl as string,
	});
	// n8n would send the client secret there.
	refuseUnencrypted(authServerUrl, 'Auth Server URL', PRODUCTION.authServerUrl);
	const practiceId = overrides.practiceId ?? credential.practiceId;
	const settings = {
		apiBaseUrl: apiBaseUrlOf({ environment, apiBaseUrl: credential.apiBaseUrl as string }),
		oauthClientId: String(credential.clientId ?? ''),
		isSignedIn: credential.grantType !== 'clientCredentials',
		practiceId: String(practiceId ?? '').trim(),
		requestsPerMinute: Number(credential.requestsPerMinute) || DEFAULT_REQUESTS_PER_MINUTE,
		rateLimitWindowMs: Number(credential.rateLimitWindowMs) || WINDOW_MS,
		timeoutMs: Number(overrides.timeoutMs) || DEFAULT_TIMEOUT_MS,
		apiDifferences: textOf(credential.apiDifferences),
		isInteractive: overrides.isInteractive,
		signal: overrides.signal,
	};
	return new Client(shared, settings, waitingTime);
}
