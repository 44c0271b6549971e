// The action node: assembles the description from the catalogue and the operations, and runs the
// chosen operation for each input item. Loaded by n8n.
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

import { clientFor } from './api/credential';
import { WaitingTime } from './api/waitingTime';
import { searchRecords } from './methods/listSearch';
import { getColumns } from './methods/resourceMapping';
import { toNodeError } from './nodeError';
import { findOperation, nodeProperties } from './operations';
import { clientOverridesOf } from './operations/options';

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
		resourceMapping: { getColumns },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const output: INodeExecutionData[] = [];
		const waitingTime = new WaitingTime();
		for (let itemIndex = 0; itemIndex < this.getInputData().length; itemIndex++) {
			try {
				for (const json of await runItem(this, itemIndex, waitingTime)) {
					output.push({ json, pairedItem: { item: itemIndex } });
				}
			} catch (thrown) {
				const resource = findChosen(this, itemIndex)?.resource;
				const error = toNodeError(thrown, this.getNode(), { resource, itemIndex });
				if (!this.continueOnFail() || this.getExecutionCancelSignal()?.aborted) throw error;
				output.push({
					json: { error: error.message, details: error.description ?? '' },
					error,
					pairedItem: { item: itemIndex },
				});
			}
		}
		showWait(this, waitingTime);
		return [output];
	}
}

async function runItem(
	functions: IExecuteFunctions,
	itemIndex: number,
	waitingTime: WaitingTime,
): Promise<IDataObject[]> {
	const chosen = findChosen(functions, itemIndex);
	if (!chosen) {
		throw new NodeOperationError(functions.getNode(), 'This resource has no such operation', {
			itemIndex,
			description: 'Choose another one under Operation.',
		});
	}
	const options = functions.getNodeParameter('options', itemIndex, {});
	const overrides = { ...clientOverridesOf(options), itemIndex };
	const client = await clientFor(functions, overrides, waitingTime);
	const { resource, operation } = chosen;
	return await operation.execute({ functions, client, resource, itemIndex });
}

function findChosen(functions: IExecuteFunctions, itemIndex: number) {
	return findOperation(
		functions.getNodeParameter('resource', itemIndex) as string,
		functions.getNodeParameter('operation', itemIndex) as string,
	);
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
