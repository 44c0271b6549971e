// The trigger's parameters, and what they mean. Used by the trigger node.
import { NodeOperationError, type INodeProperties, type IPollFunctions } from 'n8n-workflow';

import { filtersField } from '../parameters/filters';
import { mergeFields } from '../parameters/mergeFields';
import { optionsField } from '../parameters/options';
import { simplifyField } from '../parameters/output';
import { LIST_DEPENDS_ON, otherFields, withRecords } from '../parameters/resourceChoice';
import type { ParameterValue } from '../parameters/parameterValue';
import { asText, toCalendarDay } from '../parameters/values';
import type { Resource } from '../catalogue/resource';
import type { PollSettings } from './strategy';

/** Where clocks are set back by an hour, new records look older than those before them. */
const USUAL_OVERLAP_MINUTES = 70;

/** n8n holds all records of an execution in memory. */
const USUAL_MAXIMUM = 5_000;

/** What can be watched: all that can be read. */
export const watchable = withRecords.filter(({ scopes }) => scopes.read !== undefined);

const [{ value: firstResource }] = watchable;

const resourceField: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: watchable.map(({ choiceName, displayName, value }) => ({
		name: choiceName ?? displayName,
		value,
	})),
	default: firstResource,
	// n8n shows nothing else of this node where its own Custom API Call is chosen.
	hint: "What is not in the list is under 'Other'. A Custom API Call can't start a workflow.",
};

const eventField: INodeProperties = {
	displayName: 'Event',
	name: 'event',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Created',
			value: 'created',
			description: 'When a record is created',
			action: 'On record created',
		},
		{
			name: 'Created or Changed',
			value: 'changed',
			description:
				'When a record is created or changed. A list without update dates is read whole at each poll.',
			action: 'On record created or changed',
		},
	],
	default: 'created',
};

const startOverNotice: INodeProperties = {
	displayName:
		'Another resource, event, practice or filter starts over, from what is there by then',
	name: 'startOverNotice',
	type: 'notice',
	default: '',
};

const fieldList = {
	type: 'multiOptions',
	typeOptions: { loadOptionsMethod: 'getFieldNames', loadOptionsDependsOn: LIST_DEPENDS_ON },
	displayOptions: { show: { '/event': ['changed'] } },
	default: [],
} satisfies Partial<INodeProperties>;

const choose =
	'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.';

const options: INodeProperties[] = [
	{
		...fieldList,
		displayName: 'Field Names or IDs to Ignore',
		name: 'fieldsToIgnore',
		description: `Changes in these fields start nothing. ${choose}`,
	},
	{
		...fieldList,
		displayName: 'Field Names or IDs to Watch',
		name: 'fieldsToWatch',
		description: `Changes in these fields alone start the workflow. ${choose}`,
	},
	{
		displayName: 'Include Deleted',
		name: 'includeDeleted',
		type: 'boolean',
		displayOptions: { show: { '/event': ['changed'] } },
		default: false,
		description: 'Whether to start the workflow for a deleted record too, with its ID alone',
	},
	{
		displayName: 'Maximum per Poll',
		name: 'maximumPerPoll',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: USUAL_MAXIMUM,
		description: 'Max number of records to hand on at once. The others follow at the next polls.',
	},
	{
		displayName: 'One Execution per Record',
		name: 'executionPerRecord',
		type: 'boolean',
		default: false,
		description:
			'Whether to start the workflow once for each record instead of once for all new ones',
	},
	{
		displayName: 'Overlap',
		name: 'overlapMinutes',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: USUAL_OVERLAP_MINUTES,
		description:
			'How many minutes back to look for records that appear late, with an older date than others. No record is handed on twice for it.',
	},
	{
		displayName: 'Start Date',
		name: 'startDate',
		type: 'dateTime',
		displayOptions: { show: { startFrom: ['date'] } },
		default: '',
		description: 'The first day whose records are handed on, as EyeCloud Pro dates them',
	},
	{
		displayName: 'Start From',
		name: 'startFrom',
		type: 'options',
		options: [
			{
				name: 'A Date',
				value: 'date',
				description:
					'What is dated from that day on, where EyeCloud Pro can sort by date; else Now',
			},
			{
				name: 'All Records',
				value: 'everything',
				description: 'What is there already comes first',
			},
			{ name: 'Now', value: 'now', description: 'What is there already is not handed on' },
		],
		default: 'now',
		description: 'Which records to begin with when the workflow is activated for the first time',
	},
];

export const triggerFields: INodeProperties[] = [
	resourceField,
	...otherFields,
	eventField,
	startOverNotice,
	simplifyField,
	...mergeFields(watchable, (resource) => [filtersField(resource, { isBesideLookUp: false })]).map(
		({ field, shownFor }) => ({
			...field,
			displayOptions: { show: { resource: shownFor } },
		}),
	),
	optionsField(options),
];

/** @throws NodeOperationError for a value that an expression gave and that can't be used */
export function settingsOf(functions: IPollFunctions, options: ParameterValue): PollSettings {
	const wholeNumber = (name: string, usual: number, least: number, label: string) => {
		const given = options.property(name);
		const value = given.isUnset ? usual : Number(asText(given.value)?.trim() || Number.NaN);
		if (Number.isSafeInteger(value) && value >= least) return value;
		throw given.refusal(`'${label}' must be a whole number, ${least} or more`);
	};
	const names = (name: string, label: string) => {
		const given = options.property(name);
		return given.isUnset ? [] : given.names(label);
	};
	const starts = ['date', 'everything', 'now'] as const;
	const startFrom = options.property('startFrom').choice('Start From', starts, 'now');
	const startDay =
		startFrom === 'date' &&
		toCalendarDay(options.property('startDate').value, functions.getTimezone());
	if (startDay === undefined) {
		const message = "'Start Date' is not a date, e.g. 2000-01-31";
		throw new NodeOperationError(functions.getNode(), message);
	}
	return {
		startFrom,
		startMs: startDay ? Date.parse(startDay) : 0,
		overlapMs: wholeNumber('overlapMinutes', USUAL_OVERLAP_MINUTES, 0, 'Overlap') * 60_000,
		maximum: wholeNumber('maximumPerPoll', USUAL_MAXIMUM, 1, 'Maximum per Poll'),
		watch: names('fieldsToWatch', 'Field Names or IDs to Watch'),
		ignore: names('fieldsToIgnore', 'Field Names or IDs to Ignore'),
		includeDeleted: options.property('includeDeleted').boolean('Include Deleted', false),
	};
}

/** @throws NodeOperationError where an expression or an older workflow names none */
export function watchedResource(functions: IPollFunctions): Resource {
	const value = functions.getNodeParameter('resource');
	const resource = watchable.find((known) => known.value === value);
	if (resource) return resource;
	throw new NodeOperationError(functions.getNode(), 'Choose a resource first');
}
