// What can go wrong at the API, as small classes with data, and the sentences a user reads.
// Thrown by the client and by pagination; the node class turns them into n8n's own.
import { refusedParameters, withoutValues, type RefusedParameter } from './refusedParameters';

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

interface ApiErrorDetails {
	description?: string;
	statusCode?: number;
	refused?: RefusedParameter[];
	grantedScopes?: string[];
}

/** An answer, or the lack of one, that the node can't go on from. Holds no token and no record. */
export class ApiError extends Error {
	readonly description?: string;

	readonly statusCode?: number;

	readonly refused: RefusedParameter[];

	/** For a missing scope: those that the token has, as the API lists them. */
	readonly grantedScopes?: string[];

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
		this.grantedScopes = details.grantedScopes;
	}
}

/** The user stopped the execution while the node waited or sent. */
export class CancelledError extends Error {
	/** @param isUnderWay a request had been sent, and may have been done */
	constructor(readonly isUnderWay = false) {
		super('The execution was canceled');
		this.name = 'CancelledError';
	}
}

/**
 * The API's refusal of a list's sort, with the fields that it would accept.
 *
 * @throws the thing itself, where it is anything else
 */
export function sortRefusalIn(thrown: unknown): RefusedParameter {
	const refused = thrown instanceof ApiError ? thrown.refused : [];
	const refusal = refused.find(({ field }) => field === 'sort');
	if (refusal) return refusal;
	throw thrown;
}

interface ErrorBody {
	message?: unknown;
	details?: unknown;
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

	if (statusCode === 400 || statusCode === 422) {
		return validationError(statusCode, message, answer.details);
	}
	if (statusCode === 401) return tokenNotAccepted();
	if (statusCode === 403 && isScope(answer.required_scope)) {
		return missingScope(answer.required_scope, answer.available_scopes);
	}
	if (statusCode === 403) {
		return new ApiError(
			'notAllowed',
			`EyeCloud Pro does not let this credential use practice ${practiceId}`,
			{
				statusCode,
				description:
					"Check the 'Practice Client ID' in the credential, or ask EyeCloud Pro support to grant your OAuth client access to this practice.",
			},
		);
	}
	if (statusCode === 404) {
		return new ApiError('notFound', 'EyeCloud Pro found no such record', {
			statusCode,
			description:
				'Check the ID, and that the record belongs to this practice. If it was a list that you asked for, EyeCloud Pro does not offer this resource here.',
		});
	}
	if (statusCode >= 300 && statusCode < 400) {
		return new ApiError('unreachable', 'The API address answered with a redirect to another one', {
			statusCode,
			description:
				"It was not followed, because your access token would go with it. Check the 'API Base URL' in the credential.",
		});
	}
	const saying = withoutValues(message).replace(/\.$/, '');
	const advice = 'Run it again later. If it stays so, contact EyeCloud Pro support.';
	return new ApiError(
		'refusedInput',
		`EyeCloud Pro gave an unexpected answer (HTTP ${statusCode})`,
		{ statusCode, description: saying ? `It said: ${saying}. ${advice}` : advice },
	);
}

/** Such as `read:pricebooks:lenses`; nothing else is shown as one. */
function isScope(value: unknown): value is string {
	return typeof value === 'string' && value.length <= 100 && /^\w+(:[\w-]+)+$/.test(value);
}

function missingScope(requiredScope: string, availableScopes: unknown): ApiError {
	const granted = Array.isArray(availableScopes) ? availableScopes.filter(isScope) : [];
	return new ApiError('notAllowed', `The credential lacks the scope '${requiredScope}'`, {
		statusCode: 403,
		grantedScopes: granted,
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
				"A new token was fetched and refused as well. Check 'Audience' and 'Environment' in the credential, then reconnect it.",
		},
	);
}

function validationError(statusCode: number, message: string, details: unknown): ApiError {
	if (/^The client_id must be provided as an integer/.test(message)) {
		return new ApiError('invalidInput', "The 'Practice Client ID' must be a whole number", {
			statusCode,
			description:
				"It is the number after /v2/ in your API addresses, not the 'Client ID' of the credential.",
		});
	}
	const refused = refusedParameters(message, details);
	const sentences = refused.map((parameter) => parameter.message);
	const allowed = refused.find((parameter) => parameter.allowed)?.allowed;
	return new ApiError(
		'refusedInput',
		`EyeCloud Pro did not accept the input${sentences.length > 0 ? `: ${sentences.join('; ')}` : ', and gave no reason'}`,
		{
			statusCode,
			refused,
			description: allowed
				? `Fields you can sort by: ${allowed.join(', ')}.`
				: 'Nothing was changed in EyeCloud Pro. Correct the input and run it again.',
		},
	);
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
