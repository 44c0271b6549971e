// One test in the editor. Called by every `*.cases.ts` of this folder in the place of `it`, and by
// browser.test.ts for what comes before them.
import type { Editor } from './editor.ts';

/** A test on a page of its own. When it fails, a picture is kept, and the error says where. */
export function scene(
	title: string,
	editor: () => Editor,
	act: (editor: Editor) => Promise<void>,
): void {
	it(title, async () => {
		await witnessed(title, editor(), act);
	});
}

export async function witnessed(
	title: string,
	editor: Editor,
	act: (editor: Editor) => Promise<void>,
): Promise<void> {
	await editor.begin();
	try {
		await act(editor);
	} catch (thrown) {
		const picture = await editor.pictures.ofFailure(title, editor.page);
		if (thrown instanceof Error) thrown.message += `\nWhat the user saw: ${picture}`;
		throw thrown;
	} finally {
		await editor.end();
	}
}
