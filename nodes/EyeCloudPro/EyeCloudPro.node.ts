// The action node: assembles the description from the catalogue and the operations, and runs the
// chosen operation for each input item. Loaded by n8n.
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

import type { Client } from './api/client';
import { clientFor } from './api/credential';
import { WaitingTime } from './api/waitingTime';
import { searchRecords } from './editor/listSearch';
import { getFieldNames, getSortFields } from './editor/loadOptions';
import { getColumns } from './editor/resourceMapping';
import { toNodeError } from './nodeError';
import { findOperation, nodeProperties } from './operations';
import type { AllItemsOperation, ItemOperation } from './operations/operation';
import type { OperationRun } from './parameters/run';
import { clientOverridesOf } from './parameters/options';
import { forgetExecution } from './operations/retryMemory';
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
		properties: nodeProperties(),
	};

	methods = {
		listSearch: { searchRecords },
		loadOptions: { getFieldNames, getSortFields },
		resourceMapping: { getColumns },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { operation, resource } = chosenOperation(this);
		const waitingTime = new WaitingTime();
		const runFor = runsOf(this, resource, waitingTime);
		const output =
			'executeAll' in operation
				? await executeAll(this, operation, runFor)
				: await executeEach(this, operation, runFor);
		forgetExecution(this);
		showWait(this, waitingTime);
		return [output];
	}
}

type RunFor = (itemIndex: number) => Promise<OperationRun>;

/** A run for each item; items of the same practice and time-out share a client. */
function runsOf(
	functions: IExecuteFunctions,
	resource: Resource,
	waitingTime: WaitingTime,
): RunFor {
	const clients = new Map<string, Client>();
	const memory = new Map<string, unknown>();
	return async (itemIndex) => {
		const overrides = clientOverridesOf(functions.getNodeParameter('options', itemIndex, {}));
		const key = JSON.stringify(overrides);
		const client =
			clients.get(key) ?? (await clientFor(functions, { ...overrides, itemIndex }, waitingTime));
		clients.set(key, client);
		return { functions, client, resource, itemIndex, memory };
	};
}

async function executeEach(
	functions: IExecuteFunctions,
	operation: ItemOperation,
	runFor: RunFor,
): Promise<INodeExecutionData[]> {
	const output: INodeExecutionData[] = [];
	for (let itemIndex = 0; itemIndex < functions.getInputData().length; itemIndex++) {
		try {
			for (const json of await operation.execute(await runFor(itemIndex))) {
				output.push({ json, pairedItem: { item: itemIndex } });
			}
		} catch (thrown) {
			const isCreating = operation.value === 'create';
			const created = isCreating ? output.filter(({ json }) => !json.dryRun).length : 0;
			output.push(failedItem(functions, thrown, itemIndex, created));
		}
	}
	return output;
}

async function executeAll(
	functions: IExecuteFunctions,
	operation: AllItemsOperation,
	runFor: RunFor,
): Promise<INodeExecutionData[]> {
	try {
		const runs: OperationRun[] = [];
		for (let itemIndex = 0; itemIndex < functions.getInputData().length; itemIndex++) {
			runs.push(await runFor(itemIndex));
		}
		return await operation.executeAll(runs);
	} catch (thrown) {
		const { resource } = chosenOperation(functions);
		throw toNodeError(thrown, functions.getNode(), { resource });
	}
}

/** What Continue On Fail hands on for an item; without it, or when the user stopped, the node ends. */
function failedItem(
	functions: IExecuteFunctions,
	thrown: unknown,
	itemIndex: number,
	createdBefore = 0,
): INodeExecutionData {
	const { resource } = chosenOperation(functions);
	const error = toNodeError(thrown, functions.getNode(), { resource, itemIndex });
	if (!functions.continueOnFail() || functions.getExecutionCancelSignal()?.aborted) {
		// Whoever corrects the item and runs the workflow again would create the others twice.
		if (createdBefore > 0) {
			error.description = `${error.description ?? ''} Items created before this one: ${createdBefore}. Leave them out when you run it again.`;
		}
		throw error;
	}
	return {
		// These two names alone let every n8n send the item to the error output where there is one.
		json: { error: error.message, message: error.description ?? '' },
		pairedItem: { item: itemIndex },
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
	if (!longest || longest.waitedMs < WORTH_A_HINT_MS) return;
	functions.addExecutionHints({
		location: 'outputPane',
		message: `This took ${Math.round(longest.waitedMs / 1000)} seconds longer, waiting for EyeCloud Pro's rate limit on '${longest.module}'.`,
	});
}
