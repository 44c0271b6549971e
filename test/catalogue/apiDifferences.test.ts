// API Differences in the credential: whatever gets a resource gets it as they say, and what can't be used is
// explained before anything is sent. A body key: test/operations/createMany.test.ts; PUT: changing.test.ts beside it.
import { madeUpDialect } from '../dialects/madeUp.ts';
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import { Editor } from '../harness/editorMethod.ts';
import { Poller } from '../harness/pollNode.ts';

const practice = simulatedPractice();

const differ = (differences: unknown) =>
	practice.credential.change({
		apiDifferences: typeof differences === 'string' ? differences : JSON.stringify(differences),
	});
const poller = (resource: string) =>
	new Poller({
		credential: practice.credential,
		parameters: { resource, event: 'created', simplify: false },
	});

test.each([
	['{', /must be a JSON object/],
	['[]', /must be a JSON object/],
	[{ patients: {} }, /names a resource that there is not; it can name patient, appointment/],
	[{ constructor: {} }, /names a resource that there is not/],
	[{ patient: 'people' }, /must say in an object how 'patient' differs/],
	[{ patient: { pth: '/x' } }, /nothing but path, idField, bodyKey, updateMethod/],
	[{ patient: { path: 7 } }, /'path' of 'patient' must be a text/],
	[{ patient: { path: '/../../oauth' } }, /'path' of 'patient' must be a path alone/],
	[{ patient: { idField: 'a b' } }, /'idField' of 'patient' must be the name of a field/],
	[{ patient: { bodyKey: '__proto__ ' } }, /'bodyKey' of 'patient' must be the name of a field/],
	[{ frame: { updateMethod: 'DELETE' } }, /must be one of PATCH, PUT, POST/],
])('%j is explained, and nothing is sent', async (differences, sentence) => {
	differ(differences);
	const { error } = await practice.run('store', 'count');
	expect(error?.message).toMatch(/^'API Differences' in the credential/);
	expect(error?.message).toMatch(sentence);
	expect(error?.description).toMatch(/Check API/);
	expect((await poller('store').poll()).error?.message).toBe(error?.message);
	const form = { resource: 'store', operation: 'getAll' };
	await expect(new Editor(practice.credential).sortFields(form)).rejects.toThrow(sentence);
	expect(await practice.received()).toEqual([]);
});

test.each(['  ', '{}'])('nothing differs by %j', async (text) => {
	differ(text);
	expect((await practice.run('store', 'count')).error).toBeUndefined();
});

test('an update by POST is sent again where its outcome is unknown, as one by PATCH is', async () => {
	differ({ priceTier: { updateMethod: 'POST' } });
	await practice.simulator.addFault({ match: { times: 20 }, fault: { kind: 'reset' } });
	const columns = mapped({ tier_name: 'New' });
	const { error } = await practice.run('priceTier', 'update', { recordId: byId(1), columns });
	expect(error?.message).toBe('It is unknown whether EyeCloud Pro made the change');
	const [{ path, body }, ...again] = await practice.received('POST');
	expect([path, body]).toEqual(['/v2/2/configurations/pricetiers/1', { tier_name: 'New' }]);
	expect(again.length).toBeGreaterThan(0);
});

test('another path and ID: operations, forms and the trigger are at that path alone', async () => {
	await practice.simulator.configure({ dialect: madeUpDialect });
	differ({ patient: { path: '/crm/people', idField: 'id' } });
	const polled = poller('patient');
	expect((await polled.poll()).records).toEqual([]);
	const all = await practice.run('patient', 'getAll', { returnAll: true, simplify: true });
	expect(all.records).toHaveLength(60);
	const [{ id }] = all.records;
	expect(Object.keys(all.records[0])[0]).toBe('id');
	const one = await practice.run('patient', 'get', { recordId: byId(id), simplify: false });
	expect(one.records).toEqual([expect.objectContaining({ id, name_first: expect.any(String) })]);
	expect((await practice.run('patient', 'count')).records).toEqual([{ count: 60 }]);
	const columns = mapped({ name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' });
	for (const _created of [true, false]) {
		const find = { matchOn: ['email'], columns };
		const { records } = await practice.run('patient', 'findOrCreate', find);
		expect(records).toMatchObject([{ name_last: 'Lee', _created }]);
	}
	expect((await polled.poll()).records).toMatchObject([{ name_last: 'Lee' }]);
	const editor = new Editor(practice.credential);
	const form = { resource: 'patient', operation: 'create' };
	const { fields } = await editor.columns(form);
	const ids = fields.map((field) => field.id);
	expect([ids.includes('gender'), ids.includes('id')]).toEqual([true, false]);
	expect((await editor.sortFields(form)).map(({ value }) => value)).toContain('id');
	expect((await editor.search(form)).results[0].value).toMatch(/^[\da-f]{8}-/);
	// The stores to pick from are where they were.
	const lines = (await practice.received()).map(requestLine);
	for (const line of lines.filter((each) => !each.includes('/v2/2/stores?'))) {
		expect(line).toMatch(/ \/v2\/2\/crm\/people/);
	}
	// The limit is that of the module which the path names.
	const { records } = await practice.run('account', 'getAccess');
	const modules = (records[0].rate_limits as Array<{ module: string }>).map(({ module }) => module);
	expect([modules.includes('crm'), modules.includes('patients')]).toEqual([true, false]);
});
