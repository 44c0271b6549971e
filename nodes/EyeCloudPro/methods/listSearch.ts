// The list of a resource locator: records to pick from, narrowed by what the user types.
// Called by the editor for the `recordId` parameter.
import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';

import { clientFor } from '../api/credential';
import { LARGEST_PAGE, readPage } from '../api/pagination';
import { toNodeError } from '../nodeError';
import { clientOverridesOf } from '../operations/options';
import { toApiValue } from '../operations/values';
import { resources } from '../resources';
import type { Resource } from '../resources/resource';

/**
 * One page of records. Text that is an email, a phone number or a date goes to the API where the
 * resource has such a filter; any other is looked for in the labels of the page.
 *
 * @param paginationToken the number of the page to show, as text; the first if undefined
 */
export async function searchRecords(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const value = this.getNodeParameter('resource') as string;
	const resource = resources.find((known) => known.value === value);
	if (!resource) return { results: [] };
	try {
		const client = await clientFor(this, clientOverridesOf(this.getNodeParameter('options', {})));
		const page = Number(paginationToken ?? 1);
		const query = filter ? filterFor(resource, filter, this.getTimezone()) : {};
		const request = { segments: resource.path, query: query ?? {} };
		const found = await readPage(client, request, { page, pageSize: LARGEST_PAGE });
		const results = found.records.map((record) => listItem(record, resource));
		return {
			results: query ? results : results.filter(({ name }) => includes(name, filter)),
			paginationToken: page < found.totalPages ? String(page + 1) : undefined,
		};
	} catch (error) {
		throw toNodeError(error, this.getNode(), { resource });
	}
}

/** The API's filter that the text is a value of, or undefined if it is none's. */
function filterFor(resource: Resource, text: string, timeZone: string): IDataObject | undefined {
	for (const field of resource.filters) {
		const converted = toApiValue(field, text, timeZone);
		if ('value' in converted) return { [field.name]: converted.value };
	}
	return undefined;
}

/** What tells people records apart: the plain fields after the id that Simplify shows first. */
function listItem(record: IDataObject, resource: Resource): INodeListSearchItems {
	const id = record[resource.idField] as string | number;
	const words = resource.simplifiedFields
		.filter((name) => name !== resource.idField && typeof record[name] === 'string')
		.slice(0, 3)
		.map((name) => record[name]);
	return { name: words.join(' ') || String(id), value: id };
}

function includes(label: string, text = ''): boolean {
	return label.toLowerCase().includes(text.trim().toLowerCase());
}
