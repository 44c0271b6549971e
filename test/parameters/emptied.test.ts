// A parameter that an expression leaves empty is not one that nobody filled in: no list of everybody, no
// other practice, no record that was meant to be another.
import { answerOf, asTool } from '../harness/asTool.ts';
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const practice = simulatedPractice({ patients: 12 });

const ann = { name_first: 'Ann', name_last: 'Lee' };
const filled = { columns: mapped({ ...ann, email: 'ann@example.com' }), matchOn: ['name_last'] };

/** What an input item may turn out not to have. */
const nothings = ['undefined', 'null', '""', '"  \\t"', 'NaN', '[]', '[null, ""]', '{}'];
const noTexts = ['undefined', 'null', '""', '"  \\t"', 'NaN', '[]', '{}'];
const noNumbers = [...nothings, '"soon"', '-5', '0.5', 'Infinity', '{ a: 1 }', 'true'];
const noIds = [...nothings, '[1, 2]', 'true', '{ id: 1 }'];
const noNames = [...nothings, '["email", ""]', '{ a: 1 }'];
const noObject = [...nothings, '{ a: 1 }'];
const unclear = [...nothings, '"perhaps"'];
const noPractice = /^'Practice Client ID' in 'Options' is an expression that gives nothing$/;
const noId = /^The ID is not one that a record can have$/;
const noBatch = /^'Batch Size' must be a whole number, 0 or more$/;

const other = (name: string, value: string) => ({ custom: { parameter: [{ name, value }] } });
const by = (entry: IDataObject) => ({ lookup: { by: [{ condition: 'is', ...entry }] } });
const sortBy = (entry: IDataObject) => ({ sort: { by: [{ direction: 'asc', ...entry }] } });

/** The tool, what is said, its parameters by an expression, and what the expression may not give. */
type Row = [string, RegExp, (given: string) => unknown, string[]?];

const rows: Row[] = [
	['patient getAll', /^'Email' is an expression that gives/, (email) => ({ filters: { email } })],
	['patient count', /^'Date of Birth' is an expr/, (dob) => ({ filters: { dob, email: '' } })],
	['patient getAll', /^'store_id' is an expression/, (v) => ({ filters: other('store_id', v) })],
	['patient count', /needs a name that/, (v) => ({ filters: other(v, '5') }), noTexts],
	['patient count', /needs a name that/, (v) => ({ filters: other('', v) }), ['5']],
	[
		'patient create',
		/^'Additional Fields' /,
		(value) => ({ additionalFields: { field: [{ name: '', value }] } }),
		['5'],
	],
	['patient getAll', /^'Return All' /, (returnAll) => ({ returnAll }), unclear],
	['patient getAll', /^'Limit' must be/, (limit) => ({ limit, returnAll: false }), noNumbers],
	['patient getAll', /^'Sort' /, (field) => sortBy({ field }), noTexts],
	['patient getAll', /^'Direction' /, (direction) => sortBy({ field: 'dob', direction })],
	['patient count', /^'Look Up' must name/, (field) => by({ field, value: 'Lee' }), noTexts],
	['patient getAll', /'Look Up' is an expression that/, (value) => by({ field: 'dob', value })],
	['patient get', noId, (id) => ({ recordId: byId(id) }), noIds],
	['priceTier update', noId, (recordId) => ({ recordId }), noIds],
	['priceTier delete', noId, (recordId) => ({ recordId }), noIds],
	['patient findOrCreate', /^'Match On' /, (matchOn) => ({ matchOn }), noNames],
	[
		'patient findOrCreate',
		/^'Match On' /,
		(name) => ({ matchOn: `=name_last,${name.slice(1)}` }),
		['""'],
	],
	['patient findOrCreate', /^'Match On' /, (name) => ({ matchOn: ['name_last', name] }), noTexts],
	['patient create', /^'Output' has a value that/, (output) => ({ output, fields: 'email' })],
	['patient create', /^'Field Names or IDs' /, (fields) => ({ output: 'selected', fields })],
	...['getAll', 'count', 'get', 'create', 'createMany', 'findOrCreate'].map(
		(operation): Row => [
			`patient ${operation}`,
			noPractice,
			(practiceId) => ({ options: { practiceId }, recordId: byId(1001) }),
		],
	),
	['patient count', /^'Timeout' must be a/, (v) => ({ options: { timeout: v } }), noNumbers],
	['patient createMany', noBatch, (v) => ({ options: { batchSize: v } }), noNumbers],
	['patient createMany', /^'Body Key' /, (v) => ({ options: { bodyKey: v } }), noObject],
	['patient create', /^'Dry Run' /, (v) => ({ options: { dryRun: v } }), unclear],
	['patient createMany', /^'Date Order' /, (v) => ({ options: { dateOrder: v } }), unclear],
	['patient create', /^'Allow Empty Values' /, (v) => ({ options: { allowEmptyValues: v } })],
];

