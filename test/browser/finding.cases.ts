// A new user finds the node in the panel, and what it can do. Called by browser.test.ts.
import type { Editor } from './editor.ts';
import { actionsByResource, openActions, searchNodes } from './nodePanel.ts';
import { scene } from './scene.ts';

const read = (one: string, many: string) => [`Count ${many}`, `Get ${one}`, `Get many ${many}`];
const readAndCreate = (one: string, many: string) => [
	`Count ${many}`,
	`Create ${one}`,
	`Create many ${many}`,
	`Find or create ${one}`,
	`Get ${one}`,
	`Get many ${many}`,
];

export function findingCases(editor: () => Editor): void {
	for (const typed of ['eyecloud', 'optometry']) {
		scene(`by typing ${typed}`, editor, async (user) => {
			const { page, pictures } = user;
			await user.openNewWorkflow();
			const panel = await searchNodes(page, typed);
			const found = panel.getByTestId('node-creator-item-name').filter({ hasText: 'EyeCloud' });
			await found.first().waitFor();
			expect((await found.allInnerTexts()).map((name) => name.trim())).toContain('EyeCloud Pro');
			if (typed === 'optometry') await pictures.take('node-panel', page);
		});
	}

	scene('with its actions by resource', editor, async (user) => {
		const { page, pictures } = user;
		await user.openNewWorkflow();
		const panel = await openActions(page);
		const groups = await actionsByResource(panel);
		expect(groups).toMatchObject({
			patient: readAndCreate('patient', 'patients'),
			appointment: readAndCreate('appointment', 'appointments'),
			invoice: read('invoice', 'invoices'),
			'merchandise item': read('merchandise item', 'merchandise items'),
			frame: [...readAndCreate('frame', 'frames'), 'Create or update frame', 'Update frame'].sort(),
			account: ['Get credential access', 'Check API'],
		});
		expect(Object.keys(groups)).toHaveLength(17);
		await panel.getByText('Patient Actions').scrollIntoViewIfNeeded();
		await pictures.take('actions', page);
	});
}
