// Filters of a list: the fields, and the query that they become. Used by Get Many, Count and the trigger.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { ApiError } from '../api/errors';
import { canBeSent } from '../api/requestCheck';
import type { Field, Resource } from '../catalogue/resource';
import { sentenceOf } from './columns';
import { IS_PLACEHOLDER, isNoSearch } from './placeholders';
import { GIVES_NOTHING, IS_TWICE, parameterOf, type ParameterValue } from './parameterValue';
import { LIST_DEPENDS_ON } from './resourceChoice';
import type { OperationRun } from './run';
import { asText, toApiValue, type UnusableValue } from './values';

/** Beside Look Up, which finds by what can't be filtered. */
const LOOK_UP = " To find by a name, a day or a price, use 'Look Up'.";

/** The documented filters, typed, and any other query parameter by name. */
export function filtersField(
	resource: Resource,
	{ isBesideLookUp }: { isBesideLookUp: boolean },
): INodeProperties {
	const other = isBesideLookUp
		? { ...customParameters, description: (customParameters.description ?? '') + LOOK_UP }
		: customParameters;
	return {
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		options: [...resource.filters.map(filterField), other],
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
		'Query parameters that EyeCloud Pro does not document for this list. Fields that it refuses to filter by are not offered.',
	options: [
		{
			displayName: 'Parameter',
			name: 'parameter',
			values: [
				{
					displayName: 'Name or ID',
					name: 'name',
					type: 'options',
					typeOptions: {
						loadOptionsMethod: 'getFilterNames',
						loadOptionsDependsOn: LIST_DEPENDS_ON,
					},
					allowArbitraryValues: true,
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
			description: 'The day alone counts, in any form, e.g. 2000-01-31',
		};
	}
	return { displayName, name, type: 'string', default: '', placeholder };
}

/** What the list itself decides, whatever a user types as a name. */
const RESERVED = new Set(['page', 'page_size', 'sort']);

export const ignoreEmptyFiltersOption: INodeProperties = {
	displayName: 'Ignore Empty Filters',
	name: 'ignoreEmptyFilters',
	type: 'boolean',
	default: false,
	description:
		'Whether a filter whose expression gives nothing is left out. All records then match it, so that the list may be everybody.',
};

/**
 * The query parameters for the filters that are filled in; one that nobody filled in filters nothing.
 *
 * @throws NodeOperationError naming each filter whose value can't be used, or that an expression left empty
 */
export function filterQuery(
	{ functions, itemIndex, resource }: OperationRun,
	lookedUp: { rules: readonly unknown[]; leftByModel: string[] },
): IDataObject {
	const ignored = parameterOf(functions, 'options', itemIndex).property('ignoreEmptyFilters');
	return queryOf(parameterOf(functions, 'filters', itemIndex), resource, {
		timeZone: functions.getTimezone(),
		isIgnoringEmpty: ignored.boolean(ignoreEmptyFiltersOption.displayName, false),
		isForModel: isAiTool(functions.getNode()),
		isSearchedOtherwise: lookedUp.rules.length > 0,
		leftByModel: lookedUp.leftByModel,
	});
}

/**
 * What the list answers. A filter that the API does not know leads to what finds without it.
 *
 * @throws ApiError as the work does
 */
export async function filtered<T>({ functions }: OperationRun, work: Promise<T>): Promise<T> {
	return await work.catch((thrown: unknown): never => {
		// A model can't add a Look Up that its author has not.
		if (isAiTool(functions.getNode())) throw thrown;
		if (!(thrown instanceof ApiError)) throw thrown;
		const unknown = thrown.refused.filter(({ message }) => /\bis not allowed$/.test(message));
		if (unknown.length === 0) throw thrown;
		const names = unknown.map(({ field }) => `'${field}'`).join(', ');
		throw new ApiError(thrown.kind, thrown.message, {
			...thrown,
			description: `EyeCloud Pro has no filter ${names}. Take it away, and use 'Look Up', which finds by names and all else that the list can be sorted by.`,
		});
	});
}

interface FilterRules {
	timeZone: string;
	/** What 'Ignore Empty Filters' says, where the node has it. */
	isIgnoringEmpty?: boolean;
	/** A model fills in what it knows, and leaves the rest empty. */
	isForModel?: boolean;
	/** There is something else to search by. */
	isSearchedOtherwise?: boolean;
	/** What else a model could have searched by. */
	leftByModel?: string[];
}

/**
 * The same from the `filters` parameter of a node without input items.
 *
 * @throws NodeOperationError as above
 */
export function queryOf(
	filters: ParameterValue,
	resource: Resource,
	rules: FilterRules,
): IDataObject {
	const query: IDataObject = {};
	const unusable: UnusableValue[] = [];
	const leftByModel = [...(rules.leftByModel ?? [])];
	const chosen = new Set<string>();
	for (const { name, displayName, kind, given, reason } of namedFilters(filters, resource)) {
		const isLeftByModel = given.isEmpty && rules.isForModel && given.isForModel;
		if (isLeftByModel && !reason) leftByModel.push(displayName);
		if (given.isEmpty && (!given.isExpression || rules.isIgnoringEmpty)) continue;
		const isTwice = !given.isEmpty && chosen.has(baseOf(name));
		if (!given.isEmpty) chosen.add(baseOf(name));
		if (reason) unusable.push({ displayName, reason });
		else if (isTwice) unusable.push({ displayName, reason: IS_TWICE });
		else if (isNoSearch(given, kind)) unusable.push({ displayName, reason: IS_PLACEHOLDER });
		else if (!given.isEmpty) {
			const converted = toApiValue({ displayName, kind }, given.value, rules);
			if ('value' in converted) query[name] = converted.value;
			else unusable.push(converted.unusable);
		} else if (!isLeftByModel) unusable.push({ displayName, reason: GIVES_NOTHING });
	}
	if (unusable.length > 0) throw filters.refusal(sentenceOf(unusable), adviceFor(unusable, rules));
	const isOpen = Object.keys(query).length === 0 && !rules.isSearchedOtherwise;
	if (leftByModel.length > 0 && isOpen) {
		throw filters.refusal(
			'There is nothing to search by',
			`Give a value for at least one of: ${leftByModel.join(', ')}. Nothing was searched.`,
		);
	}
	return query;
}

/** The filters that a model fills in, by their labels. */
export function filtersForModel({ functions, itemIndex, resource }: OperationRun): string[] {
	const filters = parameterOf(functions, 'filters', itemIndex);
	return namedFilters(filters, resource)
		.filter(({ given }) => given.isForModel)
		.map(({ displayName }) => displayName);
}

/** What a server makes of a name such as `email[]`, which would be added to what `email` says. */
function baseOf(name: string): string {
	return name.split(/[[.]/, 1)[0].toLowerCase();
}

interface NamedFilter extends Pick<Field, 'name' | 'displayName' | 'kind'> {
	given: ParameterValue;
	/** Why it can't be used, whatever its value is. */
	reason?: string;
}

function namedFilters(filters: ParameterValue, resource: Resource): NamedFilter[] {
	const documented = resource.filters.map((field) => ({
		...field,
		given: filters.property(field.name),
	}));
	return [...documented, ...otherParameters(filters)];
}

function otherParameters(filters: ParameterValue): NamedFilter[] {
	const { name: custom, displayName: label } = customParameters;
	return filters
		.property(custom)
		.entries('parameter')
		.filter((entry) => !entry.property('name').isUnset || !entry.property('value').isUnset)
		.map((entry) => {
			const name = asText(entry.property('name').value)?.trim() ?? '';
			const given = entry.property('value');
			// A filter that got lost would let through what it was to keep out.
			const isText = given.isEmpty || asText(given.value) !== undefined;
			const isUsable = name !== '' && canBeSent(name) && isText;
			const reason = !isUsable
				? 'needs a name that can be sent, and a text as its value'
				: RESERVED.has(baseOf(name))
					? "is not a filter; use 'Limit', 'Return All' or 'Sort'"
					: undefined;
			return { name, displayName: name || label, kind: 'text', given, reason };
		});
}

function adviceFor(unusable: UnusableValue[], { isIgnoringEmpty }: FilterRules): string {
	const isEmptied = unusable.some(({ reason }) => reason === GIVES_NOTHING);
	if (!isEmptied) return 'Nothing was sent to EyeCloud Pro. Correct the input and run it again.';
	const option =
		isIgnoringEmpty === undefined ? '' : ", or switch on 'Ignore Empty Filters' under 'Options'";
	return `Without it, all records would come. Correct the expression or the input that it reads, take the filter away${option}. Nothing was sent to EyeCloud Pro.`;
}
