// A user's place: a real n8n with the packed node, the simulator, and Chromium with the editor open.
// Started by browser.test.ts and handed to each `*.cases.ts`.
import { existsSync } from 'node:fs';
import { chromium, selectors, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { IDataObject } from 'n8n-workflow';
import { eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { startRig, type Rig } from '../harness/realN8n.ts';
import { chainOfNodes, type NodeInWorkflow, type SavedCredential } from '../harness/startN8n.ts';
import { CredentialForm } from './credentialForm.ts';
import { NodeForm } from './nodeForm.ts';
import { addNode } from './nodePanel.ts';
import { Pictures } from './pictures.ts';

/** Long, since a busy machine is no reason to fail, and short enough to tell what never came. */
const actionTimeoutMs = 180_000;

/** Where Debian and others install it; `CHROMIUM` names another one. */
const chromiumPaths = [
	process.env.CHROMIUM,
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A test on a page of its own. */
export function scene(
	title: string,
	editor: () => Editor,
	act: (editor: Editor) => Promise<void>,
): void {
	it(title, async () => {
		await editor().begin();
		try {
			await act(editor());
		} finally {
			await editor().end();
		}
	});
}

export class Editor {
	readonly n8n: Rig['n8n'];
	readonly simulator: Rig['simulator'];
	readonly pictures: Pictures;
	private opened: Page | undefined;

	private constructor(
		private readonly rig: Rig,
		private readonly browser: Browser,
		private readonly context: BrowserContext,
	) {
		this.n8n = rig.n8n;
		this.simulator = rig.simulator;
		const clients = Object.values(rig.simulator.clients);
		this.pictures = new Pictures(clients.map(({ clientSecret }) => String(clientSecret)));
	}

	static async start(): Promise<Editor> {
		const executablePath = chromiumPaths.find((path) => path && existsSync(path));
		if (!executablePath) throw new Error('Chromium is needed, or its path in CHROMIUM.');
		selectors.setTestIdAttribute('data-test-id');
		const [rig, browser] = await Promise.all([
			startRig(),
			chromium.launch({
				executablePath,
				// Its sandbox refuses to start as root, which continuous integration often is.
				chromiumSandbox: process.getuid?.() !== 0,
				// What the editor would load from its makers must not decide how a test ends.
				args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
			}),
		]);
		const context = await browser.newContext({
			viewport: { width: 1280, height: 800 },
			locale: 'en-US',
			timezoneId: 'UTC',
			colorScheme: 'light',
			reducedMotion: 'reduce',
			// A person's browser: n8n takes no approval from one that calls itself headless.
			userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`,
		});
		context.setDefaultTimeout(actionTimeoutMs);
		// n8n's own switch for tests: a form takes over at once what is typed, not 200 ms later.
		await context.addInitScript("sessionStorage.setItem('N8N_DEBOUNCE_MULTIPLIER', '0')");
		return new Editor(rig, browser, context);
	}

	/** The page of this test. */
	get page(): Page {
		if (!this.opened) throw new Error('No page is open.');
		return this.opened;
	}

	/** A page of its own for each test, and a list of credentials as at the start. */
	async begin(): Promise<void> {
		const credentials = await this.n8n.request<Array<{ id: string }>>('GET', '/rest/credentials');
		for (const { id } of credentials) await this.n8n.request('DELETE', `/rest/credentials/${id}`);
		// Whoever signed in at the simulator's auth server is asked again. n8n's session stays.
		await this.context.clearCookies({ name: /^_/ });
		this.opened = await this.context.newPage();
	}

	async end(): Promise<void> {
		for (const page of this.context.pages()) await page.close();
		this.opened = undefined;
	}

	/** As a new user does, up to an empty workflow. */
	async signIn(): Promise<void> {
		await this.page.goto(`${this.n8n.url}/signin`);
		await this.page.getByRole('textbox', { name: 'Email' }).fill(this.n8n.owner.email);
		await this.page.locator('input[type="password"]').fill(this.n8n.owner.password);
		await this.page.getByRole('button', { name: 'Sign in' }).click();
		await this.page.getByText('Build a workflow').click();
		await this.page.getByTestId('canvas-add-button').waitFor();
	}

	/** A credential that works, where a test is not about making one. */
	async saveCredential(): Promise<SavedCredential> {
		return await this.rig.saveCredential(this.simulator.clients.practice);
	}

	async openNewWorkflow(): Promise<void> {
		await this.page.goto(`${this.n8n.url}/workflow/new`);
		await this.page.getByTestId('canvas-add-button').waitFor();
	}

	/** A new workflow with a node, added by its action or the trigger by its event; returns the node's form. */
	async add(name: string): Promise<NodeForm> {
		await this.saveCredential();
		await this.openNewWorkflow();
		return await addNode(this.page, name);
	}

	/** The same where there is no credential yet; returns the form of a new one. */
	async addWithoutCredential(name: string): Promise<CredentialForm> {
		await this.openNewWorkflow();
		await addNode(this.page, name);
		const form = new CredentialForm(this.page);
		await form.openNew();
		return form;
	}

	/** A saved workflow of one node that gets these items; returns the node's form. */
	async openFilledIn(
		parameters: IDataObject,
		items: IDataObject[] = [{}],
		settings: Partial<NodeInWorkflow> = {},
	): Promise<NodeForm> {
		const credential = await this.saveCredential();
		const node = eyeCloudProNode('EyeCloud Pro', credential, parameters, settings);
		const workflow = chainOfNodes('One node', [node], items);
		await this.openNode(await this.n8n.createWorkflow(workflow), node.name);
		return new NodeForm(this.page);
	}

	/** Opens a saved workflow, and one of its nodes. */
	async openNode(workflowId: string, nodeName: string): Promise<void> {
		await this.page.goto(`${this.n8n.url}/workflow/${workflowId}`);
		await this.openOnCanvas(nodeName);
	}

	async openOnCanvas(nodeName: string): Promise<void> {
		await this.page
			.locator(`[data-test-id="canvas-node"][data-node-name="${nodeName}"]`)
			.dblclick();
		await this.page.getByTestId('ndv').waitFor();
	}

	async stop(): Promise<void> {
		await this.browser.close();
		await this.rig.stop();
	}
}
