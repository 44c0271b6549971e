// The record or records in an answer, however the API wraps them: not documented for anything but
// lists, so every likely shape is read. Called by the operations.
import type { IDataObject } from 'n8n-workflow';

import { ApiError, isObject } from './errors';

/**
 * One record: the body itself, or what it holds under `data` or any other single key, alone or as the
 * only one of a list.
 *
 * @throws ApiError `unreadable` where there is no record; what was asked for has been done
 */
export function recordIn(body: unknown): IDataObject {
	const inner = unwrap(body);
	const record = Array.isArray(inner) && inner.length === 1 ? (inner[0] as unknown) : inner;
	if (isObject(record) && Object.keys(record).length > 0) return record as IDataObject;
	throw new ApiError('unreadable', 'EyeCloud Pro answered without the record', {
		description:
			'What was asked for is done, but there is no record to hand on. Look in EyeCloud Pro, or with Get Many, before you run this item again.',
	});
}

/** The records of a bulk answer, in order; undefined where the answer holds no list of records. */
export function recordsIn(body: unknown): IDataObject[] | undefined {
	const inner = unwrap(body);
	return Array.isArray(inner) && inner.every(isObject) ? (inner as IDataObject[]) : undefined;
}

function unwrap(body: unknown): unknown {
	if (!isObject(body)) return body;
	if (typeof body.data === 'object' && body.data !== null) return body.data;
	const values = Object.values(body);
	return values.length === 1 && typeof values[0] === 'object' && values[0] !== null
		? values[0]
		: body;
}
