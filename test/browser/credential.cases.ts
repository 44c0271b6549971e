// A new user makes the credential by typing into its form; what is wrong with one is for test/n8n. Called by
// browser.test.ts.
import { scene, type Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';

export function credentialCases(editor: () => Editor): void {
	scene('asks for nothing that it knows', editor, async (user) => {
		const { page, pictures } = user;
		// High enough for most of the form; n8n lets it grow no higher.
		await page.setViewportSize({ width: 1280, height: 950 });
		const form = await user.addWithoutCredential('Get many patients');
		expect(await form.labels('API Differences')).toEqual([
			...['Grant Type', 'Client ID', 'Client Secret', 'Environment', 'Practice Client ID'],
			...['Requests per Minute', 'API Differences'],
		]);
		await pictures.take('credential-new', page, page.locator('.el-dialog:visible'));
		await form.choose('environment', 'Staging');
		await form.type({ authServerUrl: 'http://auth.example.com' });
		await form.modal.getByText('An address must begin with https://').waitFor();
	});

	scene('says yes, and is used', editor, async (user) => {
		const { page, pictures, simulator } = user;
		const form = await user.addWithoutCredential('Get many patients');
		await form.fillIn(simulator, simulator.clients.practice);
		await form.save();
		// n8n closes the form of a credential that works.
		await form.modal.waitFor({ state: 'hidden' });
		await form.openChosen();
		await form.modal.getByText('Connection tested successfully').waitFor();
		await pictures.take('credential-tested', page, page.locator('.el-dialog:visible'));
		await form.close();

		const node = new NodeForm(page);
		await node.execute();
		await node.table(25);
	});
}