test.each(rows)('%s, nothing sent: %s', async (tool, told, parametersFor, values = nothings) => {
	const [resource, operation] = tool.split(' ');
	for (const value of values) {
		const given = parametersFor(`={{ ${value} }}`) as IDataObject;
		const parameters = { returnAll: true, ...filled, ...given };
		const nodeType = 'output' in given ? asTool() : undefined;
		const { error, records } = await practice.run(resource, operation, parameters, { nodeType });
		const text = error?.message ?? records[0].error;
		expect([value, text]).toEqual([value, expect.stringMatching(told)]);
	}
	expect(await practice.received()).toEqual([]);
});

test('what nobody filled in is none', async () => {
	for (const filters of [{ email: '', phone: '', dob: '', custom: {} }, other('', '')]) {
		for (const practiceId of ['', '={{ 2 }}']) {
			const { error } = await practice.run('patient', 'count', {
				filters,
				options: { practiceId },
			});
			expect(error).toBeUndefined();
		}
	}
	for (const { practiceId, query } of await practice.received()) {
		expect([practiceId, Object.keys(query)]).toEqual(['2', ['page', 'page_size']]);
	}
});

test.each(['getAll', 'count'])('%s: Ignore Empty Filters', async (operation) => {
	const filters = { email: '={{ undefined }}', dob: '2000-01-31' };
	const search = async (options: IDataObject) =>
		(await practice.run('patient', operation, { filters, options, returnAll: true })).error;
	expect((await search({}))?.description).toContain("switch on 'Ignore Empty Filters'");
	expect((await search({ ignoreEmptyFilters: '={{ "no" }}' }))?.message).toMatch(/^'Email' is/);
	expect((await search({ ignoreEmptyFilters: '={{ "x" }}' }))?.message).toMatch(/must be true or/);
	expect(await search({ ignoreEmptyFilters: '={{ "yes" }}' })).toBeUndefined();
	const [{ query }, ...others] = await practice.received();
	expect([query.dob, 'email' in query, others]).toEqual(['2000-01-31', false, []]);
});

describe("a model's search", () => {
	const byModel = {
		email: "={{ $fromAI('email', '', 'string', '') }}",
		phone: "={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('phone', '', 'string', '') }}",
	};

	const nothingGiven =
		'There is nothing to search by. Give a value for at least one of: Email, Phone. Nothing was searched.';

	test.each<[IDataObject, IDataObject, string | undefined]>([
		[{}, { email: '', phone: ' ' }, nothingGiven],
		[{}, { phone: '(512) 555-0100' }, undefined],
		[{ dob: '2000-01-31' }, {}, undefined],
		[{ dob: '={{ $json.born }}' }, { email: 'june@example.com' }, "'Date of Birth' is an expr"],
	])('beside %j, that gives %j', async (filters, answers, told) => {
		const more = { nodeType: asTool(), items: [answers] };
		for (const ignoreEmptyFilters of told === nothingGiven ? [true, false] : [false]) {
			const options = { ignoreEmptyFilters };
			const parameters = { filters: { ...byModel, ...filters }, returnAll: true, options };
			const { failure } = answerOf(await practice.run('patient', 'getAll', parameters, more));
			if (told) expect(failure).toContain(told);
			else expect(failure).toBeUndefined();
		}
		expect(await practice.received()).toHaveLength(told ? 0 : 1);
	});
});

