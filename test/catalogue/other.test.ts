// The resource Other: an endpoint that neither the node's catalogue nor the simulator's knew has every
// operation, its forms and the trigger.
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { EyeCloudProTrigger } from '../../nodes/EyeCloudPro/EyeCloudProTrigger.node';
import { Editor } from '../harness/editorMethod.ts';
import { caseFor, operations, withoutSearch } from '../harness/catalogue.ts';
import { Poller } from '../harness/pollNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const practice = simulatedPractice();
const row = {
	resource: 'other',
	path: '/recalls',
	idField: 'recall_id',
	isIdNameUnsure: true,
	verbs: 'create read update delete',
	newRecord: { title: 'Made up' },
	match: { on: 'title' },
};
const atPath = (value = '/recalls') => ({
	path: { __rl: true as const, mode: 'path', value },
});
let credential: StoredCredential;

beforeEach(async () => {
	await practice.simulator.addResource({ path: '/recalls', idField: 'recall_id' });
	await practice.simulator.addResource({ path: '/claims/denials', idField: 'number' });
	const scopes = ['recalls', 'claims:denials'].flatMap((path) =>
		['create', 'read', 'update', 'delete'].map((verb) => `${verb}:${path}`),
	);
	credential = await practice.credentialFor({ scopes: ['read:patients', ...scopes] });
});

const run = async (operation: string, parameters: IDataObject, items?: IDataObject[]) =>
	await practice.run('other', operation, parameters, { credential, items });

test.each(Object.keys(operations))('%s', async (operation) => {
	const expected = caseFor(operation, row, await practice.simulator.records(2, row.path));
	const parameters = { ...expected.parameters, ...atPath() };
	const result = await run(operation, parameters, expected.items);
	expect(result.error).toBeUndefined();
	expect(result.records).toEqual(expected.output);
	const lines = (await practice.received()).map(requestLine).sort();
	expect(withoutSearch(lines, expected)).toEqual(expected.requests);
});

test('Return All has its proof: a record that is deleted meanwhile costs no other', async () => {
	for (let count = 0; count < 500; count++) await practice.simulator.addRecord(2, '/recalls');
	const fault = { kind: 'deleteRecord', path: '/recalls', position: 0 } as const;
	await practice.simulator.addFault({ match: { page: 2 }, when: 'before', fault });
	const { records, error } = await run('getAll', { ...atPath(), returnAll: true });
	expect(error).toBeUndefined();
	const stored = await practice.simulator.records(2, '/recalls');
	const ids = new Set(records.map(({ recall_id }) => recall_id));
	for (const { recall_id } of stored) expect(ids).toContain(recall_id);
});

test('each item has its own path, and what its ID is called can be said', async () => {
	const items = [{ at: '/recalls' }, { at: 'claims/denials/' }];
	const parameters = { ...atPath('={{ $json.at }}'), idField: 'number', returnAll: true };
	const counted = await run('count', parameters, items);
	expect(counted.records).toEqual([{ count: 12 }, { count: 12 }]);
	const removed = await run('delete', {
		...atPath('/claims/denials'),
		...{ idField: 'number', recordId: byId(3) },
	});
	expect(removed.records).toEqual([{ deleted: true, number: 3 }]);
});

test('two items that would match each other at one path are two records at two', async () => {
	const items = [{ at: '/recalls' }, { at: '/claims/denials' }];
	const columns = mapped({ title: 'The same' });
	const parameters = { ...atPath('={{ $json.at }}'), matchOn: ['title'], columns };
	const { records } = await run('findOrCreate', parameters, items);
	expect(records.map(({ _created }) => _created)).toEqual([true, true]);
	const many = await run('createMany', { ...atPath('={{ $json.at }}'), columns }, items);
	expect(many.error).toBeUndefined();
	const posts = (await practice.received('POST')).map(({ path }) => path);
	const both = ['/v2/2/recalls', '/v2/2/claims/denials'];
	expect(posts).toEqual([...both, ...both]);
});

