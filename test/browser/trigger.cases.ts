// A user fills in the trigger, fetches a test event, and sees the executions of an active workflow.
// Called by browser.test.ts.
import { packageName } from '../harness/eyeCloudPro.ts';
import type { Workflow } from '../harness/startN8n.ts';
import type { Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';
import { actionsByResource, addTrigger, openActions } from './nodePanel.ts';
import { scene } from './scene.ts';

export function triggerCases(editor: () => Editor): void {
	scene('is found beside the actions', editor, async (user) => {
		const { page } = user;
		await user.openNewWorkflow();
		const panel = await openActions(page);
		const names = await panel.getByTestId('node-creator-item-name').allInnerTexts();
		expect(names.slice(0, 2)).toEqual(['On record created', 'On record created or changed']);
		expect(Object.keys(await actionsByResource(panel))[0]).toBe('patient');
	});

	scene('fetches records to build on', editor, async (user) => {
		const { page, pictures, simulator } = user;
		await user.saveCredential();
		await user.openNewWorkflow();
		await addTrigger(page, 'On record created or changed');
		const form = new NodeForm(page);
		await form.field('event').waitFor();
		const filters = form.adding('Add filter');
		await form.choose(filters, 'Email');
		await form.field('filters.email').locator('input').fill('june.nader1001@example.com');
		const options = form.adding('Add option');
		expect(await form.offeredIn(options)).toEqual(
			expect.arrayContaining(['Include Deleted', 'Overlap', 'Start From']),
		);
		await form.choose(options, 'Include Deleted');
		await form.execute();
		const [heading, ...rows] = await form.table();
		expect(rows.map((cells) => cells[heading.indexOf('patient_id')])).toEqual(['1001']);
		const asked = await simulator.received({ path: '/patients' });
		expect(asked.at(-1)?.query).toMatchObject({ email: 'june.nader1001@example.com' });
		await pictures.take('trigger', page);
	});

	scene('starts an active workflow, which shows what it did', editor, async (user) => {
		const { page, pictures, n8n, simulator } = user;
		const { id, name, type } = await user.saveCredential();
		const workflow: Workflow = {
			name: 'New stores',
			nodes: [
				{
					id: 'trigger',
					name: 'On record created',
					type: `${packageName}.eyeCloudProTrigger`,
					typeVersion: 1,
					position: [0, 0],
					parameters: {
						resource: 'store',
						event: 'created',
						options: { startFrom: 'everything' },
					},
					credentials: { [type]: { id, name } },
				},
			],
			connections: {},
			settings: { executionOrder: 'v1' },
		};
		const workflowId = await n8n.createWorkflow(workflow);
		await n8n.activateWorkflow(workflowId);
		try {
			await page.goto(`${n8n.url}/workflow/${workflowId}/executions`);
			// n8n's advice to whoever activates a first workflow lies over the list.
			const advice = page.getByText('Production Checklist');
			await advice.waitFor();
			await page.keyboard.press('Escape');
			await advice.waitFor({ state: 'hidden' });
			await page.getByText('Succeeded').first().waitFor();
			const read = await simulator.received({ path: '/stores' });
			expect(read.map(({ outcome }) => outcome)).toContain(200);
			await pictures.take('executions', page);
		} finally {
			await n8n.deactivateWorkflow(workflowId);
		}
	});
}
