// What the editor offers while a user fills in the node: columns, sort fields and field names, learned
// from the API at most once in five minutes.
import { fakeClock } from '../harness/fastTime.ts';
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { catalogue } from '../harness/catalogue.ts';
import { Editor, type Form } from '../harness/editorMethod.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const MINUTE_MS = 60_000;
const practice = simulatedPractice();

const createPatient = { resource: 'patient', operation: 'create' };
const createOrder = { resource: 'order', operation: 'create' };
const booking = { resource: 'appointment', operation: 'create' };
const documented = ['name_first', 'name_last', 'dob', 'email', 'phone'];

const editor = () => new Editor(practice.credential);
const lines = async () => (await practice.received()).map(requestLine);
const fieldsOf = async (form: Form, asked = editor()) => (await asked.columns(form)).fields;
const idsOf = async (...asked: Parameters<typeof fieldsOf>) =>
	(await fieldsOf(...asked)).map(({ id }) => id);
const column = async (id: string, asked = editor()) =>
	(await fieldsOf(booking, asked)).find((field) => field.id === id);
const namesFor = async (resource: string) =>
	(await editor().filterNames({ resource, operation: 'getAll' })).map(({ value }) => value);

describe('columns', () => {
	test('documented fields first, then discovered ones, each with its type, and no value', async () => {
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
		const text = JSON.stringify(fields);
		for (const { name_last, email, phone } of await practice.simulator.records(2, '/patients')) {
			for (const value of [name_last, email, phone]) expect(text).not.toContain(`"${value}"`);
		}
	});

	test('without what EyeCloud Pro sets itself; of an update, to be added one by one', async () => {
		const found = await idsOf({ resource: 'frame', operation: 'findOrCreate' });
		expect(found.slice(0, 3)).toEqual(['sku', 'description', 'brand']);
		for (const name of ['frame_id', 'create_date']) expect(found).not.toContain(name);
		const fields = await fieldsOf({ resource: 'priceTier', operation: 'update' });
		expect(fields.map(({ removed }) => removed)).toEqual([true, true, true]);
	});

	test('without the scope: the documented ones, why, and other resources as ever', async () => {
		const scopes = ['read:stores', 'create:patients', 'read:configurations:pricetiers'];
		const narrow = new Editor(await practice.credentialFor({ scopes }));
		const fields = await fieldsOf(createPatient, narrow);
		expect(fields.map(({ id }) => id)).toEqual([...documented, '_notice']);
		expect(fields.at(-1)).toMatchObject({
			displayName:
				"Only documented fields are listed: The credential lacks the scope 'read:patients'. Use 'Additional Fields' for others.",
			readOnly: true,
		});
		const orders = await narrow.columns(createOrder);
		expect([orders.fields, orders.emptyFieldsNotice]).toEqual([
			[],
			expect.stringContaining("lacks the scope 'read:orders'"),
		]);
		expect(await fieldsOf({ ...createOrder, resource: 'priceTier' }, narrow)).toHaveLength(3);
		await expect(narrow.fieldNames(createOrder)).rejects.toThrow("the scope 'read:orders'");
		await expect(narrow.sortFields(createOrder)).rejects.toThrow("the scope 'read:orders'");
	});

	test('without a record yet, it says so; trouble with the API is no notice', async () => {
		for (let id = 1; id <= 6; id++) {
			await practice.simulator.deleteRecord(2, '/configurations/pricetiers', id);
		}
		const form = { resource: 'priceTier', operation: 'create' };
		const { fields, emptyFieldsNotice } = await editor().columns(form);
		expect(fields).toEqual([]);
		expect(emptyFieldsNotice).toContain('there is no record yet to learn the others from');
		const fault = { kind: 'status', status: 500 } as const;
		await practice.simulator.addFault({ match: { times: 20 }, fault });
		await expect(editor().columns(createPatient)).rejects.toThrow('HTTP 500');
	});

	test('a yes or no is sent as such, and none where nobody chose', async () => {
		const schema = await fieldsOf(createPatient);
		const given = [true, false, '', "={{ 'no' }}"];
		for (const active of given) {
			const value = { name_first: 'Dana', name_last: 'Whitfield', active };
			const columns = { mappingMode: 'defineBelow', value, schema };
			await practice.run('patient', 'create', { columns });
		}
		const bodies = (await practice.received('POST')).map(({ body }) => body as IDataObject);
		expect(bodies.map(({ active }) => active)).toEqual([true, false, undefined, false]);
	});
});

