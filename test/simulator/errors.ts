// The API's error answers, in the shapes that its documentation shows. Thrown by the files that do
// the API's work, turned into responses by api.ts.

export class ApiError extends Error {
	readonly status: number;
	readonly body: unknown;
	readonly headers: Record<string, string>;

	constructor(status: number, body: { message: string }, headers: Record<string, string> = {}) {
		super(body.message);
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
	} as { message: string });
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
