// API Differences in the credential: whatever gets a resource gets it as they say, and what can't be used is
// explained before anything is sent.
import { madeUpDialect } from '../dialects/madeUp.ts';
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { Editor } from '../harness/editorMethod.ts';
import { Poller } from '../harness/pollNode.ts';

const practice = simulatedPractice();
const moved = { patient: { path: '/crm/people', idField: 'id' } };

const differ = (differences: unknown) =>
	practice.credential.change({
		apiDifferences: typeof differences === 'string' ? differences : JSON.stringify(differences),
	});

test.each([
	['{', /must be a JSON object/],
	['[]', /must be a JSON object/],
	['"patient"', /must be a JSON object/],
	[{ patients: {} }, /names a resource that there is not; it can name patient, appointment/],
	[{ other: { path: '/x' } }, /names a resource that there is not/],
	[{ constructor: {} }, /names a resource that there is not/],
	[{ patient: 'people' }, /must say in an object how 'patient' differs/],
	[{ patient: { pth: '/x' } }, /nothing but path, idField, bodyKey, updateMethod/],
	[{ patient: { path: 7 } }, /'path' of 'patient' must be a text/],
	[{ patient: { path: '' } }, /'path' of 'patient' is empty/],
	[{ patient: { path: 'https://example.com/x' } }, /'path' of 'patient' must be a path alone/],
	[{ patient: { path: '/../../oauth' } }, /'path' of 'patient' must be a path alone/],
	[{ patient: { path: '/v2/2/x' } }, /must begin after \/v2\//],
	[{ patient: { idField: 'a b' } }, /'idField' of 'patient' must be the name of a field/],
	[{ patient: { bodyKey: '__proto__ ' } }, /'bodyKey' of 'patient' must be the name of a field/],
	[{ frame: { updateMethod: 'DELETE' } }, /must be one of PATCH, PUT, POST/],
])('%j is explained, and nothing is sent', async (differences, sentence) => {
	differ(differences);
	const { error } = await practice.run('store', 'count');
	expect(error?.message).toMatch(/^'API Differences' in the credential/);
	expect(error?.message).toMatch(sentence);
	expect(error?.description).toMatch(/Check API/);
	const trigger = new Poller({
		credential: practice.credential,
		parameters: { resource: 'store', event: 'created' },
	});
	expect((await trigger.poll()).error?.message).toBe(error?.message);
	const form = { resource: 'store', operation: 'getAll' };
	await expect(new Editor(practice.credential).sortFields(form)).rejects.toThrow(sentence);
	expect(await practice.received()).toEqual([]);
});

test.each(['', '  ', '{}'])('nothing differs by %j', async (text) => {
	differ(text);
	expect((await practice.run('store', 'count')).error).toBeUndefined();
});

test('a body key is what Create Many takes, unless the option says otherwise', async () => {
	differ({ priceTier: { bodyKey: 'tiers' } });
	const columns = mapped({ tier_name: 'New' });
	const sent = async (options: IDataObject) => {
		const dry = await practice.run('priceTier', 'createMany', {
			...{ columns, options: { dryRun: true, ...options } },
		});
		return dry.records[0].body;
	};
	expect(await sent({})).toEqual({ tiers: [{ tier_name: 'New' }] });
	expect(await sent({ bodyKey: 'records' })).toEqual({ records: [{ tier_name: 'New' }] });
});

test('an update goes by POST', async () => {
	differ({ priceTier: { updateMethod: 'POST' } });
	const columns = mapped({ tier_name: 'New' });
	await practice.run('priceTier', 'update', { recordId: byId(1), columns });
	const [{ method, path, body }] = await practice.received();
	expect([method, path, body]).toEqual([
		'POST',
		'/v2/2/configurations/pricetiers/1',
		{ tier_name: 'New' },
	]);
});

test.each(['update', 'upsert'])(
	'%s by PUT, which replaces a record, sends all of it',
	async (operation) => {
		differ({ priceTier: { updateMethod: 'PUT' } });
		await practice.simulator.configure({ dialect: { updateMethod: 'PUT' } });
		const [before] = (await practice.run('priceTier', 'get', { recordId: byId(1) })).records;
		expect(Object.keys(before).length).toBeGreaterThan(2);
		const columns = mapped({ tier_name: before.tier_name, active: !before.active });
		const parameters = { recordId: byId(1), columns, matchOn: ['tier_name'] };
		const { error } = await practice.run('priceTier', operation, parameters);
		expect(error).toBeUndefined();
		const [{ path, body }] = await practice.received('PUT');
		expect(path).toBe('/v2/2/configurations/pricetiers/1');
		expect(body).toEqual({ ...before, active: !before.active });
		const [after] = await practice.simulator.records(2, '/configurations/pricetiers');
		expect(after).toEqual({ ...before, active: !before.active });
	},
);

test('a field that PUT sends as it was, and whose value is refused, is not left out', async () => {
	differ({ priceTier: { updateMethod: 'PUT' } });
	await practice.simulator.configure({ dialect: { updateMethod: 'PUT' } });
	const path = '/configurations/pricetiers';
	await practice.simulator.changeRecord(2, path, 1, { discount_percent: 'none' });
	const columns = mapped({ tier_name: 'New' });
	const { error } = await practice.run('priceTier', 'update', { recordId: byId(1), columns });
	expect(error?.message).toContain('discount_percent');
	const [record] = await practice.simulator.records(2, path);
	expect(record).toMatchObject({ discount_percent: 'none' });
	expect(record.tier_name).not.toBe('New');
});

test('an update by POST whose outcome is unknown is sent again, as one by PATCH is', async () => {
	differ({ priceTier: { updateMethod: 'POST' } });
	await practice.simulator.addFault({ match: { times: 20 }, fault: { kind: 'reset' } });
	const columns = mapped({ tier_name: 'New' });
	const { error } = await practice.run('priceTier', 'update', { recordId: byId(1), columns });
	expect(error?.message).toBe('It is unknown whether EyeCloud Pro made the change');
	expect((await practice.received('POST')).length).toBeGreaterThan(1);
});

describe('in the made-up dialect', () => {
	beforeEach(async () => {
		await practice.simulator.configure({ dialect: madeUpDialect });
		differ(moved);
	});

	const lines = async () => (await practice.received()).map(requestLine);

	test('the list, one record, the number, and a limit that is the new module’s own', async () => {
		const all = await practice.run('patient', 'getAll', { returnAll: true, simplify: true });
		expect(all.error).toBeUndefined();
		expect(all.records).toHaveLength(60);
		const [{ id }] = all.records;
		expect(Object.keys(all.records[0])[0]).toBe('id');
		const one = await practice.run('patient', 'get', { recordId: byId(id), simplify: false });
		expect(one.records).toEqual([expect.objectContaining({ id, name_first: expect.any(String) })]);
		expect((await practice.run('patient', 'count')).records).toEqual([{ count: 60 }]);
		const access = await practice.run('account', 'getAccess');
		const { rate_limits, practice: about } = access.records[0] as unknown as {
			rate_limits: Array<{ module: string; remaining_now: number }>;
			practice: IDataObject;
		};
		expect(about.works).toBe(true);
		expect(rate_limits.map(({ module }) => module)).not.toContain('patients');
		const crm = rate_limits.find(({ module }) => module === 'crm');
		expect(crm?.remaining_now).toBeLessThan(100);
		for (const line of await lines()) expect(line).toMatch(/^GET \/v2\/2\/crm\/people/);
	});

	test('what is created, and found again', async () => {
		const newPatient = { name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' };
		const columns = mapped(newPatient);
		const find = { matchOn: ['email'], columns };
		const created = await practice.run('patient', 'findOrCreate', find);
		expect(created.records).toEqual([expect.objectContaining({ ...newPatient, _created: true })]);
		const found = await practice.run('patient', 'findOrCreate', find);
		expect(found.records).toEqual([{ ...created.records[0], _created: false }]);
		const many = await practice.run('patient', 'createMany', { columns });
		expect(many.records).toEqual([expect.objectContaining(newPatient)]);
		for (const line of await lines()) expect(line).toMatch(/ \/v2\/2\/crm\/people/);
	});

	test('the forms: columns without the ID, sort fields, names, records to pick', async () => {
		const editor = new Editor(practice.credential);
		const form = { resource: 'patient', operation: 'create' };
		const { fields } = await editor.columns(form);
		expect(fields.map(({ id }) => id)).toContain('gender');
		expect(fields.map(({ id }) => id)).not.toContain('id');
		const sorts = await editor.sortFields(form);
		expect(sorts.map(({ value }) => value)).toContain('id');
		expect((await editor.search(form)).results[0].value).toMatch(/^[\da-f]{8}-/);
		// The stores to pick from are where they were.
		const ofPatients = (await lines()).filter((line) => !line.includes('/v2/2/stores?'));
		for (const line of ofPatients) expect(line).toMatch(/ \/v2\/2\/crm\/people/);
	});

	test('the trigger', async () => {
		const polled = new Poller({
			credential: practice.credential,
			parameters: { resource: 'patient', event: 'created', simplify: false },
		});
		expect((await polled.poll()).records).toEqual([]);
		await practice.simulator.addRecord(2, '/patients', { name_last: 'Newcomer' });
		const { records } = await polled.poll();
		expect(records).toEqual([expect.objectContaining({ name_last: 'Newcomer' })]);
		expect((await polled.poll()).records).toEqual([]);
		for (const line of await lines()) expect(line).toMatch(/ \/v2\/2\/crm\/people/);
	});
});
