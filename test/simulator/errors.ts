// The API's error answers: in the shapes that its documentation shows, and where it shows none, in those
// of the dialect. Thrown by the files that do the API's work, turned into responses by api.ts.
import type { Dialect } from './dialect.ts';

export class ApiError extends Error {
	readonly status: number;
	readonly body: unknown;
	readonly headers: Record<string, string>;

	/** @param body a text is sent as HTML */
	constructor(status: number, body: object | string, headers: Record<string, string> = {}) {
		super(typeof body === 'string' ? body : (body as { message: string }).message);
		this.status = status;
		this.body = body;
		this.headers = headers;
	}
}

/** The body of every documented error but a missing scope's. */
export function errorBody(status: number, message: string) {
	return { status: 'ERROR', message, error: { statusCode: status, isOperational: true } };
}

export function apiError(status: number, message: string, headers?: Record<string, string>) {
	return new ApiError(status, errorBody(status, message), headers);
}

export function missingScope(required: string, available: string[]): ApiError {
	return new ApiError(403, {
		message: `Insufficient permissions. The scope '${required}' is required for this operation.`,
		required_scope: required,
		available_scopes: available,
	});
}

export function practiceNotAnInteger(): ApiError {
	return apiError(
		400,
		'The client_id must be provided as an integer in the URL path. Example: /v2/123/resource/... instead of /v2/resource?client_id=123',
	);
}

export function practiceNotAllowed(practice: string): ApiError {
	return apiError(403, `You are not authorized to access client_id ${practice}`);
}

/** As an Express server answers that knows its own errors alone, and what it does not know is a 500. */
function converted(status: 400 | 403 | 404 | 500, message: string): ApiError {
	return new ApiError(status, { code: status, message });
}

const serverError = () => converted(500, 'Internal Server Error');

export function badToken({ expiredToken }: Dialect): ApiError {
	const message = 'The access token is missing, invalid or expired';
	switch (expiredToken) {
		case 'json401':
			return apiError(401, message);
		case 'html401':
			return new ApiError(401, '<!DOCTYPE html><pre>UnauthorizedError: Unauthorized</pre>', {
				'WWW-Authenticate':
					'Bearer realm="api", error="invalid_token", error_description="The token has expired"',
			});
		case 'json400':
			return converted(400, 'Unauthorized');
		case 'json403':
			return converted(403, 'Forbidden');
		case 'json500':
			return serverError();
	}
}

export function tooManyRequests({ tooManyRequests: how }: Dialect): ApiError {
	const message = 'Too many requests, please try again later.';
	return how === 'json' ? apiError(429, message) : new ApiError(429, message);
}

/** Undefined where Express itself is to answer, as it does when nobody else has. */
export function missingPath(
	{ missingPath: how }: Dialect,
	method: string,
	path: string,
): ApiError | undefined {
	if (how === 'html') return undefined;
	return how === 'json'
		? apiError(404, `Cannot find ${method} ${path}`)
		: converted(404, 'Not found');
}

export function missingRecord({ missingRecord: how }: Dialect, what: string): ApiError {
	return how === 'message' ? apiError(404, `${what} not found`) : converted(404, 'Not found');
}

/** Undefined where Express itself is to answer. */
export function tooLargeBody({ tooLargeBody: how }: Dialect): ApiError | undefined {
	if (how === 'html413') return undefined;
	return how === 'json400' ? converted(400, 'request entity too large') : serverError();
}

/** What a firewall answers before the API has seen anything; undefined where there is none. */
export function inFront({ inFront: what }: Dialect): ApiError | undefined {
	if (what === 'nothing') return undefined;
	const status = what === 'html403' ? 403 : 503;
	const title = `${status} ${status === 403 ? 'Forbidden' : 'Service Temporarily Unavailable'}`;
	return new ApiError(
		status,
		`<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`,
	);
}
