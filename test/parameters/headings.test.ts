// Tables as people keep them: which field each heading means, which columns are left out, and what is said of values
// that can't be used.
import '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { hostileApi, json } from '../hostile/hostileApi.ts';
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();

const ann = { name_first: 'Ann', name_last: 'Lee' };
const writing = ['create', 'createMany', 'findOrCreate'];

async function write(operation: string, items: IDataObject[], options: IDataObject = {}) {
	const parameters = { columns: automatic, matchOn: ['name_last'], options };
	const result = await practice.run('patient', operation, parameters, { items });
	const posts = await practice.received('POST');
	return { ...result, bodies: posts.flatMap(({ body }) => body as IDataObject[]) };
}

/** What would be sent for an item, with these fields known from the form. */
async function bodyOf(resource: string, item: IDataObject, fields: string[] = []) {
	const schema = fields.map((id) => ({ id, displayName: id, type: 'string' }));
	const parameters = { columns: { ...automatic, schema }, options: { dryRun: true } };
	const { error, records } = await practice.run(resource, 'create', parameters, { items: [item] });
	return error?.message ?? records[0].body;
}

test.each([
	['name_first', ['First Name', 'FIRST_NAME', 'FirstName', 'firstName', 'First', 'Fname']],
	['name_first', ['Given Name', 'Patient First Name', ' First  Name ', 'first-name']],
	['name_last', ['Last Name', 'Surname', 'Family Name', 'last', 'LName', 'lastname']],
	['dob', ['DOB', 'D.O.B.', 'Date of Birth', 'Birthday', 'Birth Date', 'birthdate', 'Born']],
	['email', ['E-mail', 'Email', 'EMAIL ADDRESS', 'e_mail', 'Patient Email', 'Primary Email']],
	['phone', ['Phone', 'Telephone', 'Cell Phone', 'cell_phone', 'Mobile', 'Home Phone', 'Tel.']],
])('%s is meant by each of %j', async (field, headings) => {
	const value = field === 'dob' ? '1985-03-14' : field === 'phone' ? '5125550101' : 'a@b.co';
	for (const heading of headings) {
		expect([heading, await bodyOf('patient', { [heading]: value })]).toEqual([
			heading,
			{ [field]: value },
		]);
	}
});

test('fields that the form has found are meant as well', async () => {
	const item = {
		...{ Zip: '78701', 'Cell Phone': '5125550101', 'Street Address': '1 Main St', City: 'Austin' },
		...{ Sex: 'F', phone_work: '5125550102' },
	};
	const fields = ['home_zip', 'phone_mobile', 'home_addr_1', 'home_city', 'gender'];
	expect(await bodyOf('patient', item, fields)).toEqual({
		...{ home_zip: '78701', phone_mobile: '5125550101', home_addr_1: '1 Main St' },
		...{ home_city: 'Austin', gender: 'F', phone_work: '5125550102' },
	});
});

test('without the form, a few records tell their names and types, once', async () => {
	const item = { SKU: 'A1', 'Frame Brand': 'Aero', Price: '12.50', Vendor: 'x' };
	const parameters = { columns: automatic, options: { dryRun: true } };
	const { records, hints } = await practice.run('frame', 'create', parameters, {
		items: [item, item],
	});
	expect(records[0].body).toEqual({ sku: 'A1', brand: 'Aero', price: 12.5 });
	expect(hints).toEqual([expect.stringMatching(/^Columns left out, .*Vendor/)]);
	expect(await practice.received('GET')).toHaveLength(1);
	expect(await bodyOf('frame', { sku: 'A1', price: '12.50' })).toEqual({ sku: 'A1', price: 12.5 });
	expect(await bodyOf('frame', { sku: 'A1', price: 'much' })).toBe(
		"'Price (price)' is not a number, e.g. 12.5",
	);
});

test('types that the form knows are checked in Additional Fields', async () => {
	const columns = mapped({ sku: 'A1' }, { sku: 'string', price: 'number' });
	const additionalFields = { field: [{ name: 'price', value: 'much' }] };
	const { error } = await practice.run('frame', 'create', { columns, additionalFields });
	expect(error?.message).toBe("'Price (price)' is not a number, e.g. 12.5");
});

test.each([...writing, 'upsert'])('%s: a heading of two meanings is refused', async (operation) => {
	const resource = operation === 'upsert' ? 'priceTier' : 'patient';
	const schema = ['name_first', 'name_last', 'code'].map((id) => ({
		...{ id, displayName: id, type: 'string' },
	}));
	const parameters = { columns: { ...automatic, schema }, matchOn: ['name_last'] };
	const items = [{ code: 1, 'last name': 'Lee', Name: 'Ann Lee' }];
	const { error } = await practice.run(resource, operation, parameters, { items });
	expect(`${error?.message} ${error?.description}`).toMatch(
		/'Name' may mean First Name \(name_first\) or Last Name \(name_last\), give/,
	);
	expect(await practice.received('POST')).toEqual([]);
});

test.each<[IDataObject, unknown]>([
	[{ 'Cell Phone': '5125550101', 'Home Phone': '' }, { phone: '5125550101' }],
	[{ 'Cell Phone': '', 'Home Phone': '5125550102' }, { phone: '5125550102' }],
	[
		{ 'Cell Phone': '5125550101', 'Home Phone': '5125550103' },
		"'Home Phone' means the same as 'Cell Phone', which is Phone, keep one of the two",
	],
	[{ name_last: '', 'Last Name': 'Lee' }, { name_last: 'Lee' }],
	[
		{ 'Last Name': 'Lee', name_last: 'Ray' },
		"'Last Name' means the same as 'name_last', which is Last Name, keep one of the two",
	],
])('two columns of one meaning, %j: %j', async (item, sent) => {
	expect(await bodyOf('patient', item)).toEqual(sent);
});

