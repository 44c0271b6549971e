// A parameter that an expression leaves empty is not one that nobody filled in: no list of everybody, no
// other practice, no record that was meant to be another.
import { answerOf, asTool } from '../harness/asTool.ts';
import {
	automatic,
	byId,
	mapped,
	requestLine,
	simulatedPractice,
} from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const practice = simulatedPractice({ patients: 12 });

async function sent() {
	return (await practice.received()).map(requestLine);
}

/** What an input item may turn out not to have. */
const nothings = ['undefined', 'null', '""', '"  \\t"', 'NaN', '[]', '[null, ""]', '{}'];

describe.each(['getAll', 'count'])('filters of %s', (operation) => {
	async function search(filters: unknown, options: IDataObject = {}) {
		const parameters = { filters, options, returnAll: true } as IDataObject;
		return await practice.run('patient', operation, parameters);
	}

	test.each(nothings)(
		'that an expression leaves empty (%s) are named, and nobody is read',
		async (value) => {
			const given = `={{ ${value} }}`;
			const other = { parameter: [{ name: 'store_id', value: given }] };
			for (const [filters, label] of [
				[{ email: given }, 'Email'],
				[{ dob: given, email: '' }, 'Date of Birth'],
				[{ email: 'june@example.com', phone: given }, 'Phone'],
				[{ custom: other }, 'store_id'],
			]) {
				const { error } = await search(filters);
				expect(error?.message).toBe(`'${label as string}' is an expression that gives nothing`);
				expect(error?.description).toContain("switch on 'Ignore Empty Filters' under 'Options'");
			}
			expect(await sent()).toEqual([]);
		},
	);

	test('whose names an expression leaves empty, or gives wrong', async () => {
		for (const filters of [{ custom: { parameter: [{ name: '={{ undefined }}', value: '5' }] } }]) {
			expect((await search(filters)).error?.description).toContain('Nothing was sent');
		}
		expect(await sent()).toEqual([]);
	});

	test('that nobody filled in are none', async () => {
		for (const filters of [
			{},
			{ email: '', phone: '', dob: '', custom: {} },
			{ custom: { parameter: [{ name: '', value: '5' }] } },
			{ custom: { parameter: [{ name: 'store_id', value: '' }] } },
		]) {
			expect((await search(filters)).error).toBeUndefined();
		}
		expect(await sent()).toHaveLength(4);
	});

	test('with Ignore Empty Filters, as many as are filled in', async () => {
		const filters = { email: '={{ undefined }}', dob: '={{ "2000-01-31" }}' };
		for (const ignoreEmptyFilters of [true, '={{ "true" }}', '={{ "yes" }}']) {
			const { error } = await search(filters, { ignoreEmptyFilters });
			expect(error).toBeUndefined();
		}
		for (const query of (await practice.received()).map((request) => request.query)) {
			expect(query).toMatchObject({ dob: '2000-01-31' });
			expect(query).not.toHaveProperty('email');
		}
		const { error } = await search(filters, { ignoreEmptyFilters: '={{ "no" }}' });
		expect(error?.message).toBe("'Email' is an expression that gives nothing");
		const { error: wrong } = await search(filters, { ignoreEmptyFilters: '={{ "perhaps" }}' });
		expect(wrong?.message).toBe("'Ignore Empty Filters' must be true or false");
	});

	test('each item by itself', async () => {
		const items = [{ email: 'june@example.com' }, {}, { email: 'may@example.com' }];
		const parameters = { filters: { email: '={{ $json.email }}' }, returnAll: true };
		const { items: output } = await practice.run('patient', operation, parameters, {
			...{ items, continueOnFail: true },
		});
		const failed = output.filter(({ json }) => json.error);
		expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(failed[0].json.error).toBe("'Email' is an expression that gives nothing");
	});
});

