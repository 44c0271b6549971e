// Whatever shape an answer has: what means success is a success, with or without a record in it, and what means
// that it was refused is told. One stand-in for the API, answering as the test wants.
import { fakeClock } from '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { json, pageOf, startHostileApi, type HostileApi } from '../hostile/hostileApi.ts';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { answerOf, asTool } from '../harness/asTool.ts';
import { runNode, type NodeRun } from '../harness/runNode.ts';
import { automatic, byId, mapped } from '../harness/simulatedPractice.ts';

let simulator: Simulator;
let api: HostileApi;

beforeAll(async () => {
	[simulator, api] = await Promise.all([startSimulator({ patients: 5 }), startHostileApi()]);
});
afterAll(async () => await Promise.all([simulator?.stop(), api?.close()]));
beforeEach(() => fakeClock.reset());

interface StubAnswer {
	status?: number;
	headers?: Record<string, string>;
	/** No text, where it is undefined. */
	body?: unknown;
	/** Of the requests that only read. */
	reading?: { status?: number; body: unknown };
}

const parameters: Record<string, IDataObject> = {
	get: { resource: 'priceTier', recordId: byId(7), simplify: false },
	getAll: { resource: 'priceTier', returnAll: true, simplify: false },
	count: { resource: 'priceTier' },
	create: { resource: 'priceTier', columns: mapped({ tier_name: 'Staff' }) },
	createMany: { resource: 'priceTier', columns: automatic },
	findOrCreate: {
		...{ resource: 'priceTier', columns: mapped({ tier_name: 'Staff' }) },
		matchOn: ['tier_name'],
	},
	update: { resource: 'priceTier', recordId: byId(7), columns: mapped({ tier_name: 'Staff' }) },
	delete: { resource: 'priceTier', recordId: byId(7) },
};

const several = ['A', 'B', 'C'].map((name) => ({ tier_name: name }));

async function run(operation: string, given: StubAnswer, more: Partial<NodeRun> = {}) {
	const credential = api.credentialFor(simulator, await simulator.createClient());
	api.answer(({ method }, response) => {
		const { status = 200, body, headers } = method === 'GET' ? reading(operation, given) : given;
		for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
		if (body === undefined) response.writeHead(status).end();
		else if (typeof body === 'string') {
			response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
		} else json(response, body, status);
	});
	const result = await runNode({
		credential,
		parameters: { operation, ...parameters[operation] },
		items: operation === 'createMany' ? several : [{}],
		...more,
	});
	return { ...result, sent: [...api.received] };
}

/** What there is to read beside a write: nothing yet. */
function reading(operation: string, given: StubAnswer): StubAnswer {
	if (['get', 'getAll', 'count'].includes(operation)) return given;
	return given.reading ?? { body: pageOf([], 0) };
}

const tier = { price_tier_id: 7, tier_name: 'Staff' };

const wrapped: Array<[string, unknown]> = [
	['bare', tier],
	['{data:{}}', { data: tier }],
	['{data:[{}]}', { data: [tier] }],
	['{data:{pricetier:{}}}', { data: { pricetier: tier } }],
	['{pricetier:{}}', { pricetier: tier }],
	['{status,message,pricetier:{}}', { status: 'OK', message: 'Done', pricetier: tier }],
	['{success,data:{}}', { success: true, data: tier }],
	['{status,data:{pricetier:[{}]}}', { status: 'SUCCESS', data: { pricetier: [tier] } }],
];

test.each(wrapped)('the record, wrapped: %s', async (_, body) => {
	for (const operation of ['get', 'create', 'update', 'findOrCreate']) {
		const { error, records } = await run(operation, { body });
		expect(error).toBeUndefined();
		expect(records).toEqual([operation === 'findOrCreate' ? { ...tier, _created: true } : tier]);
	}
});

test.each([
	{ status: 'active', order: { n: 1 }, other: 2 },
	{ status: 'ERROR', price_tier_id: 7 },
	{ price_tier_id: 7, data: { a: 1 }, message: 'Hello' },
	{ price_tier_id: 7, address: { city: 'Austin' } },
	{ address: { city: 'Austin' }, data: { a: 1 } },
])('a record that has such fields itself: %j', async (record) => {
	expect((await run('get', { body: record })).records).toEqual([record]);
});

