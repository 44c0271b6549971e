// Which records of a list are the one that an item means: the fields to match on, how two values of a
// field compare, and the looking. Used by Find or Create.
import { NodeOperationError, type IDataObject } from 'n8n-workflow';

import { readList } from '../api/pagination';
import { inSentence } from '../catalogue/names';
import type { Resource, ValueKind } from '../catalogue/resource';
import { isNothing, read } from './read';
import type { OperationRun } from './run';
import { toCalendarDay, toLocalTime, toPhoneDigits } from './values';

export interface Match {
	fields: string[];
	/** The wanted values, as they compare. */
	wanted: string[];
	body: IDataObject;
	/** The same for two items that mean the same record. */
	key: string;
}

/** @throws NodeOperationError where there is nothing to match on, which would match every record */
export function matchFor(run: OperationRun, body: IDataObject): Match {
	const chosen = read(run.functions, 'matchOn', run.itemIndex);
	const fields = chosen.isEmpty ? [] : chosen.names('Match On');
	const wanted = wantedValues(run, fields, body);
	const missing = fields.filter((_, index) => wanted[index] === '');
	if (fields.length === 0 || missing.length > 0) {
		throw chosen.refusal(
			fields.length === 0
				? "'Match On' is empty"
				: `The item has no value for ${missing.join(', ')}, which 'Match On' names`,
			"Choose fields that tell one record from another, and fill them in under 'Values to Send'. Nothing was created.",
		);
	}
	return {
		fields,
		wanted,
		body,
		key: JSON.stringify([run.client.identity, run.resource.path, fields, wanted]),
	};
}

function wantedValues(run: OperationRun, fields: string[], record: IDataObject): string[] {
	const timeZone = run.functions.getTimezone();
	// What every object inherits, such as its constructor, would be equal for all records.
	return fields.map((field) =>
		Object.hasOwn(record, field)
			? comparable(kindOf(run.resource, field), record[field], timeZone)
			: '',
	);
}

/** What the catalogue says that a field holds. */
export function kindOf(resource: Resource, field: string): ValueKind | undefined {
	return [...resource.fields, ...resource.filters].find(({ name }) => name === field)?.kind;
}

/** As numbers are written; what begins with a zero is rather a code. */
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d+)?$/;

/** Eleven digits alone are rather an ID. */
const PHONE = /^(?:\+1[\s.-]*|1[\s.-]+)?\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}$/;

/**
 * A text that is equal for values which mean the same to people; empty for a value that is not there.
 * Where the catalogue does not say what a field holds, the value does, if the whole of it is a number, a
 * phone number, a day or a time.
 */
export function comparable(kind: ValueKind | undefined, value: unknown, timeZone: string): string {
	if (isNothing(value)) return '';
	const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim();
	const words = text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ');
	if (kind === 'date') return toCalendarDay(value, timeZone) ?? words;
	if (kind === 'dateTime') return toLocalTime(value, timeZone) ?? words;
	if (kind === 'phone' || (kind === undefined && PHONE.test(text))) {
		return toPhoneDigits(text) ?? words;
	}
	if (kind !== undefined) return words;
	if (NUMBER.test(text)) return String(Number(text));
	return (/^\d+$/.test(text) ? undefined : toLocalTime(value, timeZone)) ?? words;
}

/**
 * The records that match in all fields. The API narrows the list where it has a documented filter for
 * one of them; where it has none, the whole list is read, once for all items.
 *
 * @throws NodeOperationError where the records have none of the fields, so that nobody could match
 */
export async function findMatches(run: OperationRun, match: Match): Promise<IDataObject[]> {
	const { client, resource } = run;
	const list = { segments: resource.path, query: {}, idFields: resource.idFields };
	const queries = filterQueries(resource, match);
	for (const query of queries) {
		const records = await readList(client, { ...list, query });
		if (haveNoneOf(match.fields, records)) throw canNotCompare(run, match);
		const same = records.filter((record) => isMatch(run, { match, query }, record));
		if (same.length > 0) return same;
	}
	if (queries.length > 0) return [];
	const memoryKey = listKey(run, match);
	const known = run.memory.get(memoryKey) as RecordsByValues | undefined;
	const index = known ?? indexBy(run, match.fields, await readList(client, list));
	run.memory.set(memoryKey, index);
	if (index.haveNone) throw canNotCompare(run, match);
	return index.records.get(JSON.stringify(match.wanted)) ?? [];
}

/** What was read of the list may not hold what has been created since; it is read again when needed. */
export function forgetList(run: OperationRun, match: Match): void {
	run.memory.delete(listKey(run, match));
}

function listKey(run: OperationRun, { fields }: Match): string {
	return `list ${run.client.identity} ${run.resource.path.join('/')} ${fields.join()}`;
}

/**
 * The filters to look with, one after the other. Whether the API's email filter minds case is not
 * documented, so an email alone is also looked for in lower case, and left out beside a better filter.
 */
function filterQueries(resource: Resource, match: Match): IDataObject[] {
	const usable = resource.filters.filter(({ name }) => match.fields.includes(name));
	const exact = usable.filter(({ kind }) => kind !== 'email');
	if (exact.length > 0) {
		return [Object.fromEntries(exact.map(({ name }) => [name, match.body[name]]))];
	}
	return usable.flatMap(({ name }) => {
		const value = String(match.body[name]);
		const spellings = new Set([value, value.toLowerCase()]);
		return Array.from(spellings, (spelling) => ({ [name]: spelling }));
	});
}

/** A filter need not be a field: whom the API found by it matches in it, where the record can't tell. */
function isMatch(
	run: OperationRun,
	{ match: { fields, wanted }, query }: { match: Match; query: IDataObject },
	record: IDataObject,
): boolean {
	const values = wantedValues(run, fields, record);
	return fields.every(
		(field, index) =>
			values[index] === wanted[index] || (field in query && !Object.hasOwn(record, field)),
	);
}

function haveNoneOf(fields: string[], records: IDataObject[]): boolean {
	return (
		records.length > 0 &&
		!records.some((record) => fields.some((field) => Object.hasOwn(record, field)))
	);
}

interface RecordsByValues {
	records: Map<string, IDataObject[]>;
	/** None of the records has any of the fields. */
	haveNone: boolean;
}

function indexBy(run: OperationRun, fields: string[], list: IDataObject[]): RecordsByValues {
	const records = new Map<string, IDataObject[]>();
	for (const record of list) {
		const key = JSON.stringify(wantedValues(run, fields, record));
		const same = records.get(key);
		if (same) same.push(record);
		else records.set(key, [record]);
	}
	return { records, haveNone: haveNoneOf(fields, list) };
}

function canNotCompare(run: OperationRun, { fields }: Match): NodeOperationError {
	const { displayNamePlural } = run.resource;
	return new NodeOperationError(
		run.functions.getNode(),
		`The ${inSentence(displayNamePlural)} in EyeCloud Pro have no field ${fields.join(', ')} to match on`,
		{
			itemIndex: run.itemIndex,
			description:
				"So it can't be told which of them is meant. Choose other fields under 'Match On', by the names that Get Many shows without 'Simplify'. Nothing was created.",
		},
	);
}
