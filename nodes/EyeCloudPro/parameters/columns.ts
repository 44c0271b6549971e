// The fields of a record to write: the parameters, and the body that they become.
// Used by the operations that write; the columns come from editor/resourceMapping.ts.
import {
	NodeOperationError,
	type IDataObject,
	type INode,
	type INodeProperties,
	type ResourceMapperField,
} from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { isSendable } from '../api/sendable';
import type { Field, Resource } from '../catalogue/resource';
import type { OperationRun } from './run';
import { asText, toApiValue, type UnusableValue } from './values';

/** The column that tells in the form why only documented fields are listed; never sent. */
export const NOTICE_COLUMN = '_notice';

export const columnsFields: INodeProperties[] = [
	{
		displayName: 'Columns',
		name: 'columns',
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		required: true,
		typeOptions: {
			loadOptionsDependsOn: ['resource', 'path.value', 'options.practiceId'],
			resourceMapper: {
				resourceMapperMethod: 'getColumns',
				mode: 'add',
				fieldWords: { singular: 'field', plural: 'fields' },
				addAllFields: true,
				multiKeyMatch: false,
			},
		},
	},
	{
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
	},
];

/**
 * The body for one record: what the user mapped, or the input item's fields, and the additional ones,
 * with dates, phone numbers and emails in the API's form. Empty fields that were mapped by hand are
 * left out.
 *
 * @throws NodeOperationError naming each field whose value can't be used, or if nothing is left
 */
export function bodyOf(run: OperationRun): IDataObject {
	const { body, unusable } = convertColumns(run);
	refuseUnusable(unusable, { node: run.functions.getNode(), itemIndex: run.itemIndex });
	if (Object.keys(body).length > 0) return body;
	throw new NodeOperationError(run.functions.getNode(), 'No field is filled in', {
		itemIndex: run.itemIndex,
		description:
			"Fill in at least one field under 'Values to Send'. Nothing was sent to EyeCloud Pro for this item.",
	});
}

/** The body so far, and the values that can't be used. */
export function convertColumns(run: OperationRun): {
	body: IDataObject;
	unusable: UnusableValue[];
} {
	const body: IDataObject = {};
	const unusable: UnusableValue[] = [];
	for (const { field, value } of mappedValues(run)) {
		const converted = isSendable(field.name)
			? toFieldValue(field, value, run.functions.getTimezone())
			: notSendable(field);
		if ('unusable' in converted) unusable.push(converted.unusable);
		else body[field.name] = converted.value;
	}
	return { body, unusable };
}

type MappedField = Omit<Field, 'kind' | 'evidence'> & { kind?: Field['kind'] };

/** For what an expression gave as a name, and is none: refused like a name that can't be sent. */
const NO_NAME: MappedField = { name: '__proto__', displayName: 'Additional Fields' };

/** Each field that is to be sent, with the value as the user gave it. */
function* mappedValues({ functions, itemIndex, resource }: OperationRun): Generator<{
	field: MappedField;
	value: unknown;
}> {
	// Only the whole parameter is checked and converted by n8n as its columns' types say.
	const columns = functions.getNodeParameter('columns', itemIndex, {}) as {
		mappingMode?: string;
		value?: IDataObject | null;
		schema?: ResourceMapperField[] | null;
	};
	const isAutomatic = columns.mappingMode === 'autoMapInputData';
	if (isAutomatic && isAiTool(functions.getNode())) {
		// Its input is the conversation, which is no record.
		throw new NodeOperationError(
			functions.getNode(),
			"'Values to Send' can't be mapped automatically for an AI tool",
			{ itemIndex, description: 'Map each column, and let the model fill in the values.' },
		);
	}
	const values = isAutomatic ? functions.getInputData()[itemIndex].json : columns.value;
	for (const [name, value] of Object.entries(values ?? {})) {
		const isEmpty = value === undefined || (!isAutomatic && (value === null || value === ''));
		if (isEmpty || name === NOTICE_COLUMN) continue;
		yield { field: fieldNamed(resource, name, columns.schema ?? []), value };
	}
	const additional = functions.getNodeParameter('additionalFields.field', itemIndex, []) as Array<{
		name: unknown;
		value: unknown;
	}>;
	for (const { name: given, value } of additional) {
		const name = asText(given);
		if (name === undefined) yield { field: NO_NAME, value };
		else if (name !== '') yield { field: fieldNamed(resource, name, []), value };
	}
}

function fieldNamed(resource: Resource, name: string, schema: ResourceMapperField[]): MappedField {
	const known = resource.fields.find((field) => field.name === name);
	if (known) return known;
	const column = schema.find(({ id }) => id === name);
	const kind = column?.type === 'dateTime' ? 'dateTime' : undefined;
	return { name, displayName: column?.displayName ?? name, kind };
}

function toFieldValue(
	field: MappedField,
	value: unknown,
	timeZone: string,
): { value: IDataObject[string] } | { unusable: UnusableValue } {
	if (field.kind === undefined || value === null) return { value: value as IDataObject[string] };
	return toApiValue({ displayName: field.displayName, kind: field.kind }, value, timeZone);
}

/** Set on an object it would not become a field, and get lost. */
function notSendable({ displayName }: MappedField): { unusable: UnusableValue } {
	return { unusable: { displayName, reason: "names a field that can't be sent" } };
}

/** @throws NodeOperationError listing every value that can't be used; none of the values is quoted */
export function refuseUnusable(
	unusable: UnusableValue[],
	{ node, itemIndex }: { node: INode; itemIndex?: number },
): void {
	if (unusable.length === 0) return;
	const forItem = itemIndex === undefined ? '' : ' for this item';
	throw new NodeOperationError(node, sentenceOf(unusable), {
		itemIndex,
		description: `Nothing was sent to EyeCloud Pro${forItem}. Correct the input and run it again.`,
	});
}

export function sentenceOf(unusable: UnusableValue[]): string {
	return unusable.map(({ displayName, reason }) => `'${displayName}' ${reason}`).join('; ');
}
