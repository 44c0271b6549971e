// The columns of the resource mapper. Called by the editor for the `columns` parameter.
import type {
	ILoadOptionsFunctions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';

import { resources } from '../resources';
import type { Field } from '../resources/resource';

/** The fields that a record of the chosen resource can be created with, as far as they are known. */
export async function getColumns(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	const value = this.getNodeParameter('resource') as string;
	const resource = resources.find((known) => known.value === value);
	return { fields: resource?.fields.map(column) ?? [] };
}

function column({ name, displayName, kind }: Field): ResourceMapperField {
	return {
		id: name,
		displayName,
		type: kind === 'date' ? 'dateTime' : 'string',
		required: false,
		defaultMatch: false,
		canBeUsedToMatch: true,
		display: true,
	};
}
