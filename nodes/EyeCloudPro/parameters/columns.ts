// The fields of a record to write: the parameters, and the body that they become.
// Used by the operations that write; the columns come from editor/resourceMapping.ts.
import type {
	FieldType,
	IDataObject,
	INodeProperties,
	ResourceMapperField,
	ResourceMapperTypeOptions,
} from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { canBeSent } from '../api/requestCheck';
import { shownField } from '../catalogue/fieldNames';
import type { Resource } from '../catalogue/resource';
import { headingsFor, isOfTimes, type Headings, type KnownField } from './headings';
import { IS_PLACEHOLDER, isPlaceholder } from './placeholders';
import {
	GIVES_NOTHING,
	isNothing,
	IS_TWICE,
	parameterOf,
	type ParameterValue,
} from './parameterValue';
import { LIST_DEPENDS_ON } from './resourceChoice';
import { refusalOf, type OperationRun } from './run';
import {
	asText,
	toApiValue,
	TWO_DAYS,
	type Converted,
	type ConvertedKind,
	type DateOrder,
	type DateReading,
	type UnusableValue,
} from './values';

/** The column that tells in the form why only documented fields are listed; never sent. */
export const NOTICE_COLUMN = '_notice';

/** What n8n calls the values of a record that is there already. */
const FOR_UPDATE = 'Values to Update';

const columnsField: INodeProperties = {
	displayName: 'Columns',
	name: 'columns',
	type: 'resourceMapper',
	noDataExpression: true,
	default: { mappingMode: 'defineBelow', value: null },
	required: true,
	typeOptions: { loadOptionsDependsOn: LIST_DEPENDS_ON, resourceMapper: mapperFor() },
	builderHint: {
		propertyHint:
			"{ mappingMode: 'defineBelow', value: { name_first: expr('{{ $json.first }}') } } with the API's names of fields; { mappingMode: 'autoMapInputData', value: null } where the input has these names or headings that people use for them. Dates, phone numbers and times are understood as people write them.",
	},
};

const additionalFields: INodeProperties = {
	displayName: 'Additional Fields',
	name: 'additionalFields',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add field',
	default: {},
	description: 'Fields that are not in the list above, by the name that EyeCloud Pro gives them',
	options: [
		{
			displayName: 'Field',
			name: 'field',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. preferred_store_id',
					description: 'The name of the field, as EyeCloud Pro gives it',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					description: 'Use an expression for numbers, lists and objects',
				},
			],
		},
	],
};

/** n8n cuts what a column's own label says beside its name. */
const forPatientNotice: INodeProperties = {
	displayName:
		"The ID of a patient comes from a node before, e.g. 'Get Many' with 'Look Up'. A time is that of the practice's clock, e.g. 2030-01-31T09:30:00; one in UTC is turned into the workflow's time zone.",
	name: 'forPatientNotice',
	type: 'notice',
	default: '',
};

export function columnsFields({ isForPatient }: Resource): INodeProperties[] {
	return [...(isForPatient ? [forPatientNotice] : []), columnsField, additionalFields];
}

/** The same for an update. */
export const updateColumnsFields: INodeProperties[] = [
	{
		...columnsField,
		typeOptions: { ...columnsField.typeOptions, resourceMapper: mapperFor(FOR_UPDATE) },
	},
	additionalFields,
];

function mapperFor(valuesLabel?: string): ResourceMapperTypeOptions {
	return {
		resourceMapperMethod: 'getColumns',
		mode: 'add',
		valuesLabel,
		fieldWords: { singular: 'field', plural: 'fields' },
		// An update has the fields that somebody adds, also where another resource is chosen.
		addAllFields: valuesLabel !== FOR_UPDATE,
		multiKeyMatch: false,
	};
}

/** What the form calls the values. */
function valuesLabel({ functions }: OperationRun): string {
	return functions.getNodeParameter('operation', 0) === 'update' ? FOR_UPDATE : 'Values to Send';
}

const allowEmptyValuesOption: INodeProperties = {
	displayName: 'Allow Empty Values',
	name: 'allowEmptyValues',
	type: 'boolean',
	default: false,
	description:
		'Whether a field whose value is empty is emptied in EyeCloud Pro. Otherwise it is left out.',
};

const dateOrderOption: INodeProperties = {
	displayName: 'Date Order',
	name: 'dateOrder',
	type: 'options',
	options: [
		{ name: 'Day First', value: 'dayFirst', description: '4/7/1979 is July 4' },
		{ name: 'Month First (US)', value: 'monthFirst', description: '4/7/1979 is April 7' },
		{
			name: 'Refuse What Is Ambiguous',
			value: 'refuse',
			description: '4/7/1979 is not sent; 4/13/1979 and 13/4/1979 are both April 13',
		},
	],
	default: 'refuse',
	description: 'How dates in numbers are read that can be two days, such as 4/7/1979',
};