describe("a model's search", () => {
	const byModel = {
		email: "={{ $fromAI('email', '', 'string', '') }}",
		phone: "={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('phone', '', 'string', '') }}",
	};

	async function ask(filters: IDataObject, answers: IDataObject) {
		const more = { nodeType: asTool(), items: [answers] };
		return answerOf(await practice.run('patient', 'getAll', { filters, returnAll: true }, more));
	}

	test('without anything to search by says what to give', async () => {
		const { failure } = await ask(byModel, { email: '', phone: ' ' });
		expect(failure).toBe(
			'There is nothing to search by. Give a value for at least one of: Email, Phone. Nothing was searched.',
		);
		expect(await sent()).toEqual([]);
	});

	test('with one of them, or with one that the author fixed, is a search', async () => {
		expect((await ask(byModel, { phone: '(512) 555-0100' })).failure).toBeUndefined();
		expect((await ask({ ...byModel, dob: '2000-01-31' }, {})).failure).toBeUndefined();
		const queries = (await practice.received()).map(({ query }) => query);
		expect(queries).toMatchObject([{ phone: '5125550100' }, { dob: '2000-01-31' }]);
	});

	test("without the value that the author's own expression was to give, is none", async () => {
		const filters = { ...byModel, dob: '={{ $json.born }}' };
		const { failure } = await ask(filters, { email: 'june@example.com' });
		expect(failure).toContain("'Date of Birth' is an expression that gives nothing");
		expect(await sent()).toEqual([]);
	});
});

test.each(nothings)('the practice %s is not the one in the credential', async (value) => {
	const options = { practiceId: `={{ ${value} }}` };
	const columns = mapped({ name_first: 'Ann', name_last: 'Lee' });
	for (const [operation, parameters] of Object.entries({
		create: { columns },
		createMany: { columns },
		findOrCreate: { columns, matchOn: ['name_last'] },
		getAll: {},
		count: {},
		get: { recordId: byId(1001) },
	})) {
		const { error } = await practice.run('patient', operation, { ...parameters, options });
		expect(error?.message).toBe(
			"'Practice Client ID' in 'Options' is an expression that gives nothing",
		);
	}
	expect(await sent()).toEqual([]);
});

test('a practice that nobody filled in is the one in the credential', async () => {
	for (const options of [{}, { practiceId: '' }, { practiceId: '={{ 2 }}' }]) {
		expect((await practice.run('patient', 'count', { options })).error).toBeUndefined();
	}
	expect((await practice.received()).map(({ practiceId }) => practiceId)).toEqual(['2', '2', '2']);
});

test.each([...nothings, '[1, 2]', 'true', '{ id: 1 }'])(
	'the record ID %s is none',
	async (value) => {
		for (const recordId of [byId(`={{ ${value} }}`), `={{ ${value} }}`]) {
			for (const operation of ['get', 'update', 'delete']) {
				const columns = mapped({ tier_name: 'Staff' });
				const { error } = await practice.run('priceTier', operation, {
					recordId,
					columns,
				} as never);
				expect(error?.message).toBe('The ID is not one that a record can have');
			}
		}
		expect(await sent()).toEqual([]);
	},
);

test.each([
	[
		{ sort: { by: [{ field: '={{ undefined }}', direction: 'asc' }] } },
		"'Sort' must name fields as text",
	],
	[
		{ sort: { by: [{ field: 'dob', direction: '={{ "down" }}' }] } },
		"'Direction' must be asc or desc",
	],
	[{ limit: '={{ undefined }}', returnAll: false }, "'Limit' must be a whole number, 1 or more"],
	[{ returnAll: '={{ "perhaps" }}' }, "'Return All' must be true or false"],
	[{ returnAll: '={{ undefined }}' }, "'Return All' is an expression that gives nothing"],
])('%j', async (parameters, message) => {
	const { error } = await practice.run('patient', 'getAll', parameters as IDataObject);
	expect(error?.message).toBe(message);
	expect(await sent()).toEqual([]);
});

test.each(['false', 'False', 'no', '0', 'off', ' false '])('the text %j is no', async (word) => {
	const no = `={{ ${JSON.stringify(word)} }}`;
	const parameters = { returnAll: no, limit: '={{ "3" }}', simplify: no };
	const { records } = await practice.run('patient', 'getAll', parameters);
	expect(records).toHaveLength(3);
	expect(Object.keys(records[0]).length).toBeGreaterThan(10);
	const columns = mapped({ name_first: 'Ann', name_last: 'Lee' });
	await practice.run('patient', 'create', { columns, options: { dryRun: no } });
	expect(await practice.received('POST')).toHaveLength(1);
});

test.each([...nothings, '"perhaps"'])('Dry Run given as %s creates nothing', async (value) => {
	const options = { dryRun: `={{ ${value} }}` };
	const columns = mapped({ name_first: 'Ann', name_last: 'Lee' });
	for (const operation of ['create', 'createMany']) {
		const { error } = await practice.run('patient', operation, { columns, options });
		expect(error?.message).toContain("'Dry Run' ");
	}
	expect(await practice.received('POST')).toEqual([]);
});

