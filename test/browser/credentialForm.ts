// The form of the credential, as a user fills it in, and what its test says. Called by the cases of this
// folder.
import type { Locator, Page } from 'playwright-core';
import type { OAuthClient, Simulator } from '../simulator/start.ts';

export class CredentialForm {
	readonly modal: Locator;

	constructor(readonly page: Page) {
		this.modal = page.getByTestId('editCredential-modal');
	}

	/** From the form of a node that has no credential yet. */
	async openNew(): Promise<void> {
		await this.page.getByRole('button', { name: 'Connect to EyeCloud Pro' }).click();
		await this.modal.waitFor();
	}

	/** The one that the node has already. */
	async openChosen(): Promise<void> {
		await this.page.getByTestId('credential-edit-button').click();
		await this.modal.waitFor();
	}

	async close(): Promise<void> {
		await this.modal.getByRole('button', { name: 'Close this dialog' }).click();
		await this.modal.waitFor({ state: 'hidden' });
	}

	async choose(name: string, option: string): Promise<void> {
		await this.modal.getByTestId(`parameter-input-${name}`).click();
		const chosen = this.page
			.getByRole('option')
			.filter({ has: this.page.getByText(option, { exact: true }) });
		await chosen.click();
		await chosen.waitFor({ state: 'hidden' });
	}

	async type(values: Record<string, string>): Promise<void> {
		for (const [name, value] of Object.entries(values)) {
			await this.modal.getByTestId(`parameter-input-${name}`).locator('input').fill(value);
		}
	}

	/** Into a field that is an editor of its own, as from the clipboard, in place of what stood there. */
	async paste(name: string, text: string): Promise<void> {
		await this.modal.getByTestId(`parameter-input-${name}`).locator('.cm-content').click();
		await this.page.keyboard.press('ControlOrMeta+A');
		await this.page.keyboard.insertText(text);
	}

	/** Everything that a user of the simulator has to enter. */
	async fillIn(
		simulator: Simulator,
		client: OAuthClient,
		changes: Record<string, string> = {},
	): Promise<void> {
		await this.choose('environment', 'Custom');
		await this.type({
			apiBaseUrl: simulator.apiUrl,
			authServerUrl: simulator.authUrl,
			audience: simulator.audience,
			clientId: client.clientId,
			clientSecret: String(client.clientSecret),
			practiceId: String(simulator.practiceId),
			...changes,
		});
	}

	/** The names of the fields, from top to bottom, once the last one is there. */
	async labels(last: string): Promise<string[]> {
		const labels = this.modal.getByTestId('credential-connection-parameter').locator('label');
		await labels.filter({ hasText: last }).waitFor();
		return (await labels.allInnerTexts()).map((text) => text.split('\n')[0].replace(' *', ''));
	}

	/** Saves, which tests it too; n8n closes the form if all is well. */
	async save(): Promise<void> {
		const tested = this.page.waitForResponse(/\/rest\/credentials\/test$/);
		await this.modal.getByTestId('credential-save-button').click();
		await tested;
	}

	/** The sentence below "Couldn't connect with these settings". */
	async failure(): Promise<string> {
		const banner = this.modal
			.locator('.el-tag--danger')
			.filter({ hasText: 'Couldn’t connect with these settings' });
		await banner.waitFor();
		const more = banner.getByText('More details');
		if (await more.isVisible()) await more.click();
		const text = await banner.innerText();
		return text.replace(/Couldn’t connect with these settings|Retry|\s+/g, ' ').trim();
	}
}
