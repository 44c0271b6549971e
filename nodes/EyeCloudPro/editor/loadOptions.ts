// Lists of field names to choose from. Called by the editor for sorting, filters and Match On.
import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { discoverFields, discoverSortableFields } from '../api/discovery';
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
	return await withResource(this, async (client, resource) => {
		const names = new Set([...resource.filters, ...resource.fields].map(({ name }) => name));
		for (const { name, type } of await discoverFields(client, resource.path)) {
			if (type !== 'object' && type !== 'array') names.add(name);
		}
		return optionsFor(Array.from(names), resource);
	});
}

function optionsFor(names: readonly string[], resource: Resource): INodePropertyOptions[] {
	return byUsefulness(names, resource).map((name) => ({
		name: shownField(name, resource),
		value: name,
	}));
}