describe('fields to choose from', () => {
	test('to sort by: what the API itself names', async () => {
		const options = await editor().sortFields({ resource: 'invoice', operation: 'getAll' });
		expect(options.map(({ value }) => value)).toEqual([
			...['invoice_date', 'patient_id', 'total', 'invoice_id', 'create_date'],
		]);
		const [request, ...others] = await practice.received();
		expect([request.outcome, others]).toEqual([400, []]);
	});

	test('the documented sort fields where the API names none', async () => {
		const fault = { kind: 'status', status: 400, body: { message: '"sort" is bad' } } as const;
		await practice.simulator.addFault({ match: { times: 2 }, fault });
		const options = await editor().sortFields({ resource: 'patient', operation: 'getAll' });
		expect(options).toHaveLength(6);
		expect(options[0]).toEqual({ name: 'First Name (name_first)', value: 'name_first' });
		expect(await editor().sortFields({ resource: 'store', operation: 'getAll' })).toEqual([]);
	});

	test('for Match On plain ones, the useful ones first; to return, nested ones too', async () => {
		const options = await editor().fieldNames(createPatient);
		expect(options.map(({ value }) => value)).toEqual([
			...['name_first', 'name_last', 'email', 'phone', 'dob', 'recall_date'],
			...['preferred_store_id', 'gender', 'active', 'patient_id', 'create_date'],
		]);
		const output = await editor().outputFields({ resource: 'patient', operation: 'get' });
		expect(output.map(({ value }) => value)).toEqual(
			expect.arrayContaining(['insurances', 'address']),
		);
		expect(output).toContainEqual({ name: 'Address City (address_city)', value: 'address_city' });
	});

	test('to filter by: what the API does not refuse, without reading data', async () => {
		expect(await namesFor('appointment')).toEqual(['patient_id', 'store_id', 'status']);
		const [, probe, ...others] = await practice.received();
		expect([probe.outcome, others]).toEqual([400, []]);
		expect(await namesFor('patient')).toEqual(['']);
	});

	test('what was refused at a run is not offered for minutes', async () => {
		await practice.simulator.configure({ dialect: { unknownParameter: 'ignored' } });
		expect(await namesFor('store')).toContain('time_zone');
		await practice.simulator.configure({ dialect: { unknownParameter: 'refused' } });
		const filters = { custom: { parameter: [{ name: 'time_zone', value: 'America/Chicago' }] } };
		const { error } = await practice.run('store', 'getAll', { filters });
		expect(error?.description).toMatch(/has no filter 'time_zone'.*use 'Look Up'/);
		expect(await namesFor('store')).not.toContain('time_zone');
	});
});

describe('what was learned', () => {
	test('is asked for once in five minutes, however many ask; then what is new is there', async () => {
		const seen = async () => {
			const all = await Promise.all(Array.from({ length: 3 }, () => idsOf(createOrder)));
			const names = await Promise.all([
				...[editor().fieldNames(createOrder), editor().sortFields(createOrder)],
			]);
			const lists = [...all, ...names.map((list) => list.map(({ value }) => value))];
			return lists.map((list) => list.includes('tray_number'));
		};
		expect(await seen()).toEqual(Array(5).fill(false));
		const asked = await lines();
		expect(new Set(asked).size).toBe(asked.length);
		const field = { path: '/orders', name: 'tray_number', value: 12, sortable: true };
		await practice.simulator.addField(field);
		await fakeClock.sleep(4.9 * MINUTE_MS);
		expect(await seen()).toEqual(Array(5).fill(false));
		expect(await lines()).toEqual(asked);
		await fakeClock.sleep(0.2 * MINUTE_MS);
		expect(await seen()).toEqual(Array(5).fill(true));
	});

	test('is told to no other practice, credential or grant, also of the same OAuth client', async () => {
		const other = practice.credential.copy();
		const asked = async (by: Editor, practiceId?: number) => {
			const before = (await lines()).length;
			await by.columns({ ...booking, ...(practiceId && { options: { practiceId } }) });
			return (await lines()).length - before;
		};
		for (const requests of [3, 0]) {
			expect(await asked(editor())).toBe(requests);
			expect(await asked(editor(), 123)).toBe(requests);
			expect(await asked(new Editor(other))).toBe(requests);
		}
		other.change({ grantType: 'authorizationCode' });
		expect(await asked(new Editor(other))).toBe(3);
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
		await inPractice(1_199);
		expect(await lines()).toHaveLength(201);
		await inPractice(2);
		expect(await lines()).toHaveLength(202);
	});
});

