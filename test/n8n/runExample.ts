// Runs a workflow of examples/ in the rig's n8n: by hand or by polls, with what a user fills in, and tells what
// reached the services. Called by exampleRuns.cases.ts and patientMessages.cases.ts.
import { setTimeout as wait } from 'node:timers/promises';
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

const deadlineMs = 60_000;
const pollIntervalMs = 50;

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

	/** Publishes or withdraws a workflow; n8n is done with it some time after its answer. */
	async setActive(workflowId: string, isActive: boolean): Promise<void> {
		const { n8n } = this.rig;
		const path = `/rest/workflows/${workflowId}`;
		const { versionId } = await n8n.request<{ versionId: string }>('GET', path);
		const verb = isActive ? 'activate' : 'deactivate';
		await n8n.request('POST', `${path}/${verb}`, { versionId });
		const wanted = isActive ? 'published' : 'not_published';
		const deadline = Date.now() + deadlineMs;
		let status = '';
		while (status !== wanted && Date.now() < deadline) {
			const answer = await n8n.request<{ status: string }>('GET', `${path}/publication-status`);
			({ status } = answer);
			await wait(pollIntervalMs);
		}
		expect(status).toBe(wanted);
	}

	/** The execution of an active workflow, once it is over. */
	async nextExecution(workflowId: string): Promise<Execution> {
		const { n8n } = this.rig;
		const deadline = Date.now() + deadlineMs;
		while (Date.now() < deadline) {
			const [listed] = await n8n.executions(workflowId);
			if (listed) return await n8n.executionEnded(listed.id);
			await wait(pollIntervalMs);
		}
		throw new Error('The workflow did not start.');
	}

	/** Activates twice: the first poll learns what is there, the second one finds what came since. */
	async polled(name: string, meanwhile: () => Promise<unknown>): Promise<Execution> {
		return await this.polledAgain(await this.save(name), meanwhile);
	}

	/** Another poll of a workflow that has polled before, and what it finds. */
	async nextPoll(workflowId: string): Promise<Execution> {
		const { n8n } = this.rig;
		const before = (await n8n.executions(workflowId)).length;
		await this.setActive(workflowId, true);
		const deadline = Date.now() + deadlineMs;
		while ((await n8n.executions(workflowId)).length === before && Date.now() < deadline) {
			await wait(pollIntervalMs);
		}
		const execution = await this.nextExecution(workflowId);
		await this.setActive(workflowId, false);
		return execution;
	}

	async polledAgain(id: string, meanwhile: () => Promise<unknown>): Promise<Execution> {
		const { n8n } = this.rig;
		await this.setActive(id, true);
		await this.setActive(id, false);
		expect(await n8n.executions(id)).toEqual([]);
		await meanwhile();
		await this.setActive(id, true);
		const execution = await this.nextExecution(id);
		await this.setActive(id, false);
		expect(execution.error?.message).toBeUndefined();
		return execution;
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
