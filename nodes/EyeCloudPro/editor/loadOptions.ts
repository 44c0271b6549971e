// Lists of field names to choose from. Called by the editor for sorting, Look Up, filters, Match On, Selected Fields and
// the fields to watch.
import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import type { Client } from '../api/client';
import { discoverFields, discoverRefusedFilters, discoverSortableFields } from '../api/discovery';
import { byUsefulness, shownField } from '../catalogue/fieldNames';
import type { Resource } from '../catalogue/resource';
import { withResource } from './resourceInForm';

/** The fields that the API itself says it sorts by; the documented ones where it does not say. */
export async function getSortFields(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return await withResource(this, async (client, resource) => {
		const discovered = await discoverSortableFields(client, resource.path);
		const names = discovered.length > 0 ? discovered : resource.sortableFields;
		return optionsFor(names, resource);
	});
}

/** The documented fields, and those that a few records have, plain ones only. */
export async function getFieldNames(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return await withResource(this, async (client, resource) =>
		optionsFor(await plainNames(client, resource), resource),
	);
}

/** Those by which the API may filter: neither the documented filters, which the form has, nor what it refuses. */
export async function getFilterNames(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return await withResource(this, async (client, resource) => {
		const documented = new Set(resource.filters.map(({ name }) => name));
		const names = byUsefulness(await plainNames(client, resource), resource).filter(
			(name) => !documented.has(name),
		);
		const refused = await discoverRefusedFilters(client, resource.path, names);
		const options = optionsFor(
			names.filter((name) => !refused.has(name)),
			resource,
		);
		const none = { name: 'EyeCloud Pro Filters by No Other Field', value: '' };
		return options.length > 0 ? options : [none];
	});
}

/** All that a record has, and what is in its objects. */
export async function getOutputFields(
	this: ILoadOptionsFunctions,
): Promise<INodePropertyOptions[]> {
	return await withResource(this, async (client, resource) => {
		const fields = await discoverFields(client, resource.path);
		const names = fields.flatMap(({ name, inner = [] }) => [
			name,
			...inner.map((each) => `${name}_${each}`),
		]);
		return optionsFor(Array.from(new Set(names)), resource);
	});
}

async function plainNames(client: Client, resource: Resource): Promise<string[]> {
	const names = new Set([...resource.filters, ...resource.fields].map(({ name }) => name));
	for (const { name, type } of await discoverFields(client, resource.path)) {
		if (type !== 'object' && type !== 'array') names.add(name);
	}
	return Array.from(names);
}

function optionsFor(names: readonly string[], resource: Resource): INodePropertyOptions[] {
	return byUsefulness(names, resource).map((name) => ({
		name: shownField(name, resource),
		value: name,
	}));
}
