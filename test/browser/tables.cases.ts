// Tables as people keep them, in the editor: five rows with gaps, rows that are refused, and the plan of Create or
// Update. Called by browser.test.ts.
import type { IDataObject } from 'n8n-workflow';

import { scene, type Editor } from './editor.ts';

const columns = { mappingMode: 'autoMapInputData', value: null };

const rows = [
	{ 'First Name': 'Ann', 'Last Name': 'Lee', DOB: '03/14/1985', 'E-mail': '', Notes: 'new' },
	{ 'First Name': 'Bo', 'Last Name': 'Ray', DOB: '', 'E-mail': 'bo@example.com', Notes: '' },
	{ 'First Name': 'Cy', 'Last Name': 'Poe', DOB: '12/31/1990', 'E-mail': '', Notes: '' },
	{ 'First Name': 'Di', 'Last Name': 'Fox', DOB: '', 'E-mail': '', Notes: '' },
	{ 'First Name': 'Ed', 'Last Name': 'Day', DOB: '1/1/2001', 'E-mail': '', Notes: '' },
];

export function tableCases(editor: () => Editor): void {
	const open = async (parameters: IDataObject, items: IDataObject[]) =>
		await editor().openFilledIn({ columns, ...parameters }, items);
	const stored = async () => (await editor().simulator.records(2, '/patients')).length;

	scene('creates five rows with gaps', editor, async ({ page, pictures }) => {
		const before = await stored();
		const form = await open({ resource: 'patient', operation: 'createMany' }, rows);
		await form.execute();
		expect((await form.table(5))[0]).toContain('patient_id');
		expect(await stored()).toBe(before + 5);
		await pictures.take('five-rows', page);
	});

	scene('says once why rows are refused', editor, async ({ page, pictures }) => {
		const bad = rows.map((row, index) => ({ ...row, DOB: `0${index + 1}/07/1985` }));
		bad[4]['E-mail'] = 'nobody';
		const form = await open({ resource: 'patient', operation: 'createMany' }, bad);
		await form.execute();
		const description = await form.shownError(/5 of 5 items were refused, so none of the 5/);
		expect(description).toMatch(/Items 1 to 5: 'Date of Birth' can be read as two different days/);
		expect(description).toMatch(/Item 5: 'Email' is not an email address/);
		await pictures.take('refused-rows', page);
	});

	scene('shows the plan of Create or Update', editor, async ({ page, pictures }) => {
		const [frame, same] = await editor().simulator.records(2, '/pricebooks/frames');
		const items = [
			{ SKU: frame.sku, Price: Number(frame.price) + 10 },
			{ SKU: same.sku, Price: same.price },
			{ SKU: 'NEW-1', Price: 99 },
		] as IDataObject[];
		const options = { dryRun: true, showValues: true };
		const parameters = { resource: 'frame', operation: 'upsert', matchOn: ['sku'], options };
		const form = await open(parameters, items);
		await form.execute();
		const [heading, ...plan] = await form.table(3);
		const actions = plan.map((cells) => cells[heading.indexOf('_action')]);
		expect(actions).toEqual(['updated', 'unchanged', 'created']);
		await form.showJson();
		await pictures.take('upsert-plan', page);
	});
}