const list = [1, 2].map((id) => ({ price_tier_id: id, tier_name: `T${id}` }));
const counted = { page: 1, page_size: 250, total_pages: 1, total_count: 2 };

describe.each<[string, unknown]>([
	['as documented', { data: list, pagination: counted }],
	['counted as text', { data: list, pagination: { ...counted, total_count: '2' } }],
	['bare', list],
	['{data:[]} alone', { data: list }],
	['named', { pricetiers: list, pagination: counted }],
	['named, in data', { data: { pricetiers: list }, pagination: counted }],
	['all in data', { data: { pricetiers: list, pagination: counted } }],
	['with a status', { status: 'OK', message: '', pricetiers: list, pagination: counted }],
])('a list, %s', (_, body) => {
	test('read, and counted', async () => {
		const { error, records } = await run('getAll', { body });
		expect(error).toBeUndefined();
		expect(records.map(({ tier_name: name }) => name).sort()).toEqual(['T1', 'T2']);
		expect((await run('count', { body })).records).toEqual([{ count: 2 }]);
	});
});

test('the same full page without a count, whichever is asked for, is not taken for a whole list', async () => {
	const full = Array.from({ length: 250 }, (_, index) => ({ price_tier_id: index + 1 }));
	const { error, records } = await run('getAll', { body: full });
	expect(records).toEqual([]);
	expect(error?.message).toMatch(/^Page \d+ of the list does not fit the others$/);
});

const made = (body?: unknown, Location?: string): StubAnswer => ({
	...{ status: 201, body },
	...(Location && { headers: { Location } }),
});
const withId = (id: unknown) => ({ created: true, price_tier_id: id });
const onlyCreated = { created: true };

test.each<[string, StubAnswer, object]>([
	['only its id', made({ price_tier_id: 7 }), { price_tier_id: 7 }],
	['{data:{id}}', made({ data: { id: 7 } }), { id: 7 }],
	['{data:7}', made({ data: 7 }), withId(7)],
	['{data:{ids:[7]}}', made({ data: { ids: [7] } }), withId(7)],
	['what databases say', made({ affectedRows: 1, insertId: 61, info: '' }), withId(61)],
	['what others say', made({ acknowledged: true, insertedId: '0b7c-9' }), withId('0b7c-9')],
	['its Location', made(undefined, '/v2/2/configurations/pricetiers/7'), withId(7)],
	['a GUID there', made(undefined, 'https://x.example/tiers/0b7c-9/?a=1'), withId('0b7c-9')],
	['the list there', made(undefined, '/v2/2/configurations/pricetiers/'), onlyCreated],
	['{data:"Created"}', made({ data: 'Created' }), onlyCreated],
	['{data:"It is done"}', made({ data: 'It is done' }), onlyCreated],
	['{data:{ids:[null]}}', made({ data: { ids: [null] } }), onlyCreated],
	['empty 201', made(), onlyCreated],
	['204', { status: 204 }, onlyCreated],
	['{count:1}', made({ count: 1 }), onlyCreated],
	['a code that is no status', made({ code: 600, message: 'Created' }), onlyCreated],
	['[]', made([]), onlyCreated],
	['{}', made({}), onlyCreated],
	['{data:null}', made({ data: null }), onlyCreated],
	['a message', made({ status: 'OK', message: 'Created' }), onlyCreated],
	['the word Created', made('Created'), onlyCreated],
])('created, and no record in the answer: %s', async (_, given, item) => {
	const reading = { body: pageOf([{ price_tier_id: 1, tier_name: 'Old' }], 1) };
	for (const operation of ['create', 'findOrCreate']) {
		const { error, records, sent } = await run(operation, { ...given, reading });
		expect(error).toBeUndefined();
		expect(records).toEqual([operation === 'create' ? item : { ...item, _created: true }]);
		expect(sent.filter((line) => line.startsWith('POST'))).toHaveLength(1);
	}
});

