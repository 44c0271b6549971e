// What n8n's server does around n8n-core (n8n 2.41.1): it keeps workflows, credentials and executions, starts again
// after a crash, and has a Retry button. Called by runNode, Poller and Editor.
import { parse, stringify } from 'flatted';
import { DataDeduplicationService, ExecutionLifecycleHooks } from 'n8n-core';
import {
	setSafeRegexEngine,
	Workflow,
	type DeduplicationItemTypes,
	type ExecutionError,
	type INode,
	type INodeType,
	type IRunExecutionData,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
	type WorkflowParameters,
} from 'n8n-workflow';

import type { StoredCredential } from './storedCredential.ts';

// What n8n reports of failing nodes is of no interest here: the tests look at the errors.
process.env.N8N_LOG_LEVEL = 'silent';

// n8n gives a pattern a quarter of a second of real time, and a busy machine is no reason to fail.
setSafeRegexEngine({
	exec: (pattern, input, flags) => new RegExp(pattern, flags).exec(input),
	test: (pattern, input, flags) => new RegExp(pattern, flags).test(input),
	replace: (pattern, input, flags, by) => input.replace(new RegExp(pattern, flags), by),
	matchAll: (pattern, input, flags = '') =>
		Array.from(input.matchAll(new RegExp(pattern, `${flags.replace('g', '')}g`))),
	split: (pattern, input, flags) => input.split(new RegExp(pattern, flags)),
});

type NodeTypeOf = (name: string) => INodeType;

/** @param nodeTypeOf finds a node's type by the type's name */
export function storedWorkflow(
	nodeTypeOf: NodeTypeOf,
	nodes: INode[],
	{ timezone, ...more }: Partial<WorkflowParameters> & { timezone?: string } = {},
): Workflow {
	return new Workflow({
		id: 'test',
		nodes,
		connections: {},
		active: false,
		nodeTypes: {
			getByName: nodeTypeOf,
			getByNameAndVersion: nodeTypeOf,
			getKnownTypes: () => ({}),
		},
		settings: { executionOrder: 'v1', timezone: timezone ?? 'America/Chicago' },
		...more,
	});
}

/** A node as n8n stores it, with its credential. */
export function storedNode(
	name: string,
	type: string,
	{ credential, ...more }: Partial<INode> & { credential?: StoredCredential } = {},
): INode {
	const credentials = credential && {
		eyeCloudProOAuth2Api: { id: credential.id, name: 'EyeCloud Pro account' },
	};
	const position: INode['position'] = [0, 0];
	const node = { id: name, name, type, typeVersion: 1, position, parameters: {} };
	return { ...node, credentials, ...more };
}

/** What n8n's server hands to its core, as far as nodes get to see it. */
export function additionalDataFor(
	credential: StoredCredential,
	executionId = '1',
	mode: WorkflowExecuteMode = 'manual',
): IWorkflowExecuteAdditionalData {
	const additionalData = {
		credentialsHelper: credential.helper,
		currentNodeExecutionIndex: 0,
		executionId,
		hooks: new ExecutionLifecycleHooks(mode, executionId, { id: 'test', nodes: [] } as never),
		instanceBaseUrl: 'http://127.0.0.1/',
		webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
		formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
		variables: {},
	};
	return additionalData as unknown as IWorkflowExecuteAdditionalData;
}

/** Nobody presses it at once. */
const pressedAfterMs = 3_600_000;

/** The data that the Retry button's new execution begins with, from what is stored of the failed one. */
export function preparedForRetry(stored: string): IRunExecutionData {
	const data = parse(stored) as IRunExecutionData;
	const { runtimeData } = data.executionData ?? {};
	if (runtimeData) runtimeData.establishedAt -= pressedAfterMs;
	const { lastNodeExecuted, runData } = data.resultData;
	for (const task of Object.values(runData).flat()) task.startTime -= pressedAfterMs;
	if (lastNodeExecuted) {
		delete data.resultData.error;
		const tasks = runData[lastNodeExecuted];
		if (tasks?.at(-1)?.error !== undefined) tasks.pop();
	}
	return data;
}

/**
 * What n8n makes at its next start of the data of an execution that died with it, if its log is there.
 *
 * @param finished the nodes that had ended, in the order of the workflow; `running` had begun
 */
export function recovered(stored: string, finished: string[], running: string): string {
	const data = parse(stored) as IRunExecutionData;
	const { resultData } = data;
	for (const name of [...finished, running]) {
		if (resultData.runData[name] !== undefined) continue;
		const task = { startTime: Date.now(), executionIndex: 0, executionTime: -1, source: [null] };
		resultData.lastNodeExecuted = name;
		if (name === running) {
			const error = { name: 'NodeCrashedError', message: 'Node crashed' } as ExecutionError;
			const crashed = { executionStatus: 'crashed' as const, error, executionTime: 0 };
			resultData.runData[name] = [{ ...task, ...crashed }];
			resultData.error = error;
		} else {
			const item = { json: { isArtificialRecoveredEventItem: true }, pairedItem: undefined };
			resultData.runData[name] = [
				{ ...task, executionStatus: 'success', data: { main: [[item]] } },
			];
		}
	}
	return stringify(data);
}

/** The table in n8n's database in which nodes note what they have seen before, by workflow and node. */
const seen = new Map<string, Set<DeduplicationItemTypes>>();

const unused = async () => await Promise.reject(new Error('Not played here'));

void DataDeduplicationService.init({
	async checkProcessedAndRecord(items, _scope, { workflow, node }) {
		const key = `${workflow.id} ${node?.id}`;
		const entries = seen.get(key) ?? new Set();
		seen.set(key, entries);
		const before = new Set(entries);
		for (const item of items) entries.add(item);
		return await Promise.resolve({
			new: items.filter((item) => !before.has(item)),
			processed: items.filter((item) => before.has(item)),
		});
	},
	removeProcessed: unused,
	clearAllProcessedItems: unused,
	getProcessedDataCount: unused,
});
