// A user reads patients: a list with filters and an order, and one that is looked for by name. Called
// by browser.test.ts.
import type { Page } from 'playwright-core';

import type { Editor } from './editor.ts';
import { scene } from './scene.ts';

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
		expect(await form.offeredIn(filters)).toEqual([
			'Email',
			'Phone',
			'Date of Birth',
			'Other Parameters',
		]);
		await form.choose(filters, 'Date of Birth');
		await form.typeDate(form.field('filters.dob'), dayOfBirth);
		for (const [index, [field, direction]] of [
			['Last Name (name_last)', 'Descending'],
			['First Name (name_first)', 'Ascending'],
		].entries()) {
			const list = await form.addSortRule(index);
			expect(await form.offeredIn(list)).toEqual([
				'First Name (name_first)',
				'Last Name (name_last)',
				'Email (email)',
				'Date of Birth (dob)',
				'Patient ID (patient_id)',
				'Create Date (create_date)',
			]);
			await form.choose(list, field);
			await form.choose(form.field(`sort.by[${index}].direction`), direction);
		}
		await form.execute();

		const [heading, ...rows] = await form.table();
		const column = (name: string) => rows.map((cells) => cells[heading.indexOf(name)]);
		expect(column('name_first')).toEqual(['Nils', 'Ada', 'Bo']);
		expect(column('dob')).toEqual([dayOfBirth, dayOfBirth, dayOfBirth]);
		const [request] = (await simulator.received({ path: '/patients' })).filter(
			({ query }) => query.dob !== undefined,
		);
		expect(request.query).toMatchObject({
			dob: dayOfBirth,
			sort: '-name_last,name_first,patient_id',
		});
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
		const [heading, ...rows] = await form.table();
		const names = rows.map((cells) => cells[heading.indexOf('name_last')]);
		const known = (await user.simulator.records(2, '/patients')).map(({ name_last }) => name_last);
		const expected = known.filter((name) => /^nad/i.test(String(name)));
		expect(expected.length).toBeGreaterThan(1);
		expect(names.sort()).toEqual(expected.map(String).sort());
		await pictures.take('look-up', page);
	});

	scene('picks a patient by searching for a name', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.add('Get patient');
		await page.getByTestId('rlc-input').click();
		await page.getByTestId('rlc-search').fill('nader june');
		const found = page.getByTestId('rlc-item');
		await found.filter({ hasText: 'June Nader' }).waitFor();
		expect(await found.allInnerTexts()).toEqual(['June Nader 2020-11-15 (1001)']);
		await pictures.take('pick-a-patient', page);
		await found.click();
		await form.execute();
		const [heading, row] = await form.table();
		expect(row[heading.indexOf('patient_id')]).toBe('1001');
	});

	scene('picks anew where the resource or the practice is another one', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.add('Get patient');
		const pick = async () => {
			await page.getByTestId('rlc-input').click();
			await page.getByTestId('rlc-item').first().click();
			expect(await picked(page)).not.toBe('');
		};
		await pick();
		await form.choose(form.field('resource'), 'Frame');
		expect(await picked(page)).toBe('');
		await pictures.take('pick-anew', page);
		await pick();
		await form.choose(form.adding('Add option'), 'Practice Client ID');
		await form.field('options.practiceId').locator('input').fill('123');
		expect(await picked(page)).toBe('');
	});

	scene('says in words what a node can not do', editor, async (user) => {
		const { page, pictures, simulator } = user;
		await simulator.configure({
			grantedScopes: { [simulator.clients.practice.clientId]: ['read:stores'] },
		});
		try {
			const form = await user.add('Get many patients');
			await form.execute();
			const description = await form.shownError(/lacks the scope 'read:patients'/);
			expect(description).toMatch(/Granted now: read:stores/);
			await pictures.take('missing-scope', page);
		} finally {
			const { clientId, scopes } = simulator.clients.practice;
			await simulator.configure({ grantedScopes: { [clientId]: scopes } });
		}
	});
}

/** The name of the record that the form shows as picked. */
async function picked(page: Page): Promise<string> {
	// The form takes a change over a moment after it was made.
	await page.waitForTimeout(500);
	return await page
		.getByTestId('rlc-input')
		.locator('input')
		.or(page.locator('input[data-test-id="rlc-input"]'))
		.inputValue();
}
