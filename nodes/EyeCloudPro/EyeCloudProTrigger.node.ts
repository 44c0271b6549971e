// The trigger node: assembles its parameters, and turns what a poll finds into items. Loaded by n8n.
import type {
	IDataObject,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { systemClock } from './api/clock';
import { clientFor } from './api/credential';
import { getFieldNames } from './editor/loadOptions';
import { searchPaths } from './editor/pathSearch';
import { toNodeError } from './nodeError';
import { queryOf } from './parameters/filters';
import { clientOverridesOf } from './parameters/options';
import { resourceFor } from './parameters/resourceChoice';
import { simplify } from './parameters/output';
import { readForPoll } from './parameters/read';
import { settingsOf, triggerFields, watchedResource } from './trigger/fields';
import { latest, poll, stillInDoubt, type Cursor, type TriggerEventName } from './trigger/poll';
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
		description: 'Starts the workflow when a record in EyeCloud Pro is new or changed',
		defaults: { name: 'EyeCloud Pro Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'eyeCloudProOAuth2Api', required: true }],
		properties: triggerFields,
	};

	methods = { listSearch: { searchPaths }, loadOptions: { getFieldNames } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const time = new PollTime(budgetMsOf(this), systemClock);
		const key = `${this.getWorkflow().id}:${this.getNode().id}`;
		const isTest = this.getMode() === 'manual';
		// n8n does not wait for a slow poll before it starts the next, which would find the same records.
		if (!isTest && underWay.has(key)) return null;
		underWay.add(key);
		try {
			return await (isTest ? testEvent(this, time) : nextEvents(this, time));
		} catch (thrown) {
			throw toNodeError(thrown, this.getNode(), { resource: watchedResource(this) });
		} finally {
			underWay.delete(key);
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
	const { run, event } = await pollRunFor(functions, time);
	const events = await latest(run, event);
	return events.length > 0 ? [events.map((each) => itemFor(functions, run, each))] : null;
}

async function nextEvents(functions: IPollFunctions, time: PollTime) {
	const { run, event, executionPerRecord } = await pollRunFor(functions, time);
	const data = functions.getWorkflowStaticData('node') as { cursor?: Cursor };
	const { events, cursor, startedOver } = await poll(run, event, data.cursor);
	if (startedOver) {
		functions.logger.info(
			`EyeCloud Pro Trigger: '${functions.getNode().name}' starts over, because another resource, event, practice or filter is watched now`,
		);
	}
	const items = events.map((each) => itemFor(functions, run, each));
	// Nothing before this changes what n8n stores, so a poll that ends early has not happened.
	if (executionPerRecord)
		for (const item of items.splice(0, items.length - 1)) functions.__emit([[item]]);
	// n8n watches for changes of what it stores by itself; a cursor that it stores together with the
	// execution is a plain object.
	const isApart = '__dataChanged' in data;
	const next =
		isApart && items.length > 0 ? stillInDoubt(cursor, data.cursor, systemClock.now()) : cursor;
	if (JSON.stringify(data.cursor) !== JSON.stringify(next)) data.cursor = next;
	return items.length > 0 ? [items] : null;
}

async function pollRunFor(functions: IPollFunctions, time: PollTime) {
	const values = functions.getNodeParameter('options', {}) as IDataObject;
	const filters = readForPoll(functions, 'filters');
	const overrides = {
		...clientOverridesOf(readForPoll(functions, 'options')),
		signal: time.signal,
	};
	const client = await clientFor(functions, overrides);
	const resource = resourceFor(client, watchedResource(functions), (name) =>
		readForPoll(functions, name),
	);
	const run: PollRun = {
		client,
		resource,
		query: queryOf(filters, resource, { timeZone: functions.getTimezone() }),
		settings: settingsOf(functions, values),
		time,
	};
	const event = functions.getNodeParameter('event') as TriggerEventName;
	return { run, event, executionPerRecord: values.executionPerRecord === true };
}

function itemFor(
	functions: IPollFunctions,
	{ resource }: PollRun,
	{ record, change, changedFields }: TriggerEvent,
): INodeExecutionData {
	const isSimplified = functions.getNodeParameter('simplify', false) as boolean;
	const json = isSimplified && change !== 'deleted' ? simplify(record, resource) : record;
	const about = {
		...(change && { _change: change }),
		...(changedFields && { _changedFields: changedFields }),
	};
	return { json: { ...json, ...about } };
}
