// The record that an operation is about: the resource locator, and its value.
// Used by the operations on one record; the list comes from editor/listSearch.ts.
import type { INodeProperties } from 'n8n-workflow';

import type { Resource } from '../catalogue/resource';
import type { OperationRun } from './run';
import { inSentence, oneInSentence } from '../catalogue/names';
import { asText } from './values';

export function recordIdField(resource: Resource): INodeProperties {
	return {
		displayName: resource.displayName,
		name: 'recordId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		description: `The ${inSentence(resource.displayName)} to work on`,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: `Select ${oneInSentence(resource.displayName)}`,
				typeOptions: { searchListMethod: 'searchRecords', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 1042',
			},
		],
	};
}

export function recordIdOf({ functions, itemIndex }: OperationRun): string {
	const id = functions.getNodeParameter('recordId', itemIndex, '', { extractValue: true });
	return asText(id)?.trim() ?? '';
}
