// Step 1 of a request's way: its URL, and the rate limit module that it counts towards.
// Called by the client.
import { ENCRYPTED_OR_HERE, PRODUCTION } from './environments';
import { ApiError } from './errors';

export interface Endpoint {
	url: string;
	/** Scheme, host and port; part of the rate limit bucket's key. */
	origin: string;
	/** The first path segment after the practice: documented as the unit of rate limiting. */
	module: string;
}

/** The practice is an expression that has no value yet, so no request is possible. */
export const UNKNOWN_PRACTICE = '=';

/**
 * Builds `{origin}/v2/{client_id}/{segments}` (EyeCloud Pro's API documentation, "Client Access Control").
 *
 * @param segments the resource's path and, for one record, its id; each is encoded
 * @throws ApiError `notAllowed` for a practice that is unknown yet, `invalidInput` for one that is not a positive
 * integer, a segment that would lead elsewhere, or an address that would send the token unencrypted
 */
export function buildEndpoint(
	apiBaseUrl: string,
	practiceId: string,
	segments: readonly string[],
): Endpoint {
	refuseUnencrypted(apiBaseUrl, 'API Base URL', PRODUCTION.apiBaseUrl);
	const base = new URL(apiBaseUrl);
	if (practiceId === UNKNOWN_PRACTICE) {
		throw new ApiError(
			'notAllowed',
			"'Practice Client ID' in 'Options' is an expression that has no value yet: execute the nodes before this one",
		);
	}
	if (!/^[1-9]\d{0,18}$/.test(practiceId)) {
		throw new ApiError('invalidInput', "The 'Practice Client ID' must be a whole number", {
			description:
				"It is the number after /v2/ in your API addresses, not the 'Client ID' of the credential. Set it in the credential, or in the option 'Practice Client ID'.",
		});
	}
	const path = segments.map(encodeSegment).join('/');
	return {
		url: `${base.origin}${base.pathname.replace(/\/+$/, '')}/v2/${practiceId}/${path}`,
		origin: base.origin,
		module: segments[0],
	};
}

/** @throws ApiError `invalidInput` for an address to which a secret would go unencrypted */
export function refuseUnencrypted(address: string, parameter: string, example: string): void {
	if (ENCRYPTED_OR_HERE.test(address) && URL.canParse(address)) return;
	throw new ApiError(
		'invalidInput',
		`The '${parameter}' in the credential is not an https address`,
		{ description: `Enter the address without a path, e.g. ${example}.` },
	);
}

function encodeSegment(segment: string): string {
	// A half of a surrogate pair can't be written in an address.
	const isHalf = /\p{Surrogate}/u.test(segment);
	if (segment === '' || segment === '.' || segment === '..' || isHalf || /[/\\]/.test(segment)) {
		throw new ApiError('invalidInput', 'The ID is not one that a record can have', {
			description: 'It must not be empty or hold a slash. Enter the ID alone, not a path.',
		});
	}
	return encodeURIComponent(segment);
}
