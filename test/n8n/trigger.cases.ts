// The trigger in the real n8n: activated, tested in the editor, and refused. Run by realN8n.test.ts; n8n
// polls once at each activation, and the other cases are in test/trigger.
import { setTimeout as wait } from 'node:timers/promises';
import { triggerWorkflow } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const TRIGGER = 'EyeCloud Pro Trigger';

export function triggerCases(rig: () => Rig): void {
	async function triggerOf(client = rig().simulator.clients.practice, options = {}) {
		const credential = await rig().saveCredential(client);
		const parameters = { resource: 'patient', simplify: false, options };
		return await rig().n8n.createWorkflow(triggerWorkflow(credential, parameters));
	}

	/** What the workflow's executions got from the trigger, when there are so many of them. */
	async function delivered(workflowId: string, count: number) {
		for (;;) {
			const executions = await rig().n8n.executions(workflowId);
			if (executions.length >= count && executions.every(({ stoppedAt }) => stoppedAt)) {
				const ended = executions.map(async ({ id }) => await rig().n8n.executionEnded(id));
				const read = await Promise.all(ended);
				for (const { raw } of read) rig().stored.push(raw);
				return read.map(({ nodes }) => nodes.Next[0].items.map(({ json }) => json));
			}
			await wait(100);
		}
	}

	/** Activates the workflow, and waits until n8n has stored where its first poll began. */
	async function activate(workflowId: string): Promise<void> {
		await rig().n8n.activateWorkflow(workflowId);
		const isStored = async () => {
			const path = `/rest/workflows/${workflowId}`;
			const stored = await rig().n8n.request<{ staticData: unknown }>('GET', path);
			return JSON.stringify(stored.staticData ?? {}).includes('"cursor"');
		};
		while (!(await isStored())) await wait(50);
	}

	/** n8n polls at once when a workflow is activated, and otherwise once a minute. */
	async function pollAgain(workflowId: string): Promise<void> {
		await rig().n8n.deactivateWorkflow(workflowId);
		await rig().n8n.activateWorkflow(workflowId);
	}

	it('starts one execution for each new record, and none for what was there', async () => {
		const id = await triggerOf(undefined, { executionPerRecord: true });
		await activate(id);
		const add = async () => await rig().simulator.addRecord(2, '/patients');
		const first = [await add(), await add()];
		await pollAgain(id);
		expect(new Set(await delivered(id, 2))).toEqual(new Set(first.map((each) => [each])));
		const third = await add();
		await pollAgain(id);
		const all = [...first, third].map((each) => [each]);
		expect(new Set(await delivered(id, 3))).toEqual(new Set(all));
		await rig().n8n.deactivateWorkflow(id);
	});

	it('shows the latest records in the editor at once', async () => {
		const id = await triggerOf();
		const latest = await rig().simulator.addRecord(2, '/patients', {
			create_date: '2030-01-01T10:00:00',
		});
		const { nodes } = await rig().n8n.runWorkflow(id, TRIGGER);
		expect(nodes[TRIGGER][0].items).toHaveLength(5);
		expect(nodes[TRIGGER][0].items[0].json).toEqual(latest);
	});

	it('is not activated without the scope, and n8n says why', async () => {
		const client = await rig().simulator.createClient({ scopes: ['read:stores'] });
		await expect(rig().n8n.activateWorkflow(await triggerOf(client))).rejects.toThrow(
			"The credential lacks the scope 'read:patients'",
		);
	});
}
