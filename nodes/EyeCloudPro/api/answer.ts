// What an answer of the API means: a success or not, and the records in it, however they are wrapped. Only the
// wrapping of lists is documented; every likely one is read. Called by the client, by page.ts and by the operations.
import type { IDataObject } from 'n8n-workflow';

import {
	ApiError,
	errorForAnswer,
	isObject,
	isTooLarge,
	serverTrouble,
	unclear,
	unreadable,
	type Asked,
} from './errors';
import type { Failure } from './retry';
import { isNestedTooDeep } from './requestCheck';

export interface Answer {
	statusCode: number;
	/** By their names in lower case. */
	headers: Readonly<Record<string, unknown>>;
	/** Parsed JSON; a string when it was none. */
	body: unknown;
}

const words = (text: string) => new Set(text.split(' '));

/** What stands beside a record in an answer, as `folded` writes it; a record has other fields. */
const ENVELOPE = words(
	'status statuscode code success ok issuccess successful succeeded haserror haserrors iserror message error errors errorcode errormessage exceptionmessage details issues validation data pagination meta links path timestamp requestid traceid correlationid stack stacktrace requiredscope availablescopes',
);

/** What a `status` or a `result` says of what was not done. */
const FAILED =
	/^(err(or(ed)?)?|fail(ed|ure)?|unsuccessful|exception|(access[ _-])?denied|refused|rejected|forbidden|unauthori[sz]ed|invalid|not[ _-]?found|bad[ _-]request)$/i;

/** And of what was done. */
const SUCCEEDED =
	/^(ok|success(ful)?|succeeded|created|updated|deleted|accepted|done|completed?)$/i;

/** Ids of the request or the server, not of a record; as `folded` writes them. */
const OTHER_IDS =
	/^x?(request|req|trace|correlation|span|error|incident|log|operation|transaction|session|event|client|practice|tenant|server|instance)id$/;

/** What servers and databases call the number of records that something was done to. */
const COUNTS = words(
	'count created inserted updated modified deleted removed affected matched total n nModified insertedCount modifiedCount matchedCount deletedCount affectedRows changedRows rowCount rowsAffected',
);

/** What else databases answer with such a number. */
const BESIDE_COUNTS = words(
	'ids insertId insertedId insertedIds acknowledged failed skipped fieldCount serverStatus warningCount warningStatus info',
);

/** What Express sends for a status without a body of its own. */
const REASON_PHRASE = /^(ok|created|accepted|no content)?$/i;

