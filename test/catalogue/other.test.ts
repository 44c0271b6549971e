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
	...{ resource: 'other', path: '/recalls', idField: 'recall_id' },
	...{ verbs: 'create read update delete', newRecord: { title: 'Made up' } },
	match: { on: 'title' },
};
const atPath = (value = '/recalls') => ({ path: { __rl: true as const, mode: 'path', value } });
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
const poller = (parameters: IDataObject) =>
	new Poller({
		credential,
		parameters: { resource: 'other', event: 'created', simplify: false, ...parameters },
	});

test.each(Object.keys(operations))('%s', async (operation) => {
	const expected = caseFor(operation, row, await practice.simulator.records(2, row.path));
	const result = await run(operation, { ...expected.parameters, ...atPath() }, expected.items);
	expect(result.error).toBeUndefined();
	expect(result.records).toEqual(expected.output);
	const lines = (await practice.received()).map(requestLine).sort();
	expect(withoutSearch(lines, expected)).toEqual(expected.requests);
});

test('each item has its own path: what matches at one is not what matches at another', async () => {
	const items = [{ at: '/recalls' }, { at: 'claims/denials/' }];
	const parameters = { ...atPath('={{ $json.at }}'), matchOn: ['title'] };
	const columns = mapped({ title: 'The same' });
	const { records } = await run('findOrCreate', { ...parameters, columns }, items);
	expect(records.map(({ _created }) => _created)).toEqual([true, true]);
	await run('createMany', { ...parameters, columns }, items);
	const posts = (await practice.received('POST')).map(({ path }) => path);
	const both = ['/v2/2/recalls', '/v2/2/claims/denials'];
	expect(posts).toEqual([...both, ...both]);
	const removed = await run('delete', {
		...{ ...atPath('/claims/denials'), idField: 'number', recordId: byId(3) },
	});
	expect(removed.records).toEqual([{ deleted: true, number: 3 }]);
});

const noIdField = "'ID Field' is an expression that gives nothing";
const noName = "'ID Field' must be the name of a field";

test.each<[IDataObject, string]>([
	...['={{ null }}', ' / '].map((path): [IDataObject, string] => [atPath(path), "'Path' is empty"]),
	...[
		...[
			'={{ ({ a: 1 }) }}',
			'/recalls/../patients',
			'..',
			'/recalls/.',
			'/recalls/%2e%2e/patients',
		],
		...['https://example.com/recalls', '//example.com/recalls', '\\\\example.com'],
		...['/recalls?page=2', '/recalls#1', `/${'a'.repeat(600)}`],
	].map((path): [IDataObject, string] => [atPath(path), "'Path' must be a path alone"]),
	[atPath('/v2/2/recalls'), "'Path' must begin after /v2/"],
	[atPath('/2/recalls'), "'Path' must begin after /v2/"],
	[{ ...atPath(), idField: '={{ null }}' }, noIdField],
	[{ ...atPath(), idField: '={{ "  " }}' }, noIdField],
	[{ ...atPath(), idField: '={{ ({ a: 1 }) }}' }, noName],
	[{ ...atPath(), idField: '../x' }, noName],
])('%j is refused, and nothing is sent', async (given, sentence) => {
	const parameters = { ...given, recordId: byId(1), columns: mapped({ title: 'New' }) };
	for (const operation of ['getAll', 'get', 'findOrCreate', 'update']) {
		const { error } = await run(operation, { ...parameters, matchOn: ['title'] });
		expect(error?.message).toContain(sentence);
	}
	expect((await poller(given).poll()).error?.message).toContain(sentence);
	expect(await practice.received()).toEqual([]);
});

test('every list of the editor is loaded anew where the path is another one', () => {
	const lists: Array<[name: string, dependsOn?: string[]]> = [];
	const descriptions = [EyeCloudPro, EyeCloudProTrigger].map((Node) => new Node().description);
	JSON.stringify(descriptions, (_, value: Partial<INodeProperties> | undefined) => {
		const { loadOptionsMethod, resourceMapper, loadOptionsDependsOn } = value?.typeOptions ?? {};
		const isList =
			loadOptionsMethod ?? resourceMapper ?? value?.modes?.some(({ type }) => type === 'list');
		if (isList && value?.name && value.name !== 'path')
			lists.push([value.name, loadOptionsDependsOn]);
		return value;
	});
	const names = lists.map(([name]) => name);
	const known = ['recordId', 'columns', 'matchOn', 'field', 'name', 'fieldsToWatch'];
	expect(names).toEqual(expect.arrayContaining(known));
	for (const [name, dependsOn] of lists) {
		const all = ['resource', 'path.value', 'idField', 'options.practiceId'];
		expect([name, dependsOn]).toEqual([name, all]);
	}
});

test('the forms: columns, names and records are found out, and paths are those of the scopes', async () => {
	const editor = new Editor(credential);
	const form = (operation: string) => ({ resource: 'other', operation, ...atPath() });
	const { fields } = await editor.columns(form('create'));
	expect(fields.map(({ id }) => id)).toEqual(['title', 'notes']);
	const sorts = await editor.sortFields(form('getAll'));
	expect(sorts.map(({ value }) => value)).toEqual(['title', 'recall_id', 'create_date']);
	expect((await editor.search(form('get'))).results[0].value).toBe('1');
	const unknownYet = { ...form('get'), idField: null as unknown as string };
	await expect(editor.search(unknownYet)).rejects.toThrow(noIdField);
	expect((await editor.searchPaths(form('getAll'))).results).toEqual([
		{ name: '/recalls (create, read, update, delete)', value: '/recalls' },
		{ name: '/claims/denials (create, read, update, delete)', value: '/claims/denials' },
	]);
	expect((await editor.searchPaths(form('getAll'), 'deni')).results).toHaveLength(1);
	const usual = new Editor(practice.credential);
	await expect(usual.searchPaths(form('getAll'))).rejects.toThrow("Choose 'By Path'");
});

test('the trigger hands on what is new, and starts over at another path', async () => {
	const polled = poller({});
	for (const path of ['/recalls', '/claims/denials']) {
		polled.options.parameters = { ...polled.options.parameters, ...atPath(path) };
		expect((await polled.poll()).records).toEqual([]);
		const added = await practice.simulator.addRecord(2, path, { title: 'New' });
		expect((await polled.poll()).records).toEqual([added]);
	}
});
