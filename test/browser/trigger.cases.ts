// A user fills in the trigger, fetches a test event, and sees the executions of an active workflow.
// Called by browser.test.ts.
import { triggerWorkflow } from '../harness/eyeCloudPro.ts';
import type { Editor } from './editor.ts';
import { scene } from './scene.ts';

export function triggerCases(editor: () => Editor): void {
	scene('fetches records to build on', editor, async (user) => {
		const { page, pictures, simulator } = user;
		const form = await user.add('On record created or changed');
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
		const stores = { resource: 'store', options: { startFrom: 'everything' } };
		const workflow = triggerWorkflow(await user.saveCredential(), stores, 'New stores');
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
