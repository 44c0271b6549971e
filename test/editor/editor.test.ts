// What the editor offers while a user fills in the node: columns, sort fields and field names, learned
// from the API at most once in five minutes.
import { fakeClock } from '../harness/fastTime.ts';
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { Editor } from '../harness/editorMethod.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const MINUTE_MS = 60_000;

const practice = simulatedPractice();
const createPatient = { resource: 'patient', operation: 'create' };

function editor(): Editor {
	return new Editor(practice.credential);
}

async function lines(): Promise<string[]> {
	return (await practice.received()).map(requestLine);
}

describe('columns', () => {
	test('documented fields first, then discovered ones, each with its type', async () => {
		const { fields, emptyFieldsNotice } = await editor().columns(createPatient);
		expect(fields.map(({ displayName, type }) => [displayName, type])).toEqual([
			['First Name (name_first)', 'string'],
			['Last Name (name_last)', 'string'],
			['Date of Birth (dob)', 'string'],
			['Email (email)', 'string'],
			['Phone (phone)', 'string'],
			['Address (address)', 'object'],
			['Recall Date (recall_date)', 'dateTime'],
			['Preferred Store ID (preferred_store_id)', 'options'],
			['Gender (gender)', 'options'],
			['Insurances (insurances)', 'array'],
			['Active (active)', 'options'],
		]);
		expect(emptyFieldsNotice).toBeUndefined();
		const hidden = fields.filter(({ removed }) => removed).map(({ id }) => id);
		expect(hidden).toEqual(['address', 'insurances']);
		expect(await lines()).toEqual([
			'GET /v2/2/patients?page=1&page_size=50',
			'GET /v2/2/stores?page=1&page_size=250',
		]);
	});

	test('keep no value of a person', async () => {
		const text = JSON.stringify(await editor().columns(createPatient));
		for (const { name_last, email, phone } of await practice.simulator.records(2, '/patients')) {
			for (const value of [name_last, email, phone]) expect(text).not.toContain(`"${value}"`);
		}
	});

	test.each([
		['appointment', 'create', ['start_date', 'patient_id', 'store_id', 'employee_id']],
		['order', 'createMany', ['order_date', 'patient_id', 'store_id', 'status', 'items']],
		['frame', 'findOrCreate', ['sku', 'description', 'brand', 'model', 'color', 'eye_size']],
		['priceTier', 'create', ['tier_name', 'discount_percent', 'active']],
	])('of %s, for %s: without ID and creation date', async (resource, operation, first) => {
		const { fields } = await editor().columns({ resource, operation });
		const ids = fields.map(({ id }) => id);
		expect(ids.slice(0, first.length)).toEqual(first);
		expect(ids).not.toContain('create_date');
		expect(ids.filter((id) => /^(appt|order|frame|pricetier)_id$/.test(id))).toEqual([]);
	});

	test('of an update are there to be added, one by one', async () => {
		const { fields } = await editor().columns({ resource: 'priceTier', operation: 'update' });
		expect(fields).toHaveLength(3);
		expect(fields.every(({ removed }) => removed)).toBe(true);
	});

	test('without the scope: the documented ones, why, and other resources as ever', async () => {
		const scopes = practice.simulator.clients.practice.scopes.filter(
			(scope) => scope !== 'read:patients' && scope !== 'read:orders',
		);
		const narrow = new Editor(await practice.credentialFor({ scopes }));
		const { fields } = await narrow.columns(createPatient);
		expect(fields.map(({ id }) => id)).toEqual([
			...['name_first', 'name_last', 'dob', 'email', 'phone', '_notice'],
		]);
		expect(fields.at(-1)).toMatchObject({
			displayName:
				"Only documented fields are listed: The credential lacks the scope 'read:patients'. Use 'Additional Fields' for others.",
			readOnly: true,
		});
		const orders = await narrow.columns({ resource: 'order', operation: 'create' });
		expect(orders.fields).toEqual([]);
		expect(orders.emptyFieldsNotice).toContain("lacks the scope 'read:orders'");
		const tiers = await narrow.columns({ resource: 'priceTier', operation: 'create' });
		expect(tiers.fields).toHaveLength(3);
		expect(tiers.emptyFieldsNotice).toBeUndefined();
	});

	test('without a record yet, it says so', async () => {
		for (let id = 1; id <= 6; id++) {
			await practice.simulator.deleteRecord(2, '/configurations/pricetiers', { id });
		}
		const form = { resource: 'priceTier', operation: 'create' };
		const { fields, emptyFieldsNotice } = await editor().columns(form);
		expect(fields).toEqual([]);
		expect(emptyFieldsNotice).toBe(
			"Only documented fields are listed: there is no record yet to learn the others from. Use 'Additional Fields' for others.",
		);
	});

	test('trouble with the API is said, and is no notice', async () => {
		const fault = { kind: 'status', status: 500 } as const;
		await practice.simulator.addFault({ match: { times: 20 }, fault });
		await expect(editor().columns(createPatient)).rejects.toThrow('HTTP 500');
	});

	test('of another practice', async () => {
		await editor().columns({ ...createPatient, options: { practiceId: '123' } });
		expect(await lines()).toEqual([
			'GET /v2/123/patients?page=1&page_size=50',
			'GET /v2/123/stores?page=1&page_size=250',
		]);
	});

	test('no resource chosen yet', async () => {
		await expect(editor().columns({})).rejects.toThrow('Choose a resource first');
	});
});