describe('columns', () => {
	async function bodyOf(columns: IDataObject, fields: IDataObject = {}, more: IDataObject = {}) {
		const { items, operation = 'create', ...options } = more;
		const field = Object.entries(fields).map(([name, value]) => ({ name, value }));
		const { records, error } = await practice.run(
			'priceTier',
			operation as string,
			{
				...{ columns, recordId: byId(1), additionalFields: { field } },
				options: { dryRun: true, ...options },
			},
			{ items: items as IDataObject[] | undefined },
		);
		return error?.message ?? records[0].body;
	}

	test('an additional field is filled in, or refused', async () => {
		for (const value of ['undefined', 'null', '""', '{}', '[null]']) {
			const refused = "'Shoe Size (shoe_size)' is an expression that gives nothing";
			expect(await bodyOf(mapped(ann), { shoe_size: `={{ ${value} }}` })).toBe(refused);
		}
		const zero = { shoe_size: '={{ 0 }}', left: '={{ false }}' };
		expect(await bodyOf(mapped({}), zero)).toEqual({ shoe_size: 0, left: false });
	});

	test('a column that gives nothing is left out; alone, it is nothing to send', async () => {
		for (const value of ['undefined', 'null', '"  "', '[]', '{}', '[null]']) {
			const given = { dob: `={{ ${value} }}` };
			expect(await bodyOf(mapped({ ...ann, ...given }, { dob: 'dateTime' }))).toEqual(ann);
			expect(await bodyOf(mapped(given, { dob: 'string' }))).toBe('No field is filled in');
		}
		const items = [{ ...ann, dob: '', phone: null, email: ' ', age: '', '': 'x' }];
		expect(await bodyOf(automatic, {}, { items })).toEqual(ann);
	});

	test('with Allow Empty Values, what is empty is emptied, and what is not there is not', async () => {
		const allowed = { allowEmptyValues: true };
		const given = { ...ann, dob: '={{ null }}', note: '', size: '={{ undefined }}' };
		const columns = mapped(given, { dob: 'dateTime', note: 'string', size: 'number' });
		const emptied = { ...ann, dob: null, note: null };
		for (const operation of ['create', 'update']) {
			expect(await bodyOf(columns, {}, { ...allowed, operation })).toEqual(emptied);
		}
		const items = [{ ...ann, note: '', dob: null }];
		expect(await bodyOf(automatic, {}, { ...allowed, items })).toEqual(emptied);
		const fields = { note: '={{ null }}', more: '' };
		expect(await bodyOf(mapped({}), fields, allowed)).toEqual({ note: null, more: null });
		expect(await bodyOf(mapped(ann), { note: '={{ undefined }}' }, allowed)).toBe(
			"'Note (note)' is an expression that gives nothing",
		);
	});

	test("values by the column's type, nested ones too; what is no JSON is named", async () => {
		const types = { address: 'object', tags: 'array', size: 'number', active: 'boolean' };
		const values = { address: { city: { name: 'Austin' } }, tags: ['a'], size: 7.5, active: false };
		const texts = {
			...{ address: '{"city":{"name":"Austin"}}', tags: '["a"]', size: '7.50', active: 'no' },
		};
		const names = Object.keys(types).map((name) => [name, `={{ $json.${name} }}`]);
		const columns = mapped(Object.fromEntries(names), types);
		for (const given of [columns, { ...automatic, schema: columns.schema }]) {
			expect(await bodyOf(given, {}, { items: [texts] })).toEqual(values);
		}
		expect(await bodyOf(mapped(values, types))).toEqual(values);
		const wrong = { address: 'Austin', tags: '{}', size: 'big', active: 'perhaps' };
		expect(await bodyOf(columns, {}, { items: [wrong] })).toBe(
			[
				`'Address (address)' is not an object, e.g. { "city": "Austin" }`,
				"'Tags (tags)' is not a list, e.g. [1, 2]",
				"'Size (size)' is not a number, e.g. 12.5",
				"'Active (active)' is not true or false",
			].join('; '),
		);
	});
});
