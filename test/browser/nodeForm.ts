// The form of a node with its output beside it, as a user fills it in and reads it. Called by the cases
// of this folder.
import type { Locator, Page } from 'playwright-core';

interface Table {
	rows: Iterable<{ cells: Iterable<{ innerText: string }> }>;
}

export class NodeForm {
	readonly output: Locator;
	private readonly form: Locator;

	constructor(readonly page: Page) {
		this.form = page.getByTestId('node-parameters');
		this.output = page.getByTestId('output-panel');
	}

	/** `path` as in the parameters, such as `sort.by[0].field`. */
	field(path: string): Locator {
		return this.form.locator(`[data-parameter-path="parameters.${path}"]`);
	}

	/** A field under Values to Send. */
	column(name: string): Locator {
		return this.form.getByTestId(`parameter-input-${name}`);
	}

	/** The paths of the fields that n8n marks as wrong. */
	async brokenFields(): Promise<string[]> {
		const marked = await this.form.locator('.has-issues [data-parameter-path]').all();
		return await Promise.all(
			marked.map(async (field) => String(await field.getAttribute('data-parameter-path'))),
		);
	}

	/** Adds a rule to Sort; returns its list of fields as soon as the fields are in it. */
	async addSortRule(index: number): Promise<Locator> {
		const loaded = this.page.waitForResponse(/\/dynamic-node-parameters\/options$/);
		await this.page.getByRole('button', { name: 'Add sort rule' }).click();
		await loaded;
		const list = this.field(`sort.by[${index}].field`);
		await list.getByPlaceholder('Select', { exact: true }).waitFor();
		return list;
	}

	/** The list behind a button such as Add Filter. */
	adding(placeholder: string): Locator {
		return this.form.getByPlaceholder(placeholder);
	}

	async choose(list: Locator, option: string): Promise<void> {
		if (!(await this.page.getByRole('option').first().isVisible())) await list.click();
		const chosen = this.page
			.getByRole('option')
			.filter({ has: this.page.getByText(option, { exact: true }) });
		await chosen.click();
		await chosen.waitFor({ state: 'hidden' });
	}

	/** Runs this node, and waits until n8n shows what came of it. */
	async execute(): Promise<void> {
		await this.page.getByTestId('node-execute-button').click();
		await this.output.getByTestId('ndv-items-count').waitFor();
	}

	/** The output as a table: its heading, then so many rows. */
	async table(count: number): Promise<string[][]> {
		await this.output.getByTestId('radio-button-table').click();
		const table = this.output.locator('table').first();
		let rows: string[][] = [];
		// n8n draws it row by row, and each row cell by cell: read in one go, until it is whole.
		while (rows.length !== count + 1 || rows.some((texts) => texts.length !== rows[0].length)) {
			await this.page.waitForTimeout(20);
			rows = await table.evaluate((element: Table) =>
				[...element.rows]
					.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))
					.filter((texts) => texts.some((text) => text !== '')),
			);
		}
		// There is one more cell at the end of each row.
		return rows.map((texts) => texts.slice(0, -1));
	}

	async showJson(): Promise<void> {
		await this.output.getByTestId('radio-button-json').click();
		await this.output.locator('.vjs-tree').waitFor();
	}

	/** Waits for what stands in bold where the output would be; returns what stands below. */
	async shownError(message: RegExp): Promise<string> {
		await this.output.getByTestId('node-error-message').filter({ hasText: message }).waitFor();
		return await this.output.getByTestId('node-error-description').innerText();
	}
}