test.each([
	[true, true],
	[false, false],
	['', undefined],
	["={{ 'no' }}", false],
])('a yes or no of %j is sent as %j, and none where nobody chose', async (given, sent) => {
	const form = { resource: 'patient', operation: 'create' };
	const { fields } = await editor().columns(form);
	const value = { name_first: 'Dana', name_last: 'Whitfield', active: given };
	const columns = { mappingMode: 'defineBelow', value, schema: fields };
	const { error } = await practice.run('patient', 'create', { columns });
	expect(error).toBeUndefined();
	const [{ body }] = await practice.received('POST');
	expect((body as IDataObject).active).toBe(sent);
});

describe('fields to choose from', () => {
	test.each<[string, string[]]>([
		['patient', ['name_first', 'name_last', 'email', 'dob', 'patient_id', 'create_date']],
		['invoice', ['invoice_date', 'patient_id', 'total', 'invoice_id', 'create_date']],
		['tierPrice', ['description', 'price', 'tierprice_id', 'create_date']],
	])('%s sorts by what the API itself names', async (resource, names) => {
		const options = await editor().sortFields({ resource, operation: 'getAll' });
		expect(options.map(({ value }) => value)).toEqual(names);
		const [request, ...others] = await practice.received();
		expect([request.outcome, others]).toEqual([400, []]);
	});

	test('sort fields have the labels of the form', async () => {
		const options = await editor().sortFields({ resource: 'patient', operation: 'getAll' });
		expect(options[0]).toEqual({ name: 'First Name (name_first)', value: 'name_first' });
	});

	test('the documented sort fields where the API names none', async () => {
		const body = { message: '"sort" is not good' };
		const fault = { kind: 'status', status: 400, body } as const;
		await practice.simulator.addFault({ match: { times: 2 }, fault });
		const patient = await editor().sortFields({ resource: 'patient', operation: 'getAll' });
		expect(patient).toHaveLength(6);
		expect(await editor().sortFields({ resource: 'store', operation: 'getAll' })).toEqual([]);
	});

	test('names for Match On: the useful ones first, plain ones only', async () => {
		const options = await editor().fieldNames({ resource: 'patient', operation: 'findOrCreate' });
		expect(options.map(({ value }) => value)).toEqual([
			...['name_first', 'name_last', 'email', 'phone', 'dob', 'recall_date'],
			...['preferred_store_id', 'gender', 'active', 'patient_id', 'create_date'],
		]);
	});

	test('fields to return: nested ones too', async () => {
		const options = await editor().outputFields({ resource: 'patient', operation: 'get' });
		const names = options.map(({ value }) => value);
		expect(names.slice(0, 2)).toEqual(['name_first', 'name_last']);
		expect(names).toEqual(expect.arrayContaining(['insurances', 'address', 'address_city']));
		expect(options).toContainEqual({
			name: 'Address City (address_city)',
			value: 'address_city',
		});
	});

	describe('for other parameters of the filters', () => {
		const namesFor = async (resource: string) =>
			(await editor().filterNames({ resource, operation: 'getAll' })).map(({ value }) => value);

		test.each<[string, string[]]>([
			['appointment', ['patient_id', 'store_id', 'status']],
			['patient', ['']],
			['store', ['store_name']],
		])('of %s: what it does not refuse, without reading data', async (resource, names) => {
			expect(await namesFor(resource)).toEqual(names);
			const [, probe, ...others] = await practice.received();
			expect([probe.outcome, others]).toEqual([400, []]);
			await namesFor(resource);
			expect(await lines()).toHaveLength(2);
		});

		test('all that there are, where the API ignores what it does not know', async () => {
			await practice.simulator.configure({ dialect: { unknownParameter: 'ignored' } });
			const names = await namesFor('patient');
			expect(names).toEqual(expect.arrayContaining(['name_last', 'gender']));
			expect(names).not.toContain('email');
		});

		test('all but the one that is named, where the API tells its first finding alone', async () => {
			const body = { message: '"gender" is not allowed' };
			const fault = { kind: 'status', status: 400, body } as const;
			const match = { path: '/patients', holds: 'no_such_field', times: 20 };
			await practice.simulator.addFault({ match, fault });
			const names = await namesFor('patient');
			expect(names).toEqual(expect.arrayContaining(['name_last', 'active']));
			expect(names).not.toContain('gender');
		});

		test('none, but why, where the API can not be asked', async () => {
			await namesFor('store');
			const fault = { kind: 'status', status: 500 } as const;
			await practice.simulator.addFault({ match: { holds: 'no_such_field', times: 20 }, fault });
			await expect(namesFor('patient')).rejects.toThrow('HTTP 500');
		});

		test('what was refused at a run is not offered for minutes', async () => {
			await practice.simulator.configure({ dialect: { unknownParameter: 'ignored' } });
			expect(await namesFor('store')).toContain('time_zone');
			await practice.simulator.configure({ dialect: { unknownParameter: 'refused' } });
			const parameter = [{ name: 'time_zone', value: 'America/Chicago' }];
			const filters = { custom: { parameter } };
			const { error } = await practice.run('store', 'getAll', { filters });
			expect(error?.description).toMatch(/has no filter 'time_zone'.*use 'Look Up'/);
			expect(await namesFor('store')).not.toContain('time_zone');
		});
	});

	test('without the scope, a sentence', async () => {
		const narrow = new Editor(await practice.credentialFor({ scopes: ['read:stores'] }));
		const form = { resource: 'order', operation: 'getAll' };
		await expect(narrow.fieldNames(form)).rejects.toThrow("lacks the scope 'read:orders'");
		await expect(narrow.sortFields(form)).rejects.toThrow("lacks the scope 'read:orders'");
		expect(await narrow.sortFields({ ...form, resource: 'store' })).toHaveLength(3);
	});
});

