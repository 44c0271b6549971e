// The API's error answers: in the shapes that its documentation shows, and where it shows none, in those
// of the dialect. Thrown by the files that do the API's work, turned into responses by api.ts.
import type { Dialect } from './dialect.ts';

export class ApiError extends Error {
	declare readonly status: number;
	declare readonly body: object | string;
	declare readonly headers: Record<string, string>;

	/** @param body a text is sent as HTML */
	constructor(status: number, body: object | string, headers: Record<string, string> = {}) {
		super(typeof body === 'string' ? body : (body as { message: string }).message);
		Object.assign(this, { status, body, headers });
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

/** As an Express server answers that knows its own errors alone, and what it does not know is a 500. */
function converted(status: 400 | 403 | 404 | 500, message: string): ApiError {
	return new ApiError(status, { code: status, message });
}

/** As Express answers when nobody else has. */
function expressPage(status: number, text: string, headers?: Record<string, string>): ApiError {
	const page = `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>${text}</pre>\n</body>\n</html>\n`;
	return new ApiError(status, page, headers);
}

export function badToken({ expiredToken }: Dialect): ApiError {
	const challenge =
		'Bearer realm="api", error="invalid_token", error_description="The token has expired"';
	return {
		json401: apiError(401, 'The access token is missing, invalid or expired'),
		html401: expressPage(401, 'UnauthorizedError: Unauthorized', { 'WWW-Authenticate': challenge }),
		json400: converted(400, 'Unauthorized'),
		json403: converted(403, 'Forbidden'),
		json500: converted(500, 'Internal Server Error'),
	}[expiredToken];
}

export function tooManyRequests({ tooManyRequests: how }: Dialect): ApiError {
	const message = 'Too many requests, please try again later.';
	return how === 'json' ? apiError(429, message) : new ApiError(429, message);
}

export function missingPath({ missingPath: how }: Dialect, method: string, path: string): ApiError {
	return {
		json: apiError(404, `Cannot find ${method} ${path}`),
		html: expressPage(404, `Cannot ${method} ${path.replace(/[&<>"']/g, '')}`),
		notFound: converted(404, 'Not found'),
	}[how];
}

export function missingRecord({ missingRecord: how }: Dialect, what: string): ApiError {
	return how === 'message' ? apiError(404, `${what} not found`) : converted(404, 'Not found');
}

export function tooLargeBody({ tooLargeBody: how }: Dialect): ApiError {
	if (how === 'html413') return expressPage(413, 'Payload Too Large');
	return how === 'json400'
		? converted(400, 'request entity too large')
		: converted(500, 'Internal Server Error');
}

/** What a firewall answers before the API has seen anything; undefined where there is none. */
export function inFront({ inFront: what }: Dialect): ApiError | undefined {
	if (what === 'nothing') return undefined;
	const status = what === 'html403' ? 403 : 503;
	const title = `${status} ${status === 403 ? 'Forbidden' : 'Service Temporarily Unavailable'}`;
	const body = `<center><h1>${title}</h1></center>`;
	return new ApiError(
		status,
		`<html><head><title>${title}</title></head><body>${body}</body></html>`,
	);
}
