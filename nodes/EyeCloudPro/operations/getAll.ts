// Get Many: a list, whole or its first records, filtered and sorted.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { readList } from '../api/pagination';
import {
	filtered,
	filterQuery,
	filtersField,
	filtersForModel,
	ignoreEmptyFiltersOption,
} from '../parameters/filters';
import { tellIgnoredFilters } from '../parameters/ignoredFilters';
import {
	lookedUp,
	lookUpField,
	lookUpRules,
	lookUpForModel,
	sortableField,
} from '../parameters/lookUp';
import type { Resource } from '../catalogue/resource';
import type { ItemOperation } from './operation';
import { recordProperties } from './outputSchema';
import type { OperationRun } from '../parameters/run';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { forOutput, outputFields } from '../parameters/output';
import { read } from '../parameters/read';
import { asText } from '../parameters/values';

const paging: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		displayOptions: { show: { returnAll: [false] } },
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
	},
];

const sortField: INodeProperties = {
	displayName: 'Sort',
	name: 'sort',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add sort rule',
	default: {},
	options: [
		{
			displayName: 'Sort By',
			name: 'by',
			values: [
				sortableField('The field to sort by'),
				{
					displayName: 'Direction',
					name: 'direction',
					type: 'options',
					options: [
						{ name: 'Ascending', value: 'asc' },
						{ name: 'Descending', value: 'desc' },
					],
					default: 'asc',
					description: 'Which end of the order to start from',
				},
			],
		},
	],
};

/**
 * Documented: `sort=field1,-field2`, a minus for descending.
 *
 * @throws NodeOperationError for a rule that an expression left without a field or a direction
 */
function sortQuery({ functions, itemIndex }: OperationRun): string | undefined {
	const rules = read(functions, 'sort', itemIndex).entries('by');
	const parts = rules.map((rule) => {
		const [field, direction] = [rule.at('field'), rule.at('direction')];
		// In whatever order is good enough for a model that names none.
		if (field.isUnset || (field.isEmpty && field.isForModel)) return '';
		const name = asText(field.value)?.trim();
		if (name && direction.value === 'desc') return `-${name}`;
		if (name && (direction.value === 'asc' || direction.value === undefined)) return name;
		throw field.refusal(
			name ? "'Direction' must be asc or desc" : "'Sort' must name fields as text",
			'Choose from the list, or let the expression give what the list has.',
		);
	});
	return parts.filter(Boolean).join(',') || undefined;
}

const USUAL_LIMIT = 50;

/** More is for the author to allow: by a limit of their own, or 'Return All'. */
const MOST_FOR_MODEL = USUAL_LIMIT;

/** More than fit into an answer to a model, so that nothing is read which it would not get to see. */
const MOST_FOR_TOOL = 2_500;

/**
 * Undefined for all records.
 *
 * @throws NodeOperationError for what an expression may give and the fields would not take
 */
function limitOf({ functions, itemIndex }: OperationRun): number | undefined {
	const all = read(functions, 'returnAll', itemIndex);
	const most = isAiTool(functions.getNode()) ? MOST_FOR_TOOL : undefined;
	if (all.boolean('Return All', false)) return all.isForModel ? MOST_FOR_MODEL : most;
	const given = read(functions, 'limit', itemIndex);
	const advice = given.isForModel
		? `Give one up to ${MOST_FOR_MODEL}.`
		: "Switch on 'Return All' to get every record.";
	const limit = given.wholeNumber('Limit', 1, advice) ?? USUAL_LIMIT;
	return Math.min(limit, (given.isForModel ? MOST_FOR_MODEL : most) ?? limit);
}

/** How a model gets at the records that are not shown. */
function adviceOf(run: OperationRun, limit: number | undefined): string {
	const isLess = limit !== undefined && limit < MOST_FOR_MODEL;
	const isMoreAllowed = isLess && read(run.functions, 'limit', run.itemIndex).isForModel;
	const labels = [...lookUpForModel(run), ...filtersForModel(run)].join(', ');
	const more = isMoreAllowed ? ` Up to ${MOST_FOR_MODEL} can be asked for.` : '';
	return labels
		? `Narrow it down by: ${labels}.${more}`
		: `Say so where the right one may not be among them.${more}`;
}

/** n8n gives an agent an empty text where nothing comes out, which a model can't tell from a failure. */
function nothingFound(resource: Resource): IDataObject {
	const records = inSentence(resource.displayNamePlural);
	return {
		found: 0,
		message: `No ${records} were found. If there were filters, check their values, or use fewer.`,
	};
}

export const getAll: ItemOperation = {
	value: 'getAll',
	displayName: 'Get Many',
	verb: 'read',
	isOverlapping: true,
	action: (resource) => `Get many ${inSentence(resource.displayNamePlural)}`,
	description: (resource) =>
		`Retrieve a list of ${inSentence(resource.displayNamePlural)}, looked up, filtered and sorted`,
	outputSchema: recordProperties,
	fields: (resource) => [
		...paging,
		...outputFields,
		lookUpField,
		filtersField(resource, { isBesideLookUp: true }),
		optionsField([ignoreEmptyFiltersOption]),
		// n8n's UX guidelines: sorting below the options.
		sortField,
	],
	async execute(run: OperationRun): Promise<IDataObject[]> {
		const { client, resource } = run;
		const limit = limitOf(run);
		const lookUp = lookUpRules(run);
		const query = filterQuery(run, lookUp);
		const sort = sortQuery(run);
		if (lookUp.rules.length > 0) {
			const looked = lookedUp(run, lookUp.rules, { query, sort, limit });
			const found = await filtered(run, looked);
			await tellIgnoredFilters(run, { query, records: found });
			return delivered(run, found.slice(0, limit), { total: found.length, limit });
		}
		let total: number | undefined;
		const list = readList(client, {
			segments: resource.path,
			query,
			sort,
			idFields: resource.idFields,
			limit,
			onTotal: (count) => {
				total = count;
			},
		});
		const records = await filtered(run, list);
		if (limit === undefined || records.length < limit) total = records.length;
		await tellIgnoredFilters(run, { query, records, total });
		return delivered(run, records, { total, limit });
	},
};

function delivered(
	run: OperationRun,
	records: IDataObject[],
	{ total, limit }: { total?: number; limit?: number },
): IDataObject[] {
	if (isAiTool(run.functions.getNode())) {
		if (records.length === 0) return [nothingFound(run.resource)];
		Object.assign(run.toolNotes, { total, advice: adviceOf(run, limit) });
	}
	return forOutput(records, run);
}