test.each([
	['={{ $json.missing }}', /'Path' is empty/],
	['={{ null }}', /'Path' is empty/],
	[' / ', /'Path' is empty/],
	['={{ ({ a: 1 }) }}', /'Path' must be a path/],
	['/recalls/../patients', /without an address, dots or a query/],
	['..', /without an address/],
	['/recalls/.', /without an address/],
	['/recalls/%2e%2e/patients', /without an address/],
	['https://example.com/recalls', /without an address/],
	['//example.com/recalls', /without an address/],
	['\\\\example.com', /without an address/],
	['/recalls?page=2', /without an address, dots or a query/],
	['/recalls#1', /without an address/],
	['/v2/2/recalls', /must begin after \/v2\//],
	['/2/recalls', /must begin after \/v2\//],
	[`/${'a'.repeat(600)}`, /without an address/],
])('the path %s is refused, and nothing is sent', async (path, sentence) => {
	const { error } = await run('getAll', { ...atPath(path), returnAll: true });
	expect(error?.message).toMatch(sentence);
	expect(await practice.received()).toEqual([]);
});

test.each([
	['={{ $json.missing }}', "'ID Field' is an expression that gives nothing"],
	['={{ null }}', "'ID Field' is an expression that gives nothing"],
	['={{ "  " }}', "'ID Field' is an expression that gives nothing"],
	['={{ ({ a: 1 }) }}', "'ID Field' must be the name of a field"],
	['recall id', "'ID Field' must be the name of a field"],
	['../x', "'ID Field' must be the name of a field"],
])('the ID field %s is refused, and nothing is sent', async (idField, sentence) => {
	const parameters = { ...atPath(), idField, recordId: byId(1), columns: mapped({ title: 'New' }) };
	for (const operation of ['getAll', 'get', 'count', 'findOrCreate', 'update', 'delete']) {
		const { error } = await run(operation, { ...parameters, matchOn: ['title'] });
		expect(error?.message).toBe(sentence);
	}
	const polled = new Poller({
		credential,
		parameters: {
			...{ resource: 'other', event: 'created', ...atPath() },
			// A trigger has no input item.
			idField: idField.includes('$json') ? '={{ undefined }}' : idField,
		},
	});
	expect((await polled.poll()).error?.message).toBe(sentence);
	expect(await practice.received()).toEqual([]);
});

test('an item whose ID field comes to nothing is an item, and stops no other', async () => {
	const items = [{ name: 'recall_id' }, {}, { name: 'recall_id' }];
	const parameters = { ...atPath(), idField: '={{ $json.name }}', recordId: byId(2) };
	const { records } = await practice.run('other', 'get', parameters, {
		...{ credential, items, continueOnFail: true },
	});
	expect(records.map(({ recall_id, error }) => recall_id ?? error)).toEqual([
		2,
		expect.stringMatching(/'ID Field' is an expression that gives nothing/),
		2,
	]);
});

test('every list of the editor is loaded anew where the path is another one', () => {
	const lists: INodeProperties[] = [];
	const visit = (properties: readonly unknown[]) => {
		for (const each of properties as INodeProperties[]) {
			const { loadOptionsMethod, resourceMapper } = each.typeOptions ?? {};
			const searches = each.modes?.some(({ typeOptions }) => typeOptions?.searchListMethod);
			if (loadOptionsMethod ?? resourceMapper ?? searches) lists.push(each);
			for (const option of each.options ?? []) {
				visit('values' in option ? option.values : 'type' in option ? [option] : []);
			}
		}
	};
	for (const Node of [EyeCloudPro, EyeCloudProTrigger]) visit(new Node().description.properties);
	const names = new Set(lists.map(({ name }) => name));
	for (const name of ['recordId', 'columns', 'matchOn', 'field', 'name', 'fieldsToWatch']) {
		expect(names).toContain(name);
	}
	for (const { name, typeOptions } of lists.filter((each) => each.name !== 'path')) {
		expect([name, typeOptions?.loadOptionsDependsOn]).toEqual([
			name,
			['resource', 'path.value', 'idField', 'options.practiceId'],
		]);
	}
});

describe('the forms', () => {
	const form = (operation: string) => ({ resource: 'other', operation, ...atPath() });

	test('columns, sort fields, names and records are found out', async () => {
		const editor = new Editor(credential);
		const { fields } = await editor.columns(form('create'));
		expect(fields.map(({ id }) => id)).toEqual(['title', 'notes']);
		const sorts = await editor.sortFields(form('getAll'));
		expect(sorts.map(({ value }) => value)).toEqual(['title', 'recall_id', 'create_date']);
		const names = await editor.fieldNames(form('findOrCreate'));
		expect(names.map(({ value }) => value)).toContain('notes');
		const { results } = await editor.search(form('get'));
		expect(results[0].value).toBe('1');
	});

	test('an ID field whose expression has no value yet is told, and no list shown', async () => {
		const editor = new Editor(credential);
		const sentence = "'ID Field' is an expression that gives nothing";
		const unknownYet = { idField: null as unknown as string };
		await expect(editor.search({ ...form('get'), ...unknownYet })).rejects.toThrow(sentence);
		await expect(editor.columns({ ...form('create'), ...unknownYet })).rejects.toThrow(sentence);
	});

	test('paths to pick from: those of the scopes that the catalogue does not know', async () => {
		const editor = new Editor(credential);
		const { results } = await editor.searchPaths(form('getAll'));
		expect(results).toEqual([
			{ name: '/recalls (create, read, update, delete)', value: '/recalls' },
			{ name: '/claims/denials (create, read, update, delete)', value: '/claims/denials' },
		]);
		expect((await editor.searchPaths(form('getAll'), 'deni')).results).toHaveLength(1);
		const patients = await practice.simulator.records(2, '/patients');
		const [{ query }] = await practice.received();
		expect(patients.some(({ dob }) => dob === query.dob)).toBe(false);
		const usual = new Editor(practice.credential);
		await expect(usual.searchPaths(form('getAll'))).rejects.toThrow("Choose 'By Path'");
	});
});

describe('the trigger', () => {
	const poller = (parameters: IDataObject) =>
		new Poller({
			credential,
			parameters: { resource: 'other', event: 'created', simplify: false, ...parameters },
		});

	test('hands on what is new', async () => {
		const polled = poller(atPath());
		expect((await polled.poll()).records).toEqual([]);
		const added = await practice.simulator.addRecord(2, '/recalls', { title: 'New' });
		expect((await polled.poll()).records).toEqual([added]);
		expect((await polled.poll()).records).toEqual([]);
	});

	test('another path starts over, and none is told', async () => {
		const polled = poller(atPath());
		await polled.poll();
		await practice.simulator.addRecord(2, '/claims/denials');
		polled.options.parameters = { ...polled.options.parameters, ...atPath('/claims/denials') };
		expect((await polled.poll()).records).toEqual([]);
		const added = await practice.simulator.addRecord(2, '/claims/denials');
		expect((await polled.poll()).records).toEqual([added]);
		expect((await poller(atPath('')).poll()).error?.message).toMatch(/'Path' is empty/);
	});
});
