// A new user finds the node in the panel, with its icon, and what it can do. Called by browser.test.ts.
import { scene, type Editor } from './editor.ts';
import { openActions, searchNodes } from './nodePanel.ts';

export function findingCases(editor: () => Editor): void {
	scene('by typing what people call it', editor, async (user) => {
		const { page, pictures } = user;
		await user.openNewWorkflow();
		const panel = await searchNodes(page, 'optometry');
		const found = panel.getByTestId('node-creator-item-name');
		await found.getByText('EyeCloud Pro', { exact: true }).waitFor();
		await pictures.take('node-panel', page);
	});

	scene('with its actions', editor, async (user) => {
		const { page, pictures } = user;
		await user.openNewWorkflow();
		const panel = await openActions(page);
		await panel.getByText('Patient Actions').scrollIntoViewIfNeeded();
		await pictures.take('actions', page);
	});
}
