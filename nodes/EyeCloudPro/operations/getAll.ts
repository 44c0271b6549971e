// Get Many: a list, whole or its first records, filtered and sorted.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { readList } from '../api/pagination';
import {
	filtered,
	filterQuery,
	filtersField,
	ignoreEmptyFiltersOption,
} from '../parameters/filters';
import { tellIgnoredFilters } from '../parameters/ignoredFilters';
import { limitedOutput, limitFields, limitOf } from '../parameters/limit';
import { lookedUp, lookUpField, lookUpRules, sortableField } from '../parameters/lookUp';
import { type ItemOperation, recordProperties } from './operation';
import type { OperationRun } from '../parameters/run';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputFields } from '../parameters/output';
import { parameterOf } from '../parameters/parameterValue';
import { asText } from '../parameters/values';

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
	const rules = parameterOf(functions, 'sort', itemIndex).entries('by');
	const parts = rules.map((rule) => {
		const [field, direction] = [rule.property('field'), rule.property('direction')];
		// In whatever order is good enough for a model that names none.
		if (field.isUnset || (field.isEmpty && field.isForModel)) return '';
		const name = asText(field.value)?.trim();
		if (name && direction.value === 'desc') return `-${name}`;
		if (name && (direction.value === 'asc' || direction.isUnset)) return name;
		throw field.refusal(
			name ? "'Direction' must be asc or desc" : "'Sort' must name fields as text",
			'Choose from the list, or let the expression give what the list has.',
		);
	});
	return parts.filter(Boolean).join(',') || undefined;
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
		...limitFields,
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
			return limitedOutput(run, found.slice(0, limit), { total: found.length, limit });
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
		return limitedOutput(run, records, { total, limit });
	},
};
