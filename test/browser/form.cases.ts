// A user fills in the forms: what to pick from, what is said about each field, and where a dead end leads on.
// Called by browser.test.ts.
import { nodeType } from '../harness/eyeCloudPro.ts';
import { scene, type Editor } from './editor.ts';

export function formCases(editor: () => Editor): void {
	scene('books an appointment by what the form knows', editor, async (user) => {
		const { page, pictures, simulator } = user;
		const form = await user.add('Create appointment');
		await form.column('store_id').waitFor();
		await form.column('notes').locator('input').fill('First visit');
		await form.execute();
		await form.shownError(/patient_id.* is required/);
		await page.keyboard.press('Escape');
		await page.getByTestId('ndv').waitFor({ state: 'hidden' });
		await user.openOnCanvas('Create appointment');
		await page.getByTitle('Refresh').click();
		await page.getByTestId('remove-field-button-patient_id').waitFor({ state: 'hidden' });
		await pictures.take('book-required', page);

		const [{ store_name }] = await simulator.records(2, '/stores');
		await form.column('store_id').click();
		const store = page.getByRole('option').filter({ hasText: String(store_name) });
		await store.click();
		await store.waitFor({ state: 'hidden' });
		await form.choose(form.column('appointment_type'), 'Follow-up');
		await form.column('patient_id').locator('input').fill('1001');
		await form.column('start_date').locator('input').fill('2030-01-31 09:30:00');
		await form.column('start_date').locator('input').press('Enter');
		await pictures.take('book-appointment', page);
		await form.execute();
		const [heading, row] = await form.table(1);
		expect(row[heading.indexOf('store_id')]).toBe('1');
		const appointments = await simulator.records(2, '/appointments');
		expect(appointments.at(-1)).toMatchObject({
			...{ patient_id: 1001, store_id: 1, appointment_type: 'Follow-up' },
			...{ start_date: '2030-01-31T09:30:00', notes: 'First visit' },
		});
	});

	scene('updates, and lets go of what was of another resource', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.add('Update frame');
		await page.getByText('Values to Update').waitFor();
		await page.getByTestId('rlc-input').click();
		await page.getByTestId('rlc-item').first().click();
		await page.getByRole('button', { name: 'Add field to send' }).click();
		await page.getByText('Price (price)').click();
		await form.column('price').locator('input').fill('129.5');
		await form.choose(form.field('resource'), 'Price Tier');
		await page.getByPlaceholder('Select a price tier').waitFor();
		expect(await form.column('price').count()).toBe(0);
		await page.getByRole('button', { name: 'Add field to send' }).click();
		await page.getByText('Tier Name (tier_name)').waitFor();
		await pictures.take('update-another-resource', page);
	});

	scene('leads from a filter that there is not to Look Up', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.openFilledIn({
			...{ resource: 'patient', operation: 'getAll' },
			filters: { custom: { parameter: [{ name: 'name_last', value: 'S' }] } },
		});
		await form.execute();
		const description = await form.shownError(/'Last Name' is not allowed/);
		expect(description).toMatch(/use 'Look Up'/);
		await pictures.take('filter-refused', page);
	});

	scene('chooses the fields that an agent sees', editor, async (user) => {
		const { page, pictures } = user;
		const loaded = page.waitForResponse(/\/dynamic-node-parameters\/options$/);
		const parameters = { resource: 'patient', operation: 'getAll', output: 'selected' };
		const form = await user.openFilledIn(parameters, [{}], { type: `${nodeType}Tool` });
		await loaded;
		const fields = form.field('fields');
		await fields.locator('input:not([disabled])').first().waitFor();
		await fields.click();
		for (const name of ['Last Name (name_last)', 'Address City (address_city)']) {
			await page.getByRole('option').getByText(name, { exact: true }).click();
		}
		await pictures.take('selected-fields', page);
		expect(await fields.innerText()).toMatch(/Last Name.*Address City/s);
	});

	scene('says where a custom call of the trigger leads', editor, async (user) => {
		const { page, pictures } = user;
		const form = await user.add('On record created or changed');
		await form.field('event').waitFor();
		await form.execute();
		const [heading, row] = await form.table(5);
		expect(row[heading.indexOf('_change')]).toBe('changed');
		expect(row[heading.indexOf('_sample')]).toBe('true');
		await form.showJson();
		await pictures.take('trigger-sample', page);
		await form.choose(form.field('resource'), 'Custom API Call');
		await page.getByText("A Custom API Call can't start a workflow").waitFor();
		await pictures.take('trigger-custom-call', page);
	});
}
