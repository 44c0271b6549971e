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
import { isNestedTooDeep } from './sendable';

export interface Answer {
	statusCode: number;
	/** By their names in lower case. */
	headers: Readonly<Record<string, unknown>>;
	/** Parsed JSON; a string when it was none. */
	body: unknown;
}

/** What stands beside a record in an answer; a record has other fields. */
const ENVELOPE = new Set(
	'status statusCode code success message error errors details data pagination meta links path timestamp'.split(
		' ',
	),
);

/** What an answer calls the number of records that it made. */
const COUNTS = new Set('count created inserted affected updated deleted total'.split(' '));

/** What Express sends for a status without a body of its own. */
const REASON_PHRASE = /^(ok|created|accepted|no content)?$/i;

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
	if ((statusCode >= 500 || statusCode === 408) && isRead) {
		return { failure: 'unknown', error: serverTrouble(statusCode, body, asked) };
	}
	return { failure: 'final', error: errorForAnswer(statusCode, body, asked) };
}

/** Whether it is an answer of this API at all, and none that something in between has written. */
function isReadable({ statusCode, body }: Answer): boolean {
	if (statusCode === 204 || body === undefined || body === null) return true;
	if (typeof body === 'string') return REASON_PHRASE.test(body.trim());
	return !isNestedTooDeep(body);
}

/**
 * The status that an answer really has: that of the error in it, which some servers send with status 200.
 * A record may have a `status` too, so nothing else may stand beside it.
 */
function statusOf({ statusCode, body }: Answer): number {
	if (statusCode < 200 || statusCode >= 300 || !isObject(body)) return statusCode;
	const isAlone = Object.keys(body).every((key) => ENVELOPE.has(key)) && isEmpty(body.data);
	const isError =
		(typeof body.status === 'string' && /^(error|fail|failed|failure)$/i.test(body.status)) ||
		body.success === false ||
		!isEmpty(body.error) ||
		!isEmpty(body.errors);
	if (!isAlone || !isError) return statusCode;
	const inner = isObject(body.error) ? body.error : {};
	const named = [inner.statusCode, body.statusCode, body.code].filter(isCount).map(Number);
	return named.find((status) => status >= 400 && status < 600) ?? 400;
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

/** The records of an answer, in order; undefined where it holds no list of records. */
export function recordsIn(body: unknown): IDataObject[] | undefined {
	const inner = unwrapped(body);
	return Array.isArray(inner) && inner.every(isObject) ? (inner as IDataObject[]) : undefined;
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
	return names.some((name) => !COUNTS.has(name) && name !== 'ids');
}

type Id = string | number;

/** An id as the API would write it: a number, unless it is too long for one. */
export function asId(text: string): Id {
	return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/**
 * The id of what was created, where the answer names it without a record: in its body, or as the last part of
 * the address of the new record (`Location`).
 */
export function createdId(answer: Answer): Id | undefined {
	const ids = idsIn(answer.body);
	if (ids?.length === 1) return ids[0];
	const { location } = answer.headers;
	const last = typeof location === 'string' ? /([^/?#]+)\/?(?:[?#].*)?$/.exec(location)?.[1] : '';
	try {
		return last ? asId(decodeURIComponent(last)) : undefined;
	} catch {
		return undefined;
	}
}

/** The ids in an answer that holds nothing else of its records: `{ data: { ids: [ … ] } }`, `{ data: 7 }`. */
function idsIn(body: unknown): Id[] | undefined {
	const inner = unwrapped(body);
	const ids: unknown = isObject(inner) && Array.isArray(inner.ids) ? inner.ids : inner;
	const list: unknown[] = Array.isArray(ids) ? ids : [ids];
	const isList = list.length > 0 && list.every(isId) && (isAnyObject(body) || Array.isArray(body));
	return isList ? list : undefined;
}

function isId(value: unknown): value is Id {
	return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** What an answer to several new records says of them. */
export type CreatedMany =
	| { records: IDataObject[] }
	| { ids: Id[] }
	/** Only how many, where it says as much. */
	| { count?: number };

export function createdManyIn(body: unknown): CreatedMany {
	const records = recordsIn(body);
	if (records && records.length > 0) return { records };
	const ids = idsIn(body);
	if (ids) return { ids };
	const record = recordIn(body);
	if (record) return { records: [record] };
	return { count: countIn(unwrapped(body)) };
}

function countIn(inner: unknown): number | undefined {
	if (!isObject(inner)) return undefined;
	const [name] = Object.keys(inner).filter((key) => COUNTS.has(key) && isCount(inner[key]));
	return name === undefined ? undefined : Number(inner[name]);
}

/** The page of a list: its records, and how many there are in all where it says so. */
export function pageIn(body: unknown): { records?: IDataObject[]; totalCount?: number } {
	const data = isObject(body) ? body.data : undefined;
	const places = [body, isObject(body) ? body.meta : undefined, data].filter(isObject);
	const counted = places.flatMap((place) => [place.pagination, place]).filter(isObject);
	const count = counted.map(({ total_count: total }) => total).find(isCount);
	return {
		records: listIn(body),
		totalCount: count === undefined ? undefined : Number(count),
	};
}

/** `[ … ]`, `{ data: [ … ] }`, `{ patients: [ … ], pagination }` or `{ data: { patients: [ … ] } }`. */
function listIn(body: unknown): IDataObject[] | undefined {
	let inner: unknown = body;
	for (let level = 0; level < 3 && isObject(inner); level++) {
		const lists: unknown[] = Object.values(inner).filter(Array.isArray);
		inner = inner.data ?? (lists.length === 1 ? lists[0] : undefined);
	}
	return Array.isArray(inner) && inner.every(isObject) ? (inner as IDataObject[]) : undefined;
}

/** The documented number, or the same as text, which is how a large one leaves a database. */
function isCount(count: unknown): count is string | number {
	const isText = typeof count === 'string' && /^\d+$/.test(count);
	const number = isText || typeof count === 'number' ? Number(count) : Number.NaN;
	return Number.isSafeInteger(number) && number >= 0;
}
