// What an answer of the API means: a success or not, and the records in it, however they are wrapped. Only the
// wrapping of lists is documented; every likely one is read. Called by the client, by page.ts and by the operations.
import type { IDataObject } from 'n8n-workflow';

import {
	ApiError,
	errorForAnswer,
	isObject,
	isTooLarge,
	serverTrouble,
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

/** What stands beside a record in an answer; a record has other fields. */
const ENVELOPE = words(
	'status statusCode code success ok message error errors details data pagination meta links path timestamp',
);

/** What servers and databases call the number of records that something was done to. */
const COUNTS = words(
	'count created inserted updated modified deleted removed affected matched total n nModified insertedCount modifiedCount matchedCount deletedCount affectedRows changedRows',
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
	return REASON_PHRASE.test(text) || (isSentence && SUCCESS.test(text) && !FAILURE.test(text));
}

/** What did not succeed about an answer; undefined where it says that all is done. */
export function refusalIn(
	answer: Answer,
	asked: Asked,
): { failure: Failure; error: ApiError } | undefined {
	const { body } = answer;
	const statusCode = statusOf(answer);
	if (statusCode >= 200 && statusCode < 300) {
		return isReadable(answer)
			? undefined
			: { failure: 'unknown', error: unreadable(statusCode, asked) };
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
 * The status that an answer really has: that of the error in it, which some servers send with status 200.
 * A record may have a `status` too, so nothing else may stand beside it.
 */
export function statusOf({ statusCode, body: whole }: Pick<Answer, 'statusCode' | 'body'>): number {
	if (statusCode < 200 || statusCode >= 300) return statusCode;
	const body: unknown = Array.isArray(whole) && whole.length === 1 ? whole[0] : whole;
	if (!isObject(body)) return statusCode;
	if (!Object.keys(body).every((key) => ENVELOPE.has(key))) return statusCode;
	const inner = isObject(body.error) ? body.error : {};
	const named = [inner, body].flatMap((place) => [place.statusCode, place.status, place.code]);
	const failed = named
		.filter(isCount)
		.map(Number)
		.find((status) => status >= 400 && status < 600);
	if (failed !== undefined) return failed;
	const isSaid =
		(typeof body.status === 'string' && /^(error|fail|failed|failure)$/i.test(body.status)) ||
		String(body.success) === 'false' ||
		String(body.ok) === 'false';
	// Beside what was asked for, errors may be about something else.
	const isAlone = isEmpty(body.data) && !(isEmpty(body.error) && isEmpty(body.errors));
	return isSaid || isAlone ? 400 : statusCode;
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
		const others = Object.entries(inner).filter(([key]) => !ENVELOPE.has(key));
		const { data } = inner;
		if (others.length === 0 && data !== undefined) inner = data;
		else if (others.length === 1 && isEmpty(data) && isAnyObject(others[0][1]))
			inner = others[0][1];
		else break;
	}
	return inner;
}

function isAnyObject(value: unknown): boolean {
	return typeof value === 'object' && value !== null;
}

/** An object with something of a record in it, not only a message, a number of records or a list of ids. */
function isRecord(value: unknown): value is IDataObject {
	if (!isObject(value)) return false;
	const names = Object.keys(value).filter((name) => !ENVELOPE.has(name));
	return names.some((name) => !COUNTS.has(name) && !BESIDE_COUNTS.has(name));
}

/** A success whose own count says that nothing was done: `{ deleted: 0 }`, `[0]`, `false`. */
export function isNothingDone(body: unknown): boolean {
	const inner = unwrapped(body);
	const first: unknown = Array.isArray(inner) ? inner[0] : inner;
	if (!isObject(first)) return first === 0 || first === false;
	const counts = Object.keys(first).filter((name) => COUNTS.has(name));
	return !isRecord(first) && counts.length > 0 && counts.every((name) => Number(first[name]) === 0);
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

export function createdManyIn(body: unknown): CreatedMany {
	const inner = unwrapped(body);
	// `{ created: [ … ], failed: [ … ] }`: those that it was done to, or only how many.
	const counted = isObject(inner) ? Array.from(COUNTS, (name) => inner[name]) : [];
	const records = recordsOf(inner) ?? recordsOf(counted.find(Array.isArray)) ?? [];
	const refused = records.filter((record) => statusOf({ statusCode: 200, body: record }) >= 400);
	if (refused.length > 0) return { count: records.length - refused.length };
	if (records.length > 0) return { records };
	const ids = idsIn(body);
	if (ids) return { ids };
	const record = recordIn(body);
	if (record) return { records: [record] };
	return { count: countOf(counted.map((each) => (Array.isArray(each) ? each.length : each))) };
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
	/** It says that no other page comes after it. */
	isEnd: boolean;
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
		isEnd: counted.some(
			({ total_pages: pages, has_more: more }) => Number(pages) === 1 || more === false,
		),
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
		const named = Object.entries(inner).filter(([name]) => !ENVELOPE.has(name));
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
