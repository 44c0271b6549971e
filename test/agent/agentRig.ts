// One real n8n with the packed node, one simulator and one scripted model, for all cases in this
// folder. Started by aiTool.test.ts and handed to each `*.cases.ts`.
import { randomBytes } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startRig } from '../harness/realN8n.ts';
import { manualTriggerName, type N8n, type Workflow } from '../harness/startN8n.ts';
import { startScriptedModel, type ToolCall } from './scriptedModel.ts';
import { agentWorkflow, mcpWorkflow, type Tool } from './toolWorkflow.ts';

export type McpConnection = ReturnType<typeof talkingThrough>;

export type AgentRig = Awaited<ReturnType<typeof startAgentRig>>;

export async function startAgentRig() {
	const [rig, model] = await Promise.all([startRig({ patients: 60 }), startScriptedModel()]);
	const { n8n, simulator } = rig;
	const { clientSecret } = simulator.clients.practice;
	const [bearerToken, modelKey] = [1, 2].map(() => randomBytes(18).toString('base64url'));
	const modelData = { apiKey: modelKey, url: model.baseUrl };
	const saved = {
		eyeCloudPro: rig.credential,
		bearer: await n8n.createCredential('MCP callers', { token: bearerToken }, 'httpBearerAuth'),
		model: await n8n.createCredential('Scripted model', modelData, 'openAiApi'),
	};
	const workflowIds: string[] = [];
	const save = async (workflow: Workflow) => {
		workflowIds.push(await n8n.createWorkflow(workflow));
		return workflowIds[workflowIds.length - 1];
	};
	const clients: Client[] = [];
	const byClients: string[] = [];
	const byModel: string[] = [];
	return {
		...{ n8n, simulator, model },
		/** Must be nowhere but in credentials. */
		secrets: [String(clientSecret), bearerToken, modelKey],
		/** All that MCP clients and the model were given, and all that n8n stored of executions. */
		seen: { byClients, byModel, stored: () => storedExecutions(n8n, workflowIds) },
		/** Publishes a workflow with an MCP server of these tools, and connects to it. */
		async serve(tools: Tool[]): Promise<McpConnection> {
			const path = `tools-${clients.length}`;
			await n8n.activateWorkflow(await save(mcpWorkflow(path, tools, saved)));
			const client = await connect(`${n8n.url}/mcp/${path}`, bearerToken);
			clients.push(client);
			return talkingThrough(client, byClients);
		},
		/** Runs an agent with these tools whose model asks for them as the script says. */
		async ask(script: ToolCall[], tools: Tool[], agentVersion: number) {
			model.follow(script);
			const workflowId = await save(agentWorkflow(tools, saved, agentVersion));
			const execution = await n8n.runWorkflow(workflowId, manualTriggerName);
			for (const { raw } of model.received) byModel.push(raw);
			const output = execution.nodes['AI Agent']?.at(-1)?.items[0]?.json.output;
			return {
				execution,
				/** What the tools gave to the model, in order. */
				results: model.toolResults(),
				/** The agent's last word, as the next node of the workflow gets it. */
				output: output as string | undefined,
			};
		},
		async stop() {
			await Promise.all(clients.map((client) => client.close()));
			await Promise.all([rig.stop(), model.stop()]);
		},
	};
}

async function connect(url: string, bearerToken: string): Promise<Client> {
	const client = new Client({ name: 'eyecloudpro-tests', version: '1.0.0' });
	const headers = { authorization: `Bearer ${bearerToken}` };
	await client.connect(
		new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
	);
	return client;
}

function talkingThrough(client: Client, seen: string[]) {
	return {
		/** The tools as the client lists them. */
		async list() {
			const { tools } = await client.listTools();
			seen.push(JSON.stringify(tools));
			return tools;
		},
		/** Throws an Error where there is no such tool. */
		async call(name: string, toolArguments: Record<string, unknown>) {
			const answer = await client.callTool({ name, arguments: toolArguments });
			seen.push(JSON.stringify(answer));
			const [{ text }] = answer.content as Array<{ text: string }>;
			return { text, isError: answer.isError === true };
		},
	};
}

/** Every execution of the workflows, unread, as n8n stored it. */
async function storedExecutions(n8n: N8n, workflowIds: string[]): Promise<string[]> {
	const stored: string[] = [];
	for (const workflowId of workflowIds) {
		for (const { id } of await n8n.executions(workflowId)) {
			stored.push((await n8n.executionEnded(id)).raw);
		}
	}
	return stored;
}
