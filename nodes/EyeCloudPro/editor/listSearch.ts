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
import type { Page } from '../api/listReading';
import { idFieldOf, LARGEST_PAGE, readPage } from '../api/page';
import { inSentence } from '../catalogue/names';
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
 * phone number or date goes to the API, where the resource has such a filter.
 *
 * @param paginationToken the number of the page to go on with, as text; the first if undefined
 */
export async function searchRecords(
	this: ILoadOptionsFunctions,
	text = '',
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await withResource(this, async (client, resource) => {
		if (isPracticeUnknown(this)) throw practiceUnknown(this);
		const typed = text.trim();
		const query = typed ? filterFor(resource, typed, this.getTimezone()) : {};
		const results: INodeListSearchItems[] = [];
		const first = Number(paginationToken ?? 1);
		// Names can't be searched by the API, as far as is published, so pages are looked through.
		for (let page = first; page < first + PAGES_A_SEARCH; page++) {
			const found = await pageOf(client, resource, query ?? {}, page);
			for (const record of found.records) {
				const item = listItem(record, resource);
				if (query || isMatch(record, item, { resource, typed })) results.push(item);
			}
			const next = page < found.totalPages ? String(page + 1) : undefined;
			const isEnough = query !== undefined || results.length >= ENOUGH_TO_SCROLL;
			if (next === undefined || isEnough) return { results, paginationToken: next };
		}
		if (results.length === 0) throw tooManyToSearch(this, resource);
		return { results, paginationToken: String(first + PAGES_A_SEARCH) };
	});
}

/** The editor puts null where an expression has no value as long as nothing has run. */
function isPracticeUnknown(functions: ILoadOptionsFunctions): boolean {
	const options = functions.getCurrentNodeParameter('options') as IDataObject | null | undefined;
	return options === null || options?.practiceId === null;
}

/** The credential's would not be the one that the node works on. */
function practiceUnknown(functions: ILoadOptionsFunctions): NodeOperationError {
	return new NodeOperationError(
		functions.getNode(),
		"'Practice Client ID' in 'Options' is an expression that has no value yet. Execute the nodes before this one, or choose 'By ID'.",
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
		const converted = toApiValue(field, text, timeZone);
		if ('value' in converted) return { [field.name]: converted.value };
	}
	return undefined;
}

/** What a field is called that tells people one record from another, where that is not published. */
const TELLING_NAME = /name|title|description|number|model|code|status|date$/;

/** A readable label, e.g. `June Nader, 2020-11-15`, with the id behind it. */
function listItem(record: IDataObject, resource: Resource): INodeListSearchItems {
	const idField = idFieldOf(record, resource.idFields);
	const id = String(idField === undefined ? '' : record[idField]);
	const names =
		resource.labelFields.length > 0
			? resource.labelFields
			: Object.keys(record)
					.filter((name) => TELLING_NAME.test(name) && name !== idField && name !== 'create_date')
					.slice(0, 3);
	const words = names.map((name) => record[name]).filter((value) => isWord(value));
	return { name: words.length > 0 ? `${words.join(' ')} (${id})` : id, value: id };
}

function isWord(value: unknown): boolean {
	return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** Every word that was typed is in the label, or in what the resource can be filtered by, in any order. */
function isMatch(
	record: IDataObject,
	{ name: label }: INodeListSearchItems,
	{ resource, typed }: { resource: Resource; typed: string },
): boolean {
	const values = resource.filters.map(({ name }) => asText(record[name]) ?? '');
	const text = [label, ...values].join(' ').toLowerCase();
	return typed
		.toLowerCase()
		.split(/\s+/)
		.every((word) => text.includes(word));
}
