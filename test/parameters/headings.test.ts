// Tables as people keep them: which field each heading means, which columns are left out, and what is said of values
// that can't be used.
import '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { json, startHostileApi, type HostileApi } from '../hostile/hostileApi.ts';
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();

const writing = ['create', 'createMany', 'findOrCreate'];

async function write(
	operation: string,
	items: IDataObject[],
	parameters: IDataObject = {},
	more: { continueOnFail?: boolean } = {},
) {
	const result = await practice.run(
		'patient',
		operation,
		{ columns: automatic, matchOn: ['name_last'], ...parameters },
		{ items, ...more },
	);
	const posts = await practice.received('POST');
	return { ...result, bodies: posts.flatMap(({ body }) => body as IDataObject[]) };
}

/** The form's own knowledge of the fields, as n8n saves it beside the columns. */
function automaticWith(fields: string[]): IDataObject {
	const schema = fields.map((id) => ({ id, displayName: id, type: 'string' }));
	return { ...automatic, schema };
}

test.each(writing)('%s understands what people write above their columns', async (operation) => {
	const { error, bodies, hints } = await write(operation, [
		{
			'First Name': 'Ann',
			'LAST NAME': 'Lee',
			DOB: '03/14/1985',
			'E-mail': 'ann@example.com',
			'Phone Number': '(512) 555-0101',
		},
	]);
	expect(error).toBeUndefined();
	expect(bodies).toEqual([
		{
			...{ name_first: 'Ann', name_last: 'Lee', dob: '1985-03-14' },
			...{ email: 'ann@example.com', phone: '5125550101' },
		},
	]);
	expect(hints).toEqual([]);
});

test.each([
	['name_first', ['First Name', 'first name', 'FIRST_NAME', 'FirstName', 'firstName', 'First']],
	['name_first', ['Fname', 'Given Name', 'Patient First Name', ' First  Name ', 'first-name']],
	['name_last', ['Last Name', 'Surname', 'Family Name', 'last', 'LName', 'lastname']],
	['dob', ['DOB', 'D.O.B.', 'Date of Birth', 'Birthday', 'Birth Date', 'birthdate', 'Born']],
	['email', ['E-mail', 'Email', 'EMAIL ADDRESS', 'e_mail', 'Patient Email', 'Primary Email']],
	['phone', ['Phone', 'Telephone', 'Cell Phone', 'cell_phone', 'Mobile', 'Home Phone', 'Tel.']],
])('%s is meant by each of %j', async (field, headings) => {
	const value = field === 'dob' ? '1985-03-14' : field === 'phone' ? '5125550101' : 'a@b.co';
	for (const heading of headings) {
		await practice.simulator.reset({ data: true });
		const { records } = await write('create', [{ [heading]: value }], {
			options: { dryRun: true },
		});
		expect([heading, records[0]?.body]).toEqual([heading, { [field]: value }]);
	}
});

test('fields that the form has found are meant as well', async () => {
	const columns = automaticWith(['home_zip', 'phone_mobile', 'home_addr_1', 'home_city', 'gender']);
	const item = {
		...{ Zip: '78701', 'Cell Phone': '5125550101', 'Street Address': '1 Main St', City: 'Austin' },
		...{ Sex: 'F', phone_work: '5125550102' },
	};
	const options = { dryRun: true };
	const { records } = await write('create', [item], { columns, options });
	expect(records[0].body).toEqual({
		...{ home_zip: '78701', phone_mobile: '5125550101', home_addr_1: '1 Main St' },
		...{ home_city: 'Austin', gender: 'F', phone_work: '5125550102' },
	});
});

test('without the form, a few records tell their names', async () => {
	const item = { SKU: 'A1', 'Frame Brand': 'Aero', Price: '12.50', Vendor: 'x' };
	const options = { dryRun: true };
	const { records, hints } = await practice.run(
		'frame',
		'create',
		{ columns: automatic, options },
		{ items: [item, item] },
	);
	expect(records[0].body).toEqual({ sku: 'A1', brand: 'Aero', price: 12.5 });
	expect(hints).toEqual([expect.stringMatching(/^Columns left out, .*Vendor/)]);
	expect(await practice.received('GET')).toHaveLength(1);
});

