// The one record that Get, Update and Delete are about: no other is taken for it, and it is changed by one item at a
// time.
import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import type { OperationRun } from '../parameters/run';

/** What is done to one record: after what earlier items do to the same one. */
export async function runExclusive<T>(
	run: OperationRun,
	segments: readonly string[],
	work: () => Promise<T>,
): Promise<T> {
	const key = JSON.stringify([run.client.identity, segments]);
	return await run.itemOrder.runExclusive(run.itemIndex, key, async () => {
		return await writeInOrder(run, key, work);
	});
}

/**
 * Changes or deletes a record.
 *
 * @throws ApiError `invalidInput` where a later item has written it, or an earlier try may have written another one
 */
export async function writeInOrder<T>(
	{ itemIndex, unknownBefore, written }: OperationRun,
	key: string,
	work: () => Promise<T>,
): Promise<T> {
	const later = written.by[key];
	if (later > itemIndex) {
		throw new ApiError('invalidInput', 'A later item has written the same record already', {
			description: `It is item ${later + 1}. This one was not sent after it, as its older values would replace newer ones.${unknownBefore ? ' Whether it was done before is unknown.' : ''}`,
		});
	}
	if (unknownBefore && (written.record[itemIndex] ?? key) !== key) {
		throw new ApiError('invalidInput', 'The item was sent for another record before', {
			description:
				'An earlier try left it unknown whether that one was changed, so nothing was sent for this one. Look at both in EyeCloud Pro.',
		});
	}
	written.record[itemIndex] = key;
	const done = await work();
	written.by[key] = itemIndex;
	delete written.record[itemIndex];
	return done;
}

/**
 * The answered record, unless its ID tells that it is another than the one asked for.
 *
 * @throws ApiError `unreadable`, since a change may have been made to either
 */
export function sameRecord(
	{ resource }: OperationRun,
	record: IDataObject,
	id: string,
): IDataObject {
	const ids = resource.idFields.map((name) => record[name]).filter(isPlain);
	// A number and a GUID may both name one record; any other text is an ID or none.
	const isComparable = formOf(id) === 'text' || ids.some((own) => formOf(own) === formOf(id));
	const hasId = ids.length > 0;
	if (!hasId || !isComparable || ids.some((own) => isSameId(own, id))) return record;
	throw new ApiError(
		'unreadable',
		'EyeCloud Pro answered with another record than the one asked for',
		{
			description: `Its ${resource.idFields[0]} is another one, so it was not handed on. Look in EyeCloud Pro which record has the ID. If records go by another ID, correct the ID field: under 'ID Field', or with 'Check API' of 'Account'.`,
		},
	);
}

function isPlain(value: unknown): value is string | number {
	return typeof value === 'string' || typeof value === 'number';
}

function formOf(id: string | number): 'number' | 'GUID' | 'text' {
	const text = String(id).trim();
	if (/^\d+$/.test(text)) return 'number';
	return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? 'GUID' : 'text';
}

/** A number may be too large to be exact; GUIDs are the same in either case. */
function isSameId(own: string | number, id: string): boolean {
	if (typeof own === 'number') return own === Number(id);
	return own.trim().toLowerCase() === id.toLowerCase();
}
