// Every workflow of examples/ opens in the editor as it is, by Import from File. Called by
// browser.test.ts; running them is for other tests.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageName } from '../harness/eyeCloudPro.ts';
import type { Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';
import { scene } from './scene.ts';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const files = existsSync(folder)
	? readdirSync(folder).filter((name) => name.endsWith('.json'))
	: [];

interface ExampleWorkflow {
	nodes: Array<{ name: string; type: string; credentials?: unknown }>;
}

export function exampleCases(editor: () => Editor): void {
	for (const file of files) {
		scene(`${file} opens whole`, editor, async (user) => {
			const { page, pictures } = user;
			const path = join(folder, file);
			const example = JSON.parse(readFileSync(path, 'utf8')) as ExampleWorkflow;
			const nodes = example.nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
			// Of several of one name n8n would choose whichever an earlier scene has left.
			const { id, name } = await user.saveCredential();
			for (const node of nodes.filter(({ type }) => type.startsWith(packageName))) {
				node.credentials = { eyeCloudProOAuth2Api: { id, name } };
			}
			await user.importWorkflow(file, example);
			const onCanvas = page.getByTestId('canvas-node');
			await onCanvas.nth(nodes.length - 1).waitFor();
			expect(await onCanvas.count()).toBe(nodes.length);
			// What n8n draws for a node type that it does not know.
			expect(await onCanvas.getByText('?', { exact: true }).count()).toBe(0);
			// Off the lines, which would show what can be done with them.
			await page.mouse.move(80, 100);
			await pictures.take(`example-${file.replace('.json', '')}`, page);

			for (const node of nodes.filter(({ type }) => type.startsWith(packageName))) {
				await user.openOnCanvas(node.name);
				const form = new NodeForm(page);
				await form.field('resource').waitFor();
				expect(await form.brokenFields()).toEqual([]);
				await page.keyboard.press('Escape');
				await page.getByTestId('ndv').waitFor({ state: 'hidden' });
			}
		});
	}
}
