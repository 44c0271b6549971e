// The fields of a record to write: the resource mapper, and the body that it becomes.
// Used by the operations that write; the columns come from methods/resourceMapping.ts.
import { NodeOperationError, type IDataObject, type INodeProperties } from 'n8n-workflow';

import type { Resource } from '../resources/resource';
import { refuseUnusable } from './filters';
import type { OperationRun } from './operation';
import { toApiValue, type UnusableValue } from './values';

export function columnsField(): INodeProperties {
	return {
		displayName: 'Columns',
		name: 'columns',
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		required: true,
		typeOptions: {
			loadOptionsDependsOn: ['resource'],
			resourceMapper: {
				resourceMapperMethod: 'getColumns',
				mode: 'add',
				fieldWords: { singular: 'field', plural: 'fields' },
				addAllFields: true,
				multiKeyMatch: false,
			},
		},
	};
}

/**
 * The body for one record: what the user mapped, or the input item's fields, with the known kinds of
 * values in the API's form. Empty fields that were mapped by hand are left out.
 *
 * @throws NodeOperationError naming each field whose value can't be used, or if nothing is left
 */
export function bodyOf(run: OperationRun): IDataObject {
	const { functions, itemIndex, resource } = run;
	const isAutomatic =
		functions.getNodeParameter('columns.mappingMode', itemIndex) === 'autoMapInputData';
	const values = isAutomatic
		? functions.getInputData()[itemIndex].json
		: ((functions.getNodeParameter('columns.value', itemIndex, {}) ?? {}) as IDataObject);

	const body: IDataObject = {};
	const unusable: UnusableValue[] = [];
	for (const [name, value] of Object.entries(values)) {
		if (value === undefined || (!isAutomatic && (value === null || value === ''))) continue;
		const converted = toFieldValue(resource, name, value, functions.getTimezone());
		if ('unusable' in converted) unusable.push(converted.unusable);
		else body[name] = converted.value;
	}
	refuseUnusable(unusable, run);
	if (Object.keys(body).length === 0) {
		throw new NodeOperationError(functions.getNode(), 'No field is filled in', {
			itemIndex,
			description: 'Fill in at least one field under Columns. Nothing was sent to EyeCloud Pro.',
		});
	}
	return body;
}

function toFieldValue(
	resource: Resource,
	name: string,
	value: unknown,
	timeZone: string,
): { value: IDataObject[string] } | { unusable: UnusableValue } {
	const field = resource.fields.find((known) => known.name === name);
	if (!field || value === null) return { value: value as IDataObject[string] };
	return toApiValue(field, value, timeZone);
}
