// What can go wrong at the API, as small classes with data, and the sentences a user reads.
// Thrown by the client and by pagination; the node class turns them into n8n's own.
import { isScopeName, redact, withoutQuotedInput, type RequestValues } from './redaction';
import {
	isObject,
	readRefusal,
	refusedParameters,
	type RefusalText,
	type RefusedParameter,
} from './refusals';
import type { Method } from './retry';

export { isObject };

/** What kind of thing happened; operations and tests decide by it, never by a text. */
export type ApiErrorKind =
	| 'invalidInput'
	| 'refusedInput'
	| 'signIn'
	| 'notAllowed'
	| 'notFound'
	| 'noSuchPath'
	| 'rateLimited'
	| 'unreachable'
	| 'outcomeUnknown'
	| 'unreadable'
	| 'inconsistent';

type ApiErrorDetails = Partial<Omit<ApiError, keyof Error | 'kind'>>;

/** An answer, or the lack of one, that the node can't go on from. Holds no token and no record. */
export class ApiError extends Error {
	readonly description?: string;

	readonly statusCode?: number;

	readonly refused: RefusedParameter[] = [];

	/** For a missing scope: those that the token has, as the API lists them. */
	readonly grantedScopes?: string[];

	/** The refusal doesn't say why, so the token may have expired. */
	readonly isUnexplained?: boolean;

