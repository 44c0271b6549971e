// Every workflow of examples/ opens in the editor as it is, by Import from File. Called by
// browser.test.ts; running them is for other tests.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Editor } from './editor.ts';
import { scene } from './scene.ts';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const files = existsSync(folder)
	? readdirSync(folder).filter((name) => name.endsWith('.json'))
	: [];

interface ExampleWorkflow {
	nodes: Array<{ name: string; type: string; disabled?: boolean }>;
}

export function exampleCases(editor: () => Editor): void {
	for (const file of files) {
		scene(`${file} opens whole`, editor, async (user) => {
			const { page, pictures } = user;
			const path = join(folder, file);
			const { nodes } = JSON.parse(readFileSync(path, 'utf8')) as ExampleWorkflow;
			await user.saveCredential();
			await user.openNewWorkflow();
			await page.getByTestId('workflow-menu').click();
			const chooser = page.waitForEvent('filechooser');
			await page.getByText('Import from file').click();
			await (await chooser).setFiles(path);
			await page.getByTestId('canvas-node').first().waitFor();
		});
	}
}