describe('what was learned', () => {
	test('is asked for once in five minutes, however many ask', async () => {
		const fields = 'GET /v2/2/patients?page=1&page_size=50';
		const stores = 'GET /v2/2/stores?page=1&page_size=250';
		await Promise.all(Array.from({ length: 5 }, () => editor().columns(createPatient)));
		await editor().columns({ ...createPatient, operation: 'createMany' });
		await editor().fieldNames(createPatient);
		await fakeClock.sleep(4.9 * MINUTE_MS);
		await editor().columns(createPatient);
		expect(await lines()).toEqual([fields, stores]);
		await editor().sortFields(createPatient);
		await editor().sortFields(createPatient);
		expect(await lines()).toHaveLength(3);
		await fakeClock.sleep(0.2 * MINUTE_MS);
		await editor().columns(createPatient);
		expect((await lines()).slice(3)).toEqual([fields, stores]);
	});

	test('has a new field, and one that sorts, after that time', async () => {
		const form = { resource: 'order', operation: 'create' };
		const seen = async () => [
			(await editor().columns(form)).fields.some(({ id }) => id === 'tray_number'),
			(await editor().fieldNames(form)).some(({ value }) => value === 'tray_number'),
			(await editor().sortFields(form)).some(({ value }) => value === 'tray_number'),
		];
		expect(await seen()).toEqual([false, false, false]);
		const field = { path: '/orders', name: 'tray_number', value: 12, sortable: true };
		await practice.simulator.addField(field);
		expect(await seen()).toEqual([false, false, false]);
		await fakeClock.sleep(5 * MINUTE_MS + 1);
		expect(await seen()).toEqual([true, true, true]);
		const { fields } = await editor().columns(form);
		expect(fields.find(({ id }) => id === 'tray_number')?.type).toBe('number');
	});

	test('is asked for again after a minute where it was refused', async () => {
		const client = await practice.simulator.createClient({ scopes: ['create:orders'] });
		const narrow = new Editor(StoredCredential.for(practice.simulator, client));
		const form = { resource: 'order', operation: 'create' };
		expect((await narrow.columns(form)).fields).toEqual([]);
		const scopes = ['create:orders', 'read:orders'];
		await practice.simulator.configure({ grantedScopes: { [client.clientId]: scopes } });
		await practice.simulator.expireTokens();
		expect((await narrow.columns(form)).fields).toEqual([]);
		await fakeClock.sleep(MINUTE_MS + 1);
		expect((await narrow.columns(form)).fields.length).toBeGreaterThan(4);
	});

	test('differs by practice and credential', async () => {
		const other = new Editor(await practice.credentialFor({}));
		await editor().columns(createPatient);
		await other.columns(createPatient);
		await editor().columns({ ...createPatient, options: { practiceId: 123 } });
		expect(await lines()).toHaveLength(6);
	});

	test('is told to no other credential, nor to another grant, of the same OAuth client', async () => {
		const other = practice.credential.copy();
		const withWrongSecret = await practice.credentialFor({});
		const form = { resource: 'appointment', operation: 'create' };
		const asked = async (by: Editor) => {
			const before = (await lines()).length;
			await by.columns(form);
			return (await lines()).length - before;
		};
		expect(await asked(editor())).toBe(3);
		expect(await asked(editor())).toBe(0);
		expect(await asked(new Editor(other))).toBe(3);
		other.change({ grantType: 'authorizationCode' });
		expect(await asked(new Editor(other))).toBe(3);
		expect(await asked(new Editor(other))).toBe(0);
		const { clientId } = practice.simulator.clients.practice;
		withWrongSecret.change({ clientId });
		await expect(new Editor(withWrongSecret).columns(form)).rejects.toThrow(
			'The auth server refused this credential',
		);
	});

	test('is bounded: the oldest is forgotten first', async () => {
		// Time must not pass by waiting for the rate limit.
		const client = await practice.simulator.createClient();
		const unlimited = { requestsPerMinute: 10_000 };
		const hasty = new Editor(StoredCredential.for(practice.simulator, client, unlimited));
		const inPractice = async (practiceId: number) =>
			await hasty.columns({ resource: 'frame', operation: 'create', options: { practiceId } });
		await inPractice(2);
		for (let practiceId = 1_000; practiceId < 1_200; practiceId++) await inPractice(practiceId);
		expect(await lines()).toHaveLength(201);
		await inPractice(1_199);
		expect(await lines()).toHaveLength(201);
		await inPractice(2);
		expect(await lines()).toHaveLength(202);
	});
});

