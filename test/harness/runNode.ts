// Runs the node by the real n8n-core: parameters, items and a credential in, items or an error out.
// Called by the tests in this folder. Only what n8n's server adds is stood in for: where workflows
// and credentials are stored.
import { parse, stringify } from 'flatted';
import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	setSafeRegexEngine,
	Workflow,
	type ExecutionError,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { preparedForRetry } from './retryButton.ts';
import { noteRetries } from './retriesNoted.ts';
import { StoredCredential } from './storedCredential.ts';

export interface NodeRun {
	parameters: IDataObject;
	/** The credential as the user filled it in, shared by the runs that are given the same object. */
	credential?: StoredCredential;
	items?: IDataObject[];
	continueOnFail?: boolean;
	onError?: INode['onError'];
	/** n8n runs the whole node again, as often as it does by default. */
	retryOnFail?: boolean;
	executionId?: string;
	timezone?: string;
	/** Called with the means to stop the execution, as the editor's stop button does. */
	onStarted?: (cancel: () => void) => void;
	/** Another node in place of the real one, under the name in its description. */
	nodeType?: INodeType;
}

export interface NodeResult {
	items: INodeExecutionData[];
	/** The records alone. */
	records: IDataObject[];
	error?: { message: string; description?: string | null; itemIndex?: unknown };
	hints: string[];
	status: IRun['status'];
	/** All that the execution keeps of the node's run, written out; a leak would be in here. */
	inspected: () => string;
	/** What n8n stores of the execution. */
	stored: IRun;
	/** n8n's Retry button: a new execution that goes on from what is stored of this one. */
	retry: (changes?: Partial<NodeRun>) => Promise<NodeResult>;
}

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

const START = 'Start';
const NODE = 'EyeCloud Pro';

export async function runNode(run: NodeRun): Promise<NodeResult> {
	await noteRetries(run.executionId);
	const workflow = workflowFor(run);
	const execution = new WorkflowExecute(additionalDataFor(run), 'manual').run({
		workflow,
		startNode: workflow.getNode(START) ?? undefined,
	});
	run.onStarted?.(() => execution.cancel());
	return resultOf(await execution, run);
}

let retries = 0;

async function retryNode(failed: NodeRun, stored: IRun): Promise<NodeResult> {
	const run = { ...failed, executionId: `${failed.executionId}, retry ${++retries}` };
	const data = preparedForRetry(stringify(stored.data));
	for (const entry of data.executionData?.nodeExecutionStack ?? []) {
		entry.node = workflowFor(run).getNode(entry.node.name) ?? entry.node;
	}
	const additionalData = additionalDataFor(run);
	additionalData.getRunExecutionData = async () => parse(stringify(stored.data)) as IRun['data'];
	const execution = new WorkflowExecute(additionalData, 'retry', data);
	return resultOf(await execution.processRunExecutionData(workflowFor(run)), run);
}

function workflowFor(run: NodeRun): Workflow {
	return new Workflow({
		id: 'test',
		nodes: nodesFor(run),
		connections: { [START]: { main: [[{ node: NODE, type: 'main', index: 0 }]] } },
		active: false,
		nodeTypes: nodeTypesFor(run),
		settings: { executionOrder: 'v1', timezone: run.timezone ?? 'America/Chicago' },
	});
}

function resultOf(finished: IRun, run: NodeRun): NodeResult {
	const task = finished.data.resultData.runData[NODE]?.at(-1);
	const error = task?.error ?? finished.data.resultData.error;
	const items = (task?.data?.main ?? []).flatMap((output) => output ?? []);
	return {
		items,
		records: items.map(({ json }) => json),
		error: errorOf(error).error,
		hints: (task?.hints ?? []).map(({ message }) => message),
		status: finished.status,
		inspected: () => writtenOut([task, error]),
		stored: finished,
		retry: async (changes = {}) => await retryNode({ ...run, ...changes }, finished),
	};
}

/** What a user sees of an error, and all of it. */
export function errorOf(
	error: ExecutionError | undefined,
): Pick<NodeResult, 'error'> & { writtenError: string } {
	if (!error) return { writtenError: '' };
	const { message, description, context } = error;
	return {
		error: { message, description, itemIndex: context?.itemIndex },
		writtenError: writtenOut(error),
	};
}

/** As JSON, with what errors hide from it, and without the node: that is the user's own workflow. */
function writtenOut(value: unknown): string {
	const seen = new WeakSet<object>();
	return JSON.stringify(value, function (this: Record<string, unknown>, key) {
		const raw = this[key];
		if (key === 'node' || typeof raw !== 'object' || raw === null) {
			return key === 'node' ? undefined : raw;
		}
		if (seen.has(raw)) return undefined;
		seen.add(raw);
		if (!(raw instanceof Error)) return raw;
		return { ...raw, message: raw.message, stack: raw.stack, cause: raw.cause };
	});
}

function nodesFor(run: NodeRun): INode[] {
	const credentials = run.credential && {
		eyeCloudProOAuth2Api: { id: run.credential.id, name: 'EyeCloud Pro account' },
	};
	return [
		{ id: '1', name: START, type: 'start', typeVersion: 1, position: [0, 0], parameters: {} },
		{
			id: '2',
			name: NODE,
			type: run.nodeType?.description.name ?? 'eyeCloudPro',
			typeVersion: 1,
			position: [200, 0],
			parameters: run.parameters as INode['parameters'],
			credentials,
			onError: run.onError ?? (run.continueOnFail ? 'continueRegularOutput' : undefined),
			retryOnFail: run.retryOnFail,
			waitBetweenTries: 1,
		},
	];
}

function nodeTypesFor(run: NodeRun): INodeTypes {
	const input = (run.items ?? [{}]).map((json): INodeExecutionData => ({ json }));
	const start: INodeType = {
		description: {
			displayName: START,
			name: 'start',
			group: ['trigger'],
			version: 1,
			description: 'Hands on the items of a test',
			defaults: {},
			inputs: [],
			outputs: ['main'],
			properties: [],
		},
		execute: async () => [input],
	};
	const types: Record<string, INodeType> = {
		start,
		[run.nodeType?.description.name ?? 'eyeCloudPro']: run.nodeType ?? new EyeCloudPro(),
	};
	return {
		getByName: (name) => types[name],
		getByNameAndVersion: (name) => types[name],
		getKnownTypes: () => ({}),
	};
}

/** What n8n's server hands to its core, as far as nodes get to see it. */
export function additionalDataFor(
	run: Pick<NodeRun, 'credential' | 'executionId'>,
	mode: WorkflowExecuteMode = 'manual',
): IWorkflowExecuteAdditionalData {
	const additionalData = {
		credentialsHelper: run.credential ?? new StoredCredential({}),
		currentNodeExecutionIndex: 0,
		executionId: run.executionId ?? '1',
		hooks: new ExecutionLifecycleHooks(mode, run.executionId ?? '1', {
			id: 'test',
			name: 'test',
			active: false,
			createdAt: new Date(),
			updatedAt: new Date(),
			nodes: [],
			connections: {},
		} as never),
		instanceBaseUrl: 'http://127.0.0.1/',
		webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
		formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
		variables: {},
	};
	return additionalData as unknown as IWorkflowExecuteAdditionalData;
}
