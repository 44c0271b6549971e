// The columns of the resource mapper. Called by the editor for the `columns` parameter.
import type {
	FieldType,
	ILoadOptionsFunctions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';

import { ApiError } from '../api/errors';
import { discoverFields, type DiscoveredField } from '../api/discovery';
import { NOTICE_COLUMN } from '../parameters/columns';
import { FIELD_TYPES, isReadOnly } from '../parameters/headings';
import type { Field } from '../catalogue/resource';
import { withResource } from './resourceInForm';

/**
 * The documented fields first, then those that a few records have. Where no record can be read, the
 * documented ones alone, and a column that says why.
 *
 * The form fills a switch that it shows with "off", which would be sent, and marks an empty JSON field
 * as wrong: these, and all fields of an update, are there to be added, and not shown until then.
 */
export async function getColumns(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	let notice = '';
	const { resource, discovered } = await withResource(this, async (client, chosen) => {
		const fields = await discoverFields(client, chosen.path).catch((thrown: unknown) => {
			notice = refusalIn(thrown).message;
			return [];
		});
		if (fields.length === 0) notice ||= 'there is no record yet to learn the others from';
		return { resource: chosen, discovered: fields };
	});
	const known = new Set(resource.fields.map(({ name }) => name));
	const isUpdate = this.getCurrentNodeParameter('operation') === 'update';
	const columns = [
		...resource.fields.map(documentedColumn),
		...discovered
			.filter(({ name }) => !known.has(name) && !isReadOnly(name, resource))
			.map(discoveredColumn),
	].map((each) => ({ ...each, removed: isUpdate || NOT_SHOWN_EMPTY.has(each.type) }));
	const sentence = `Only documented fields are listed: ${notice}. Use 'Additional Fields' for others.`;
	if (notice === '') return { fields: columns };
	return columns.length > 0
		? { fields: [...columns, noticeColumn(sentence)] }
		: { fields: [], emptyFieldsNotice: sentence };
}

/** The API's refusal, which still leaves the documented fields; anything else is the user's to see. */
function refusalIn(thrown: unknown): ApiError {
	if (thrown instanceof ApiError && thrown.kind === 'notAllowed') return thrown;
	throw thrown;
}

const NOT_SHOWN_EMPTY = new Set<FieldType | undefined>(['boolean', 'object', 'array']);

function documentedColumn({ name, displayName, kind }: Field): ResourceMapperField {
	return column(name, displayName, kind === 'date' ? 'dateTime' : 'string');
}

/** A nested object or a list is filled in as JSON. */
function discoveredColumn({ name, type }: DiscoveredField): ResourceMapperField {
	return column(name, name, type && FIELD_TYPES[type]);
}

function noticeColumn(sentence: string): ResourceMapperField {
	return { ...column(NOTICE_COLUMN, sentence, 'string'), readOnly: true };
}

function column(id: string, displayName: string, type?: FieldType): ResourceMapperField {
	return {
		id,
		displayName,
		type,
		required: false,
		defaultMatch: false,
		canBeUsedToMatch: true,
		display: true,
	};
}
