// Workflows of examples/ open in the editor as they are. Called by browser.test.ts; that n8n takes
// each of them whole, and running them, is for test/n8n.
import { isOurs, readExample } from '../n8n/example.ts';
import { scene, type Editor } from './editor.ts';
import { NodeForm } from './nodeForm.ts';

export function exampleCases(editor: () => Editor): void {
	for (const name of ['front-desk-ai-agent', 'new-patients-to-google-sheets']) {
		scene(`${name} opens whole`, editor, async (user) => {
			const { page, pictures } = user;
			const example = readExample(name);
			const nodes = example.nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
			const credential = await user.saveCredential();
			for (const node of nodes.filter(isOurs)) node.credentials = { [credential.type]: credential };
			const id = await user.n8n.createWorkflow(example);
			await page.goto(`${user.n8n.url}/workflow/${id}`);
			const onCanvas = page.getByTestId('canvas-node');
			await onCanvas.nth(nodes.length - 1).waitFor();
			expect(await onCanvas.count()).toBe(nodes.length);
			// What n8n draws for a node type that it does not know.
			expect(await onCanvas.getByText('?', { exact: true }).count()).toBe(0);
			await page.getByTestId('zoom-to-fit').click();
			// Off the lines, which would show what can be done with them.
			await page.mouse.move(80, 100);
			await pictures.take(`example-${name}`, page);

			for (const node of nodes.filter(isOurs)) {
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
