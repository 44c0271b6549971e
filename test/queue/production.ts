// Workflows as they run in production: published, and started by a webhook that hands on records.
// Called by queue.test.ts and crashedExecutions.test.ts.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { N8n, NodeInWorkflow } from '../harness/startN8n.ts';
import { chainOfNodes } from '../harness/workflow.ts';

/** Saves and publishes a workflow: a webhook, the records that came with it as items, and the node, or several. */
export async function publish(
	n8n: N8n,
	name: string,
	nodes: NodeInWorkflow | NodeInWorkflow[],
	settings: Record<string, unknown> = {},
): Promise<Published> {
	const path = randomUUID();
	const split: NodeInWorkflow = {
		name: 'Each record',
		type: 'n8n-nodes-base.splitOut',
		parameters: { fieldToSplitOut: 'body.records' },
	};
	const workflow = chainOfNodes(name, [split, nodes].flat());
	const webhook = {
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId: path,
		parameters: { path, httpMethod: 'POST', responseMode: 'onReceived' },
	};
	Object.assign(workflow.nodes[0], webhook);
	Object.assign(workflow.settings, settings);
	const saved = await n8n.request<{ id: string; versionId: string }>(
		'POST',
		'/rest/workflows',
		workflow,
	);
	const { versionId } = saved;
	await n8n.request('POST', `/rest/workflows/${saved.id}/activate`, { versionId });
	return { n8n, workflowId: saved.id, path };
}

const pollIntervalMs = 50;

export interface Published {
	n8n: N8n;
	workflowId: string;
	path: string;
}

/** Starts an execution with these records, and returns its id. */
export async function call(
	{ n8n, workflowId, path }: Published,
	records: Array<Record<string, unknown>>,
): Promise<string> {
	const send = async () =>
		await fetch(`${n8n.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ records }),
		});
	let response = await send();
	// n8n answers the activation before it has registered the webhook.
	for (const deadline = Date.now() + 10_000; response.status === 404 && Date.now() < deadline; ) {
		await wait(pollIntervalMs);
		response = await send();
	}
	if (!response.ok) throw new Error(`The webhook answered ${response.status}.`);
	const [{ id }] = await n8n.executions(workflowId);
	return id;
}