describe('Create Many', () => {
	const all = several.map((record, index) => ({ price_tier_id: index + 1, ...record }));
	const flags = several.map(() => onlyCreated);
	test.each<[string, StubAnswer, object[]]>([
		['a bare list', made(all), all],
		['{data:[]}', made({ data: all }), all],
		['{pricetiers:[]}', made({ status: 'OK', pricetiers: all }), all],
		['{data:{pricetiers:[]}}', made({ data: { pricetiers: all } }), all],
		['{data:{ids:[]}}', made({ data: { ids: [1, 2, 3] } }), [1, 2, 3].map(withId)],
		['{count:3}', made({ count: 3 }), flags],
		['{data:{count:"3"}}', made({ data: { count: '3' } }), flags],
		['empty', made(), flags],
		['204', { status: 204 }, flags],
		['a message', made({ message: 'Created' }), flags],
		['in another order', made({ data: [all[2], all[0], all[1]] }), all],
		[
			'one changed by the API',
			made([all[2], { ...all[0], tier_name: 'A (new)' }, all[1]]),
			[{ ...all[0], tier_name: 'A (new)' }, all[1], all[2]],
		],
		['all changed', made([{ id: 1 }, { id: 2 }, { id: 3 }]), [{ id: 1 }, { id: 2 }, { id: 3 }]],
	])('answered by %s', async (_, given, items) => {
		const reading = { body: pageOf([{ price_tier_id: 1 }], 1) };
		const result = await run('createMany', { ...given, reading });
		expect(result.error).toBeUndefined();
		expect(result.records).toEqual(items);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(
			several.map((_each, item) => ({ item })),
		);
	});

	const parts = [
		{ status: 201, id: 1 },
		{ status: 400, message: 'No' },
		{ status: 201, id: 3 },
	];
	test.each<[string, unknown, number]>([
		['a count', { count: 2 }, 2],
		['a list', { data: all.slice(1) }, 2],
		['ids', { data: { ids: [1, 2, 3, 4] } }, 4],
		['one of them refused', { results: parts }, 2],
		['those that failed beside', { data: { created: all.slice(2), failed: all.slice(1) } }, 1],
	])('another number than was sent, by %s', async (_, body, said) => {
		const { error, records } = await run('createMany', { status: 207, body });
		expect(records).toEqual([]);
		expect(error?.message).toContain(`sent 3 records and answered that it created ${said}`);
		expect(error?.description).toContain('not sent again');
	});
});

describe('Update', () => {
	test.each<[string, StubAnswer]>([
		['204', { status: 204 }],
		['empty 200', {}],
		['OK', { body: 'OK' }],
		['a message', { body: { status: 'OK', message: 'Updated' } }],
		['{updated:1}', { body: { updated: 1 } }],
	])('answered by %s: the record as it is now', async (_, given) => {
		const { error, records } = await run('update', { ...given, reading: { body: { data: tier } } });
		expect(error).toBeUndefined();
		expect(records).toEqual([tier]);
	});

	test.each([403, 404, 500])(
		'that worked, and whose reading back is answered %i',
		async (status) => {
			const { error, records } = await run('update', {
				status: 204,
				reading: { status, body: {} },
			});
			expect(error).toBeUndefined();
			expect(records).toEqual([{ updated: true, pricetier_id: 7 }]);
		},
	);
});

describe('Delete names the id as the API does', () => {
	test.each<[string, StubAnswer]>([
		['204', { status: 204 }],
		['a message', { body: { message: 'Deleted' } }],
		['the record', { body: { data: tier } }],
	])('answered by %s', async (_, given) => {
		const asTiers = { body: pageOf([{ price_tier_id: 1 }], 1) };
		const { error, records } = await run('delete', { ...given, reading: asTiers });
		expect(error).toBeUndefined();
		expect(records).toEqual([{ deleted: true, price_tier_id: 7 }]);
	});
});

