// Filters of a list: the fields, and the query that they become. Used by Get Many, Count and the trigger.
import type { IDataObject, INode, INodeProperties } from 'n8n-workflow';

import { isSendable } from '../api/sendable';
import type { Field, Resource } from '../catalogue/resource';
import { refuseUnusable } from './columns';
import type { OperationRun } from './run';
import { asText, toApiValue, type UnusableValue } from './values';

/** The documented filters, typed, and any other query parameter by name. */
export function filtersField(resource: Resource): INodeProperties {
	return {
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		options: [...resource.filters.map(filterField), customParameters],
	};
}

const customParameters: INodeProperties = {
	displayName: 'Other Parameters',
	name: 'custom',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add parameter',
	default: {},
	description:
		'Query parameters that EyeCloud Pro does not document for this list. It may refuse those that it does not know.',
	options: [
		{
			displayName: 'Parameter',
			name: 'parameter',
			values: [
				{
					displayName: 'Name or ID',
					name: 'name',
					type: 'options',
					typeOptions: { loadOptionsMethod: 'getFieldNames', allowArbitraryValues: true },
					default: '',
					description:
						'The parameter to filter by, usually the name of a field. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					description: 'What to look for, as EyeCloud Pro writes it',
				},
			],
		},
	],
};

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

const NO_PARAMETER = 'needs a name that can be sent, and a text as its value';

/** What the list itself decides, whatever a user types as a name. */
const RESERVED = new Set(['page', 'page_size', 'sort']);

/**
 * The query parameters for the filters that are filled in; an empty one filters nothing.
 *
 * @throws NodeOperationError naming each filter whose value can't be used
 */
export function filterQuery({ functions, itemIndex, resource }: OperationRun): IDataObject {
	const values = functions.getNodeParameter('filters', itemIndex, {}) as IDataObject;
	const place = { node: functions.getNode(), itemIndex, timeZone: functions.getTimezone() };
	return queryOf(values, resource, place);
}

/**
 * The same from the value of the `filters` parameter, for a node without input items.
 *
 * @throws NodeOperationError naming each filter whose value can't be used
 */
export function queryOf(
	values: IDataObject,
	resource: Resource,
	{ timeZone, ...place }: { node: INode; itemIndex?: number; timeZone: string },
): IDataObject {
	const query: IDataObject = {};
	const unusable: UnusableValue[] = [];
	for (const filter of resource.filters) {
		const value = values[filter.name];
		if (value === undefined || value === null || value === '') continue;
		const converted = toApiValue(filter, value, timeZone);
		if ('value' in converted) query[filter.name] = converted.value;
		else unusable.push(converted.unusable);
	}
	const custom = (values.custom ?? {}) as { parameter?: Array<{ name: unknown; value: unknown }> };
	for (const { name: given, value } of custom.parameter ?? []) {
		const name = asText(given)?.trim() ?? '';
		if (given === '' || value === '' || value === undefined || value === null) continue;
		const text = asText(value);
		// A filter that got lost would let through what it was to keep out.
		if (name === '' || text === undefined || !isSendable(name)) {
			unusable.push({ displayName: name || 'Other Parameters', reason: NO_PARAMETER });
		} else if (RESERVED.has(name)) {
			unusable.push({
				displayName: name,
				reason: "is not a filter; use 'Limit', 'Return All' or 'Sort'",
			});
		} else query[name] = text;
	}
	refuseUnusable(unusable, place);
	return query;
}
