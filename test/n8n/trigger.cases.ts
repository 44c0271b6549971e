// The trigger in the real n8n: activated, tested in the editor, and refused. Run by realN8n.test.ts; n8n
// polls once at each activation, and the other cases are in test/trigger.
import { setTimeout as wait } from 'node:timers/promises';
import { triggerType, triggerWorkflow } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const TRIGGER = 'EyeCloud Pro Trigger';

export function triggerCases(rig: () => Rig): void {
	async function triggerOf(
		client = rig().simulator.clients.practice,
		parameters: Record<string, unknown> = {},
	) {
		const credential = await rig().saveCredential(client);
		const workflow = triggerWorkflow(credential, {
			resource: 'patient',
			simplify: false,
			...parameters,
		});
		return { id: await rig().n8n.createWorkflow(workflow), credential };
	}

	/** The items that each of the workflow's executions got from the trigger, the first execution first. */
	async function delivered(workflowId: string, count: number) {
		for (;;) {
			const executions = (await rig().n8n.executions(workflowId)).reverse();
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

	it('is there, with its events as actions', async () => {
		const types = await rig().n8n.nodeTypes();
		const type = types.find(({ name }) => name === triggerType);
		expect(type).toMatchObject({ displayName: TRIGGER, polling: true, group: ['trigger'] });
	});

	it('starts an activated workflow once for what is new, and not for what was there', async () => {
		const { id } = await triggerOf();
		await activate(id);
		const first = await rig().simulator.addRecord(2, '/patients');
		const second = await rig().simulator.addRecord(2, '/patients');
		await pollAgain(id);
		expect(await delivered(id, 1)).toEqual([[first, second]]);
		const third = await rig().simulator.addRecord(2, '/patients');
		await pollAgain(id);
		expect(await delivered(id, 2)).toEqual([[first, second], [third]]);
		await rig().n8n.deactivateWorkflow(id);
	});

	it('starts one execution for each record where the user wants it', async () => {
		const { id } = await triggerOf(undefined, { options: { executionPerRecord: true } });
		await activate(id);
		const records = [];
		for (let count = 0; count < 3; count++) {
			records.push(await rig().simulator.addRecord(2, '/patients'));
		}
		await pollAgain(id);
		const executions = await delivered(id, 3);
		await rig().n8n.deactivateWorkflow(id);
		expect(executions.flat()).toEqual(expect.arrayContaining(records));
		expect(executions.map((items) => items.length)).toEqual([1, 1, 1]);
	});

	it('starts a workflow for a changed frame, with the names of the changed fields', async () => {
		const { id } = await triggerOf(undefined, { resource: 'frame', event: 'changed' });
		await activate(id);
		const frame = await rig().simulator.changeRecord(2, '/pricebooks/frames', 105, { price: 1 });
		await pollAgain(id);
		expect(await delivered(id, 1)).toEqual([
			[{ ...frame, _change: 'changed', _changedFields: ['price'] }],
		]);
	});

	it('watches a path that the catalogue does not have', async () => {
		const { n8n, simulator } = rig();
		await simulator.addResource({ path: '/recalls', idField: 'recall_id' });
		const client = await simulator.createClient({ scopes: ['read:recalls'] });
		const { id } = await triggerOf(client, {
			...{ resource: 'other', path: { __rl: true, mode: 'path', value: '/recalls' } },
		});
		await activate(id);
		const added = await simulator.addRecord(2, '/recalls', { title: 'New' });
		await pollAgain(id);
		expect(await delivered(id, 1)).toEqual([[added]]);
		await n8n.deactivateWorkflow(id);
	});

	it('shows the latest records in the editor at once', async () => {
		const { id } = await triggerOf();
		const latest = await rig().simulator.addRecord(2, '/patients', {
			create_date: '2030-01-01T10:00:00',
		});
		const { nodes } = await rig().n8n.runWorkflow(id, TRIGGER);
		expect(nodes[TRIGGER][0].items).toHaveLength(5);
		expect(nodes[TRIGGER][0].items[0].json).toEqual(latest);
	});

	it('is not activated without the scope, and n8n says why', async () => {
		const client = await rig().simulator.createClient({ scopes: ['read:stores'] });
		const { id } = await triggerOf(client);
		await expect(rig().n8n.activateWorkflow(id)).rejects.toThrow(
			"The credential lacks the scope 'read:patients'",
		);
	});
}
