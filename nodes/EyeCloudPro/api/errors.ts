// What can go wrong at the API, as small classes with data, and the sentences a user reads.
// Thrown by the client and by pagination; the node class turns them into n8n's own.

/** What kind of thing happened; operations and tests decide by it, never by a text. */
export type ApiErrorKind =
	| 'invalidInput'
	| 'refusedInput'
	| 'signIn'
	| 'notAllowed'
	| 'notFound'
	| 'rateLimited'
	| 'unreachable'
	| 'outcomeUnknown'
	| 'unreadable'
	| 'inconsistent';

/** One thing that the API's validation said: which parameter, and what about it. */
export interface RefusedParameter {
	/** The API's name, e.g. `phone`, or `[1].name_last` in a bulk request. Empty if none is named. */
	field: string;
	/** The API's sentence, without the value that it quotes. */
	message: string;
	/** For `sort`: the fields that the API accepts. */
	allowed?: string[];
}

interface ApiErrorDetails {
	description?: string;
	statusCode?: number;
	refused?: RefusedParameter[];
}

/** An answer, or the lack of one, that the node can't go on from. Holds no token and no record. */
export class ApiError extends Error {
	readonly description?: string;

	readonly statusCode?: number;

	readonly refused: RefusedParameter[];

	constructor(
		readonly kind: ApiErrorKind,
		message: string,
		details: ApiErrorDetails = {},
	) {
		super(message);
		this.name = 'ApiError';
		this.description = details.description;
		this.statusCode = details.statusCode;
		this.refused = details.refused ?? [];
	}
}

/** The user stopped the execution while the node waited or sent. */
export class CancelledError extends Error {
	constructor() {
		super('The execution was stopped');
		this.name = 'CancelledError';
	}
}

interface ErrorBody {
	message?: unknown;
	required_scope?: unknown;
	available_scopes?: unknown;
}

/**
 * The error for an answer that is not a success and will not be asked for again.
 *
 * @param statusCode the final HTTP status
 * @param body the parsed body, of any shape; documented shapes: `overview.md`, "Error Handling",
 * "Permission Scopes", "Client Access Control"
 */
export function errorForAnswer(statusCode: number, body: unknown, practiceId: string): ApiError {
	const answer: ErrorBody = isObject(body) ? body : {};
	const message = typeof answer.message === 'string' ? answer.message : '';

	if (statusCode === 400 || statusCode === 422) return validationError(statusCode, message);
	if (statusCode === 401) return tokenNotAccepted();
	if (statusCode === 403 && typeof answer.required_scope === 'string') {
		return missingScope(answer.required_scope, answer.available_scopes);
	}
	if (statusCode === 403) {
		return new ApiError(
			'notAllowed',
			`EyeCloud Pro does not let this credential read practice ${practiceId}`,
			{
				statusCode,
				description:
					'Check the Practice Client ID in the credential, or ask EyeCloud Pro support to grant your OAuth client access to this practice.',
			},
		);
	}
	if (statusCode === 404) {
		return new ApiError('notFound', 'EyeCloud Pro found no such record', {
			statusCode,
			description: 'Check the ID, and that the record belongs to this practice.',
		});
	}
	if (statusCode >= 300 && statusCode < 400) {
		return new ApiError('unreachable', 'The API address answered with a redirect to another one', {
			statusCode,
			description:
				'Redirects are not followed, because your access token would go with them. Check the API Base URL in the credential.',
		});
	}
	return new ApiError(
		'refusedInput',
		`EyeCloud Pro answered with the unexpected HTTP status ${statusCode}`,
		{
			statusCode,
			description: message ? `It said: ${withoutValues(message)}` : undefined,
		},
	);
}

function missingScope(requiredScope: string, availableScopes: unknown): ApiError {
	const granted = Array.isArray(availableScopes) ? availableScopes.map(String) : [];
	return new ApiError('notAllowed', `The credential lacks the scope '${requiredScope}'`, {
		statusCode: 403,
		description: `Ask EyeCloud Pro support to grant your OAuth client '${requiredScope}', or choose another operation. ${
			granted.length > 0 ? `Granted now: ${granted.join(', ')}.` : 'No scopes are granted now.'
		}`,
	});
}

export function tokenNotAccepted(): ApiError {
	return new ApiError(
		'signIn',
		'EyeCloud Pro does not accept the access token of this credential',
		{
			statusCode: 401,
			description:
				'A new token was fetched and refused as well. Check the Audience and the Environment in the credential, then reconnect it.',
		},
	);
}

function validationError(statusCode: number, message: string): ApiError {
	const refused = refusedParameters(message);
	if (/^The client_id must be provided as an integer/.test(message)) {
		return new ApiError('invalidInput', 'The Practice Client ID must be a whole number', {
			statusCode,
			description: 'It is the number after /v2/ in your API addresses, not the OAuth Client ID.',
		});
	}
	const sentences = refused.map((parameter) => parameter.message);
	return new ApiError(
		'refusedInput',
		`EyeCloud Pro did not accept the input: ${sentences.join('; ') || 'it gave no reason'}`,
		{
			statusCode,
			refused,
			description: refused.find((parameter) => parameter.allowed)
				? `Fields you can sort by: ${refused.find((parameter) => parameter.allowed)?.allowed?.join(', ')}.`
				: undefined,
		},
	);
}

/**
 * Takes the API's validation message apart. The API joins several with a comma and no space
 * (`overview.md`, "Example of multiple validation errors"), each beginning with a quoted field or,
 * for dates, the bare one; a comma inside a pattern is never followed by either.
 */
export function refusedParameters(message: string): RefusedParameter[] {
	if (!message) return [];
	return message.split(/,(?="[^"]+" |[A-Za-z_][\w.[\]]* must )/).map((part) => {
		const field =
			/^"([^"]+)"/.exec(part)?.[1] ?? /^([A-Za-z_][\w.[\]]*) must /.exec(part)?.[1] ?? '';
		const allowed = field === 'sort' ? sortableFields(part) : undefined;
		if (allowed)
			return { field, message: '"sort" names a field that can\'t be sorted by', allowed };
		return { field, message: withoutValues(part) };
	});
}

/** The fields in the pattern that the API quotes for `sort`, or undefined if it quotes none. */
function sortableFields(part: string): string[] | undefined {
	const alternatives = /\(-\?\(([\w|]+)\)/.exec(part)?.[1];
	return alternatives?.split('|');
}

/** Joi quotes what it was given (`with value "…" fails`); it may be a patient's. */
function withoutValues(part: string): string {
	return part.replace(/ with value ".*?" (?=fails|matches|contains|is )/gs, ' ');
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
