// The node's icon, light and dark. Called by browser.test.ts.
import type { Editor } from './editor.ts';
import { searchNodes } from './nodePanel.ts';
import { scene } from './scene.ts';

/** As far as it is asked about here. */
interface Image {
	naturalWidth: number;
	decode(): Promise<void>;
}

export function appearanceCases(editor: () => Editor): void {
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
