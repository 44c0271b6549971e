// The strategy for changes that the API gives no sign of: reads the whole list, and compares it with
// the fingerprints of the poll before. Called by poll.ts.
import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import { countList } from '../api/page';
import { readList } from '../api/pagination';
import { inSentence } from '../catalogue/names';
import type { Resource } from '../catalogue/resource';
import { fieldHash, fingerprintLength, fingerprintOf } from './fingerprint';
import { packKeys, sortedKeys, unpackKeys } from './packedKeys';
import { keyOf, type PollResult, type PollRun, type TriggerEvent } from './strategy';

/** n8n stores the cursor with the workflow, so it may not grow to many megabytes. */
export const MOST_COMPARED = 25_000;

export interface ComparisonCursor extends IDataObject {
	strategy: 'comparison';
	/** The fields that the fingerprints are for, in their order. */
	fields: string[];
	keys: string;
	/** One after the other, in the order of the keys, all of the same length. */
	fingerprints: string;
}

/** What is compared: the fingerprints of now and then, each with the fields that they are for. */
interface Comparison {
	records: Map<string, IDataObject>;
	known: Map<string, string>;
	fields: string[];
	knownFields: string[];
	/** Whether both are for the same fields. */
	isSame: boolean;
}

/** @throws ApiError where the list is too long, or can't be read */
export async function startByComparison(run: PollRun): Promise<PollResult<ComparisonCursor>> {
	const { client, resource, query, settings } = run;
	const count = await countList(client, { segments: resource.path, query });
	if (count > MOST_COMPARED) throw tooMany(count, resource);
	const cursor = cursorOf(new Map(), []);
	if (settings.startFrom === 'everything') return await pollByComparison(run, cursor);
	const records = await read(run);
	const fields = fieldsOf(records.values(), run);
	const prints = Array.from(records, ([key, record]): [string, string] => [
		key,
		fingerprintOf(record, fields),
	]);
	return { events: [], cursor: cursorOf(new Map(prints), fields) };
}

/** @throws ApiError where the list is too long, or can't be read */
export async function pollByComparison(
	run: PollRun,
	cursor: ComparisonCursor,
): Promise<PollResult<ComparisonCursor>> {
	const { settings, resource } = run;
	const records = await read(run);
	const known = fingerprintsIn(cursor);
	const fields = fieldsOf(records.values(), run);
	const isSame = fields.join() === cursor.fields.join();
	const comparison = { records, known, fields, knownFields: cursor.fields, isSame };
	const events: TriggerEvent[] = [];
	// Fingerprints for other fields can't stand beside new ones, so then nothing is left for later.
	const maximum = isSame ? settings.maximum : Number.POSITIVE_INFINITY;
	const next = new Map<string, string>();
	for (const [key, record] of records) {
		const before = known.get(key);
		const now = fingerprintOf(record, fields);
		const event = eventFor(record, { before, now }, comparison);
		const isLeft = event !== undefined && events.length >= maximum;
		if (!isLeft) next.set(key, now);
		else if (before !== undefined) next.set(key, before);
		if (event && !isLeft) events.push(event);
	}
	for (const key of settings.includeDeleted ? known.keys() : []) {
		if (records.has(key)) continue;
		if (events.length < maximum) {
			events.push({ record: recordWithId(key, resource, records), change: 'deleted' });
		} else next.set(key, known.get(key) ?? '');
	}
	return { events, cursor: cursorOf(next, fields) };
}

function eventFor(
	record: IDataObject,
	{ before, now }: { before: string | undefined; now: string },
	{ known, fields, knownFields, records, isSame }: Comparison,
): TriggerEvent | undefined {
	if (before === undefined) return { record, change: 'created' };
	if (isSame && now === before) return undefined;
	const changed = fields.filter((field, position) => {
		const knownPosition = knownFields.indexOf(field);
		if (knownPosition !== -1) {
			return fieldHash(now, position) !== fieldHash(before, knownPosition);
		}
		// What the API has given to all records is a new version of it, and no change of a record.
		return field in record && !isInAll(field, known, records);
	});
	if (!isSame && changed.length === 0) return undefined;
	return { record, change: 'changed', changedFields: changed };
}

function isInAll(field: string, known: Map<string, string>, records: Map<string, IDataObject>) {
	for (const key of known.keys()) {
		const record = records.get(key);
		if (record && !(field in record)) return false;
	}
	return true;
}

async function read({ client, resource, query }: PollRun): Promise<Map<string, IDataObject>> {
	const { path: segments, idFields } = resource;
	const records = await readList(client, { segments, query, idFields });
	if (records.length > MOST_COMPARED) throw tooMany(records.length, resource);
	return new Map(records.map((record) => [keyOf(record, resource), record]));
}

/** The fields to watch, or all that any record has, without those to ignore. */
function fieldsOf(records: Iterable<IDataObject>, { settings, resource }: PollRun): string[] {
	const { watch, ignore } = settings;
	const names = new Set(watch);
	if (watch.length === 0) {
		for (const record of records) for (const name of Object.keys(record)) names.add(name);
	}
	return Array.from(names)
		.filter((name) => !resource.idFields.includes(name) && !ignore.includes(name))
		.sort();
}

function fingerprintsIn({ keys, fields, fingerprints }: ComparisonCursor): Map<string, string> {
	const length = fingerprintLength(fields.length);
	return new Map(
		unpackKeys(keys).map((key, index) => [
			key,
			fingerprints.slice(index * length, (index + 1) * length),
		]),
	);
}

function cursorOf(prints: Map<string, string>, fields: string[]): ComparisonCursor {
	const fingerprints = sortedKeys(prints.keys()).map((key) => prints.get(key));
	return {
		strategy: 'comparison',
		fields,
		keys: packKeys(prints.keys()),
		fingerprints: fingerprints.join(''),
	};
}

/** All that is left of a deleted record, under the name that the other records' id has. */
function recordWithId(
	key: string,
	{ idFields }: Resource,
	records: Map<string, IDataObject>,
): IDataObject {
	const [other] = records.values();
	const name = idFields.find((field) => other?.[field] !== undefined) ?? idFields[0];
	return { [name]: /^\d{1,15}$/.test(key) ? Number(key) : key };
}

function tooMany(count: number, { displayNamePlural }: Resource): ApiError {
	return new ApiError(
		'invalidInput',
		`There are ${count} ${inSentence(displayNamePlural)}, and at most ${MOST_COMPARED} can be compared`,
		{
			description:
				"EyeCloud Pro gives no sign of a change here, so each poll compares all records. Narrow them down with 'Filters', or choose 'Created' under 'Event'.",
		},
	);
}
