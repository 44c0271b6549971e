// Pictures of the editor for README and docs, and that none would show a secret. Taken by the cases of this folder.
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
/** `npm run screenshots` renews them; a test run leaves them alone. */
const isRenewing = process.env.EYECLOUDPRO_SCREENSHOTS === 'docs';

const largestBytes = 170_000;
/** n8n's own notices stand in front of what a picture is about. To close them would close an open list too. */
const style = '.el-notification { display: none !important; }';
const jsonWebToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

export class Pictures {
	/** @param secrets what no picture may show; access tokens are known by their looks */
	constructor(private readonly secrets: string[]) {}

	/** Makes `NAME.png` of the window, or of one part of it. Throws when it would show a secret. */
	async take(name: string, page: Page, part?: Locator): Promise<void> {
		// All that can be read: text, and what stands in fields, except in those that show dots.
		const fields = await page.locator('input:not([type="password"]), textarea').all();
		const typed = await Promise.all(fields.map(async (field) => await field.inputValue()));
		const text = [await page.locator('body').innerText(), ...typed].join('\n');
		const isShown = this.secrets.some((secret) => text.includes(secret));
		if (isShown || jsonWebToken.test(text)) throw new Error(`${name}.png would show a secret.`);
		if (!isRenewing) return;
		const path = `${folder}${name}.png`;
		await (part ?? page).screenshot({ path, style, animations: 'disabled', caret: 'hide' });
		const { size } = await stat(path);
		if (size > largestBytes) throw new Error(`${name}.png has ${size} bytes.`);
	}
}
