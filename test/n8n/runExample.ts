// Runs a workflow of examples/ in the rig's n8n: by hand or by polls, with what a user fills in, and tells what
// reached the services. Called by exampleRuns.cases.ts and patientMessages.cases.ts.
import { readExample, readyToRun } from './example.ts';
import type { Rig } from '../harness/realN8n.ts';
import type { Execution, SavedCredential } from '../harness/startN8n.ts';
import type { Workflow } from '../harness/workflow.ts';

/** What a service would have been asked to do, by the parameters of its node. */
export type Would = Record<string, string>;

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
	readonly rig: Rig;
	credential: SavedCredential;

	/** @param credential for the nodes of this package */
	constructor(rig: Rig, credential: SavedCredential) {
		this.rig = rig;
		this.credential = credential;
	}

	/** @returns the ID of the saved workflow */
	async save(name: string, { settings, workflowSettings, nodes = [] }: FilledIn = {}) {
		const workflow = readyToRun(readExample(name), this.credential);
		if (settings) fillIn(workflow, settings);
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

	async runByHand(name: string, filledIn: FilledIn = {}): Promise<Execution> {
		return await this.runAgain(name, await this.save(name, filledIn));
	}

	/** Activates twice: the first poll learns what is there, the second one finds what came since. */
	async polled(name: string, meanwhile: () => Promise<unknown>): Promise<Execution> {
		return await this.polledAgain(await this.save(name), meanwhile);
	}

	/** Another poll of a workflow that has polled before, and what it finds. */
	async nextPoll(workflowId: string): Promise<Execution> {
		const { n8n } = this.rig;
		const before = (await n8n.executions(workflowId)).length;
		await n8n.activateWorkflow(workflowId);
		const execution = await n8n.nextExecution(workflowId, before);
		await n8n.deactivateWorkflow(workflowId);
		expect(execution.error?.message).toBeUndefined();
		return execution;
	}

	async polledAgain(id: string, meanwhile: () => Promise<unknown>): Promise<Execution> {
		const { n8n } = this.rig;
		await n8n.activateWorkflow(id);
		await n8n.deactivateWorkflow(id);
		expect(await n8n.executions(id)).toEqual([]);
		await meanwhile();
		return await this.nextPoll(id);
	}
}

/** Throws an Error where the example has no such setting. */
function fillIn({ nodes }: Workflow, settings: Record<string, string | number>): void {
	const node = nodes.find(({ name }) => name === 'Settings');
	const { assignments } = (node?.parameters.assignments ?? { assignments: [] }) as {
		assignments: Array<{ name: string; value: unknown }>;
	};
	for (const [name, value] of Object.entries(settings)) {
		const assignment = assignments.find((each) => each.name === name);
		if (!assignment) throw new Error(`Settings has no ${name}.`);
		assignment.value = value;
	}
}

export function itemsAt(execution: Execution, node: string) {
	return execution.nodes[node]?.flatMap(({ items }) => items.map(({ json }) => json)) ?? [];
}

export function wouldAt(execution: Execution, node: string): Would[] {
	return itemsAt(execution, node).map(({ would }) => flat(would));
}

/** Parameters by their whole names, such as `columns.matchingColumns.0`. */
export function flat(value: unknown, path = ''): Would {
	if (typeof value !== 'object' || value === null) return { [path.slice(1)]: String(value) };
	return Object.assign(
		{},
		...Object.entries(value).map(([name, inner]) => flat(inner, `${path}.${name}`)),
	) as Would;
}