describe('booking an appointment', () => {
	const form = { resource: 'appointment', operation: 'create' };
	const column = async (id: string, asked: Editor = editor()) =>
		(await asked.columns(form)).fields.find((field) => field.id === id);

	test('stores and employees are picked by name, and sent as IDs', async () => {
		const stores = await practice.simulator.records(2, '/stores');
		const { type, options = [] } = (await column('store_id')) ?? {};
		expect(type).toBe('options');
		for (const { store_id, store_name } of stores) {
			expect(options).toContainEqual({
				name: expect.stringContaining(`${store_name as string}`),
				value: store_id,
			});
		}
		expect(options).toHaveLength(1 + stores.length);
		expect((await column('employee_id'))?.options).toHaveLength(1 + 24);
		const { fields } = await editor().columns(form);
		const value = { patient_id: 1001, start_date: '2030-01-31T09:30:00' };
		for (const store_id of [2, "={{ '2' }}"]) {
			const mapped = { mappingMode: 'defineBelow', value: { ...value, store_id }, schema: fields };
			const { error } = await practice.run('appointment', 'create', { columns: mapped });
			expect(error).toBeUndefined();
		}
		const bodies = (await practice.received('POST')).map(({ body }) => body);
		expect(bodies).toEqual([1, 2].map(() => ({ ...value, store_id: 2 })));
	});

	test('a long list is not offered; where the ID comes from is said', async () => {
		expect((await column('patient_id'))?.type).toBe('number');
		const notices = new EyeCloudPro().description.properties.filter(
			({ type }) => type === 'notice',
		);
		for (const { displayName } of notices) expect(displayName).toMatch(/patient.*'Get Many'/);
		const shown = notices.map(({ displayOptions }) => displayOptions?.show);
		expect(shown.map((show) => show?.resource)).toContainEqual(['appointment', 'order']);
		const read = (await lines()).filter((line) => line.includes('/patients'));
		expect(read).toEqual([]);
	});

	test('more stores than a page holds, or none that may be read: their ID is typed', async () => {
		for (let each = 0; each < 250; each++) await practice.simulator.addRecord(2, '/stores');
		expect((await column('store_id'))?.type).toBe('number');
		const scopes = ['read:appointments', 'create:appointments'];
		const narrow = new Editor(await practice.credentialFor({ scopes }));
		expect((await column('employee_id', narrow))?.type).toBe('number');
	});

	test('a time has the zone beside it, a day has none', async () => {
		expect((await column('start_date'))?.displayName).toBe(
			'Start Date (start_date), America/Chicago',
		);
		const { fields } = await editor().columns(createPatient);
		expect(fields.find(({ id }) => id === 'recall_date')?.displayName).toBe(
			'Recall Date (recall_date)',
		);
	});

	test('values that many share are offered, and one can still be left empty', async () => {
		const { options = [] } = (await column('appointment_type')) ?? {};
		expect(options.map(({ value }) => value)).toEqual([
			...['', 'Comprehensive Exam', 'Contact Lens Fitting', 'Follow-up', 'Pick-up'],
		]);
		expect((await column('notes'))?.options).toBeUndefined();
	});

	test.each(['referral_source', 'title', 'referral_channel', 'role', 'address_unit'])(
		'what may name a person is not offered, however many share it: %s',
		async (name) => {
			const value = 'Mom: Ann Whitfield';
			await practice.simulator.addField({ path: '/appointments', name, value });
			expect((await column(name))?.type).toBe('string');
			expect((await column(name))?.options).toBeUndefined();
		},
	);

	test('a model gets no list, but fills in what it knows', async () => {
		const { fields } = await new Editor(practice.credential, 'eyeCloudProTool').columns(form);
		expect(fields.map(({ type }) => type)).not.toContain('options');
	});

	test('what the API said it requires is marked, and what it refused is gone, for minutes', async () => {
		const required = async (operation = 'create') => {
			const { fields } = await editor().columns({ ...form, operation });
			return fields.filter((field) => field.required).map(({ id }) => id);
		};
		expect(await required()).toEqual([]);
		expect(await column('status')).toBeDefined();
		const value = { notes: 'First visit', status: 'confirmed' };
		const columns = { mappingMode: 'defineBelow', value, schema: [] };
		const { error } = await practice.run('appointment', 'create', { columns });
		expect(error?.message).toContain("'Patient ID (patient_id)' is required");
		expect(await required()).toEqual(['start_date', 'patient_id', 'store_id']);
		expect(await required('createMany')).toHaveLength(3);
		expect(await required('findOrCreate')).toEqual([]);
		expect(await column('status')).toBeUndefined();
		await fakeClock.sleep(5 * MINUTE_MS + 1);
		expect(await required()).toEqual([]);
		expect(await column('status')).toBeDefined();
	});
});

