// Which records are the one that an item means: the fields to match on, and how two values of a field compare.
// Used by Find or Create and by Create or Update.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Resource, ValueKind } from '../catalogue/resource';
import { isNothing, read } from './read';
import { LIST_DEPENDS_ON } from './resourceChoice';
import type { OperationRun } from './run';
import { toCalendarDay, toLocalTime, toPhoneDigits } from './values';

export const matchOnField: INodeProperties = {
	displayName: 'Match On Names or IDs',
	name: 'matchOn',
	type: 'multiOptions',
	typeOptions: { loadOptionsMethod: 'getFieldNames', loadOptionsDependsOn: LIST_DEPENDS_ON },
	allowArbitraryValues: true,
	builderHint: {
		propertyHint:
			"Names of the API's fields that 'columns' fills in too, such as email for a patient. Choose what tells two records apart.",
	},
	default: [],
	required: true,
	description:
		'The fields that must all be equal for a record to be the same. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

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
	const wanted = valuesOf(run, fields, body);
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

/** A record's values of the fields, as they compare. */
export function valuesOf(
	run: OperationRun,
	fields: string[],
	record: IDataObject,
	timeZone = run.functions.getTimezone(),
): string[] {
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
	if (kind === 'dateTime') return momentOf(value, timeZone) ?? words;
	if (kind === 'phone' || (kind === undefined && PHONE.test(text))) {
		return toPhoneDigits(text) ?? words;
	}
	if (kind !== undefined) return words;
	if (NUMBER.test(text)) return String(Number(text));
	return (/^\d+$/.test(text) ? undefined : momentOf(value, timeZone)) ?? words;
}

/** A day and its midnight are the same to people. */
function momentOf(value: unknown, timeZone: string): string | undefined {
	return toLocalTime(value, timeZone)?.replace(/T00:00:00$/, '');
}