test.each([...writing, 'upsert'])('%s: a heading of two meanings is refused', async (operation) => {
	const resource = operation === 'upsert' ? 'priceTier' : 'patient';
	const columns = automaticWith(['phone_mobile', 'phone_home', 'name_first', 'name_last', 'code']);
	const rows = [1, 2].map((code) => ({ code, 'last name': `Lee ${code}`, Name: 'Ann Lee' }));
	const { error } = await practice.run(
		resource,
		operation,
		{ columns, matchOn: ['name_last'] },
		{ items: rows },
	);
	const text = `${error?.message} ${error?.description}`;
	expect(text).toMatch(
		/'Name' may mean First Name \(name_first\) or Last Name \(name_last\), give/,
	);
	expect(await practice.received('POST')).toEqual([]);
});

test('two columns of one meaning: what is filled in; both are refused', async () => {
	const rows = [
		{ name_first: 'Ann', name_last: 'Lee', 'Cell Phone': '5125550101', 'Home Phone': '' },
		{ name_first: 'Bo', name_last: 'Lee', 'Cell Phone': '', 'Home Phone': '5125550102' },
	];
	const { bodies } = await write('createMany', rows);
	expect(bodies.map(({ phone }) => phone)).toEqual(['5125550101', '5125550102']);
	const both = await write('create', [{ ...rows[0], 'Home Phone': '5125550103' }]);
	expect(both.error?.message).toBe(
		"'Home Phone' means the same as 'Cell Phone', which is Phone, keep one of the two",
	);
});

test("the API's own name and what people call it: what is filled in; both are refused", async () => {
	const { bodies } = await write('create', [{ name_last: '', 'Last Name': 'Lee' }]);
	expect(bodies).toEqual([{ name_last: 'Lee' }]);
	const emptied = { options: { allowEmptyValues: true } };
	const inOther = await write('create', [{ 'Last Name': '', name_last: 'Ray' }], emptied);
	expect(inOther.bodies.at(-1)).toEqual({ name_last: 'Ray' });
	const both = await write('create', [{ 'Last Name': 'Lee', name_last: 'Ray' }]);
	expect(both.error?.message).toBe(
		"'Last Name' means the same as 'name_last', which is Last Name, keep one of the two",
	);
});

test('values in the place of headings are not shown', async () => {
	const patient = ['Marjorie', 'Bell-Quux', '1951-03-04', 'mbell@example.org', 'HIV positive'];
	const row = Object.fromEntries(patient.map((value) => [value, 'x']));
	const { error } = await write('create', [row]);
	const { hints } = await write('create', [{ ...row, name_first: 'Ann', name_last: 'Lee' }]);
	for (const said of [error?.description ?? '', hints.join()]) {
		expect(said).toContain(': 5, not named here, as headings look like values');
		for (const value of patient) expect(said).not.toContain(value);
	}
});

test('columns that mean no field are left out and named once, unless they are empty', async () => {
	const rows = [1, 2, 3].map((number) => ({
		...{ 'First Name': 'Ann', 'Last Name': `Lee ${number}`, 'Emergency Contact Phone': '1' },
		...{ 'Favorite Color': number === 2 ? 'red' : '', Comment: '' },
	}));
	for (const operation of writing) {
		await practice.simulator.reset({ data: true });
		const { error, hints } = await write(operation, rows);
		expect([operation, error, hints]).toEqual([
			operation,
			undefined,
			[
				"Columns left out, as EyeCloud Pro has no field for them or fills it in itself: 'Emergency Contact Phone', 'Favorite Color'. To send one, give it the name that Get Many shows without 'Simplify'.",
			],
		]);
	}
	const nothing = await write('create', [{ 'Favorite Color': 'red' }]);
	expect(nothing.error?.description).toContain(
		"has no field for, or fills in itself: 'Favorite Color'.",
	);
});

test('names like those of the API are sent as they are, so that it can refuse them', async () => {
	const { error } = await write('create', [
		{ name_first: 'Ann', name_last: 'Lee', phone_beside: '1', color: 'red' },
	]);
	expect(error?.message).toContain("'Phone Beside (phone_beside)' is not allowed");
	expect(error?.message).toContain("'Color (color)' is not allowed");
});