describe.each([{ options: null }, { options: { practiceId: null } }])(
	'a practice whose expression has no value yet: %j',
	(unknown) => {
		const form = { ...createPatient, ...unknown } as never;
		const sentence =
			"'Practice Client ID' in 'Options' is an expression that has no value yet: execute the nodes before this one";

		// What the practice of the credential has told must not be shown either.
		beforeEach(async () => {
			await editor().columns(createPatient);
			await editor().sortFields(createPatient);
			await editor().filterNames(createPatient);
		});

		test('has the documented columns, and nothing is asked of the one in the credential', async () => {
			const before = (await lines()).length;
			const { fields } = await editor().columns(form);
			expect(fields.map(({ id }) => id)).toEqual([
				...['name_first', 'name_last', 'dob', 'email', 'phone', '_notice'],
			]);
			expect(fields.at(-1)?.displayName).toBe(
				`Only documented fields are listed: ${sentence}. Use 'Additional Fields' for others.`,
			);
			expect(await lines()).toHaveLength(before);
		});

		test.each(['sortFields', 'fieldNames', 'filterNames', 'outputFields', 'search'] as const)(
			'has no list, but a sentence: %s',
			async (method) => {
				const before = (await lines()).length;
				await expect(editor()[method](form)).rejects.toThrow(sentence);
				expect(await lines()).toHaveLength(before);
			},
		);
	},
);
