// The action node: assembles the description from the catalogue and the operations, and has the chosen operation run for
// the input items (operations/items.ts has the loop). Loaded by n8n.
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

import { isAiTool, refuseLostAnswers } from './aiTool';
import type { Client } from './api/client';
import { clientFor } from './api/credential';
import { WaitingTime } from './api/waitingTime';
import { pageUrl } from './documentation';
import { searchRecords } from './editor/listSearch';
import { searchPaths } from './editor/pathSearch';
import {
	getFieldNames,
	getFilterNames,
	getOutputFields,
	getSortFields,
} from './editor/loadOptions';
import { getColumns } from './editor/resourceMapping';
import { findOperation, nodeProperties } from './operations';
import { DoneWork } from './operations/idempotency';
import { ItemOrder } from './operations/itemOrder';
import { executeAll, executeEach, failedItem, type Items } from './operations/items';
import { clientOverridesOf } from './parameters/options';
import { resourceFor } from './parameters/resourceChoice';
import { parameterOf } from './parameters/parameterValue';
import { toolAnswer, type ToolNotes } from './parameters/toolAnswer';
import type { Resource } from './catalogue/resource';

export class EyeCloudPro implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'EyeCloud Pro',
		name: 'eyeCloudPro',
		icon: { light: 'file:eyecloudpro.svg', dark: 'file:eyecloudpro.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Read and write the records of an eye care practice in EyeCloud Pro',
		defaults: { name: 'EyeCloud Pro' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'eyeCloudProOAuth2Api', required: true }],
		documentationUrl: pageUrl('docs/operations.md'),
		builderHint: {
			searchHint:
				"Everything in EyeCloud Pro, the practice management system of eye care practices: patients, appointments, orders, invoices, price books. Prefer it to the HTTP Request node, which knows neither its rate limit nor whole lists, and may create twice. It runs once for each input item, but Create Many and Create or Update take all items at once. People are found by name with 'lookup', not with 'filters'. What may be there already is written with Find or Create, or Create or Update where the resource has it, not with Create. Patients can't be updated.",
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-eyecloudpro.eyeCloudProTrigger',
					relationHint:
						'Starts a workflow when records are created or changed; use it in place of a schedule and Get Many',
				},
			],
		},
		properties: nodeProperties(),
	};

	methods = {
		listSearch: { searchPaths, searchRecords },
		loadOptions: { getFieldNames, getFilterNames, getOutputFields, getSortFields },
		resourceMapping: { getColumns },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		refuseLostAnswers(this);
		let chosen;
		try {
			chosen = chosenOperation(this);
		} catch (thrown) {
			return [
				this.getInputData().map((_, index) => failedItem({ functions: this }, thrown, index)),
			];
		}
		const { operation, resource } = chosen;
		const done = await DoneWork.of(this, operation, resource);
		const itemOrder = new ItemOrder();
		const toolNotes: ToolNotes = {};
		const waitingTime = new WaitingTime();
		const runFor = runsOf(this, resource, { done, itemOrder, toolNotes, waitingTime });
		const items = { functions: this, resource, done, itemOrder, runFor };
		const output =
			'executeAll' in operation
				? await executeAll(items, operation)
				: await executeEach(items, operation);
		done.ended(this, output);
		showWait(this, waitingTime);
		return [isAiTool(this.getNode()) ? toolAnswer(output, toolNotes) : output];
	}
}

/** A run for each item; items for which the credential and the options say the same share a client. */
function runsOf(
	functions: IExecuteFunctions,
	chosen: Resource,
	{
		done,
		itemOrder,
		toolNotes,
		waitingTime,
	}: Pick<Items, 'done' | 'itemOrder'> & { toolNotes: ToolNotes; waitingTime: WaitingTime },
): Items['runFor'] {
	const clients = new Map<string, Client>();
	const memory = new Map<string, unknown>();
	const { createdByMatch, written } = done;
	return async (itemIndex) => {
		const overrides = clientOverridesOf(parameterOf(functions, 'options', itemIndex));
		// Asked for each item: its practice may be an expression, in the credential too.
		const own = await clientFor(functions, { ...overrides, itemIndex }, waitingTime);
		const key = JSON.stringify(own.settings);
		const client = clients.get(key) ?? own;
		clients.set(key, client);
		const resource = resourceFor(client, chosen, (name) => parameterOf(functions, name, itemIndex));
		const unknownBefore = done.unknownOf(itemIndex);
		return {
			...{ functions, client, resource, itemIndex },
			...{ itemOrder, memory, createdByMatch, written, unknownBefore, toolNotes },
		};
	};
}

/** Neither parameter takes expressions, so all items share one operation. */
function chosenOperation(functions: IExecuteFunctions) {
	const chosen = findOperation(
		functions.getNodeParameter('resource', 0) as string,
		functions.getNodeParameter('operation', 0) as string,
	);
	if (!chosen) {
		throw new NodeOperationError(functions.getNode(), 'This resource has no such operation', {
			description: "Choose another one under 'Operation'.",
		});
	}
	return chosen;
}

/** Below this nobody wonders what the node is doing. */
const WORTH_A_HINT_MS = 5_000;

function showWait(functions: IExecuteFunctions, waitingTime: WaitingTime): void {
	const { longest } = waitingTime;
	if (!longest) return;
	const { module, waitedMs, waitedForServerMs } = longest;
	const totalMs = waitedMs + waitedForServerMs;
	if (totalMs < WORTH_A_HINT_MS) return;
	const reason =
		waitedMs >= waitedForServerMs
			? `for EyeCloud Pro's rate limit on '${module}'`
			: `until EyeCloud Pro was ready for '${module}' again`;
	functions.addExecutionHints({
		location: 'outputPane',
		message: `This took ${Math.round(totalMs / 1000)} seconds longer, waiting ${reason}.`,
	});
}
