// Which records of a list are the one that an item means: the fields to match on, how two values of a
// field compare, and the looking. Used by Find or Create.
import { NodeOperationError, type IDataObject } from 'n8n-workflow';

import { readList } from '../api/pagination';
import type { Resource } from '../catalogue/resource';
import type { OperationRun } from './run';
import { asText, toCalendarDay } from './values';

const PHONE_NAME = /phone|mobile|cell|fax/i;
const LOOKS_LIKE_A_DATE = /^\d{4}-\d{2}-\d{2}([T ]|$)/;

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
	const { functions, itemIndex } = run;
	const chosen = asText(functions.getNodeParameter('matchOn', itemIndex, [])) ?? '';
	const fields = chosen
		.split(',')
		.map((field) => field.trim())
		.filter(Boolean);
	const wanted = wantedValues(run, fields, body);
	const missing = fields.filter((_, index) => wanted[index] === '');
	if (fields.length === 0 || missing.length > 0) {
		const message =
			fields.length === 0
				? "'Match On' is empty"
				: `The item has no value for ${missing.join(', ')}, which 'Match On' names`;
		throw new NodeOperationError(functions.getNode(), message, {
			itemIndex,
			description:
				"Choose fields that tell one record from another, and fill them in under 'Values to Send'. Nothing was created.",
		});
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
		Object.hasOwn(record, field) ? comparable(run.resource, field, record[field], timeZone) : '',
	);
}

/**
 * The records that match in all fields. The API narrows the list where it has a documented filter for
 * one of them; where it has none, the whole list is read, once for all items.
 */
export async function findMatches(run: OperationRun, match: Match): Promise<IDataObject[]> {
	const { client, resource } = run;
	const list = { segments: resource.path, query: {}, idFields: resource.idFields };
	const queries = filterQueries(resource, match);
	for (const query of queries) {
		const records = await readList(client, { ...list, query });
		const same = records.filter((record) => isMatch(run, match, record));
		if (same.length > 0) return same;
	}
	if (queries.length > 0) return [];
	const memoryKey = listKey(run, match);
	const known = run.memory.get(memoryKey) as Map<string, IDataObject[]> | undefined;
	const index = known ?? indexBy(run, match.fields, await readList(client, list));
	run.memory.set(memoryKey, index);
	return index.get(JSON.stringify(match.wanted)) ?? [];
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

function isMatch(run: OperationRun, match: Match, record: IDataObject): boolean {
	const values = wantedValues(run, match.fields, record);
	return values.every((value, index) => value === match.wanted[index]);
}

function indexBy(
	run: OperationRun,
	fields: string[],
	records: IDataObject[],
): Map<string, IDataObject[]> {
	const index = new Map<string, IDataObject[]>();
	for (const record of records) {
		const key = JSON.stringify(wantedValues(run, fields, record));
		const same = index.get(key);
		if (same) same.push(record);
		else index.set(key, [record]);
	}
	return index;
}

/**
 * A text that is equal for values which mean the same to people: case and surrounding space don't count,
 * nor do the marks in a phone number or the time of a date. Empty for a value that is not there.
 */
function comparable(resource: Resource, field: string, value: unknown, timeZone: string): string {
	if (value === undefined || value === null) return '';
	const kind = resource.fields.find(({ name }) => name === field)?.kind;
	const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim();
	if (kind === 'phone' || (kind === undefined && PHONE_NAME.test(field))) {
		// A US number is the same with its country code and without.
		return text.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
	}
	if (kind === 'date' || (kind === undefined && LOOKS_LIKE_A_DATE.test(text))) {
		return toCalendarDay(value, timeZone) ?? text;
	}
	return text.toLowerCase().replace(/\s+/g, ' ');
}
