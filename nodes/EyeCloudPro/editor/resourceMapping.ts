// The columns of the resource mapper. Called by the editor for the `columns` parameter.
import type {
	FieldType,
	ILoadOptionsFunctions,
	INodePropertyOptions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { refusedByApi, requiredByApi } from '../api/learnedRefusals';
import { discoverFields, discoverShortList, type DiscoveredField } from '../api/discovery';
import { idFieldOf, LARGEST_PAGE, readPage } from '../api/page';
import { byUsefulness, referenceIn, shownField } from '../catalogue/fieldNames';
import { NOTICE_COLUMN } from '../parameters/columns';
import { FIELD_TYPES, isReadOnly, labelOfTime } from '../parameters/headings';
import type { Resource } from '../catalogue/resource';
import { resourceOf } from '../parameters/resourceChoice';
import { listItem } from './listSearch';
import { withResource } from './resourceInForm';

/**
 * The documented fields first, then those that a few records have. Where no record can be read, the
 * documented ones alone, and a column that says why.
 *
 * The form marks an empty JSON field as wrong: these, and all fields of an update, are there to be added, and not
 * shown until then.
 */
export async function getColumns(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	const operation = this.getCurrentNodeParameter('operation');
	const isUpdate = operation === 'update';
	// A record that is found, or updated, needs no more than what tells it from others.
	const isNew = operation === 'create' || operation === 'createMany';
	return await withResource(this, async (client, resource) => {
		let notice = '';
		const discovered = await discoverFields(client, resource.path).catch((thrown: unknown) => {
			// A refusal still leaves the documented fields; anything else is the user's to see.
			if (!(thrown instanceof ApiError) || thrown.kind !== 'notAllowed') throw thrown;
			notice = thrown.message;
			return [];
		});
		if (discovered.length === 0) notice ||= 'there is no record yet to learn the others from';
		const required = requiredByApi(client.identity, resource.path);
		const asked = { functions: this, client, resource };
		const columns = await Promise.all([
			// A day is typed as a text: n8n's date picker drops what it can't read, such as 03/14/1985, without a word.
			...resource.fields.map(({ name }) => column(name, shownField(name, resource), 'string')),
			...writable(discovered, asked).map(async (field) => await discoveredColumn(field, asked)),
		]);
		const shown = columns.map((each) => {
			const isRequired = isNew && required.has(each.id);
			const isHidden = isUpdate || (NOT_SHOWN_EMPTY.has(each.type) && !isRequired);
			return { ...each, required: isRequired, removed: isHidden };
		});
		const fields = shown.sort((a, b) => Number(b.required) - Number(a.required));
		if (notice === '') return { fields };
		const sentence = `Only documented fields are listed: ${notice}. Use 'Additional Fields' for others.`;
		if (fields.length === 0) return { fields, emptyFieldsNotice: sentence };
		const noticeColumn = { ...column(NOTICE_COLUMN, sentence, 'string'), readOnly: true };
		return { fields: [...fields, noticeColumn] };
	});
}

interface Asked {
	functions: ILoadOptionsFunctions;
	client: Client;
	resource: Resource;
}

/** Those that are not documented and that EyeCloud Pro takes, as far as is known, the most useful first. */
function writable(discovered: DiscoveredField[], { client, resource }: Asked): DiscoveredField[] {
	const fields = new Map(discovered.map((field) => [field.name, field]));
	const refused = refusedByApi(client.identity, 'POST', resource.path);
	for (const { name } of resource.fields) fields.delete(name);
	for (const name of refused) fields.delete(name);
	return byUsefulness(Array.from(fields.keys()), resource)
		.filter((name) => !isReadOnly(name, resource))
		.map((name) => fields.get(name) as DiscoveredField);
}

const NOT_SHOWN_EMPTY = new Set<FieldType | undefined>(['object', 'array']);

/** A nested object or a list is filled in as JSON. */
async function discoveredColumn(
	{ name, type, values }: DiscoveredField,
	asked: Asked,
): Promise<ResourceMapperField> {
	const { functions, resource } = asked;
	const label = shownField(name, resource);
	const usedType = type && FIELD_TYPES[type];
	if (type === 'dateTime')
		return column(name, labelOfTime(label, functions.getTimezone()), usedType);
	if (type === 'boolean') return { ...column(name, label, 'options'), options: YES_OR_NO };
	const of = referenceIn(name);
	// A model fills in what it was told, not what a person picks.
	const options = isAiTool(functions.getNode())
		? undefined
		: ((of && (await recordsToPick(asked.client, of))) ??
			values?.map((value) => ({ name: value, value })));
	if (options) {
		return { ...column(name, label, 'options'), options: [NOT_GIVEN, ...options] };
	}
	return column(name, label, usedType);
}

/** n8n lets nobody empty such a list again, and a record may have another value than those that were seen. */
const NOT_GIVEN = { name: 'Not Given', value: '' };

/**
 * No switch: n8n shows one as "off", and sends that, for all columns that come to be shown where another resource is
 * chosen, so that a record would be switched off by nobody.
 */
const YES_OR_NO = [NOT_GIVEN, { name: 'Yes', value: true }, { name: 'No', value: false }];

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

/**
 * The records of a short list by name, for a column that holds the ID of one of them, such as a store. Undefined where
 * they are too many for a list, or can't be read, e.g. without the scope.
 */
async function recordsToPick(
	client: Client,
	known: Resource,
): Promise<INodePropertyOptions[] | undefined> {
	if (!known.isShortList) return undefined;
	const resource = resourceOf(client, known);
	const { path: segments, idFields } = resource;
	return await discoverShortList(client, segments, async () => {
		const page = { page: 1, pageSize: LARGEST_PAGE };
		const { records, totalPages } = await readPage(client, { segments, query: {} }, page);
		if (totalPages > 1) return undefined;
		const options = records.flatMap((record): INodePropertyOptions[] => {
			const idField = idFieldOf(record, idFields);
			if (idField === undefined) return [];
			// As the API has it: a number is no text.
			return [{ name: listItem(record, resource).name, value: record[idField] as string | number }];
		});
		return options.sort((a, b) => a.name.localeCompare(b.name));
	}).catch(() => undefined);
}
