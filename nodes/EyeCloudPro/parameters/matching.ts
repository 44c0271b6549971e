// Which records are the one that an item means: the fields to match on, and how two values of a field compare.
// Used by Find or Create, Create or Update, Update, Look Up and whatever else compares values.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Resource, ValueKind } from '../catalogue/resource';
import { isNothing, parameterOf } from './parameterValue';
import { LIST_DEPENDS_ON } from './resourceChoice';
import type { OperationRun } from './run';
import { toCalendarDay, toDayOrTime, toLocalTime, toPhoneDigits } from './values';

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
	/** The wanted values, of which 12.1 and 12.10 are two where they are texts. */
	exact: string[];
}

/** @throws NodeOperationError where there is nothing to match on, which would match every record */
export function matchFor(run: OperationRun, body: IDataObject): Match {
	const chosen = parameterOf(run.functions, 'matchOn', run.itemIndex);
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
	const exact = exactValuesOf(run, fields, body);
	return {
		...{ fields, wanted, body, exact },
		key: JSON.stringify([run.client.identity, run.resource.path, fields, exact]),
	};
}

/**
 * A record's values of the fields, as they compare.
 *
 * @param toMoment how midnight in UTC is read: as a day, or as a time, as an API writes 4 PM of the Pacific coast
 */
export function valuesOf(
	run: OperationRun,
	fields: string[],
	record: IDataObject,
	timeZone = run.functions.getTimezone(),
	toMoment = toDayOrTime,
): string[] {
	// What every object inherits, such as its constructor, would be equal for all records.
	return fields.map((field) =>
		Object.hasOwn(record, field)
			? comparable(kindOf(run.resource, field), record[field], timeZone, toMoment)
			: '',
	);
}

/** The same, but that texts of one number are two where they are written in two ways. */
export function exactValuesOf(run: OperationRun, fields: string[], record: IDataObject): string[] {
	return valuesOf(run, fields, record).map((value, index) => {
		const field = fields[index];
		return codeIn(kindOf(run.resource, field), record[field]) ?? value;
	});
}

/** What the catalogue says that a field holds, or else a name that says it. */
export function kindOf(resource: Resource, field: string): ValueKind | undefined {
	const known = [...resource.fields, ...resource.filters].find(({ name }) => name === field);
	return known?.kind ?? (PHONE_NAME.test(field) ? 'phone' : undefined);
}

const PHONE_NAME = /phone|mobile|(^|_)(cell|fax)(_|$)/i;

/** As numbers are written; what begins with a zero is rather a code. */
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d+)?$/;

/** ISO week dates, ordinal dates and NN-NN-NNNN are more likely codes than days. */
const DAY_AS_CODE = /^(\d+$|\d{4}-?W?\d{3}|\d{4}-W|\d{1,2}-\d{1,2}-\d{4})/i;

/**
 * A text that is equal for values which mean the same to people; empty for a value that is not there.
 * Where the catalogue does not say what a field holds, the value does, if the whole of it is a number, a
 * day or a time. Two texts of a number are the same only as `isSameValue` says.
 */
export function comparable(
	kind: ValueKind | undefined,
	value: unknown,
	timeZone: string,
	toMoment = toDayOrTime,
): string {
	const momentOf = () => withoutMidnight(toMoment(value, timeZone));
	if (isNothing(value)) return '';
	const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim();
	const words = text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ');
	if (kind === 'date') return toCalendarDay(value, timeZone) ?? words;
	if (kind === 'dateTime') return momentOf() ?? words;
	if (kind === 'phone') return toPhoneDigits(text) ?? words;
	if (kind !== undefined) return words;
	if (NUMBER.test(text)) return String(Number(text));
	return (DAY_AS_CODE.test(text) ? undefined : momentOf()) ?? words;
}

/** Whether it is written so that others of its kind can be compared with it, as far as there is any. */
export function isReadable(kind: ValueKind | undefined, value: unknown, timeZone: string): boolean {
	if (isNothing(value)) return true;
	if (kind === 'phone') return toPhoneDigits(String(value)) !== undefined;
	return (kind !== 'date' && kind !== 'dateTime') || toDayOrTime(value, timeZone) !== undefined;
}

/** Whether two values of a field mean the same. Two texts that are numbers may be codes, such as 12.1 and 12.10. */
export function isSameValue(
	kind: ValueKind | undefined,
	[one, other]: [unknown, unknown],
	timeZone: string,
): boolean {
	const isSame = [toDayOrTime, toLocalTime].some(
		(toMoment) =>
			comparable(kind, one, timeZone, toMoment) === comparable(kind, other, timeZone, toMoment),
	);
	if (!isSame) return false;
	const [code, otherCode] = [codeIn(kind, one), codeIn(kind, other)];
	return code === undefined || otherCode === undefined || code === otherCode;
}

/** The text of a number in a field that may hold codes. */
export function codeIn(kind: ValueKind | undefined, value: unknown): string | undefined {
	const text = kind === undefined && typeof value === 'string' ? value.trim() : '';
	return NUMBER.test(text) ? text : undefined;
}

/** A day and its midnight are the same to people. */
function withoutMidnight(moment: string | undefined): string | undefined {
	return moment?.replace(/T00:00:00$/, '');
}
