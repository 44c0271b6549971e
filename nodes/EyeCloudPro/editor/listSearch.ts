// The list of a resource locator: records to pick from, narrowed by what the user types.
// Called by the editor for the `recordId` parameter.
import {
	NodeOperationError,
	type IDataObject,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';

import type { Client } from '../api/client';
import { discoverSortableFields } from '../api/discovery';
import { folded, ordersOfTexts } from '../api/collation';
import { idFieldOf, LARGEST_PAGE, readPage, type Page } from '../api/page';
import { searchFewPages } from '../api/sortedSearch';
import { inSentence } from '../catalogue/names';
import { goesByFilter } from '../parameters/ignoredFilters';
import { asText, toApiValue } from '../parameters/values';
import type { Resource } from '../catalogue/resource';
import { withResource } from './resourceInForm';

/**
 * The editor asks on only when the user scrolls, and a list that is empty or short can't be scrolled: so
 * a search goes on until it has this many.
 */
const ENOUGH_TO_SCROLL = 20;

/** How many pages one search looks through at most, since they count towards the rate limit. */
const PAGES_A_SEARCH = 20;

/**
 * Records that hold what the user typed in their label, email, phone or date of birth. A whole email,
 * phone number or date goes to the API, where the resource has such a filter; a name is looked up in the sorted list.
 *
 * @param paginationToken the number of the page to go on with, as text; the first if undefined
 */
export async function searchRecords(
	this: ILoadOptionsFunctions,
	text = '',
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await withResource(this, async (client, resource) => {
		const typed = text.trim();
		const timeZone = this.getTimezone();
		const query = typed ? filterFor(resource, typed, timeZone) : {};
		const isFound = (record: IDataObject) =>
			query
				? isFoundBy(record, query, { resource, timeZone })
				: isMatch(record, { resource, typed });
		const results: INodeListSearchItems[] = [];
		const first = Number(paginationToken ?? 1);
		for (let page = first; page < first + PAGES_A_SEARCH; page++) {
			const found = await pageOf(client, resource, query ?? {}, page);
			for (const record of found.records) {
				if (isFound(record)) results.push(listItem(record, resource));
			}
			// A count may be capped; a page that is full is not known to be the last.
			const isLast = page >= found.totalPages && found.records.length < LARGEST_PAGE;
			const next = isLast ? undefined : String(page + 1);
			// An API that ignores the filter hands on everybody.
			const isFiltered = query !== undefined && results.length > 0;
			const isEnough = isFiltered || results.length >= ENOUGH_TO_SCROLL;
			if (next === undefined || isEnough) return { results, paginationToken: next };
			if (page === 1 && !query) {
				const named = await foundByName(client, resource, { typed, example: found.records[0] });
				const byId = new Map([...results, ...named].map((item) => [item.value, item]));
				if (named.length > 0) return { results: Array.from(byId.values()) };
			}
		}
		if (results.length === 0) throw tooManyToSearch(this, resource);
		return { results, paginationToken: String(first + PAGES_A_SEARCH) };
	});
}

/** Those whose names begin with what was typed, in any order; none where the list's order does not tell. */
async function foundByName(
	client: Client,
	resource: Resource,
	{ typed, example = {} }: { typed: string; example?: IDataObject },
): Promise<INodeListSearchItems[]> {
	// An ID, an email address or a phone number is no name.
	if (/[\d@]/.test(typed)) return [];
	const { path: segments, idFields, sortableFields } = resource;
	const sortable =
		sortableFields.length > 0 ? sortableFields : await discoverSortableFields(client, segments);
	const fields = labelNames(example, resource)
		.filter((name) => sortable.includes(name) && /^\D/.test(asText(example[name]) ?? ''))
		.reverse();
	const words = folded(typed).split(' ');
	const found: INodeListSearchItems[] = [];
	// The last name tells most. One word alone may be any of the names.
	for (const field of fields) {
		for (const word of new Set([words[words.length - 1], words[0]])) {
			const isWanted = (record: IDataObject) =>
				folded(asText(record[field]) ?? '').startsWith(word) &&
				isMatch(record, { resource, typed });
			const orders = ordersOfTexts({ condition: 'beginsWith', text: word });
			const request = { segments, query: {}, field, idFields, isWanted, orders };
			for (const record of (await searchFewPages(client, request, () => PAGES_A_SEARCH)) ?? []) {
				found.push(listItem(record, resource));
			}
			if (words.length > 1 && found.length > 0) return found;
		}
	}
	return found;
}

/** A record that lacks the field tells nothing: a filter need not be called like one. */
function isFoundBy(
	record: IDataObject,
	query: IDataObject,
	place: { resource: Resource; timeZone: string },
): boolean {
	return Object.entries(query).every(
		([name, wanted]) => record[name] === undefined || goesByFilter(record, name, wanted, place),
	);
}

/** An empty list would say that there is no such record, which nobody knows. */
function tooManyToSearch(
	functions: ILoadOptionsFunctions,
	{ displayNamePlural, filters }: Resource,
): NodeOperationError {
	const looked = (PAGES_A_SEARCH * LARGEST_PAGE).toLocaleString('en-US');
	const others = filters.map(({ displayName }) => displayName.toLowerCase()).join(', ');
	return new NodeOperationError(
		functions.getNode(),
		`Not among the ${looked} ${inSentence(displayNamePlural)} looked through. ${others ? `Search by ${others}, or choose` : 'Choose'} 'By ID'.`,
	);
}

async function pageOf(
	client: Client,
	resource: Resource,
	query: IDataObject,
	page: number,
): Promise<Page> {
	const sort = resource.labelFields.filter((name) => resource.sortableFields.includes(name)).join();
	const request = { segments: resource.path, query, sort: sort || undefined };
	return await readPage(client, request, { page, pageSize: LARGEST_PAGE });
}

/** The API's filter that the text is a value of, or undefined if it is none's. */
function filterFor(resource: Resource, text: string, timeZone: string): IDataObject | undefined {
	for (const field of resource.filters) {
		// Digits alone are rather an ID.
		if (field.kind === 'date' && /^\d+$/.test(text)) continue;
		const converted = toApiValue(field, text, { timeZone });
		if ('value' in converted) return { [field.name]: converted.value };
	}
	return undefined;
}

/** What a field is called that tells people one record from another, where that is not published. */
const TELLING_NAME = /name|title|description|number|model|code|status|date$/;

function labelNames(record: IDataObject, { labelFields, idFields }: Resource): readonly string[] {
	if (labelFields.length > 0) return labelFields;
	const idField = idFieldOf(record, idFields);
	return Object.keys(record)
		.filter((name) => TELLING_NAME.test(name) && name !== idField && name !== 'create_date')
		.slice(0, 3);
}

/** A readable label, e.g. `June Nader, 2020-11-15`, with the id behind it. */
export function listItem(record: IDataObject, resource: Resource): INodeListSearchItems {
	const idField = idFieldOf(record, resource.idFields);
	const id = String(idField === undefined ? '' : record[idField]);
	const names = labelNames(record, resource);
	const words = names
		.map((name) => record[name])
		.filter((value) => typeof value === 'number' || (typeof value === 'string' && value !== ''));
	return { name: words.length > 0 ? `${words.join(' ')} (${id})` : id, value: id };
}

/** Every word that was typed is in the label, or in what the resource can be filtered by, in any order. */
function isMatch(
	record: IDataObject,
	{ resource, typed }: { resource: Resource; typed: string },
): boolean {
	const values = resource.filters.map(({ name }) => asText(record[name]) ?? '');
	const text = folded([listItem(record, resource).name, ...values].join(' '));
	return folded(typed)
		.split(' ')
		.every((word) => text.includes(word));
}
