// Builds workflows to run in a real n8n. Used by all suites that need one, and by tools/.
import type { INode } from 'n8n-workflow';

type Settings = Pick<
	INode,
	'executeOnce' | 'onError' | 'retryOnFail' | 'maxTries' | 'waitBetweenTries'
>;

/** A node of a workflow; what is left out gets n8n's default. */
export interface NodeInWorkflow extends Settings {
	name: string;
	/** With its package: `n8n-nodes-eyecloudpro.eyeCloudPro`. */
	type: string;
	typeVersion?: number;
	parameters: Record<string, unknown>;
	/** By credential type. */
	credentials?: Record<string, { id: string; name: string }>;
}

/** How nodes hang together: items flow along `main`, an AI agent's parts along the others. */
export type ConnectionType = 'main' | 'ai_tool' | 'ai_languageModel';

type Connection = { node: string; type: ConnectionType; index: number };

/** What `POST /rest/workflows` takes. */
export interface Workflow {
	name: string;
	nodes: Array<NodeInWorkflow & { id: string; position: [number, number]; typeVersion: number }>;
	/** By the node that a connection starts from. */
	connections: Record<string, Partial<Record<ConnectionType, Connection[][]>>>;
	settings: Record<string, unknown>;
	pinData?: Record<string, Array<{ json: Record<string, unknown> }>>;
}

export const manualTriggerName = 'When clicking “Execute workflow”';

/**
 * A Manual Trigger and then the nodes, each connected to the one before. With `inputItems`, the
 * trigger hands on these (as pinned data) instead of one empty item.
 */
export function chainOfNodes(
	name: string,
	nodes: NodeInWorkflow[],
	inputItems?: Array<Record<string, unknown>>,
): Workflow {
	const trigger: NodeInWorkflow = {
		name: manualTriggerName,
		type: 'n8n-nodes-base.manualTrigger',
		parameters: {},
	};
	return {
		...chainFrom(name, [trigger, ...nodes]),
		...(inputItems && {
			pinData: { [manualTriggerName]: inputItems.map((json) => ({ json })) },
		}),
	};
}

/** The nodes, a trigger first, each connected to the one before. */
export function chainFrom(name: string, chain: NodeInWorkflow[]): Workflow {
	const connections: Workflow['connections'] = {};
	chain.slice(1).forEach((node, index) => {
		connections[chain[index].name] = { main: [[{ node: node.name, type: 'main', index: 0 }]] };
	});
	return workflowOf(name, chain, connections);
}

/** The nodes side by side, with what n8n wants to know of each. */
export function workflowOf(
	name: string,
	nodes: NodeInWorkflow[],
	connections: Workflow['connections'],
): Workflow {
	return {
		name,
		nodes: nodes.map((node, index) => ({
			typeVersion: 1,
			...node,
			id: `node-${index}`,
			position: [index * 220, 0],
		})),
		connections,
		settings: { executionOrder: 'v1' },
	};
}
