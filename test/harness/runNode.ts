// Runs the node in the real n8n-core: parameters, items and a credential in, items or an error out. What stands beside
// a node in n8n can be had as well: On Error, tries, several runs, a crash, the Retry button. What an execution left
// behind goes through text before the next one sees it, as through n8n's database. Called by most tests.
import { parse, stringify } from 'flatted';
import { establishExecutionContext, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	type ExecutionError,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IRun,
	type IRunExecutionData,
	type ITaskData,
	type Workflow,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import {
	additionalDataFor,
	preparedForRetry,
	recovered,
	storedNode,
	storedWorkflow,
} from './n8nServer.ts';
import { StoredCredential } from './storedCredential.ts';

export interface NodeRun extends Pick<INode, 'onError' | 'retryOnFail' | 'maxTries'> {
	parameters: IDataObject;
	/** The credential as the user filled it in, shared by the runs that are given the same object. */
	credential?: StoredCredential;
	items?: IDataObject[];
	/** Where the node runs more than once in the execution: the items of each run. */
	runs?: IDataObject[][];
	/** Each has its own unless said; a tool's call has none, which is an empty text. */
	executionId?: string;
	/** What starts it; a person unless said. */
	mode?: WorkflowExecuteMode;
	timezone?: string;
	/** Called with the means to stop the execution, as the editor's stop button does. */
	onStarted?: (cancel: () => void) => void;
	/** Another node in place of the real one; another copy of its module is another process of n8n. */
	nodeType?: INodeType;
	/** So many nodes that are the same, one after the other with the same items; one unless said. */
	nodes?: number;
	/** The node before it throws in this execution. */
	failsBefore?: boolean;
	/** n8n dies while a node runs for the first time. */
	crash?: Crash;
	/** Which of the nodes; the first unless said. */
	crashesIn?: number;
}

/** `withProgress`: n8n saves it after each node. `recovered`: and found its log when it started again. */
export type Crash = 'withoutProgress' | 'withProgress' | 'recovered' | 'recoveredWithProgress';

/** One run of one node. */
export interface TaskResult {
	/** Each of its outputs: without an error output there is one. */
	outputs: INodeExecutionData[][];
	error?: { message: string; description?: string | null; itemIndex?: unknown };
}

/** The node's last run, and the execution that it was in. */
export interface NodeResult extends Pick<TaskResult, 'error'> {
	items: INodeExecutionData[];
	/** The records alone. */
	records: IDataObject[];
	hints: string[];
	status: IRun['status'];
	/** By node and run; of a run that was not reached there is none. */
	nodes: TaskResult[][];
	/** All that the execution keeps of the node's run, written out; a leak would be in here. */
	inspected: () => string;
	/** What n8n's database holds of the execution at its end, or after the crash. */
	stored: () => string;
	/**
	 * n8n's Retry button: a new execution that goes on from what is stored of this one.
	 *
	 * @param loadWorkflow with the workflow as it is saved now; otherwise with its nodes as they were
	 */
	retry: (changes?: Partial<NodeRun>, options?: { loadWorkflow?: boolean }) => Promise<NodeResult>;
}

const START = 'Start';

let executions = 0;

export async function runNode(run: NodeRun): Promise<NodeResult> {
	const workflow = workflowFor(run);
	const node = workflow.getNode(START) as INode;
	const data = createRunExecutionData({
		executionData: {
			nodeExecutionStack: [{ node, data: { main: [[{ json: {} }]] }, source: null }],
		},
	});
	return await processed(run, workflow, data, run.mode ?? 'manual');
}

async function retryNode(run: NodeRun, stored: string, loadWorkflow: boolean): Promise<NodeResult> {
	const data = preparedForRetry(stored);
	const workflow = workflowFor(run);
	if (loadWorkflow) {
		for (const entry of data.executionData?.nodeExecutionStack ?? []) {
			entry.node = workflow.getNode(entry.node.name) as INode;
		}
	}
	return await processed(run, workflow, data, 'retry');
}

async function processed(
	run: NodeRun,
	workflow: Workflow,
	data: IRunExecutionData,
	mode: WorkflowExecuteMode,
): Promise<NodeResult> {
	await establishExecutionContext(workflow, data, {} as never, mode);
	const { credential = new StoredCredential({}), crash, crashesIn = 0 } = run;
	// A tool's call has none.
	const executionId = run.executionId ?? `execution ${++executions}`;
	const additionalData = additionalDataFor(credential, executionId, mode);
	let storedMeanwhile = crash || mode === 'retry' ? stringify(data) : undefined;
	additionalData.getRunExecutionData = async (id) =>
		storedMeanwhile && id === executionId
			? (parse(storedMeanwhile) as IRunExecutionData)
			: undefined;
	let isReached = false;
	additionalData.hooks?.addHandler('nodeExecuteBefore', (name) => {
		isReached ||= nodeNames(run).indexOf(name) >= crashesIn;
	});
	additionalData.hooks?.addHandler('nodeExecuteAfter', (name, _task, now) => {
		if (isReached || !crash?.endsWith('ithProgress')) return;
		const resultData = { ...now.resultData, lastNodeExecuted: name };
		storedMeanwhile = stringify({ ...now, resultData });
	});
	const execution = new WorkflowExecute(additionalData, mode, data).processRunExecutionData(
		workflow,
	);
	run.onStarted?.(() => execution.cancel());
	const finished = await execution;
	return resultOf(finished, run, () => {
		if (!crash || !storedMeanwhile) return stringify(finished.data);
		if (!crash.startsWith('recovered')) return storedMeanwhile;
		const own = nodeNames(run).slice(0, crashesIn);
		return recovered(storedMeanwhile, [START, 'Items 0', ...own], nodeNames(run)[crashesIn]);
	});
}

function resultOf(finished: IRun, run: NodeRun, stored: () => string): NodeResult {
	const { runData, error: executionError } = finished.data.resultData;
	const nodes = nodeNames(run).map((name) => (runData[name] ?? []).filter(isOwn));
	const task = nodes.flat().at(-1);
	const error = task?.error ?? executionError;
	const items = (task?.data?.main ?? []).flatMap((output) => output ?? []);
	return {
		items,
		records: items.map(({ json }) => json),
		error: shownError(error),
		hints: (task?.hints ?? []).map(({ message }) => message),
		status: finished.status,
		nodes: nodes.map((tasks) => tasks.map(taskResult)),
		inspected: () => writtenOut([task, error]),
		stored,
		retry: async (changes = {}, { loadWorkflow = true } = {}) =>
			await retryNode({ ...run, executionId: undefined, ...changes }, stored(), loadWorkflow),
	};
}

/** Not what n8n puts in the place of an output that it has lost. */
function isOwn({ data }: ITaskData): boolean {
	return data?.main?.[0]?.[0]?.json.isArtificialRecoveredEventItem === undefined;
}

function taskResult({ data, error }: ITaskData): TaskResult {
	return {
		outputs: (data?.main ?? []).map((items) => items ?? []),
		error: shownError(error),
	};
}

/** What a user sees of it. */
function shownError(error: ExecutionError | undefined): TaskResult['error'] {
	if (!error) return undefined;
	const { message, description, context } = error;
	return { message, description, itemIndex: context?.itemIndex };
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

function nodeNames({ nodes = 1 }: NodeRun): string[] {
	return Array.from({ length: nodes }, (_, index) => `EyeCloud Pro ${index}`);
}

/** A start, a node for the items of each run, and the nodes under test after each of them. */
function workflowFor(run: NodeRun): Workflow {
	const { parameters, credential, onError, retryOnFail, maxTries, timezone } = run;
	const { nodeType = new EyeCloudPro(), runs = [run.items ?? [{}]] } = run;
	const types: Record<string, INodeType> = {
		start: nodeOf('start', async function () {
			return [this.getInputData()];
		}),
		items: nodeOf('items', async function () {
			if (run.failsBefore) throw new Error('This node fails at first');
			// What would come after the node that n8n died in.
			if (run.crash && this.getNode().name !== 'Items 0') throw new Error('n8n is gone');
			const index = Number(this.getNode().name.slice('Items '.length));
			return [runs[index].map((json) => ({ json: structuredClone(json) }))];
		}),
		[nodeType.description.name]: nodeType,
	};
	const feeds = runs.map((_, index) => `Items ${index}`);
	const settings = {
		...{ parameters: parameters as INode['parameters'], credential, retryOnFail, maxTries },
		...{ onError, waitBetweenTries: 1 },
	};
	const nodes = [
		storedNode(START, 'start'),
		...feeds.map((name) => storedNode(name, 'items')),
		...nodeNames(run).map((name) => storedNode(name, nodeType.description.name, settings)),
	];
	// n8n runs what stands higher first.
	nodes.forEach((node, index) => (node.position = [0, index * 100]));
	const to = (names: string[]) => ({
		main: [names.map((node) => ({ node, type: 'main' as const, index: 0 }))],
	});
	const connections = {
		[START]: to(feeds),
		...Object.fromEntries(feeds.map((name) => [name, to(nodeNames(run))])),
	};
	return storedWorkflow((type) => types[type], nodes, { connections, timezone });
}

function nodeOf(name: string, execute: INodeType['execute']): INodeType {
	return {
		description: {
			...{ displayName: name, name, group: ['transform'], version: 1, description: 'For tests' },
			...{ defaults: {}, inputs: ['main'], outputs: ['main'], properties: [] },
		},
		execute,
	};
}