describe('columns', () => {
	const ann = { name_first: 'Ann', name_last: 'Lee' };

	async function bodyOf(
		parameters: IDataObject,
		more: { items?: IDataObject[] } = {},
		operation = 'create',
	) {
		const options = { dryRun: true, ...(parameters.options as IDataObject) };
		const all = { recordId: byId(1), ...parameters, options };
		const { records, error } = await practice.run('priceTier', operation, all, more);
		return error?.message ?? records[0].body;
	}

	test('an additional field is filled in, or refused', async () => {
		for (const value of ['undefined', 'null', '""', '{}', '[null]']) {
			const additionalFields = { field: [{ name: 'shoe_size', value: `={{ ${value} }}` }] };
			const refused = "'Shoe Size (shoe_size)' is an expression that gives nothing";
			expect(await bodyOf({ columns: mapped({}), additionalFields })).toBe(refused);
			expect(await bodyOf({ columns: mapped(ann), additionalFields })).toBe(refused);
		}
		const zero = {
			field: [
				{ name: 'shoe_size', value: '={{ 0 }}' },
				{ name: 'left', value: '={{ false }}' },
			],
		};
		expect(await bodyOf({ columns: mapped(ann), additionalFields: zero })).toEqual({
			...{ ...ann, shoe_size: 0, left: false },
		});
	});

	test('a column that gives nothing is left out; alone, it is nothing to send', async () => {
		for (const value of ['undefined', 'null', '""', '"  "', '[]', '{}', '[null]']) {
			const columns = mapped({ ...ann, dob: `={{ ${value} }}` }, { dob: 'dateTime' });
			expect(await bodyOf({ columns })).toEqual(ann);
			const note = mapped({ note: `={{ ${value} }}` }, { note: 'string' });
			expect(await bodyOf({ columns: note })).toBe('No field is filled in');
		}
	});

	test('empty cells of a list stop nobody', async () => {
		const items = [{ ...ann, dob: '', phone: null, email: ' ', age: '', '': 'x' } as IDataObject];
		expect(await bodyOf({ columns: automatic }, { items })).toEqual(ann);
		const cells = [
			{ ...ann, email: 'ann@example.com', phone: '', dob: '' },
			{ ...ann, email: '', phone: '(512) 555-0100', dob: null },
		] as IDataObject[];
		const { error } = await practice.run(
			'patient',
			'createMany',
			{ columns: automatic },
			{ items: cells },
		);
		expect(error).toBeUndefined();
		expect((await practice.received('POST'))[0].body).toEqual([
			{ ...ann, email: 'ann@example.com' },
			{ ...ann, phone: '5125550100' },
		]);
	});

	test('with Allow Empty Values, what is empty is emptied, and what is not there is not', async () => {
		const options = { allowEmptyValues: true };
		const types = { dob: 'dateTime', note: 'string', size: 'number' };
		const columns = mapped(
			{ ...ann, dob: '={{ null }}', note: '', size: '={{ undefined }}' },
			types,
		);
		for (const operation of ['create', 'update']) {
			expect(await bodyOf({ columns, options }, {}, operation)).toEqual({
				...ann,
				dob: null,
				note: null,
			});
		}
		const items = [{ ...ann, note: '', dob: null }] as IDataObject[];
		expect(await bodyOf({ columns: automatic, options }, { items })).toEqual({
			...ann,
			dob: null,
			note: null,
		});
		const emptied = {
			field: [
				{ name: 'note', value: '={{ null }}' },
				{ name: 'more', value: '' },
			],
		};
		expect(await bodyOf({ columns: mapped({}), additionalFields: emptied, options })).toEqual({
			...{ note: null, more: null },
		});
		const missing = { field: [{ name: 'note', value: '={{ undefined }}' }] };
		expect(await bodyOf({ columns: mapped(ann), additionalFields: missing, options })).toBe(
			"'Note (note)' is an expression that gives nothing",
		);
	});

	test("values by the column's type, nested ones too; what is no JSON is named", async () => {
		const types = { address: 'object', tags: 'array', size: 'number', active: 'boolean' };
		const texts = {
			...{ address: '{"city":{"name":"Austin"}}', tags: '["a"]', size: '7.50', active: 'no' },
		};
		const byExpression = mapped(
			Object.fromEntries(Object.keys(types).map((name) => [name, `={{ $json.${name} }}`])),
			types,
		);
		const values = { address: { city: { name: 'Austin' } }, tags: ['a'], size: 7.5, active: false };
		expect(await bodyOf({ columns: byExpression }, { items: [texts] })).toEqual(values);
		expect(await bodyOf({ columns: mapped(values as IDataObject, types) })).toEqual(values);
		const city = '={ "city": { "name": "{{ $json.city }}" } }';
		const items = [{ city: 'Austin' }];
		expect(await bodyOf({ columns: mapped({ address: city }, types) }, { items })).toEqual({
			...{ address: { city: { name: 'Austin' } } },
		});
		const { schema } = mapped({}, types);
		expect(await bodyOf({ columns: { ...automatic, schema } }, { items: [texts] })).toEqual(values);
		const wrong = { address: 'Austin', tags: '{}', size: 'big', active: 'perhaps' };
		expect(await bodyOf({ columns: byExpression }, { items: [wrong] })).toBe(
			[
				`'Address (address)' is not an object, e.g. { "city": "Austin" }`,
				"'Tags (tags)' is not a list, e.g. [1, 2]",
				"'Size (size)' is not a number, e.g. 12.5",
				"'Active (active)' is not true or false",
			].join('; '),
		);
	});
});

