// A person connects the credential in the popup: authorization code, with PKCE and without. Called by
// browser.test.ts.
import type { Page } from 'playwright-core';
import { CredentialForm } from './credentialForm.ts';
import type { Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';
import { scene } from './scene.ts';

/** Selects Connect; returns the window that n8n opens. */
async function openPopup({ page, modal }: CredentialForm): Promise<Page> {
	const opened = page.waitForEvent('popup');
	await modal.getByRole('button', { name: 'Connect', exact: true }).click();
	return await opened;
}

async function signInAs(popup: Page, name: string): Promise<void> {
	await popup.getByRole('heading', { name: 'Sign in' }).waitFor();
	await popup.getByLabel('Name').fill(name);
	await popup.getByRole('button', { name: 'Sign in' }).click();
	await popup.getByRole('heading', { name: 'Allow access' }).waitFor();
}

export function signingInCases(editor: () => Editor): void {
	const openForm = async (grantType: string) => {
		const user = editor();
		const { simulator } = user;
		const form = await user.addWithoutCredential('Count patients');
		await form.choose('grantType', grantType);
		await form.fillIn(simulator, simulator.clients.practice);
		return form;
	};

	for (const grantType of ['Authorization Code', 'PKCE']) {
		scene(`connects by ${grantType}`, editor, async ({ page, pictures, simulator }) => {
			const form = await openForm(grantType);
			const name = grantType.toLowerCase().replace(/ /g, '-');
			const popup = await openPopup(form);
			await signInAs(popup, 'marge');
			expect(await popup.getByRole('listitem').allInnerTexts()).toContain('read:patients');
			await pictures.take(`consent-${name}`, popup, popup.locator('body'));
			const closed = popup.waitForEvent('close');
			await popup.getByRole('button', { name: 'Allow' }).click();
			await closed;
			// n8n closes the form of a new credential that is connected.
			await form.modal.waitFor({ state: 'hidden' });
			await form.openChosen();
			await form.modal.getByText('Account connected').waitFor();
			await pictures.take(`connected-${name}`, page, page.locator('.el-dialog:visible'));
			await form.close();

			const node = new NodeForm(page);
			await node.execute();
			expect(await node.table()).toEqual([['count'], ['1000']]);
			const grants = (await simulator.tokenRequests()).map((request) => request.grantType);
			expect(grants).toEqual(['authorization_code']);
		});
	}

	scene('says that the person refused', editor, async () => {
		const form = await openForm('Authorization Code');
		const popup = await openPopup(form);
		await signInAs(popup, 'marge');
		await popup.getByRole('button', { name: 'Cancel' }).click();
		await popup.getByText('Failed to connect').waitFor();
		await popup.getByText('More details').click();
		await popup.getByText('The user refused access').waitFor();
		await form.modal.getByText('Connect your account to use this credential').waitFor();
	});
}
