// What the editor tells of a node that has not run yet: the fields that come out of it, and how often it will ask.
// Called by browser.test.ts.
import { eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { chainOfNodes } from '../harness/startN8n.ts';
import { scene, type Editor } from './editor.ts';

const patients = { resource: 'patient', operation: 'getAll' };

export function beforeRunningCases(editor: () => Editor): void {
	scene('offers the fields of patients to the next node', editor, async (user) => {
		const { page, pictures, simulator } = user;
		const credential = await user.saveCredential();
		const workflow = chainOfNodes('Names', [
			eyeCloudProNode('Get many patients', credential, patients),
			{ name: 'Names', type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters: {} },
		]);
		await user.openNode(await user.n8n.createWorkflow(workflow), 'Names');
		const input = page.getByTestId('ndv-input-panel');
		await input.getByTestId('schema-preview-warning').waitFor();
		for (const name of ['patient_id', 'name_first', 'name_last', 'dob']) {
			await input.getByText(name, { exact: true }).waitFor();
		}
		await pictures.take('fields-before-running', page);
		expect((await simulator.received()).filter((one) => one.template === '/patients')).toEqual([]);
	});

	// The hint is n8n's own, which it gives to the operations that it knows by these names.
	scene('says that it asks once for each item', editor, async (user) => {
		const { page, pictures } = user;
		await user.openFilledIn(patients, [{ row: 1 }, { row: 2 }, { row: 3 }]);
		await page.getByText('This node runs multiple times, once for each input item.').waitFor();
		await pictures.take('once-for-each-item', page);
	});
}
