// A new user finds the node in the panel, with its icon, and what it can do. Called by browser.test.ts.
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

/** As far as it is asked about here. */
interface Image {
	naturalWidth: number;
	decode(): Promise<void>;
}

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
		const names = await panel.getByTestId('node-creator-item-name').allInnerTexts();
		expect(names.slice(0, 2)).toEqual(['On record created', 'On record created or changed']);
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

	for (const [theme, file] of [
		['light', 'eyecloudpro.svg'],
		['dark', 'eyecloudpro.dark.svg'],
	] as const) {
		scene(`has an icon for the ${theme} theme`, editor, async (user) => {
			const { page, pictures } = user;
			await page.emulateMedia({ colorScheme: theme });
			await user.openNewWorkflow();
			const panel = await searchNodes(page, 'eyecloud');
			const icon = panel.getByTestId('node-creator-action-item').locator('img').first();
			await icon.waitFor();
			expect(await icon.getAttribute('src')).toMatch(new RegExp(`/${file.replace(/\./g, '\\.')}$`));
			const width = await icon.evaluate<number, Image>(async (image) => {
				await image.decode();
				return image.naturalWidth;
			});
			expect(width).toBeGreaterThan(0);
			await pictures.take(`theme-${theme}`, page, panel);
		});
	}
}
