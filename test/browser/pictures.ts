// Pictures of the editor: those of README and docs, and one of what the user saw when a test failed.
// Taken by the cases of this folder.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ofThisRun = join(root, '.cache', 'test', 'browser');
/** `npm run screenshots` renews those that a document shows; a test run leaves them alone. */
const ofDocuments = process.env.EYECLOUDPRO_SCREENSHOTS === 'docs' ? shownInDocuments() : new Set();

const largestBytes = 170_000;
/** n8n's own notices stand in front of what a picture is about. To close them would close an open list too. */
const style = '.el-notification { display: none !important; }';
const jsonWebToken = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

export class Pictures {
	private readonly secrets: string[];

	/** @param secrets what no picture may show; access tokens are known by their looks */
	constructor(secrets: string[]) {
		this.secrets = secrets;
	}

	/** Keeps `NAME.png`: the whole window, or one part of it. Throws when it would show a secret. */
	async take(name: string, page: Page, part?: Locator): Promise<void> {
		const text = await textShown(page);
		const isShown = this.secrets.some((secret) => text.includes(secret));
		if (isShown || jsonWebToken.test(text)) throw new Error(`${name}.png would show a secret.`);
		const folder = ofDocuments.has(name) ? join(root, 'docs', 'images') : ofThisRun;
		await mkdir(folder, { recursive: true });
		const path = join(folder, `${name}.png`);
		await (part ?? page).screenshot({ path, style, animations: 'disabled', caret: 'hide' });
		const { size } = await stat(path);
		if (size > largestBytes) throw new Error(`${name}.png has ${size} bytes.`);
	}

	/** @returns where the picture is */
	async ofFailure(title: string, page: Page): Promise<string> {
		await mkdir(ofThisRun, { recursive: true });
		const path = join(ofThisRun, `failed ${title.replace(/[^\w ]+/g, '')}.png`);
		await page.screenshot({ path });
		return relative(root, path);
	}
}

/** The names of the pictures in README and docs/. */
function shownInDocuments(): Set<string> {
	const documents = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'));
	const files = ['README.md', ...documents.map((file) => join('docs', file))];
	const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
	return new Set(Array.from(text.matchAll(/images\/([\w-]+)\.png/g), ([, name]) => name));
}

/** All that can be read: text, and what stands in fields, except in those that show dots. */
async function textShown(page: Page): Promise<string> {
	const fields = await page.locator('input:not([type="password"]), textarea').all();
	const typed = await Promise.all(fields.map(async (field) => await field.inputValue()));
	return [await page.locator('body').innerText(), ...typed].join('\n');
}
