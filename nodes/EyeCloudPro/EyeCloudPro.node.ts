// The action node: assembles the description from the catalogue and the operations, and runs the
// chosen operation for each input item. Loaded by n8n.
import type {
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
		const chosen = chosenOperation(this);
		const waitingTime = new WaitingTime();
		const output: INodeExecutionData[] = [];
		for (let itemIndex = 0; itemIndex < this.getInputData().length; itemIndex++) {
			try {
				const options = this.getNodeParameter('options', itemIndex, {});
				const overrides = { ...clientOverridesOf(options), itemIndex };
				const client = await clientFor(this, overrides, waitingTime);
				const { operation, resource } = chosen;
				const run = { functions: this, client, resource, itemIndex };
				for (const json of await operation.execute(run)) {
					output.push({ json, pairedItem: { item: itemIndex } });
				}
			} catch (thrown) {
				const { resource } = chosen;
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

/** Neither parameter takes expressions, so all items share one operation. */
function chosenOperation(functions: IExecuteFunctions) {
	const chosen = findOperation(
		functions.getNodeParameter('resource', 0) as string,
		functions.getNodeParameter('operation', 0) as string,
	);
	if (!chosen) {
		throw new NodeOperationError(functions.getNode(), 'This resource has no such operation', {
			description: 'Choose another one under Operation.',
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