/** The options of all operations that have columns. */
export const columnsOptions: INodeProperties[] = [allowEmptyValuesOption, dateOrderOption];

/**
 * The body for one record: what the user mapped, or the input item's fields, and the additional ones,
 * with dates, phone numbers, emails, numbers, switches and JSON in the API's form.
 *
 * @throws NodeOperationError naming each field whose value can't be used, or if nothing is left
 */
export function bodyOf(run: OperationRun): IDataObject {
	const { body, unusable } = convertColumns(run);
	if (unusable.length > 0) {
		const isEmptied = unusable.some(({ reason }) => reason === GIVES_NOTHING);
		const emptying = isEmptied
			? ` To empty a field, switch on '${allowEmptyValuesOption.displayName}' under 'Options'.`
			: '';
		const advice = 'Correct the input and run it again.';
		const description = `Nothing was sent to EyeCloud Pro for this item. ${advice}${emptying}`;
		throw refusalOf(run, sentenceOf(unusable), description);
	}
	if (Object.keys(body).length > 0) return body;
	const left = leftOutOf(run);
	const columns =
		left.headings.size > 0
			? ` EyeCloud Pro has no field for, or fills in itself: ${headingsNamed(left)}.`
			: '';
	throw refusalOf(
		run,
		'No field is filled in',
		`Fill in at least one field under '${valuesLabel(run)}'. Nothing was sent to EyeCloud Pro for this item.${columns}`,
	);
}

/**
 * Finds out what the headings of an item mean, where its columns are mapped automatically. Has to be called before
 * the item's work begins, one item after the other.
 */
export async function prepareHeadings(run: OperationRun): Promise<void> {
	const names = columnsOf(run);
	const key = headingsKey(run, names);
	if (run.memory.has(key)) return;
	const columns = parameterOf(run.functions, 'columns', run.itemIndex);
	const isAutomatic = columns.property('mappingMode').value === 'autoMapInputData';
	if (!isAutomatic || isAiTool(run.functions.getNode())) return;
	// One item finds out for all, also that it can't be found out.
	const reading = run.memory.get(`${key} reading`) as Promise<Headings> | undefined;
	const headings = reading ?? headingsFor(run, names, schemaIn(columns), idsNeeded(run));
	run.memory.set(`${key} reading`, headings);
	run.memory.set(key, await headings);
}

/** The fields that the form has found, as n8n saves them beside the columns. */
function schemaIn(columns: ParameterValue): ResourceMapperField[] {
	const schema = (columns.property('schema').value ?? []) as ResourceMapperField[];
	return schema.filter(({ id }) => id !== NOTICE_COLUMN);
}

/** Those by which the operation knows its record. */
function idsNeeded({ functions, itemIndex, resource }: OperationRun): Set<string> {
	const operation = functions.getNodeParameter('operation', 0);
	if (operation === 'update' || operation === 'upsert') return new Set(resource.idFields);
	const matched: unknown = functions.getNodeParameter('matchOn', itemIndex, []);
	const names = operation === 'findOrCreate' ? [matched].flat() : [];
	return new Set(resource.idFields.filter((name) => names.includes(name)));
}

function columnsOf({ functions, itemIndex }: OperationRun): string[] {
	// A column without a heading is no field.
	const names = Object.keys(functions.getInputData()[itemIndex].json);
	return names.filter((name) => name !== NOTICE_COLUMN && name.trim() !== '');
}

/** The records of another practice may have other fields. */
function headingsKey({ client, resource }: OperationRun, names: string[]): string {
	return JSON.stringify(['headings', client.identity, resource.path, names]);
}

/** A file without a row of headings has the first patient in their place, and nothing of a patient is shown. */
function headingsNamed({ headings, isOfValues }: LeftOut): string {
	return isOfValues
		? `${headings.size}, not named here, as headings look like values: the file may lack a row of headings`
		: Array.from(headings, (heading) => `'${heading}'`).join(', ');
}

const LONGEST_HEADING = 60;

/** An email, a date, a number, or what nobody writes above a column. */
function looksLikeValue(heading: string): boolean {
	const isOddlyWritten = /@|^\P{L}*$|^\s*\d|\d{4}/u.test(heading);
	return isOddlyWritten || heading.length > LONGEST_HEADING;
}

interface LeftOut {
	headings: Set<string>;
	/** Whether an item has a column whose heading looks like a value. */
	isOfValues: boolean;
}

