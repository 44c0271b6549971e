// A person connects the credential in the popup: authorization code. Called by browser.test.ts.
import { scene, type Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';

export function signingInCases(editor: () => Editor): void {
	scene('connects by Authorization Code', editor, async (user) => {
		const { page, pictures, simulator } = user;
		const form = await user.addWithoutCredential('Count patients');
		await form.choose('grantType', 'Authorization Code');
		await form.fillIn(simulator, simulator.clients.practice);
		const opened = page.waitForEvent('popup');
		await form.modal.getByRole('button', { name: 'Connect', exact: true }).click();
		const popup = await opened;
		await popup.getByRole('heading', { name: 'Sign in' }).waitFor();
		await popup.getByLabel('Name').fill('marge');
		await popup.getByRole('button', { name: 'Sign in' }).click();
		await popup.getByRole('heading', { name: 'Allow access' }).waitFor();
		const closed = popup.waitForEvent('close');
		await popup.getByRole('button', { name: 'Allow' }).click();
		await closed;
		// n8n closes the form of a new credential that is connected.
		await form.modal.waitFor({ state: 'hidden' });
		await form.openChosen();
		await form.modal.getByText('Account connected').waitFor();
		const shown = page.locator('.el-dialog:visible');
		await pictures.take('connected-authorization-code', page, shown);
		await form.close();

		const node = new NodeForm(page);
		await node.execute();
		expect(await node.table(1)).toEqual([['count'], ['1000']]);
	});
}
