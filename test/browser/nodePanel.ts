// The panel in which a user looks for a node and chooses what it is to do. Called by the cases of this
// folder.
import type { Locator, Page } from 'playwright-core';
import { NodeForm } from './nodeForm.ts';

/** Opens the panel with its key and types; returns the panel. */
export async function searchNodes(page: Page, text: string): Promise<Locator> {
	await page.keyboard.press('n');
	const search = page.getByTestId('node-creator-search-bar');
	await search.waitFor();
	await search.pressSequentially(text);
	return page.getByTestId('node-creator');
}

/** Opens what EyeCloud Pro has to offer. */
export async function openActions(page: Page): Promise<Locator> {
	const panel = await searchNodes(page, 'eyecloud');
	await panel.getByText('EyeCloud Pro', { exact: true }).click();
	// For a first step, the panel unfolds the triggers alone.
	await panel.getByText(/^Actions \(\d+\)/).click();
	// The panel draws its list from the top, a piece at a time.
	await panel.getByText('Get credential access').waitFor();
	return panel;
}

/** Adds a node by its action, or the trigger by its event; returns its form. */
export async function addNode(page: Page, name: string): Promise<NodeForm> {
	const panel = await openActions(page);
	await panel.getByText(name, { exact: true }).click();
	await page.getByTestId('ndv').waitFor();
	return new NodeForm(page);
}