describe('a refusal with status 200', () => {
	const message = '"tier_name" is required';
	const refusals: Array<[string, unknown]> = [
		['{status:"ERROR"}', { status: 'ERROR', message }],
		['with its status inside', { status: 'ERROR', message, error: { statusCode: 400 } }],
		['{success:false}', { success: false, message }],
		['with no data', { status: 'error', message, data: null }],
		['{code:400}', { code: 400, message }],
		['{status:400}', { status: 400, message }],
		['{statusCode:422}', { statusCode: 422, message }],
		['{status:"fail",data}', { status: 'fail', data: { tier_name: 'is required' } }],
		['{ok:false}', { ok: false, message }],
		['{success:"false"}', { success: 'false', error: message }],
		['the only one of a list', [{ status: 400, message }]],
	];
	test.each(refusals)('%s', async (_, body) => {
		for (const operation of ['get', 'create', 'createMany', 'update', 'delete']) {
			const { error, records } = await run(operation, { body });
			expect(records).toEqual([]);
			expect(error?.message).toContain("'Tier Name (tier_name)' is required");
		}
	});

	test('that is a 500 inside: the outcome of a POST is unknown', async () => {
		const body = { status: 'ERROR', message: 'Oops', error: { statusCode: 500 } };
		const { error, sent } = await run('create', { body });
		expect(error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
		expect(sent).toHaveLength(1);
	});
});

describe('a failure told with status 200', () => {
	const more = { request_id: 'abc', requestId: 'abc', stack: 'Error\n at x' };
	const scope = { required_scope: 'write:x', available_scopes: [] };
	test.each<unknown>([
		{ status: 'ERROR', message: 'Not saved', request_id: 'abc' },
		{ status: 'ERROR', message: 'Not saved', error: { statusCode: 400 }, ...more },
		{ code: 400, message: 'Not saved', stack: 'x' },
		{ data: { error: { message: 'Not saved' } } },
		{ data: { status: 'ERROR', message: 'Not saved' } },
		{ success: false, pricetier: tier },
		{ success: false, message: 'Not saved', validation: { name: 'bad' } },
		{ success: false, price_tier_id: 7 },
		{ status: 'ERROR', error: { statusCode: 400 }, price_tier_id: 7 },
		{ ok: false, reason: 'Not saved' },
		{ status: 'denied', message: 'Access denied' },
		{ message: 'Not saved', ...scope },
		...[{ status: false }, { success: 0 }, { ok: 0 }, { errorCode: 5 }, { status: 'errored' }],
		{ results: [{ index: 0, status: 422, error: 'bad' }] },
		{ status: 422, error: 'bad', tier_name: 'Staff' },
	])('%j', async (body) => {
		const expected =
			scope.required_scope in Object(body) ? /lacks the scope/ : /^(?!It is unknown)/;
		for (const operation of ['create', 'createMany', 'findOrCreate', 'update', 'delete']) {
			const { error, records } = await run(operation, { body });
			expect(records).toEqual([]);
			expect(error?.message).toMatch(expected);
		}
	});

	test.each<unknown>([
		{ message: 'Not found' },
		{ message: 'Nothing was deleted' },
		{ message: 'Price tier could not be created' },
		{ Message: 'An error has occurred.' },
		{ message: 'Price tier already exists' },
		{ message: 'Price tier already exists', request_id: 'abc' },
		{ message: 'Price tier already exists', tier_name: 'Staff' },
		{ data: { message: 'Good morning' } },
	])('only words that do not say it is done, so the outcome is unknown: %j', async (body) => {
		for (const operation of ['create', 'createMany', 'findOrCreate', 'update', 'delete']) {
			const { error, records, sent } = await run(operation, { body });
			expect(records).toEqual([]);
			expect(error?.message).toMatch(/^It is unknown whether/);
			expect(error?.description).toMatch(/^EyeCloud Pro answered without saying that it is done/);
			expect(sent.filter((line) => line.startsWith('POST')).length).toBeLessThan(2);
		}
	});

	test.each<unknown>([
		{ success: true },
		{ success: true, message: 'No changes' },
		{ status: 'SUCCESS', message: 'Staff' },
		{ status: 'OK', request_id: 'abc' },
		{ errorCode: 0, errors: 0, error: false, message: 'Created' },
		{ message: 'Deleted successfully' },
		{ count: 1, message: 'One' },
		{ status: 'denied', price_tier_id: 7 },
		{ id: 7, status: 'error', code: 404, error: 'Lens', message: 'No lens' },
		{ pricetier: { ...tier, status: 'failed' }, requestId: 'abc' },
	])('a success, or a record with such fields: %j', async (body) => {
		for (const operation of ['create', 'update', 'delete']) {
			const { error, records } = await run(operation, {
				body,
				reading: { body: { data: tier } },
			});
			expect(error).toBeUndefined();
			expect(records).toHaveLength(1);
		}
	});

	test('what the model of an AI agent reads is that it failed, and why', async () => {
		const body = { status: 'ERROR', message: '"tier_name" is required', request_id: 'abc' };
		const { failure } = answerOf(await run('create', { body }, { nodeType: asTool() }));
		expect(failure).toMatch(/did not accept the input.*is required/);
	});

	test('a field answered as it was sent is the record’s own', async () => {
		const columns = mapped({ status: 'rejected', message: 'Not now' });
		const { error, records } = await run(
			'create',
			{ body: { status: 'rejected', message: 'Not now', other: 1 } },
			{ parameters: { operation: 'create', resource: 'priceTier', columns } },
		);
		expect(error).toBeUndefined();
		expect(records).toMatchObject([{ status: 'rejected' }]);
	});

	const down = { status: 'ERROR', message: 'replica down', error: { statusCode: 503 } };
	test.each<unknown>([
		{ ...down, pricetiers: [] },
		{ ...down, data: [], requestId: 'abc' },
		{ ...down, data: [], total_count: 0 },
		{ ...down, pricetiers: [], pagination: { total_count: 0 } },
	])('beside an empty list: nothing is created for it, and it is read again: %j', async (body) => {
		const { error, sent } = await run('findOrCreate', { body: tier, reading: { body } });
		expect(error?.message).toContain('HTTP 503');
		expect(sent.filter((line) => line.startsWith('POST'))).toEqual([]);
		expect(sent.length).toBeGreaterThan(1);
	});

	test.each<[unknown, number]>([
		[{ data: [{ index: 0, status: 201, id: 1 }, { index: 1, status: 422, error: 'bad' }, {}] }, 2],
		[{ results: [tier, { status: 422, message: 'bad', tier_name: 'B' }, tier] }, 2],
		[{ failed: 3 }, 0],
		[{ failed: 1, message: 'See the list' }, 2],
		[false, 0],
		[0, 0],
	])('Create Many, answered %j, created %i', async (body, said) => {
		const { error, records } = await run('createMany', { body });
		expect(records).toEqual([]);
		expect(error?.message).toContain(`answered that it created ${said}`);
	});
});

describe('a success that says that nothing was done', () => {
	const nothing: Array<[string, unknown]> = [
		['{count:0}', { count: 0 }],
		['{data:{affected:"0"}}', { data: { affected: '0' } }],
		['[0]', [0]],
		['0', 0],
		['false', false],
		['{affectedRows:0,…}', { affectedRows: 0, changedRows: 0, insertId: 0, info: '' }],
		['{acknowledged,…Count:0}', { acknowledged: true, deletedCount: 0, modifiedCount: 0 }],
		['{data:{deleted:false}}', { data: { deleted: false } }],
	];
	test.each(nothing)('%s', async (_, body) => {
		const done = { create: 'created', update: 'changed', delete: 'deleted' };
		for (const [operation, word] of Object.entries(done)) {
			const { error, records } = await run(operation, { body });
			expect(error?.message).toBe(`EyeCloud Pro answered that it ${word} nothing`);
			expect(records).toEqual([]);
		}
		expect((await run('createMany', { body: { inserted: 0 } })).error?.message).toContain(
			'sent 3 records and answered that it created 0',
		);
	});

	test('a change to what it is already is no failure', async () => {
		const now = { ...tier, tier_name: ' staff' };
		const { error, records } = await run('update', { body: [0], reading: { body: now } });
		expect([error, records]).toEqual([undefined, [now]]);
	});
});

test.each([
	['Price tier created successfully', true],
	['"Deleted"', true],
	['Nothing was deleted', false],
	['Created failed', false],
	['<html>Updated</html>', false],
	['Good morning', false],
])('the text %j, taken for a success: %j', async (body, isSuccess) => {
	for (const operation of ['create', 'update', 'delete']) {
		const { error } = await run(operation, { body });
		if (isSuccess) expect(error).toBeUndefined();
		else expect(error?.message).toMatch(/^It is unknown whether/);
	}
});

test.each(['get', 'update', 'delete'])(
	'%s: an ID that is too long for an exact number is another one, and refused',
	async (operation) => {
		const recordId = { __rl: true, mode: 'id', value: '={{ $json.id }}' };
		const at = async (id: unknown) =>
			await run(
				operation,
				{ body: tier },
				{
					parameters: { operation, ...parameters[operation], recordId },
					items: [{ id } as IDataObject],
				},
			);
		const { error, sent } = await at(2 ** 53);
		expect(error?.message).toBe('The ID is a number that can not be exact');
		expect(sent).toEqual([]);
		expect((await at('9007199254740993')).sent[0]).toContain('/9007199254740993');
	},
);

test.each<[string, unknown]>([
	['no data and a count of 0', { pagination: { total_count: 0 } }],
	['data: null', { data: null, pagination: { total_count: 0 } }],
])('an empty list: %s', async (_, body) => {
	const { error, records } = await run('getAll', { body });
	expect([error, records]).toEqual([undefined, []]);
	expect((await run('count', { body })).records).toEqual([{ count: 0 }]);
});

test('an empty list of errors beside the records hides none of them', async () => {
	const body = { status: 'OK', errors: [], pricetiers: list, pagination: counted };
	expect((await run('getAll', { body })).records).toHaveLength(2);
});

describe('a refusal, as other validators and frameworks word it', () => {
	const message = '"tier_name" is required';
	const issue = { path: ['tier_name'], message: 'is required', code: 'invalid_type' };
	const at = { path: 'tier_name', msg: 'is required' };
	test.each<[string, unknown]>([
		['text', message],
		['{error:"…"}', { error: message }],
		['{error:{message}}', { error: { message } }],
		['{message:[…]}', { statusCode: 400, message: [message], error: 'Bad Request' }],
		['{errors:[{msg,path}]}', { errors: [at] }],
		['{errors:[{msg,param}]}', { errors: [{ msg: 'is required', param: 'tier_name' }] }],
		['{errors:{field:[…]}}', { errors: { tier_name: ['is required'] } }],
		['{errors:[{instancePath}]}', { errors: [{ instancePath: '/tier_name', ...issue, path: 1 }] }],
		['{issues:[{path}]}', { issues: [issue], name: 'ZodError' }],
		['{error:{issues}}', { success: false, error: { issues: [issue], name: 'ZodError' } }],
		['{validation:{body}}', { statusCode: 400, validation: { body: { keys: [], message } } }],
		['{detail}', { type: 'about:blank', title: 'Bad', status: 400, detail: message }],
	])('%s', async (_, body) => {
		for (const status of [400, 422]) {
			const { error } = await run('create', { status, body });
			expect(error?.message).toContain('did not accept the input');
			expect(error?.message).toMatch(/'Tier Name \(tier_name\)' is required/);
		}
	});

	test('as deep and as much as anybody may send', async () => {
		const deep = (open: string, close: string) =>
			JSON.parse(`${open.repeat(1_000)}"x"${close.repeat(1_000)}`) as unknown;
		const wide = Array.from({ length: 300 }, () => Array<string>(1_000).fill('No'));
		const bodies = [deep('[', ']'), deep('{"error":', '}'), { errors: deep('[', ']') }];
		for (const body of [...bodies, { errors: deep('{"a":', '}') }, { errors: wide }]) {
			const { error } = await run('create', { status: 400, body });
			expect(error?.message).toMatch(/did not accept the input/);
		}
	});

	test('without what was sent', async () => {
		const errors = [{ msg: 'Staff is taken', value: 'Staff', path: 'tier_name' }];
		const { error } = await run('create', { status: 400, body: { errors } });
		expect(`${error?.message} ${error?.description}`).not.toContain('Staff');
	});
});

const page = '<!DOCTYPE html><title>Sorry</title>';
const path = '/v2/2/configurations/pricetiers';
const inFront = 'Something in front of EyeCloud Pro';
const tooLarge = 'The request is too large for EyeCloud Pro';
const entity = { message: 'request entity too large' };
const notFound = { code: 404, message: 'Not found' };

test.each<[string, number, unknown, string, RegExp, number?]>([
	['getAll', 403, page, `${inFront} refused the request (HTTP 403)`, /pricetiers is not one of/],
	['create', 403, page, `${inFront} refused the request (HTTP 403)`, /pricetiers is not one of/],
	['get', 403, page, `${inFront} refused the request (HTTP 403)`, /pricetiers\/… is not one of/],
	['count', 503, page, `${inFront} could not process the request (HTTP 503)`, /6 times/, 6],
	['getAll', 404, page, `There is nothing at ${path}`, /another path/],
	['getAll', 404, notFound, `There is nothing at ${path}`, /another path/],
	['create', 404, notFound, `There is nothing at ${path}`, /another path/],
	['get', 404, page, `There is nothing at ${path}/…`, /another path/],
	['delete', 404, page, `There is nothing at ${path}/…`, /another path/],
	['get', 302, tier, 'The API address answered with a redirect to another one', /not followed/],
	['get', 404, notFound, 'EyeCloud Pro found no such record', /Check the ID.*pricetiers/],
	['createMany', 413, page, tooLarge, /smaller 'Batch Size'/],
	['createMany', 413, notFound, tooLarge, /smaller 'Batch Size'/],
	['createMany', 400, entity, tooLarge, /smaller 'Batch Size'/],
	['createMany', 500, entity, tooLarge, /smaller 'Batch Size'/],
	[
		...(['create', 403, { message: 'Not for STAFF today' }] as const),
		...([
			'EyeCloud Pro does not allow this with this credential',
			/said: Not for … today\. /,
		] as const),
	],
])('%s answered %i %j', async (operation, status, body, message, description, requests = 1) => {
	const { error, sent } = await run(operation, { status, body });
	expect(error?.message).toBe(message);
	expect(error?.description).toMatch(description);
	// Creating may look at something first.
	const isWrite = operation.startsWith('create');
	expect(sent.filter((line) => !isWrite || line.startsWith('POST'))).toHaveLength(requests);
});

/** The answers one after the other, the last of them again and again. */
async function runWith(operation: string, answers: StubAnswer[]) {
	const credential = api.credentialFor(simulator, await simulator.createClient());
	let sent = 0;
	api.answer((_, response) => {
		const { status = 200, body = {}, headers = {} } = answers[Math.min(sent++, answers.length - 1)];
		for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
		if (typeof body === 'string') response.writeHead(status).end(body);
		else json(response, body, status);
	});
	const result = await runNode({
		credential,
		parameters: { operation, ...parameters[operation] },
		items: [{}],
	});
	return { ...result, sent };
}

test('429 as plain text is waited for', async () => {
	const limited = { status: 429, body: 'Too many requests, please try again later.' };
	const { error, records } = await runWith('count', [limited, limited, { body: pageOf([], 0) }]);
	expect([error, records]).toEqual([undefined, [{ count: 0 }]]);
});

test.each([
	['7', [7_000, 7_000]],
	['60', [60_000, 30_000]],
])('503 with Retry-After %s is obeyed, up to what is left', async (named, waitedMs) => {
	const busy = { status: 503, headers: { 'Retry-After': named }, body: page };
	await runWith('count', [busy, busy, { body: pageOf([], 0) }]);
	expect(fakeClock.slept).toEqual(waitedMs);
});

test.each([
	['after a refusal for the rate limit', 429, undefined],
	['after a lost try', 500, [{ deleted: true, pricetier_id: 7 }]],
])('a record that is not there %s', async (_, status, done) => {
	const { error, records } = await runWith('delete', [{ status }, { status: 404 }]);
	expect(error?.message).toEqual(done ? undefined : expect.stringMatching(/found no such record/));
	if (done) expect(records).toMatchObject([{ deleted: true }]);
});

test.each(['create', 'update', 'get'])('a 429 told with status 200: %s', async (operation) => {
	const limited = { status: 'ERROR', message: 'Too many requests', error: { statusCode: 429 } };
	const { error, records, sent } = await runWith(operation, [{ body: limited }, { body: tier }]);
	expect(error).toBeUndefined();
	expect(records).toEqual([tier]);
	expect(sent).toBe(2);
});