test('values in the place of headings are not shown', async () => {
	const patient = ['Marjorie', 'Bell-Quux', '1951-03-04', 'mbell@example.org', 'HIV positive'];
	const row = Object.fromEntries(patient.map((value) => [value, 'x']));
	const { error } = await write('create', [row]);
	const { hints } = await write('create', [{ ...row, ...ann }]);
	for (const said of [error?.description ?? '', hints.join()]) {
		expect(said).toContain(': 5, not named here, as headings look like values');
		for (const value of patient) expect(said).not.toContain(value);
	}
});

test.each(writing)(
	'%s: columns without a field are left out, and named once',
	async (operation) => {
		const own = ['row_number', 'Row Number', 'ID', 'patient_id', 'Patient ID', 'PatientId'];
		const set = [...own, 'create_date', 'Create Date', 'created_at', 'Updated'];
		const rows = [1, 2, 3].map((number) => ({
			...{ 'First Name': 'Ann', 'Last Name': `Lee ${number}`, 'Emergency Contact Phone': '1' },
			...{ 'Favorite Color': number === 2 ? 'red' : '', Comment: '' },
			...Object.fromEntries(set.map((heading) => [heading, 77])),
		}));
		const { error, bodies, hints } = await write(operation, rows);
		expect(error).toBeUndefined();
		expect(bodies).toEqual([1, 2, 3].map((each) => ({ ...ann, name_last: `Lee ${each}` })));
		const named = ['Emergency Contact Phone', ...set, 'Favorite Color'].map((name) => `'${name}'`);
		expect(hints).toEqual([
			`Columns left out, as EyeCloud Pro has no field for them or fills it in itself: ${named.join(', ')}. To send one, give it the name that Get Many shows without 'Simplify'.`,
		]);
		const nothing = await write('create', [{ 'Favorite Color': 'red' }]);
		expect(nothing.error?.description).toContain("fills in itself: 'Favorite Color'.");
	},
);

test.each([
	['refuse', "two different days, write it like 2000-01-31 or choose 'Date Order' under 'Options'"],
	['monthFirst', '1979-04-07'],
	['dayFirst', '1979-07-04'],
])('Date Order %s: a whole sheet is read so by whatever writes', async (dateOrder, told) => {
	const items = [{ tier_name: 'New', since: '4/7/1979' }];
	const schema = [{ id: 'since', displayName: 'Since', type: 'dateTime' }];
	const given = { columns: { ...automatic, schema }, recordId: byId(1), matchOn: ['tier_name'] };
	const options = { dateOrder, dryRun: true, showValues: true };
	for (const operation of [...writing, 'update', 'upsert']) {
		const result = await practice.run('priceTier', operation, { ...given, options }, { items });
		const text = `${result.error?.message} ${result.error?.description} ${JSON.stringify(result.records)}`;
		expect([operation, text]).toEqual([operation, expect.stringContaining(told)]);
	}
});

describe('records with several phone numbers, and none that is called phone', () => {
	const api = hostileApi();
	const record = {
		...{ name_first: 'Ann', name_last: 'Lee', phone_home: '5125550101', home_zip: '02134' },
		...{ phone_mobile: '5125550102', phone_work: '5125550103', balance: 5, patient_id: 1 },
	};
	const page = { page: 1, page_size: 50, total_pages: 1, total_count: 1 };
	const sentFor = async (items: IDataObject[], more: IDataObject = {}) => {
		const credential = await practice.credentialFor({ practiceIds: [2, 3] });
		api.use(credential);
		const parameters = { columns: automatic, options: { dryRun: true, ...more } };
		const run = await practice.run('patient', 'create', parameters, { items, credential });
		return run.error?.message ?? run.records.at(-1)?.body;
	};

	const [cell, home] = ['5125550142', '5125550143'];

	test.each<[IDataObject, unknown]>([
		[{ Cell: cell }, { phone_mobile: cell }],
		[
			{ Cell: cell, Zip: '78701' },
			{ phone_mobile: cell, home_zip: '78701' },
		],
		[
			{ 'Home Phone': home, Cell: cell },
			{ phone_home: home, phone_mobile: cell },
		],
		...['zip', 'ZIP', 'zip_code', 'postal_code'].map((heading): [IDataObject, unknown] => [
			{ [heading]: 78701 },
			{ home_zip: '78701' },
		]),
		[
			{ Zip: 78701, Balance: '12.50' },
			{ home_zip: '78701', balance: 12.5 },
		],
		[{ Balance: 'abc' }, "'Balance (balance)' is not a number, e.g. 12.5"],
	])('%j means %j', async (item, sent) => {
		api.answer((_, response) => json(response, { data: [record], pagination: page }));
		expect(await sentFor([item])).toEqual(sent);
	});

	test('while they are not to be had, nothing is sent', async () => {
		api.answer((_, response) => json(response, {}, 500));
		expect(await sentFor([{ Cell: cell }], { dryRun: false })).toMatch(
			/^It could not be found out which fields the columns mean/,
		);
		expect(api.received.filter((line) => line.startsWith('POST'))).toEqual([]);
	});

	test('each practice has its own', async () => {
		const empty = { data: [], pagination: { ...page, total_count: 0 } };
		api.answer(({ url }, response) =>
			json(response, url?.includes('/3/') ? { data: [record], pagination: page } : empty),
		);
		const items = [2, 3].map((p) => ({ p, 'Last Name': 'Lee', Zip: '78701' }));
		expect(await sentFor(items, { practiceId: '={{ $json.p }}' })).toMatchObject({
			home_zip: '78701',
		});
	});
});
