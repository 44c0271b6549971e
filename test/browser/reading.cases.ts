// A user reads patients: a list with filters and an order, and one that is looked for by name. Called
// by browser.test.ts.
import { scene, type Editor } from './editor.ts';

const dayOfBirth = '2014-05-20';
const twins = [
	{ name_first: 'Ada', name_last: 'Berg', dob: dayOfBirth },
	{ name_first: 'Nils', name_last: 'Quist', dob: dayOfBirth },
	{ name_first: 'Bo', name_last: 'Berg', dob: dayOfBirth },
];

export function readingCases(editor: () => Editor): void {
	scene('filters and sorts by what the lists offer', editor, async (user) => {
		const { page, pictures, simulator } = user;
		for (const twin of twins) await simulator.addRecord(2, '/patients', twin);
		const form = await user.add('Get many patients');

		const filters = form.adding('Add filter');
		await form.choose(filters, 'Date of Birth');
		const day = form.field('filters.dob').locator('input');
		await day.fill(dayOfBirth);
		await day.press('Enter');
		for (const [index, [field, direction]] of [
			['Last Name (name_last)', 'Descending'],
			['First Name (name_first)', 'Ascending'],
		].entries()) {
			const list = await form.addSortRule(index);
			await form.choose(list, field);
			await form.choose(form.field(`sort.by[${index}].direction`), direction);
		}
		await form.execute();

		const [heading, ...rows] = await form.table(3);
		const names = rows.map((cells) => cells[heading.indexOf('name_first')]);
		expect(names).toEqual(['Nils', 'Ada', 'Bo']);
		await pictures.take('get-many', page);
	});

	scene('looks up by the beginning of a name', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.add('Get many patients');
		const loaded = page.waitForResponse(/\/dynamic-node-parameters\/options$/);
		await page.getByRole('button', { name: 'Add field to look up' }).click();
		await loaded;
		await form.choose(form.field('lookup.by[0].field'), 'Last Name (name_last)');
		await form.choose(form.field('lookup.by[0].condition'), 'Begins With');
		await form.field('lookup.by[0].value').locator('input').fill('nad');
		await form.execute();
		const known = (await user.simulator.records(2, '/patients')).map(({ name_last }) => name_last);
		const expected = known.map(String).filter((name) => /^nad/i.test(name));
		const [heading, ...rows] = await form.table(expected.length);
		const names = rows.map((cells) => cells[heading.indexOf('name_last')]);
		expect(names.sort()).toEqual(expected.sort());
		await pictures.take('look-up', page);
	});

	scene('picks a patient by searching for a name', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.add('Get patient');
		await page.getByTestId('rlc-input').click();
		const found = page.getByTestId('rlc-item');
		await found.first().waitFor();
		const searched = page.waitForResponse(/\/dynamic-node-parameters\/resource-locator-results$/);
		await page.getByTestId('rlc-search').fill('nader june');
		await searched;
		await found.filter({ hasNotText: 'June Nader' }).first().waitFor({ state: 'hidden' });
		await found.getByText('June Nader 2020-11-15 (1001)').waitFor();
		await pictures.take('pick-a-patient', page);
		await found.click();
		await form.execute();
		const [heading, row] = await form.table(1);
		expect(row[heading.indexOf('patient_id')]).toBe('1001');
	});

	scene('says in words what a node can not do', editor, async (user) => {
		const { page, pictures, simulator } = user;
		const { clientId, scopes } = simulator.clients.practice;
		await simulator.grantScopes(clientId, ['read:stores']);
		const form = await user.add('Get many patients');
		await form.execute();
		const description = await form.shownError(/lacks the scope 'read:patients'/);
		await simulator.grantScopes(clientId, scopes);
		expect(description).toMatch(/Granted now: read:stores/);
		await pictures.take('missing-scope', page);
	});
}
