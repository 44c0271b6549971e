// Workflows that offer EyeCloud Pro nodes as tools: to MCP clients, and to an AI agent. Called by
// agentRig.ts.
import type { SavedCredential } from '../harness/n8nClient.ts';
import { packageName } from '../harness/eyeCloudPro.ts';
import {
	manualTriggerName,
	workflowOf,
	type ConnectionType,
	type NodeInWorkflow,
	type Workflow,
} from '../harness/workflow.ts';
import { modelName } from './scriptedModel.ts';

/** The node type that n8n makes of the node for agents. */
const toolType = `${packageName}.eyeCloudProTool`;

/** A tool as a workflow's author adds it; the model knows it by the node's name. */
export interface Tool {
	name: string;
	parameters: Record<string, unknown>;
	settings?: Partial<NodeInWorkflow>;
}

/** An expression by which the model fills in a parameter. */
export function fromAi(
	name: string,
	description: string,
	type: 'string' | 'number' = 'string',
): string {
	return `={{ $fromAI('${name}', '${description}', '${type}') }}`;
}

const agentName = 'AI Agent';

/** An MCP server under `path` that asks its callers for a bearer token. */
export function mcpWorkflow(
	path: string,
	tools: Tool[],
	credentials: { eyeCloudPro: SavedCredential; bearer: SavedCredential },
): Workflow {
	const trigger: NodeInWorkflow = {
		name: 'MCP Server Trigger',
		type: '@n8n/n8n-nodes-langchain.mcpTrigger',
		typeVersion: 2.1,
		parameters: { authentication: 'bearerAuth', path },
		credentials: inNode(credentials.bearer),
	};
	const toolNodes = tools.map((tool) => toolNode(tool, credentials.eyeCloudPro));
	// n8n registers the addresses of a trigger under an id of its own.
	return connected('MCP server', [{ ...trigger, webhookId: path }, ...toolNodes], (node) =>
		node.type === toolType ? ['ai_tool', trigger.name] : undefined,
	);
}

/** A Manual Trigger, an AI Agent, a chat model and the tools. */
export function agentWorkflow(
	tools: Tool[],
	credentials: { eyeCloudPro: SavedCredential; model: SavedCredential },
	agentVersion: number,
): Workflow {
	const nodes: NodeInWorkflow[] = [
		{ name: manualTriggerName, type: 'n8n-nodes-base.manualTrigger', parameters: {} },
		{
			name: agentName,
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: agentVersion,
			parameters: {
				promptType: 'define',
				text: 'Look it up.',
				options: { enableStreaming: false },
			},
		},
		{
			name: 'OpenAI Chat Model',
			type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
			typeVersion: 1.3,
			parameters: {
				model: { __rl: true, mode: 'id', value: modelName },
				responsesApiEnabled: false,
				options: { maxRetries: 0 },
			},
			credentials: inNode(credentials.model),
		},
		...tools.map((tool) => toolNode(tool, credentials.eyeCloudPro)),
	];
	const connections: Record<string, ConnectionType> = {
		'n8n-nodes-base.manualTrigger': 'main',
		'@n8n/n8n-nodes-langchain.lmChatOpenAi': 'ai_languageModel',
		[toolType]: 'ai_tool',
	};
	return connected('AI agent', nodes, ({ type }) =>
		type in connections ? [connections[type], agentName] : undefined,
	);
}

function toolNode({ name, parameters, settings }: Tool, credential: SavedCredential) {
	return { name, type: toolType, parameters, credentials: inNode(credential), ...settings };
}

function inNode({ id, name, type }: SavedCredential): NodeInWorkflow['credentials'] {
	return { [type]: { id, name } };
}

function connected(
	name: string,
	nodes: Array<NodeInWorkflow & { webhookId?: string }>,
	targetOf: (node: NodeInWorkflow) => [ConnectionType, string] | undefined,
): Workflow {
	const connections: Workflow['connections'] = {};
	for (const node of nodes) {
		const target = targetOf(node);
		if (!target) continue;
		const [type, targetName] = target;
		connections[node.name] = { [type]: [[{ node: targetName, type, index: 0 }]] };
	}
	return workflowOf(name, nodes, connections);
}