	constructor(
		readonly kind: ApiErrorKind,
		message: string,
		details: ApiErrorDetails = {},
	) {
		super(message);
		this.name = 'ApiError';
		Object.assign(this, details);
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

/** What was asked, as far as an error names it. */
export interface Asked {
	practiceId: string;
	/** Without a record's id, e.g. `/v2/2/patients`. */
	path: string;
	/** One record was asked for, by its id. */
	isOneRecord: boolean;
	/** A person has signed in, for the scopes that the credential asked for by name. */
	isSignedIn?: boolean;
	/** Something was to be changed or created. */
	isWrite?: boolean;
	/** What was sent, to tell a record's own values from those of an answer. Never shown. */
	body?: unknown;
	/** What must not be said again. */
	readonly sent: RequestValues;
}

const LATER = 'Run it again later. If it stays so, contact EyeCloud Pro support.';

const NEVER =
	'Running it again gives the same answer again. Choose another operation, or contact EyeCloud Pro support and name the status.';

/**
 * The error for an answer that is not a success and will not be asked for again.
 *
 * @param statusCode the final HTTP status
 * @param body the parsed body, of any shape; documented shapes: EyeCloud Pro's API
 * documentation, "Error Handling", "Permission Scopes", "Client Access Control"
 */
export function errorForAnswer(statusCode: number, body: unknown, asked: Asked): ApiError {
	const refusal = readRefusal(body);
	const isJson = typeof body !== 'string' || body === '';
	const isValidation = statusCode === 400 || statusCode === 409 || statusCode === 422;

	if (statusCode === 413 || isTooLarge(refusal.message)) return tooLarge(statusCode);
	if (statusCode === 401) return tokenNotAccepted();
	if (statusCode === 404) return notThere(asked, isJson);
	if (statusCode >= 300 && statusCode < 400) {
		return told(
			'unreachable',
			statusCode,
			'The API address answered with a redirect to another one',
			"It was not followed, because your access token would go with it. Check the 'API Base URL' in the credential.",
		);
	}
	if (!isJson && !(isValidation && refusal.message)) return refusedInFront(statusCode, asked);
	if (isValidation) return validationError(statusCode, refusal, asked.sent);
	if (statusCode === 403) return notAllowed(isObject(body) ? body : {}, refusal.message, asked);
	const message = `EyeCloud Pro gave an unexpected answer (HTTP ${statusCode})`;
	return told(
		'refusedInput',
		statusCode,
		message,
		`${saying(refusal.message, asked.sent)}${NEVER}`,
	);
}

function told(
	kind: ApiErrorKind,
	statusCode: number,
	message: string,
	description: string,
	more: ApiErrorDetails = {},
) {
	return new ApiError(kind, message, { statusCode, description, ...more });
}

/** What the API said, as the beginning of a description; empty where it said nothing. */
function saying(message: string, sent: RequestValues): string {
	const text = redact(withoutQuotedInput(message), sent).replace(/\.$/, '');
	return text ? `It said: ${text}. ` : '';
}

/** The words of the library that reads bodies; some servers send them with a status of their own. */
export function isTooLarge(message: unknown): boolean {
	return typeof message === 'string' && /\b(entity|payload|body) (is )?too large\b/i.test(message);
}

function tooLarge(statusCode: number): ApiError {
	return told(
		'refusedInput',
		statusCode,
		'The request is too large for EyeCloud Pro',
		"Nothing of it was changed in EyeCloud Pro. With 'Create Many', set a smaller 'Batch Size'; a single record must have shorter or fewer fields.",
	);
}

function notThere({ path, isOneRecord }: Asked, isJson: boolean): ApiError {
	if (isOneRecord && isJson) {
		return told(
			'notFound',
			404,
			'EyeCloud Pro found no such record',
			`Check the ID, and that the record belongs to this practice. If it is so with every ID, EyeCloud Pro has nothing at ${path}.`,
		);
	}
	return told(
		'noSuchPath',
		404,
		`There is nothing at ${path}`,
		'EyeCloud Pro may not offer this resource to your practice, or has it at another path. Check the addresses in the credential, or ask EyeCloud Pro support for the path.',
	);
}

/** A web page or a line of text instead of what the API is documented to say. */
function refusedInFront(statusCode: number, { path }: Asked): ApiError {
	const kind = statusCode === 403 ? 'notAllowed' : 'unreachable';
	const message = `Something in front of EyeCloud Pro refused the request (HTTP ${statusCode})`;
	return told(kind, statusCode, message, inFront(path));
}

function inFront(path: string): string {
	return `The answer for ${path} is not one of EyeCloud Pro itself: a firewall or proxy may not let this n8n through, or the address is not that of the API. Check the addresses in the credential, or ask whoever runs your network, or EyeCloud Pro support.`;
}

function notAllowed(body: Record<string, unknown>, message: string, asked: Asked): ApiError {
	const { practiceId, sent, path } = asked;
	const scope = [body.required_scope, /\bscope '([^']+)'/.exec(message)?.[1]].find((value) =>
		isScopeName(value, path),
	);
	if (scope) return missingScope(scope, body.available_scopes, asked);
	const isOperational = isObject(body.error) && body.error.statusCode === 403;
	if (/\bclient_id\b/.test(message) || (isOperational && message === '')) {
		return told(
			'notAllowed',
			403,
			`EyeCloud Pro does not let this credential use practice ${practiceId}`,
			"Check the 'Practice Client ID' in the credential, or ask EyeCloud Pro support to grant your OAuth client access to this practice.",
		);
	}
	return new ApiError('notAllowed', 'EyeCloud Pro does not allow this with this credential', {
		statusCode: 403,
		isUnexplained: true,
		description: `${saying(message, sent)}Check the 'Practice Client ID', or ask EyeCloud Pro support what your OAuth client may do in practice ${practiceId}.`,
	});
}

function missingScope(required: string, available: unknown, { isSignedIn, path }: Asked): ApiError {
	const isScope = (value: unknown) => typeof value === 'string' && /^[\w:./-]{1,100}$/.test(value);
	const granted = Array.isArray(available) ? (available.filter(isScope) as string[]) : [];
	// The path search takes all of them; people see those that can be no name.
	const shown = granted.filter((value) => isScopeName(value, path));
	const others = granted.length - shown.length;
	const listed = [...shown, ...(others > 0 ? [`${others} of other names`] : [])].join(', ');
	const advice = isSignedIn
		? `Add '${required}' to 'Scope' in the credential and reconnect it. If it stands there, ask EyeCloud Pro support to grant it to your OAuth client`
		: `Ask EyeCloud Pro support to grant your OAuth client '${required}'`;
	return new ApiError('notAllowed', `The credential lacks the scope '${required}'`, {
		statusCode: 403,
		grantedScopes: granted,
		description: `${advice}, or choose another operation. ${listed ? `Granted now: ${listed}.` : 'No scopes are granted now.'}`,
	});
}