test.each([...nothings, '["email", undefined]', '["email", ""]', '{ a: 1 }'])(
	'Match On given as %s matches nobody',
	async (value) => {
		const columns = mapped({ name_first: 'Ann', name_last: 'Lee', email: 'ann@example.com' });
		const parameters = { columns, matchOn: `={{ ${value} }}` };
		const { error } = await practice.run('patient', 'findOrCreate', parameters);
		expect(error?.message).toMatch(/^'Match On' /);
		expect(await sent()).toEqual([]);
	},
);

describe('options given by an expression that is no use', () => {
	const person = { name_first: 'Ann', name_last: 'Lee', email: 'ann@example.com' };

	async function failing(
		operation: string,
		parameters: IDataObject,
		items: IDataObject[] = [person],
	) {
		const { error } = await practice.run('patient', operation, parameters, { items });
		expect(await sent()).toEqual([]);
		return error?.message ?? '';
	}

	const useless = [...nothings, '"soon"', '-5', '0.5', 'Infinity', '{ a: 1 }', 'true'];

	test.each(useless)('Timeout: %s', async (value) => {
		for (const operation of ['getAll', 'count', 'create', 'createMany']) {
			const options = { timeout: `={{ ${value} }}` };
			const message = await failing(operation, { columns: automatic, options });
			expect(message).toContain("'Timeout' must be a whole number, 1 or more");
		}
	});

	test.each(useless)('Batch Size: %s', async (value) => {
		const options = { batchSize: `={{ ${value} }}` };
		const message = await failing('createMany', { columns: automatic, options });
		expect(message).toContain("'Batch Size' must be a whole number, 0 or more");
	});

	test.each([...nothings, '{ a: 1 }', '[{}]'])('Body Key: %s', async (value) => {
		const options = { bodyKey: `={{ ${value} }}` };
		const message = await failing('createMany', { columns: automatic, options });
		expect(message).toMatch(/'Body Key' (is an expression that gives nothing|must be a text)/);
	});

	test('numbers as text are numbers', async () => {
		const options = {
			timeout: '={{ " 20,000 " }}',
			batchSize: '={{ "1" }}',
			bodyKey: '={{ "all" }}',
			dryRun: true,
		};
		const items = [person, { ...person, email: 'bea@example.com' }];
		const parameters = { columns: automatic, options };
		const { records } = await practice.run('patient', 'createMany', parameters, { items });
		expect(records.map(({ body }) => body)).toEqual(items.map((item) => ({ all: [item] })));
	});

	test('Body Key that somebody left empty sends the list itself', async () => {
		const options = { bodyKey: '' };
		await practice.run(
			'patient',
			'createMany',
			{ columns: automatic, options },
			{ items: [person] },
		);
		expect((await practice.received('POST')).map(({ body }) => body)).toEqual([[person]]);
	});

	test.each([...nothings, '"everything"', '{ a: 1 }'])(
		'Output and Fields of a tool: %s',
		async (value) => {
			const given = `={{ ${value} }}`;
			for (const operation of ['getAll', 'create']) {
				for (const output of [
					{ output: given, fields: 'email' },
					...(value.includes('every') ? [] : [{ output: 'selected', fields: given }]),
				]) {
					const parameters = { ...output, columns: mapped(person), returnAll: true };
					const result = await practice.run('patient', operation, parameters, {
						nodeType: asTool(),
					});
					expect(answerOf(result).failure).toMatch(/^'(Output|Field Names or IDs)' /);
				}
			}
			expect(await practice.received('POST')).toEqual([]);
		},
	);
});