const SUCCESS = /\b(success(fully)?|created|added|updated|changed|saved|deleted|removed|done)\b/i;
const FAILURE =
	/\b(not|no|nothing|never|none|fail\w*|errors?|denied|refused|invalid|unable|can't|cannot|could|already|required|must)\b/i;

/** A sentence that says nothing but that it is done. A web page is none. */
function isSuccessText(text: string): boolean {
	const isSentence = text.length < 100 && !/[<{]/.test(text);
	return REASON_PHRASE.test(text) || (isSentence && saysDone(text));
}

function saysDone(text: string): boolean {
	return REASON_PHRASE.test(text) || (SUCCESS.test(text) && !FAILURE.test(text));
}

/** What did not succeed about an answer; undefined where it says that all is done. */
export function refusalIn(
	answer: Answer,
	asked: Asked,
): { failure: Failure; error: ApiError } | undefined {
	const failed = failureIn(answer, asked);
	const { statusCode, body } = failed ?? answer;
	if (statusCode >= 200 && statusCode < 300) {
		if (!isReadable(answer)) return { failure: 'unknown', error: unreadable(statusCode, asked) };
		// A page of the list says nothing of what was written.
		return asked.isWrite && (isPage(body) || isUnclear(answer, asked.body))
			? { failure: 'unknown', error: unclear(statusCode, unwrapped(body), asked) }
			: undefined;
	}
	const isRead = !(isObject(body) && isTooLarge(body.message));
	// Too Early: it was not worked on.
	if (statusCode === 425) {
		return { failure: 'neverSent', error: serverTrouble(statusCode, body, asked) };
	}
	// A proxy says 499 where its client seemed to be gone.
	if ((statusCode >= 500 || statusCode === 408 || statusCode === 499) && isRead) {
		return { failure: 'unknown', error: serverTrouble(statusCode, body, asked) };
	}
	return { failure: 'final', error: errorForAnswer(statusCode, body, asked) };
}

/** Whether it is an answer of this API at all, and none that something in between has written. */
function isReadable({ statusCode, body }: Answer): boolean {
	if (statusCode === 204 || body === undefined || body === null) return true;
	if (typeof body === 'string') return isSuccessText(body.trim());
	return !isNestedTooDeep(body);
}

/**
 * The status that an answer really has: that of the failure in it, which some servers send with status 200.
 *
 * @param sent what may come back in the record that was created
 */
export function statusOf(answer: Pick<Answer, 'statusCode' | 'body'>, sent?: unknown): number {
	// What 201 says is not taken back by a record with a code of its own.
	if (answer.statusCode === 201) return 201;
	return failureIn(answer, { body: sent })?.statusCode ?? answer.statusCode;
}

/** Whether an answer to a POST speaks of a new record, whatever else it says. */
export function mayHaveCreated({ statusCode, body, headers }: Answer): boolean {
	if (statusCode < 200 || statusCode >= 300) return false;
	return statusCode === 201 || Boolean(headers.location) || wrappings(body).some(hasId);
}

function isPage(body: unknown): boolean {
	return pageIn(body).totalCount !== undefined;
}

/**
 * The failure that a success tells: at its top, or in what it wraps. A record may have a `status`, a `code` or an
 * `error` of its own: one that has an id, or whose value is the one that was sent. An id beside words alone makes no
 * record of the answer to a write.
 *
 * @returns its status, and the part of the body that tells it
 */
function failureIn(
	{ statusCode, body }: Pick<Answer, 'statusCode' | 'body'>,
	asked: Pick<Asked, 'body' | 'isWrite'> = {},
): Pick<Answer, 'statusCode' | 'body'> | undefined {
	if (statusCode < 200 || statusCode >= 300) return undefined;
	for (const part of wrappings(body)) {
		const status = failureOf(part, asked);
		if (status !== undefined) return { statusCode: status, body: part };
	}
	return undefined;
}

/** An answer and what it wraps, from outside to the record. */
function wrappings(body: unknown): IDataObject[] {
	const parts: IDataObject[] = [];
	let inner = body;
	while (parts.length < 4) {
		if (Array.isArray(inner) && inner.length === 1) inner = inner[0] as unknown;
		if (!isObject(inner)) break;
		parts.push(inner as IDataObject);
		// What a page lists are records.
		if (hasId(inner) || isObject(inner.pagination)) break;
		inner = wrappedIn(inner);
	}
	return parts;
}

function failureOf(
	part: IDataObject,
	{ body: sent, isWrite }: Pick<Asked, 'body' | 'isWrite'>,
): number | undefined {
	const said = outcomeIn(part, sent);
	const ofError = isObject(said.error) ? failureCodeIn(outcomeIn(said.error)) : undefined;
	const isPlain = ofError !== undefined || isNo(said.success) || isNo(said.ok);
	const isOnlyWords = isWrite && hasOnlyWords(part, said);
	if (hasId(part) && !isPlain && !isOnlyWords) return undefined;
	const code = ofError ?? failureCodeIn(said);
	if (code !== undefined) return code;
	if (!isEmpty(said.requiredscope)) return 403;
	const isSaid =
		isPlain ||
		said.status === false ||
		[said.issuccess, said.successful, said.succeeded].some(isNo) ||
		[said.haserror, said.haserrors, said.iserror].some(isYes) ||
		[said.status, said.result].some((word) => typeof word === 'string' && FAILED.test(word)) ||
		isSomething(said.errorcode);
	// Beside what was asked for, errors may be about something else.
	const isAlone =
		[said.error, said.errors, said.errormessage].some(isSomething) && !hasContent(part);
	return isSaid || isAlone ? 400 : undefined;
}

/** What it says under the names that speak of an outcome, without what was sent so. */
function outcomeIn(part: object, sent?: unknown): Record<string, unknown> {
	const said: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(part)) {
		const isAsSent =
			isObject(sent) && Object.hasOwn(sent, name) && asWord(sent[name]) === asWord(value);
		if (!isAsSent) said[folded(name)] = value;
	}
	return said;
}

function folded(name: string): string {
	return name.toLowerCase().replace(/[_-]/g, '');
}

function failureCodeIn(said: Record<string, unknown>): number | undefined {
	return [said.statuscode, said.status, said.code, said.errorcode]
		.filter(isCount)
		.map(Number)
		.find((status) => status >= 400 && status < 600);
}

function isNo(value: unknown): boolean {
	return /^(false|no?|0)$/.test(asWord(value));
}

function isYes(value: unknown): boolean {
	return /^(true|y(es)?|1)$/.test(asWord(value));
}

/** A value as it compares, whether a server writes it as a number or as text. */
function asWord(value: unknown): string {
	return (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim().toLowerCase();
}

function isSomething(value: unknown): boolean {
	return !isEmpty(value) && !isNo(value) && !(typeof value === 'string' && SUCCEEDED.test(value));
}

/** Whether it has the id of a record. */
function hasId(part: object): boolean {
	return Object.entries(part).some(
		([name, value]) =>
			isIdName(name) &&
			!OTHER_IDS.test(folded(name)) &&
			(typeof value === 'number' || (typeof value === 'string' && value !== '')),
	);
}

function isIdName(name: string): boolean {
	return /(^|_)(id|guid|uuid)$|[a-z](Id|ID|Guid)$|^(ID|GUID)$|_ID$/.test(name);
}

/** Nothing but words that speak of an outcome, a reason among them, and ids. */
function hasOnlyWords(part: IDataObject, said: Record<string, unknown>): boolean {
	const reasons = [said.message, said.error, said.errors, said.errormessage, said.statuscode];
	const names = Object.keys(part).filter((name) => !isEmpty(part[name]));
	return reasons.some(isSomething) && names.every((name) => isEnvelope(name) || isIdName(name));
}

function hasContent(part: IDataObject): boolean {
	if (!isEmpty(part.data)) return true;
	return Object.entries(part).some(([name, value]) => {
		if (isEnvelope(name) || isEmpty(value)) return false;
		return recordsOf(value) !== undefined || (isObject(value) && hasId(value));
	});
}

/** An answer to a write that has only words, and these do not say that it is done. */
function isUnclear({ statusCode, body }: Answer, sent: unknown): boolean {
	const parts = wrappings(body);
	const said = parts.map((part) => outcomeIn(part, sent));
	const isSaid = said.some(
		({ success, ok, status }) =>
			[success, ok, status].some((value) => value === true) || SUCCEEDED.test(String(status)),
	);
	const inner = unwrapped(body);
	const isCounted = isObject(inner) && [...COUNTS, 'failed'].some((name) => name in inner);
	if (isSaid || isCounted || parts.some(hasId) || idsIn(body)) return false;
	// Beside the record as it was sent, without an id: it may be there or not.
	if (said.some(({ error, errors }) => isSomething(error) || isSomething(errors))) return true;
	const texts = said.flatMap(({ message, msg, exceptionmessage }) =>
		[message, msg, exceptionmessage].filter((text) => typeof text === 'string' && text !== ''),
	) as string[];
	if (texts.length === 0 || texts.some(saysDone)) return false;
	const isLikely = statusCode === 201 || recordIn(body) !== undefined;
	return !isLikely || texts.some((text) => FAILURE.test(text));
}

function isEmpty(value: unknown): boolean {
	if (value === undefined || value === null || value === false || value === '') return true;
	return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The record of an answer: alone, wrapped once or twice, or the only one of a list. */
export function recordIn(body: unknown): IDataObject | undefined {
	const inner = unwrapped(body);
	const record: unknown = Array.isArray(inner) && inner.length === 1 ? inner[0] : inner;
	return isRecord(record) ? record : undefined;
}

/** @throws ApiError where an answer to a question for one record holds none */
export function recordAskedFor(body: unknown): IDataObject {
	const record = recordIn(body);
	if (record) return record;
	const isNone = isEmpty(unwrapped(body));
	throw new ApiError(
		isNone ? 'notFound' : 'unreadable',
		isNone ? 'EyeCloud Pro found no such record' : 'EyeCloud Pro answered without the record',
		{
			description: isNone
				? 'Check the ID, and that the record belongs to this practice.'
				: "What it answered holds no single record. See with 'Get Many' what it knows, and tell EyeCloud Pro support.",
		},
	);
}

/** The one thing in it that is no envelope, three times at most: `{ data: { patient: { … } } }`. */
function unwrapped(body: unknown): unknown {
	let inner = body;
	for (let level = 0; level < 3 && isObject(inner); level++) {
		const wrapped = wrappedIn(inner);
		if (wrapped === undefined) break;
		inner = wrapped;
	}
	return inner;
}

function wrappedIn(outer: Record<string, unknown>): unknown {
	const others = Object.entries(outer).filter(([key]) => !isEnvelope(key));
	const { data } = outer;
	if (others.length === 0) return data;
	const isWrapped = others.length === 1 && isEmpty(data) && isAnyObject(others[0][1]);
	return isWrapped ? others[0][1] : undefined;
}

function isEnvelope(name: string): boolean {
	return ENVELOPE.has(folded(name));
}

function isAnyObject(value: unknown): boolean {
	return typeof value === 'object' && value !== null;
}

/** An object with something of a record in it, not only a message, a number of records or a list of ids. */
function isRecord(value: unknown): value is IDataObject {
	if (!isObject(value)) return false;
	const names = Object.keys(value).filter((name) => !isEnvelope(name));
	return names.some((name) => !COUNTS.has(name) && !BESIDE_COUNTS.has(name));
}

/** A success whose own count says that nothing was done: `{ deleted: 0 }`, `[0]`, `false`. */
export function isNothingDone(body: unknown): boolean {
	const inner = unwrapped(body);
	const first: unknown = Array.isArray(inner) ? inner[0] : inner;
	if (!isObject(first)) return first === 0 || first === false;
	const counts = Object.keys(first).filter((name) => COUNTS.has(name));
	const isCounted = counts.length > 0 || failedIn(first) > 0;
	return !isRecord(first) && isCounted && counts.every((name) => Number(first[name]) === 0);
}

type Id = string | number;

/** An id as the API would write it: a number, unless it is too long for one. */
export function asId(text: string): Id {
	return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/**
 * The id of what was created, where the answer names it without a record: in its body, or as the last part of
 * the address of the new record (`Location`).
 *
 * @param path of the list, which is no id where the address ends with it
 */
export function createdId(answer: Answer, path: readonly string[]): Id | undefined {
	const ids = idsIn(answer.body);
	if (ids?.length === 1) return ids[0];
	const inner = unwrapped(answer.body);
	const inserted = isObject(inner) ? (inner.insertId ?? inner.insertedId) : undefined;
	if (isId(inserted)) return inserted;
	const { location } = answer.headers;
	const last = typeof location === 'string' ? /([^/?#]+)\/?(?:[?#].*)?$/.exec(location)?.[1] : '';
	try {
		const isOfRecord = Boolean(last) && last !== path[path.length - 1];
		return isOfRecord ? asId(decodeURIComponent(String(last))) : undefined;
	} catch {
		return undefined;
	}
}

/** The ids in an answer that holds nothing else of its records: `{ data: { ids: [ … ] } }`, `{ data: 7 }`. */
function idsIn(body: unknown): Id[] | undefined {
	const inner = unwrapped(body);
	const named = isObject(inner) ? [inner.ids, inner.insertedIds].find(Array.isArray) : undefined;
	const ids: unknown = named ?? inner;
	const list: unknown[] = Array.isArray(ids) ? ids : [ids];
	const isList = list.length > 0 && list.every(isId) && (isAnyObject(body) || Array.isArray(body));
	return isList ? list : undefined;
}

function isId(value: unknown): value is Id {
	if (typeof value !== 'string') return typeof value === 'number';
	return value !== '' && !/\s/.test(value) && !isSuccessText(value);
}

/** What an answer to several new records says of them. */
export type CreatedMany =
	| { records: IDataObject[] }
	| { ids: Id[] }
	/** Only how many, where it says as much. */
	| { count?: number };

export function createdManyIn(body: unknown, sent: number): CreatedMany {
	const inner = unwrapped(body);
	// `{ created: [ … ], failed: [ … ] }`: those that it was done to, or only how many.
	const counted = isObject(inner) ? Array.from(COUNTS, (name) => inner[name]) : [];
	const records = recordsOf(inner) ?? recordsOf(counted.find(Array.isArray)) ?? [];
	const refused = records.filter((record) => failureIn({ statusCode: 200, body: record }));
	if (refused.length > 0) return { count: records.length - refused.length };
	const failed = isObject(inner) ? failedIn(inner) : 0;
	if (failed > 0) return { count: countOf(counted.map(lengthOf)) ?? Math.max(0, sent - failed) };
	if (records.length > 0) return { records };
	if (isNothingDone(body)) return { count: 0 };
	const ids = idsIn(body);
	if (ids) return { ids };
	const record = recordIn(body);
	if (record) return { records: [record] };
	return { count: countOf(counted.map(lengthOf)) };
}

/** How many records it says were refused. */
function failedIn({ failed }: Record<string, unknown>): number {
	return countOf([lengthOf(failed)]) ?? 0;
}

function lengthOf(counted: unknown): unknown {
	return Array.isArray(counted) ? counted.length : counted;
}

function recordsOf(list: unknown): IDataObject[] | undefined {
	return Array.isArray(list) && list.every(isObject) ? (list as IDataObject[]) : undefined;
}

/** The page of a list: its records, and what it says of the whole. */
export function pageIn(body: unknown): {
	records?: IDataObject[];
	totalCount?: number;
	/** How many the server puts on a page. */
	pageSize?: number;
} {
	const data = isObject(body) ? body.data : undefined;
	const places = [body, isObject(body) ? body.meta : undefined, data].filter(isObject);
	const counted = places.flatMap((place) => [place.pagination, place]).filter(isObject);
	const totalCount = countOf(counted.map(({ total_count: total }) => total));
	const isNone = totalCount === 0 && isEmpty(data);
	return {
		records: listIn(body) ?? (isNone ? [] : undefined),
		totalCount,
		pageSize: countOf(counted.map(({ page_size: size }) => size)),
	};
}

/** The first that is the documented number, or the same as text, which is how a large one leaves a database. */
function countOf(values: unknown[]): number | undefined {
	const count = values.find(isCount);
	return count === undefined ? undefined : Number(count);
}

/** `[ … ]`, `{ data: [ … ] }`, `{ patients: [ … ], pagination }` or `{ data: { patients: [ … ] } }`. */
function listIn(body: unknown): IDataObject[] | undefined {
	let inner: unknown = body;
	for (let level = 0; level < 3 && isObject(inner); level++) {
		const named = Object.entries(inner).filter(([name]) => !isEnvelope(name));
		const lists: unknown[] = named.map(([, value]) => value).filter(Array.isArray);
		inner = inner.data ?? (lists.length === 1 ? lists[0] : undefined);
	}
	return recordsOf(inner);
}

function isCount(count: unknown): count is string | number {
	const isText = typeof count === 'string' && /^\d+$/.test(count);
	return (
		(isText || typeof count === 'number') &&
		Number.isSafeInteger(Number(count)) &&
		Number(count) >= 0
	);
}
