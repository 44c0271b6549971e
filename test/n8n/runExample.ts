// Runs a workflow of examples/ in the rig's n8n: by hand or by polls, with what a user fills in, and tells what
// reached the services. Called by exampleRuns.cases.ts and patientMessages.cases.ts.
import { readExample, readyToRun } from './example.ts';
import type { Rig } from '../harness/realN8n.ts';
import type { Execution, SavedCredential } from '../harness/startN8n.ts';
import type { Workflow } from '../harness/workflow.ts';

/** What a service would have been asked to do, by the parameters of its node. */
type Would = Record<string, string>;

/** What a user changes in an example before running it. */
export interface FilledIn {
	/** Values of the node Settings, by name. */
	settings?: Record<string, string | number>;
	/** Of the workflow, such as `timezone`. */
	workflowSettings?: Record<string, unknown>;
	/** Nodes in the place of those of the same names, as they are. */
	nodes?: Workflow['nodes'];
}

export class ExampleRunner {
	/** @param credential for the nodes of this package */
	constructor(
		readonly rig: Rig,
		readonly credential: SavedCredential,
	) {}

	/** @returns the ID of the saved workflow */
	async save(name: string, { settings = {}, workflowSettings, nodes = [] }: FilledIn = {}) {
		const workflow = readyToRun(readExample(name), this.credential);
		const filledIn = workflow.nodes.find((node) => node.name === 'Settings');
		const { assignments } = (filledIn?.parameters.assignments ?? { assignments: [] }) as {
			assignments: Array<{ name: string; value: unknown }>;
		};
		for (const each of assignments) each.value = settings[each.name] ?? each.value;
		return await this.rig.n8n.createWorkflow({
			...workflow,
			nodes: workflow.nodes.map((node) => nodes.find((other) => other.name === node.name) ?? node),
			settings: { ...workflow.settings, ...workflowSettings },
		});
	}

	/** Runs a saved workflow of that example, as Execute Workflow does; it is to succeed. */
	async runAgain(name: string, workflowId: string): Promise<Execution> {
		const [trigger] = readExample(name).nodes.filter(({ type }) => /Trigger$/.test(type));
		const execution = await this.rig.n8n.runWorkflow(workflowId, trigger.name);
		expect(execution.error?.message).toBeUndefined();
		return execution;
	}

	/** A poll of a workflow that has polled before, and what it finds. */
	async nextPoll(workflowId: string): Promise<Execution> {
		const { n8n } = this.rig;
		const before = (await n8n.executions(workflowId)).length;
		await n8n.activateWorkflow(workflowId);
		const execution = await n8n.nextExecution(workflowId, before);
		await n8n.deactivateWorkflow(workflowId);
		expect(execution.error?.message).toBeUndefined();
		return execution;
	}

	/** Activates twice: the first poll learns what is there, the second one finds what came since. */
	async polled(id: string, meanwhile: () => Promise<unknown>): Promise<Execution> {
		const { n8n } = this.rig;
		await n8n.activateWorkflow(id);
		await n8n.deactivateWorkflow(id);
		expect(await n8n.executions(id)).toEqual([]);
		await meanwhile();
		return await this.nextPoll(id);
	}
}

export function itemsAt(execution: Execution, node: string) {
	return execution.nodes[node]?.flatMap(({ items }) => items.map(({ json }) => json)) ?? [];
}

export function wouldAt(execution: Execution, node: string): Would[] {
	return itemsAt(execution, node).map(({ would }) => flat(would));
}

/** Parameters by their whole names, such as `columns.matchingColumns.0`. */
function flat(value: unknown, path = ''): Would {
	if (typeof value !== 'object' || value === null) return { [path.slice(1)]: String(value) };
	return Object.assign(
		{},
		...Object.entries(value).map(([name, inner]) => flat(inner, `${path}.${name}`)),
	) as Would;
}
