// Where the API and its auth server live, by the credential's Environment field.
// Read by the credential (token and authorize addresses) and by the client (API address).

/**
 * Documented: production's hosts and audience (published environment variables), staging's API host
 * (published example request). Staging's auth server and audience are not published, so the
 * credential asks for them.
 */
export const PRODUCTION = {
	apiBaseUrl: 'https://api.eyecloudpro.com',
	authServerUrl: 'https://auth.eyecloudpro.com',
	audience: 'https://api.eyecloudpro.com',
} as const;

export const STAGING_API_BASE_URL = 'https://api-staging.eyecloudpro.com';

export type Environment = 'production' | 'staging' | 'custom';

/** Addresses to which a secret may go: by https, or to this very machine. */
export const ENCRYPTED_OR_HERE =
	/^https:\/\/|^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i;

/** The API's address for a credential, without a slash at its end, e.g. `https://api.eyecloudpro.com`. */
export function apiBaseUrlOf(credential: {
	environment: Environment;
	apiBaseUrl?: string;
}): string {
	if (credential.environment === 'custom') {
		return (credential.apiBaseUrl ?? '').trim().replace(/\/+$/, '');
	}
	return credential.environment === 'staging' ? STAGING_API_BASE_URL : PRODUCTION.apiBaseUrl;
}

/** Where its tokens come from. */
export function authServerUrlOf(credential: {
	environment: Environment;
	authServerUrl?: string;
}): string {
	const isKnown = credential.environment === 'production';
	return isKnown ? PRODUCTION.authServerUrl : (credential.authServerUrl ?? '').trim();
}
