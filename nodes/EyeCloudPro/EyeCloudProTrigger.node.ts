// The trigger node: assembles its parameters, and turns what a poll finds into items. Loaded by n8n.
import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { systemClock } from './api/clock';
import { clientFor } from './api/credential';
import { pageUrl } from './documentation';
import { getFieldNames, getFilterNames } from './editor/loadOptions';
import { searchPaths } from './editor/pathSearch';
import { toNodeError } from './nodeError';
import { queryOf } from './parameters/filters';
import { clientOverridesOf } from './parameters/options';
import { resourceFor } from './parameters/resourceChoice';
import { simplifierFor } from './parameters/output';
import { pollParameterOf } from './parameters/parameterValue';
import { settingsOf, triggerFields, watchedResource } from './trigger/fields';
import { Delivery, type Emitted } from './trigger/delivery';
import { latest, poll, type TriggerEventName } from './trigger/poll';
import { PollTime, USUAL_BUDGET_MS } from './trigger/pollTime';
import type { PollRun, TriggerEvent } from './trigger/strategy';

export class EyeCloudProTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'EyeCloud Pro Trigger',
		name: 'eyeCloudProTrigger',
		icon: { light: 'file:eyecloudpro.svg', dark: 'file:eyecloudpro.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["event"] + ": " + $parameter["resource"] }}',
		description: 'Starts the workflow when a record in EyeCloud Pro is created or changed',
		defaults: { name: 'EyeCloud Pro Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'eyeCloudProOAuth2Api', required: true }],
		documentationUrl: pageUrl('docs/trigger.md'),
		builderHint: {
			searchHint:
				'Starts a workflow with each new or changed patient, appointment, order, invoice or price book entry in EyeCloud Pro. It polls, gives each record once, and remembers what it has seen, so no schedule and no memory of your own is needed. A status that changes, such as an order that is ready, is the event Created or Changed with that field under Fields to Watch.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-eyecloudpro.eyeCloudPro',
					relationHint:
						'Reads what belongs to the record, such as the patient of an order, by its ID',
				},
			],
		},
		properties: triggerFields,
	};

	methods = { listSearch: { searchPaths }, loadOptions: { getFieldNames, getFilterNames } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const time = new PollTime(budgetMsOf(this), systemClock);
		try {
			return await (this.getMode() === 'manual' ? testEvent(this, time) : nextEvents(this, time));
		} catch (thrown) {
			throw toNodeError(thrown, this.getNode(), { resource: watchedResource(this) });
		}
	}
}

/** Polls under way in this process, by workflow and node; each leaves when it ends. */
const underWay = new Set<string>();

/** n8n before 2.37 does not tell how long a poll may take. */
function budgetMsOf(functions: IPollFunctions): number {
	const { getPollBudgetMs } = functions as Partial<IPollFunctions>;
	return getPollBudgetMs?.call(functions) ?? USUAL_BUDGET_MS;
}

async function testEvent(functions: IPollFunctions, time: PollTime) {
	const { run, watched } = await pollRunFor(functions, time);
	const events = await latest(run, watched.event);
	return events.length > 0 ? [events.map(itemFor(functions, run))] : null;
}

async function nextEvents(functions: IPollFunctions, time: PollTime) {
	const name = nameOf(functions);
	// n8n does not wait for a slow poll before it starts the next, which would find the same records.
	if (underWay.has(name)) return null;
	underWay.add(name);
	try {
		return await pollOnce(functions, time);
	} finally {
		underWay.delete(name);
	}
}

async function pollOnce(functions: IPollFunctions, time: PollTime) {
	const { run, watched, isEachAlone } = await pollRunFor(functions, time);
	const delivery = new Delivery(functions, run.name);
	const polled = await poll(run, watched, delivery.cursor);
	if (polled.startedOver) {
		functions.logger.info(
			`EyeCloud Pro Trigger: '${functions.getNode().name}' starts over, because another resource, event, practice or filter is watched now, or fields are compared`,
		);
	}
	const toItem = itemFor(functions, run);
	const emitted = polled.events.map((event): Emitted => ({ event, item: toItem(event) }));
	const isOne = emitted.length > 0 && !isEachAlone;
	// Nothing before this changes what n8n stores, so a poll that ends early has not happened.
	return delivery.end(polled, isOne ? [emitted] : emitted.map((one) => [one]));
}

function nameOf(functions: IPollFunctions): string {
	return `${functions.getWorkflow().id}:${functions.getNode().id}`;
}

async function pollRunFor(functions: IPollFunctions, time: PollTime) {
	const options = pollParameterOf(functions, 'options');
	const filters = pollParameterOf(functions, 'filters');
	const overrides = { ...clientOverridesOf(options), signal: time.signal };
	const client = await clientFor(functions, overrides);
	const resource = resourceFor(client, watchedResource(functions), (name) =>
		pollParameterOf(functions, name),
	);
	const run: PollRun = {
		name: nameOf(functions),
		client,
		resource,
		query: queryOf(filters, resource, { timeZone: functions.getTimezone() }),
		settings: settingsOf(functions, options),
		time,
	};
	const event = functions.getNodeParameter('event') as TriggerEventName;
	const isEachAlone = options
		.property('executionPerRecord')
		.boolean('One Execution per Record', false);
	return { run, watched: { event, writtenFilters: filters.written }, isEachAlone };
}

function itemFor(functions: IPollFunctions, { resource }: PollRun) {
	const isSimplified = pollParameterOf(functions, 'simplify').boolean('Simplify', false);
	const simplify = simplifierFor(resource);
	return ({ record, change, changedFields, isSample }: TriggerEvent): INodeExecutionData => {
		const json = isSimplified && change !== 'deleted' ? simplify(record) : record;
		const about = {
			...(change && { _change: change }),
			...(changedFields && { _changedFields: changedFields }),
			...(isSample && { _sample: true }),
		};
		return { json: { ...json, ...about } };
	};
}