/** Columns with values that mean no field; told once for all items. */
function leftOutOf({ memory, itemOrder, functions }: OperationRun): LeftOut {
	const key = 'columns left out';
	const known = memory.get(key) as LeftOut | undefined;
	if (known) return known;
	const left: LeftOut = { headings: new Set(), isOfValues: false };
	memory.set(key, left);
	itemOrder.atEnd(() => {
		if (left.headings.size === 0) return;
		functions.addExecutionHints({
			location: 'outputPane',
			message: `Columns left out, as EyeCloud Pro has no field for them or fills it in itself: ${headingsNamed(left)}. To send one, give it the name that Get Many shows without 'Simplify'.`,
		});
	});
	return left;
}

/** The body so far, and the values that can't be used. */
export function convertColumns(run: OperationRun): {
	body: IDataObject;
	unusable: UnusableValue[];
} {
	const body: IDataObject = {};
	const unusable: UnusableValue[] = [];
	const options = parameterOf(run.functions, 'options', run.itemIndex);
	const allowed = options.property(allowEmptyValuesOption.name);
	const isEmptying = allowed.boolean(allowEmptyValuesOption.displayName, false);
	const reading: DateReading = {
		timeZone: run.functions.getTimezone(),
		dateOrder: options
			.property(dateOrderOption.name)
			.choice<DateOrder>(
				dateOrderOption.displayName,
				['dayFirst', 'monthFirst', 'refuse'],
				'refuse',
			),
	};
	const chosen = new Set<string>();
	for (const one of [...mappedValues(run, unusable), ...additionalValues(run)]) {
		const { field, value, given, isNeeded } = one;
		const isEmpty = isEmptyFor(field, value);
		// A field that the item doesn't have is left alone, even with Allow Empty Values.
		if (value === undefined || (isEmpty && !isEmptying)) {
			if (isNeeded) unusable.push({ displayName: field.displayName, reason: GIVES_NOTHING });
			continue;
		}
		// Additional Fields may replace a column of the input item. Two values given by hand for one field are refused.
		const key = field.name.toLowerCase();
		if (given && chosen.has(key))
			unusable.push({ displayName: field.displayName, reason: IS_TWICE });
		if (given) chosen.add(key);
		if (given && isPlaceholder(given, field.kind)) {
			unusable.push({ displayName: field.displayName, reason: IS_PLACEHOLDER });
			continue;
		}
		const converted = toFieldValue(field, isEmpty ? null : value, reading);
		if ('value' in converted) {
			body[field.name] = converted.value;
			continue;
		}
		const { displayName, reason } = converted.unusable;
		unusable.push({ displayName, reason: reason === TWO_DAYS ? WAY_OUT : reason });
	}
	return { body, unusable };
}

/** A pointer to Date Order, which settles the whole sheet. */
const WAY_OUT = `${TWO_DAYS} or choose '${dateOrderOption.displayName}' under 'Options'`;

interface MappedField {
	name: string;
	displayName: string;
	kind?: ConvertedKind;
	/** Whether the API's own records have texts in it, or a number that is written as one. */
	isText?: boolean;
}

interface MappedValue {
	field: MappedField;
	/** As the user gave it. */
	value: unknown;
	/** Where it was mapped by hand. */
	given?: ParameterValue;
	/** Whether somebody wanted this very field, so that it can't be left out where it is empty. */
	isNeeded?: boolean;
}

/** An empty list is a value of a field that holds lists, or of which nothing is known. */
function isEmptyFor({ kind, isText }: MappedField, value: unknown): boolean {
	if (typeof value !== 'object' || value === null) {
		return value === null || (typeof value === 'string' && value.trim() === '');
	}
	if (kind === 'array' || kind === 'object') return false;
	const isList = Array.isArray(value) && value.length === 0;
	return isNothing(value) && !(isList && kind === undefined && !isText);
}

/** For what an expression gave as a name, and is none: refused like a name that can't be sent. */
const NO_NAME = '__proto__';

function mappedValues(run: OperationRun, unusable: UnusableValue[]): MappedValue[] {
	const { functions, itemIndex, resource } = run;
	const columns = parameterOf(functions, 'columns', itemIndex);
	if (columns.property('mappingMode').value === 'autoMapInputData') {
		if (!isAiTool(functions.getNode())) return tableValues(run, unusable);
		// Its input is the conversation, which is no record.
		throw columns.refusal(
			`'${valuesLabel(run)}' can't be mapped automatically for an AI tool`,
			'Map each column, and let the model fill in the values.',
		);
	}
	const schema = schemaIn(columns);
	const given = columns.property('value');
	return given
		.keys(valuesLabel(run))
		.filter((name) => name !== NOTICE_COLUMN && name.trim() !== '')
		.map((name) => {
			const own = given.property(name);
			return { field: fieldNamed(resource, name, schema), value: own.value, given: own };
		});
}

