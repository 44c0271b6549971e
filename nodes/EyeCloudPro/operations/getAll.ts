// Get Many: a list, whole or its first records, filtered and sorted.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { readList } from '../api/pagination';
import type { Resource } from '../resources/resource';
import { filterQuery, filtersField } from './filters';
import { inSentence, type Operation, type OperationRun } from './operation';
import { forOutput, simplifyField } from './simplify';

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

interface SortRule {
	field: string;
	direction: 'asc' | 'desc';
}

function sortField(resource: Resource): INodeProperties {
	const [firstKnown] = resource.sortableFields;
	const field: INodeProperties = firstKnown
		? {
				displayName: 'Field',
				name: 'field',
				type: 'options',
				options: resource.sortableFields.map((name) => ({ name, value: name })),
				default: firstKnown,
				description: 'The field to sort by',
			}
		: {
				displayName: 'Field',
				name: 'field',
				type: 'string',
				default: '',
				placeholder: `e.g. ${resource.idField}`,
				description: 'The field to sort by, as EyeCloud Pro names it',
			};
	return {
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
					field,
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
}

/** Documented: `sort=field1,-field2`, a minus for descending. */
function sortQuery({ functions, itemIndex }: OperationRun): string | undefined {
	const rules = functions.getNodeParameter('sort.by', itemIndex, []) as SortRule[];
	const parts = rules
		.filter(({ field }) => field)
		.map(({ field, direction }) => (direction === 'desc' ? `-${field}` : field));
	return parts.length > 0 ? parts.join(',') : undefined;
}

export const getAll: Operation = {
	value: 'getAll',
	displayName: 'Get Many',
	verb: 'read',
	action: (resource) => `Get many ${inSentence(resource.displayNamePlural)}`,
	description: (resource) =>
		`Retrieve a list of ${inSentence(resource.displayNamePlural)}, filtered and sorted`,
	fields: (resource) => [...paging, simplifyField, ...filtersField(resource), sortField(resource)],
	async execute(run: OperationRun): Promise<IDataObject[]> {
		const { functions, client, resource, itemIndex } = run;
		const returnAll = functions.getNodeParameter('returnAll', itemIndex, false);
		const records = await readList(client, {
			segments: resource.path,
			query: filterQuery(run),
			sort: sortQuery(run),
			idField: resource.idField,
			limit: returnAll ? undefined : (functions.getNodeParameter('limit', itemIndex, 50) as number),
		});
		return forOutput(records, run);
	},
};