const rows = [
	{ 'First Name': 'Ann', 'Last Name': 'Lee', DOB: '03/14/1985', 'E-mail': '', Phone: null },
	{ 'First Name': 'Bo', 'Last Name': 'Ray', DOB: '', 'E-mail': 'bo@example.com', Phone: ' ' },
	{ 'First Name': 'Cy', 'Last Name': 'Poe', DOB: '12/31/1990', 'E-mail': '', Phone: '' },
	{ 'First Name': 'Di', 'Last Name': 'Fox', DOB: '', 'E-mail': '', Phone: '(512) 555-0101' },
	{ 'First Name': 'Ed', 'Last Name': 'Day', DOB: '1/1/2001', 'E-mail': '', Phone: '' },
];

test('five rows with gaps: all are created, and nothing is sent for a gap', async () => {
	const { error, bodies, records } = await write('createMany', rows);
	expect(error).toBeUndefined();
	expect(records).toHaveLength(5);
	expect(bodies.map((body) => Object.keys(body).length)).toEqual([3, 3, 3, 3, 3]);
});

test('a day that can be two is refused once, with the form to use', async () => {
	const bad = rows.map((row, index) => ({ ...row, DOB: `0${index + 1}/07/1985` }));
	const { error, records } = await write('createMany', bad);
	expect(error?.message).toBe('5 of 5 items were refused, so none of the 5 was created');
	expect(error?.description).toBe(
		"Items 1 to 5: 'Date of Birth' can be read as two different days, write it like 2000-01-31 or choose 'Date Order' under 'Options'<br>Correct these items and run it again.",
	);
	expect(records).toEqual([]);
});

test.each([
	['monthFirst', '1979-04-07'],
	['dayFirst', '1979-07-04'],
])('Date Order %s: a whole sheet is read so by whatever writes', async (dateOrder, day) => {
	const item = { tier_name: 'New', since: '4/7/1979' };
	const schema = [{ id: 'since', displayName: 'Since', type: 'dateTime' }];
	const columns = { ...automatic, schema };
	const options = { dateOrder, dryRun: true, showValues: true };
	for (const operation of [...writing, 'update', 'upsert']) {
		const recordId = byId(1);
		const given = { columns, recordId, matchOn: ['tier_name'], options };
		const { error, records } = await practice.run('priceTier', operation, given, { items: [item] });
		expect([operation, error?.message]).toEqual([operation, undefined]);
		expect(JSON.stringify(records)).toContain(day);
	}
});

test('a Date Order that is none is refused', async () => {
	const { error } = await write('create', rows, { options: { dateOrder: '={{ "us" }}' } });
	expect(error?.message).toBe("'Date Order' must be dayFirst, monthFirst or refuse");
});

describe('types are checked whatever the columns are called', () => {
	const dryRun = { options: { dryRun: true } };
	const body = async (parameters: IDataObject, items: IDataObject[]) => {
		const run = await practice.run('frame', 'create', { ...parameters, ...dryRun }, { items });
		return run.error?.message ?? run.records[0].body;
	};

	test("by the API's own names alone", async () => {
		expect(await body({ columns: automatic }, [{ sku: 'A1', price: '12.50' }])).toEqual({
			...{ sku: 'A1', price: 12.5 },
		});
		expect(await body({ columns: automatic }, [{ sku: 'A1', price: 'much' }])).toBe(
			"'Price (price)' is not a number, e.g. 12.5",
		);
	});

	test('in Additional Fields, where the form knows them', async () => {
		const columns = mapped({ sku: 'A1' }, { sku: 'string', price: 'number' });
		const additionalFields = { field: [{ name: 'price', value: 'much' }] };
		expect(await body({ columns, additionalFields }, [{}])).toBe(
			"'Price (price)' is not a number, e.g. 12.5",
		);
	});
});

