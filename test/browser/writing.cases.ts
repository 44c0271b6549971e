// A user creates patients: by the columns that the node discovers, and from items of which one is bad.
// Called by browser.test.ts.
import type { Editor } from './editor.ts';
import { scene } from './scene.ts';

const newPatients = [
	{ name_first: 'Dana', name_last: 'Writes', email: 'dana.writes@example.com' },
	{ name_first: 'Eli', name_last: 'Writes', email: 'nobody' },
	{ name_first: 'Fay', name_last: 'Writes', email: 'fay.writes@example.com' },
];

export function writingCases(editor: () => Editor): void {
	const written = async () => {
		const { simulator } = editor();
		const patients = await simulator.records(simulator.practiceId, '/patients');
		return patients.filter(({ name_last }) => name_last === 'Writes');
	};

	scene('creates by the columns that it discovered', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.add('Create patient');
		await form.column('gender').waitFor();
		expect(await form.columnNames()).toEqual([
			'First Name (name_first)',
			'Last Name (name_last)',
			'Date of Birth (dob)',
			'Email (email)',
			'Phone (phone)',
			'Recall Date (recall_date)',
			'Preferred Store ID (preferred_store_id)',
			'Gender (gender)',
			'Active (active)',
		]);
		for (const [name, value] of Object.entries(newPatients[0])) {
			await form.column(name).locator('input').fill(value);
		}
		await form.choose(form.column('gender'), 'F');
		await pictures.take('create', page);
		await form.execute();
		const [heading, row] = await form.table();
		const [record, ...others] = await written();
		expect(others).toEqual([]);
		expect(record).toMatchObject({ ...newPatients[0], gender: 'F' });
		expect(row[heading.indexOf('patient_id')]).toBe(String(record.patient_id));
	});

	scene('stops at a bad item and says which', editor, async (user) => {
		const columns = { mappingMode: 'autoMapInputData', value: null };
		const parameters = { resource: 'patient', operation: 'create', columns };
		const form = await user.openFilledIn(parameters, newPatients);
		await form.execute();
		const description = await form.shownError(/'Email' is not an email address.*\[item 1\]/);
		expect(description).toMatch(/Nothing was sent to EyeCloud Pro for this item/);
		expect(description).toMatch(/Items created before this one: 1\./);
		await user.pictures.take('failed-item', user.page);
	});
}
