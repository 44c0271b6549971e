// Filters of a list: the fields, and the query that they become. Used by Get Many and Count.
import { NodeOperationError, type IDataObject, type INodeProperties } from 'n8n-workflow';

import type { Field, Resource } from '../resources/resource';
import type { OperationRun } from './operation';
import { toApiValue, type UnusableValue } from './values';

/** One collection with the resource's documented filters; nothing where it has none. */
export function filtersField(resource: Resource): INodeProperties[] {
	if (resource.filters.length === 0) return [];
	return [
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add filter',
			default: {},
			options: resource.filters.map(filterField),
		},
	];
}

function filterField(filter: Field): INodeProperties {
	const { name, displayName, placeholder } = filter;
	if (filter.kind === 'date') {
		return {
			displayName,
			name,
			type: 'dateTime',
			typeOptions: { dateOnly: true },
			default: '',
			description: 'The day, in any form; a time of day is not looked at',
		};
	}
	return { displayName, name, type: 'string', default: '', placeholder };
}

/**
 * The query parameters for the filters that are filled in; an empty one filters nothing.
 *
 * @throws NodeOperationError naming each filter whose value can't be used
 */
export function filterQuery(run: OperationRun): IDataObject {
	const { functions, itemIndex, resource } = run;
	const values = functions.getNodeParameter('filters', itemIndex, {}) as IDataObject;
	const query: IDataObject = {};
	const unusable: UnusableValue[] = [];
	for (const filter of resource.filters) {
		const value = values[filter.name];
		if (value === undefined || value === null || value === '') continue;
		const converted = toApiValue(filter, value, functions.getTimezone());
		if ('value' in converted) query[filter.name] = converted.value;
		else unusable.push(converted.unusable);
	}
	refuseUnusable(unusable, run);
	return query;
}

/** @throws NodeOperationError listing every value that can't be used; none of the values is quoted */
export function refuseUnusable(unusable: UnusableValue[], run: OperationRun): void {
	if (unusable.length === 0) return;
	const sentences = unusable.map(({ displayName, reason }) => `'${displayName}' ${reason}`);
	throw new NodeOperationError(run.functions.getNode(), sentences.join('; '), {
		itemIndex: run.itemIndex,
		description: 'Nothing was sent to EyeCloud Pro. Correct the input and run it again.',
	});
}