describe('booking an appointment', () => {
	test('stores and employees are picked by name, and sent as IDs', async () => {
		const stores = await practice.simulator.records(2, '/stores');
		// A time is that of a zone, which stands beside it.
		expect((await column('start_date'))?.displayName).toBe(
			'Start Date (start_date), America/Chicago',
		);
		const { options = [] } = (await column('store_id')) ?? {};
		expect(options).toHaveLength(1 + stores.length);
		for (const { store_id, store_name } of stores) {
			const name = expect.stringContaining(String(store_name));
			expect(options).toContainEqual({ name, value: store_id });
		}
		expect((await column('employee_id'))?.options).toHaveLength(1 + 24);
		const schema = await fieldsOf(booking);
		for (const store_id of [2, "={{ '2' }}"]) {
			const value = { patient_id: 1001, start_date: '2030-01-31T09:30:00', store_id };
			const columns = { mappingMode: 'defineBelow', value, schema };
			await practice.run('appointment', 'create', { columns });
		}
		const bodies = (await practice.received('POST')).map(({ body }) => body as IDataObject);
		expect(bodies.map(({ store_id }) => store_id)).toEqual([2, 2]);
	});

	test('a long list, and one that may not be read, is not offered; an ID is typed', async () => {
		expect((await column('patient_id'))?.type).toBe('number');
		expect((await lines()).filter((line) => line.includes('/patients'))).toEqual([]);
		const { properties } = new EyeCloudPro().description;
		const notice = properties.find(({ name }) => name === 'forPatientNotice');
		const forPatients = catalogue.filter(({ newRecord }) => newRecord && 'patient_id' in newRecord);
		const shownFor = forPatients.map(({ resource }) => resource);
		expect(notice?.displayOptions?.show?.resource).toEqual(shownFor);
		for (let each = 0; each < 250; each++) await practice.simulator.addRecord(2, '/stores');
		const narrow = new Editor(await practice.credentialFor({ scopes: ['read:appointments'] }));
		expect((await column('employee_id', narrow))?.type).toBe('number');
		await fakeClock.sleep(5 * MINUTE_MS + 1);
		expect((await column('store_id'))?.type).toBe('number');
	});

	test('values that many share are offered, but none that may name a person', async () => {
		const { options = [] } = (await column('appointment_type')) ?? {};
		expect(options.map(({ value }) => value)).toEqual([
			...['', 'Comprehensive Exam', 'Contact Lens Fitting', 'Follow-up', 'Pick-up'],
		]);
		const names = ['referral_source', 'title', 'referral_channel', 'role', 'address_unit'];
		for (const name of names) {
			const field = { path: '/appointments', name, value: 'Mom: Ann Whitfield' };
			await practice.simulator.addField(field);
		}
		await fakeClock.sleep(5 * MINUTE_MS + 1);
		for (const name of [...names, 'notes']) expect((await column(name))?.options).toBeUndefined();
	});

	test('a model gets no list, but fills in what it knows', async () => {
		const fields = await fieldsOf(booking, new Editor(practice.credential, 'eyeCloudProTool'));
		expect(fields.map(({ type }) => type)).not.toContain('options');
	});

	test('what the API said it requires is marked, and what it refused is gone, for minutes', async () => {
		const seen = async (operation = 'create') => {
			const fields = await fieldsOf({ ...booking, operation });
			const required = fields.filter((field) => field.required).map(({ id }) => id);
			return [required, fields.some(({ id }) => id === 'status')];
		};
		expect(await seen()).toEqual([[], true]);
		const value = { notes: 'First visit', status: 'confirmed' };
		const columns = { mappingMode: 'defineBelow', value, schema: [] };
		const { error } = await practice.run('appointment', 'create', { columns });
		expect(error?.message).toContain("'Patient ID (patient_id)' is required");
		const required = ['start_date', 'patient_id', 'store_id'];
		expect(await seen()).toEqual([required, false]);
		expect(await seen('createMany')).toEqual([required, false]);
		expect(await seen('findOrCreate')).toEqual([[], false]);
		await fakeClock.sleep(5 * MINUTE_MS + 1);
		expect(await seen()).toEqual([[], true]);
	});
});

test.each([{ options: null }, { options: { practiceId: null } }])(
	'a practice whose expression has no value yet has a sentence, and nothing of the usual: %j',
	async (unknown) => {
		const form = { ...createPatient, ...unknown } as never;
		const sentence =
			"'Practice Client ID' in 'Options' is an expression that has no value yet: execute the nodes before this one";
		// What the practice of the credential has told must not be shown either.
		await editor().columns(createPatient);
		const before = (await lines()).length;
		const fields = await fieldsOf(form);
		expect(fields.map(({ id }) => id)).toEqual([...documented, '_notice']);
		expect(fields.at(-1)?.displayName).toContain(`Only documented fields are listed: ${sentence}`);
		for (const method of ['sortFields', 'fieldNames', 'filterNames', 'outputFields'] as const) {
			await expect(editor()[method](form)).rejects.toThrow(sentence);
		}
		await expect(editor().search(form)).rejects.toThrow(sentence);
		expect(await lines()).toHaveLength(before);
	},
);