describe('records with several phone numbers, and none that is called phone', () => {
	let api: HostileApi;
	const record = {
		...{ name_first: 'Ann', name_last: 'Lee', phone_home: '5125550101', home_zip: '02134' },
		...{ phone_mobile: '5125550102', phone_work: '5125550103', balance: 5, patient_id: 1 },
	};
	const page = { page: 1, page_size: 50, total_pages: 1, total_count: 1 };
	beforeAll(async () => {
		api = await startHostileApi();
	});
	beforeEach(() => {
		api.answer((_, response) => json(response, { data: [record], pagination: page }));
	});
	afterAll(async () => await api.close());
	const sentFor = async (item: IDataObject) => {
		const options = { dryRun: true };
		const given = { columns: automatic, options };
		const client = await practice.simulator.createClient({ practiceIds: [2] });
		const credential = api.credentialFor(practice.simulator, client);
		const more = { items: [item], credential };
		const { records, error } = await practice.run('patient', 'create', given, more);
		return error?.message ?? records[0].body;
	};

	test('a heading means the same, whatever stands beside it', async () => {
		for (const beside of [{}, { Zip: '78701' }, { 'Home Phone': '5125550143' }]) {
			const body = await sentFor({ 'First Name': 'Ann', Cell: '5125550142', ...beside });
			expect(body).toMatchObject({ phone_mobile: '5125550142' });
			expect(body).not.toHaveProperty('phone');
		}
		const both = { 'Home Phone': '5125550142', 'Cell Phone': '5125550143' };
		expect(await sentFor(both)).toEqual({ phone_home: '5125550142', phone_mobile: '5125550143' });
	});

	test("a heading in the API's own spelling means a field of the records", async () => {
		for (const heading of ['zip', 'ZIP', 'zip_code', 'postal_code']) {
			const body = await sentFor({ [heading]: 78701 });
			expect([heading, body]).toEqual([heading, { home_zip: '78701' }]);
		}
	});

	test('while they are not to be had, nothing is sent', async () => {
		const item = { 'Last Name': 'Lee', 'Cell Phone': '5125550142', Zip: '78701' };
		const ways: Array<Parameters<HostileApi['answer']>[0]> = [
			(_, response) => json(response, {}, 500),
			(_, response) => void response.writeHead(200).end('<html>'),
		];
		for (const way of ways) {
			api.answer(way);
			await practice.simulator.reset({ data: true });
			const client = await practice.simulator.createClient({ practiceIds: [2] });
			const credential = api.credentialFor(practice.simulator, client);
			const more = { items: [item, item], credential };
			const run = await practice.run('patient', 'create', { columns: automatic }, more);
			expect(run.error?.message).toMatch(
				/^It could not be found out which fields the columns mean/,
			);
			expect(api.received.filter((line) => line.startsWith('POST'))).toEqual([]);
		}
	});

	test('each practice has its own', async () => {
		const empty = { data: [], pagination: { ...page, total_count: 0 } };
		api.answer(({ url }, response) =>
			json(response, url?.includes('/3/') ? { data: [record], pagination: page } : empty),
		);
		const client = await practice.simulator.createClient({ practiceIds: [2, 3] });
		const credential = api.credentialFor(practice.simulator, client);
		const items = [2, 3].map((p) => ({ p, 'Last Name': 'Lee', Zip: '78701' }));
		const options = { dryRun: true, practiceId: '={{ $json.p }}' };
		const given = { columns: automatic, options };
		const { error, records } = await practice.run('patient', 'create', given, {
			...{ items, credential },
		});
		expect(error).toBeUndefined();
		expect(records[1].body).toMatchObject({ home_zip: '78701' });
	});

	test('a value gets the type that the records have', async () => {
		expect(await sentFor({ Zip: 78701, Balance: '12.50' })).toEqual({
			home_zip: '78701',
			balance: 12.5,
		});
		expect(await sentFor({ Zip: 78701, Balance: 'abc' })).toBe(
			"'Balance (balance)' is not a number, e.g. 12.5",
		);
	});
});

test('what EyeCloud Pro sets itself, and the number of a row, is left out and named', async () => {
	const own = ['row_number', 'Row Number', 'id', 'ID', 'patient_id', 'Patient ID', 'PatientId'];
	for (const heading of [...own, 'create_date', 'Create Date', 'created_at', 'Updated']) {
		for (const operation of writing) {
			await practice.simulator.reset({ data: true });
			const item = { name_first: 'Ann', name_last: 'Lee', [heading]: 77 };
			const { bodies, hints } = await write(operation, [item]);
			expect([heading, bodies]).toEqual([heading, [{ name_first: 'Ann', name_last: 'Lee' }]]);
			expect(hints).toEqual([expect.stringContaining(`'${heading}'`)]);
		}
	}
});
