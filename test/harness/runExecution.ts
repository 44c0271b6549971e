// A whole execution of a workflow by the real n8n-core, with what stands beside a node in n8n: tries,
// error outputs, several runs of the node, and n8n's Retry button. Called by test/model. What n8n's
// server does around its core is done here as it does it (n8n 2.41.1), its database included: what an
// execution left behind goes through text before the next one sees it.
import { parse, stringify } from 'flatted';
import { establishExecutionContext, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	Workflow,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IRunExecutionData,
	type ITaskData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { preparedForRetry, recovered } from './retryButton.ts';
import { noteRetries } from './retriesNoted.ts';
import { additionalDataFor, errorOf, type NodeResult } from './runNode.ts';
import type { StoredCredential } from './storedCredential.ts';

export interface ExecutionRun {
	executionId: string;
	/** What starts it: `trigger` unless a person does. */
	mode?: WorkflowExecuteMode;
	/** The node under test; another copy of its module is another process of n8n. */
	nodeType: INodeType;
	/** Parameters, and On Error, Retry On Fail and its tries as they stand beside them. */
	node: Pick<INode, 'parameters' | 'onError' | 'retryOnFail' | 'maxTries'>;
	credential: StoredCredential;
	/** The items of each run of the node within the execution. */
	runs: IDataObject[][];
	/** The node before it throws in this execution. */
	failsBefore?: boolean;
	/** n8n dies while a node runs for the first time. */
	crash?: Crash;
	/** Which of the nodes; the first unless said. */
	crashesIn?: number;
	/** So many nodes that are the same, one after the other with the same items; one unless said. */
	nodes?: number;
}

/** One run of the node. */
export interface ToldRun {
	/** Each of its outputs: without an error output there is one. */
	outputs: INodeExecutionData[][];
	error?: NodeResult['error'];
	/** The error as n8n keeps it, written out. */
	writtenError: string;
}

export interface Executed {
	status: string;
	/** By node and run index; of a run that was not reached there is none. */
	nodes: ToldRun[][];
	/** What n8n's database holds of it at its end, or after the crash. */
	stored: string;
}

/** `withProgress`: n8n saves it after each node. `recovered`: and found its log when it started again. */
export type Crash = 'withoutProgress' | 'withProgress' | 'recovered' | 'recoveredWithProgress';

const START = 'Start';

function nodeNames({ nodes = 1 }: ExecutionRun): string[] {
	return Array.from({ length: nodes }, (_, index) => `EyeCloud Pro ${index}`);
}

/** As n8n starts a workflow for a trigger. */
export async function execute(run: ExecutionRun): Promise<Executed> {
	await noteRetries(run.executionId);
	const workflow = workflowFor(run);
	const node = workflow.getNode(START) as INode;
	const data = createRunExecutionData({
		executionData: {
			nodeExecutionStack: [{ node, data: { main: [[{ json: {} }]] }, source: null }],
		},
	});
	return await processed(run, workflow, data, run.mode ?? 'trigger');
}

/**
 * The Retry button, as n8n's `ExecutionService.retry` prepares what is stored.
 *
 * @param loadWorkflow with the workflow as it is saved now; otherwise with its nodes as they were
 */
export async function retry(
	run: ExecutionRun,
	stored: string,
	{ loadWorkflow = false } = {},
): Promise<Executed> {
	const data = preparedForRetry(stored);
	const workflow = workflowFor(run);
	if (loadWorkflow) {
		for (const entry of data.executionData?.nodeExecutionStack ?? []) {
			entry.node = workflow.getNode(entry.node.name) as INode;
		}
	}
	return await processed(run, workflow, data, 'retry');
}

/** By execution id, as n8n's database keeps them while and after they run. */
const database = new Map<string, string>();

async function processed(
	run: ExecutionRun,
	workflow: Workflow,
	data: IRunExecutionData,
	mode: WorkflowExecuteMode,
): Promise<Executed> {
	await establishExecutionContext(workflow, data, {} as never, mode);
	let storedMeanwhile = run.crash || mode === 'retry' ? stringify(data) : '';
	database.set(run.executionId, storedMeanwhile);
	const additionalData = additionalDataFor(run, mode);
	additionalData.getRunExecutionData = async (executionId) => {
		const text = database.get(executionId);
		return !text ? undefined : (parse(text) as IRunExecutionData);
	};
	const savesProgress = run.crash?.endsWith('ithProgress');
	let isReached = false;
	additionalData.hooks?.addHandler('nodeExecuteBefore', (name) => {
		isReached ||= nodeNames(run).indexOf(name) >= (run.crashesIn ?? 0);
	});
	additionalData.hooks?.addHandler('nodeExecuteAfter', (name, _task, now) => {
		if (isReached || !savesProgress) return;
		const resultData = { ...now.resultData, lastNodeExecuted: name };
		storedMeanwhile = stringify({ ...now, resultData });
	});
	const finished = await new WorkflowExecute(additionalData, mode, data).processRunExecutionData(
		workflow,
	);
	const own = nodeNames(run).slice(0, (run.crashesIn ?? 0) + 1);
	const running = own.pop() ?? '';
	const isRecovered = run.crash?.startsWith('recovered');
	const stored = !run.crash
		? stringify(finished.data)
		: isRecovered
			? recovered(storedMeanwhile, [START, 'Items 0', ...own], running)
			: storedMeanwhile;
	database.set(run.executionId, stored);
	const { runData, error } = finished.data.resultData;
	const nodes = nodeNames(run).map((name) => (runData[name] ?? []).filter(isOwn).map(toldRun));
	const isMeant = run.failsBefore || run.crash;
	if (error && nodes.flat().every((told) => told.error === undefined) && !isMeant) {
		throw new Error(`n8n itself failed: ${error.message}`);
	}
	return { status: finished.status, nodes, stored };
}

/** Forgets what is stored of all executions. */
export function forgetExecutions(): void {
	database.clear();
}

/** Not what n8n puts in the place of an output that it has lost. */
function isOwn({ data }: ITaskData): boolean {
	return data?.main?.[0]?.[0]?.json.isArtificialRecoveredEventItem === undefined;
}

function toldRun({ data, error }: ITaskData): ToldRun {
	return {
		outputs: (data?.main ?? []).map((items) => items ?? []),
		...errorOf(error),
	};
}

function workflowFor(run: ExecutionRun): Workflow {
	const feeds = run.runs.map((_, index) => `Items ${index}`);
	const to = (...names: string[]) => ({
		main: [names.map((node) => ({ node, type: 'main' as const, index: 0 }))],
	});
	const node = (name: string, type: string, more: Partial<INode> = {}): INode => ({
		...{ id: name, name, type, typeVersion: 1, parameters: {} },
		position: [0, [...feeds, ...nodeNames(run)].indexOf(name) * 100],
		...more,
	});
	const { description } = run.nodeType;
	const types = nodeTypes(run);
	return new Workflow({
		id: 'test',
		nodes: [
			node(START, 'start'),
			...feeds.map((name) => node(name, 'items')),
			...nodeNames(run).map((name) =>
				node(name, description.name, {
					...run.node,
					credentials: {
						eyeCloudProOAuth2Api: { id: run.credential.id, name: 'EyeCloud Pro account' },
					},
					waitBetweenTries: 1,
				}),
			),
		],
		connections: {
			[START]: to(...feeds),
			...Object.fromEntries(feeds.map((name) => [name, to(...nodeNames(run))])),
		},
		active: false,
		nodeTypes: {
			getByName: (type) => types[type],
			getByNameAndVersion: (type) => types[type],
			getKnownTypes: () => ({}),
		},
		// n8n hands none to a retried execution either.
		staticData: undefined,
		settings: { executionOrder: 'v1', timezone: 'UTC' },
	});
}

function nodeTypes(run: ExecutionRun): Record<string, INodeType> {
	return {
		start: {
			description: described('start'),
			async execute() {
				return [this.getInputData()];
			},
		},
		items: {
			description: described('items'),
			async execute() {
				if (run.failsBefore) throw new Error('This node fails at first');
				// What would come after the node that n8n died in.
				if (run.crash && this.getNode().name !== 'Items 0') throw new Error('n8n is gone');
				const index = Number(this.getNode().name.slice('Items '.length));
				return [run.runs[index].map((json) => ({ json: structuredClone(json) }))];
			},
		},
		[run.nodeType.description.name]: run.nodeType,
	};
}

function described(name: string): INodeType['description'] {
	return {
		...{ displayName: name, name, group: ['transform'], version: 1, description: 'For tests' },
		defaults: {},
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	};
}