/** Of a status that does not say whether the API has done the work. */
export function serverTrouble(statusCode: number, body: unknown, { path }: Asked): ApiError {
	const isInFront = typeof body === 'string' && /^\s*</.test(body);
	const who = isInFront ? 'Something in front of EyeCloud Pro' : 'EyeCloud Pro';
	return new ApiError('unreachable', `${who} could not process the request (HTTP ${statusCode})`, {
		statusCode,
		isUnexplained: true,
		description: isInFront ? `${inFront(path)} ${LATER}` : LATER,
	});
}

/** Of a success that can't be one of this API. */
export function unreadable(statusCode: number, { path }: Asked): ApiError {
	return told(
		'unreadable',
		statusCode,
		"EyeCloud Pro gave an answer that can't be read",
		`The answer for ${path} does not look like one of EyeCloud Pro, as if something on the way had answered. Check the addresses in the credential.`,
	);
}

/** Of a success to a write that holds no record, and only words that do not say it is done. */
export function unclear(statusCode: number, body: unknown, { sent }: Asked): ApiError {
	const text = redact(withoutQuotedInput(readRefusal(body).message), sent).replace(/\.$/, '');
	const message = `EyeCloud Pro answered without saying that it is done${text ? `: ${text}` : ''}`;
	return new ApiError('unreadable', message, { statusCode });
}

export function tokenNotAccepted(): ApiError {
	return told(
		'signIn',
		401,
		'EyeCloud Pro does not accept the access token of this credential',
		"Check 'Audience' and 'Environment' in the credential, then reconnect it.",
		{ isUnexplained: true },
	);
}

function validationError(statusCode: number, text: RefusalText, sent: RequestValues): ApiError {
	const refused = refusedParameters(text, sent);
	const sentences = refused.map(({ message }) => message).join('; ');
	const allowed = refused.find((parameter) => parameter.allowed)?.allowed;
	return new ApiError(
		'refusedInput',
		`EyeCloud Pro did not accept the input${sentences ? `: ${sentences}` : ', and gave no reason'}`,
		{
			statusCode,
			refused,
			isUnexplained: refused.every(({ field }) => field === ''),
			description: allowed
				? `Fields you can sort by: ${allowed.join(', ')}.`
				: 'Nothing was changed in EyeCloud Pro. Correct the input and run it again.',
		},
	);
}

/** The rate limit went on refusing for as long as the node waits for it. */
export function stillLimited(): ApiError {
	const message = 'EyeCloud Pro keeps refusing requests because of its rate limit';
	return told(
		'rateLimited',
		429,
		message,
		'Something else uses the same OAuth client. Run fewer workflows at a time, or ask EyeCloud Pro support for a higher limit.',
	);
}

/** Of a write that may have been done or not, because of what `error` says. */
export function outcomeUnknown(method: Method, { message, statusCode }: ApiError): ApiError {
	const isCreated = method === 'POST';
	const what = isCreated
		? 'It is unknown whether EyeCloud Pro created the record'
		: 'It is unknown whether EyeCloud Pro made the change';
	const advice = isCreated
		? 'It was not sent again, so that nothing is created twice. Look in EyeCloud Pro, or with Get Many, whether the record is there before you run this item again.'
		: 'Look at the record in EyeCloud Pro; running this item again is safe.';
	return new ApiError('outcomeUnknown', what, {
		statusCode,
		description: `${message}. ${advice}`,
	});
}