/** The input item's own columns, by what their headings mean. */
function tableValues(run: OperationRun, unusable: UnusableValue[]): MappedValue[] {
	const { functions, itemIndex, memory, resource } = run;
	const columns = columnsOf(run);
	const { json } = functions.getInputData()[itemIndex];
	const headings = memory.get(headingsKey(run, columns)) as Headings;
	const byField = new Map<string, string>();
	const values: MappedValue[] = [];
	// The API's own names go before what people call them.
	for (const isOwnName of [true, false]) {
		for (const heading of columns) {
			const name = headings.names.get(heading);
			if ((name === heading) !== isOwnName) continue;
			const field = name === undefined ? undefined : fieldNamed(resource, name, headings.schema);
			const value = json[heading];
			const rivals = headings.rivals.get(heading);
			const other = field && byField.get(field.name);
			if (field && other === undefined) values.push({ field, value });
			if (isNothing(value)) continue;
			if (field) byField.set(field.name, other ?? heading);
			const reason = rivals
				? `may mean ${rivals.join(' or ')}, give the column the name of one`
				: `means the same as '${other}', which is ${field?.displayName}, keep one of the two`;
			if (rivals || other !== undefined) unusable.push({ displayName: heading, reason });
			else if (!field) {
				const left = leftOutOf(run);
				left.headings.add(heading);
				left.isOfValues ||= columns.some(looksLikeValue);
			}
		}
	}
	return values;
}

function additionalValues({ functions, itemIndex, resource }: OperationRun): MappedValue[] {
	const label = 'Additional Fields';
	const schema = schemaIn(parameterOf(functions, 'columns', itemIndex));
	const entries = parameterOf(functions, 'additionalFields', itemIndex).entries('field');
	return entries.flatMap((entry): MappedValue[] => {
		const [givenName, given] = [entry.property('name'), entry.property('value')];
		if (givenName.isUnset && given.isUnset) return [];
		const name = asText(givenName.value)?.trim();
		const field = name ? fieldNamed(resource, name, schema) : { name: NO_NAME, displayName: label };
		// A model leaves empty what it was not told.
		const isNeeded = given.isExpression && !given.isForModel;
		return [{ field, value: given.value, given, isNeeded }];
	});
}

const KIND_OF_TYPE: Partial<Record<FieldType, ConvertedKind>> = {
	dateTime: 'dayOrTime',
	number: 'number',
	boolean: 'boolean',
	object: 'object',
	array: 'array',
};

function fieldNamed(resource: Resource, name: string, schema: KnownField[]): MappedField {
	const known = resource.fields.find((field) => field.name === name);
	if (known) return known;
	const field = schema.find(({ id }) => id === name);
	const { type, options } = field ?? {};
	const usedType = type === 'options' ? typeOfOptions(options) : type;
	return {
		name,
		displayName: shownField(name, resource),
		kind: field && isOfTimes(field) ? 'dateTime' : usedType && KIND_OF_TYPE[usedType],
		isText: usedType === 'string',
	};
}

/** What an expression gives in the place of what can be picked has to be of the same type. */
function typeOfOptions(options: KnownField['options'] = []): 'number' | 'boolean' | 'string' {
	const types = options.map(({ value }) => typeof value);
	return (['number', 'boolean'] as const).find((type) => types.includes(type)) ?? 'string';
}

function toFieldValue(field: MappedField, value: unknown, reading: DateReading): Converted {
	const { name, displayName, kind, isText } = field;
	// Set on an object it would not become a field, and get lost.
	if (!canBeSent(name)) {
		return { unusable: { displayName, reason: "names a field that can't be sent" } };
	}
	// A list's number stays the text that it is in the records, such as a postal code.
	const isNumber = typeof value === 'number' && Number.isFinite(value);
	if (isText && kind === undefined && isNumber) return { value: asText(value) };
	// A number without a type is checked too: JSON makes nothing of NaN.
	const usedKind = kind ?? (typeof value === 'number' ? 'number' : undefined);
	// Some records have 1 and 0 for yes and no.
	const isSwitch = usedKind === 'number' && typeof value === 'boolean';
	if (usedKind === undefined || value === null || isSwitch) {
		return { value: value as IDataObject[string] };
	}
	return toApiValue({ displayName, kind: usedKind }, value, reading);
}

/** None of the values is quoted. */
export function sentenceOf(unusable: UnusableValue[]): string {
	return unusable.map(({ displayName, reason }) => `'${displayName}' ${reason}`).join('; ');
}
