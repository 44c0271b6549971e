// A workflow of examples/: read as n8n imports it, judged by what n8n and this package know, and made
// ready to run here. Called by examples.cases.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeHelpers, type INode, type INodeTypeDescription } from 'n8n-workflow';
import type { SavedCredential } from '../harness/n8nClient.ts';
import { packageName } from '../harness/eyeCloudPro.ts';
import type { NodeInWorkflow, Workflow } from '../harness/workflow.ts';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));

/** What runs here as it stands. */
const ownNodes = new Set([
	...[
		'aggregate',
		'code',
		'errorTrigger',
		'extractFromFile',
		'filter',
		'form',
		'formTrigger',
		'if',
	],
	...[
		'removeDuplicates',
		'set',
		'sort',
		'splitInBatches',
		'splitOut',
		'stickyNote',
		'stopAndError',
	],
]);

/** What speaks to others. */
const services = new Set(['emailSend', 'googleSheets', 'httpRequest', 'postgres']);

export function exampleNames(): string[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file) => file.replace('.json', ''))
		.sort();
}

export function readExample(name: string): Workflow {
	return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Workflow;
}

export function isOurs({ type }: NodeInWorkflow): boolean {
	return type.startsWith(`${packageName}.`);
}

/** Everything in a workflow that n8n would not take as it is meant: node types, versions, parameters. */
export function unknownIn(workflow: Workflow, types: INodeTypeDescription[]): string[] {
	return workflow.nodes.flatMap((node) => {
		const type = types.find(
			({ name, version }) => name === node.type && [version].flat().includes(node.typeVersion),
		);
		if (!type) return [`${node.name}: no node type ${node.type} ${node.typeVersion}`];
		const known = NodeHelpers.getNodeParameters(
			type.properties,
			node.parameters as INode['parameters'],
			...([true, false, node as unknown as INode, type] as const),
		);
		return leavesOf(node.parameters)
			.filter(([path, value]) => !Object.is(valueAt(known, path), value))
			.map(([path]) => `${node.name}: no parameter ${path.join('.')}`);
	});
}

type Leaf = [path: string[], value: unknown];

function leavesOf(value: unknown, path: string[] = []): Leaf[] {
	if (typeof value !== 'object' || value === null) return [[path, value]];
	return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

function valueAt(value: unknown, path: string[]): unknown {
	return path.reduce<unknown>(
		(inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name],
		value,
	);
}

/**
 * The workflow with the credential in this package's nodes, a Manual Trigger in the place of a clock, and,
 * in the place of each service, a node of the same name that hands on what came in, and, under `would`,
 * what the service's parameters come to.
 */
export function readyToRun(workflow: Workflow, credential: SavedCredential): Workflow {
	return { ...workflow, nodes: workflow.nodes.map((node) => readyNode(node, credential)) };
}

function readyNode<Node extends NodeInWorkflow>(node: Node, credential: SavedCredential): Node {
	if (isOurs(node)) {
		return { ...node, credentials: { [credential.type]: credential } };
	}
	const type = node.type.split('.')[1];
	if (ownNodes.has(type)) return node;
	if (type === 'scheduleTrigger') {
		return { ...node, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} };
	}
	if (!services.has(type)) throw new Error(`Nobody knows yet how to run ${node.type} here.`);
	return { ...node, type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters: standIn(node) };
}

/** Edit Fields: each text of the service's parameters, worked out by n8n as for the service itself. */
function standIn({ parameters }: NodeInWorkflow): Record<string, unknown> {
	const assignments = leavesOf(parameters)
		.filter(([, value]) => typeof value === 'string')
		.map(([path, value], index) => ({
			...{ id: String(index), name: `would.${path.join('.')}`, value, type: 'string' },
		}));
	return { assignments: { assignments }, includeOtherFields: true, options: {} };
}
