// What an answer means, whatever its shape: a success, with or without a record in it; a refusal, and what it says; or
// neither, so that the outcome is unknown. The shapes that the simulator speaks meet each operation in test/dialects;
// these are the others. One stand-in for the API, answering as the test wants.
import '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { hostileApi, json, pageOf } from '../hostile/hostileApi.ts';
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();
const api = hostileApi();
beforeEach(() => api.use(practice.credential));

interface StubAnswer {
	status?: number;
	location?: string;
	/** No text, where it is undefined. */
	body?: unknown;
}

const tier = { price_tier_id: 7, tier_name: 'Staff' };
const columns = mapped({ tier_name: 'Staff' });
const parameters: Record<string, IDataObject> = {
	get: { recordId: byId(7), simplify: false },
	getAll: { returnAll: true, simplify: false },
	create: { columns },
	createMany: { columns: automatic },
	findOrCreate: { columns, matchOn: ['tier_name'] },
	update: { recordId: byId(7), columns },
	delete: { recordId: byId(7) },
};
const several = ['A', 'B', 'C'].map((name) => ({ tier_name: name }));

/** @param reading what the requests that only read are answered beside a write, with an empty list unless told */
async function run(operation: string, given: StubAnswer, reading?: StubAnswer, more?: IDataObject) {
	const isRead = ['get', 'getAll', 'count'].includes(operation);
	api.answer(({ method }, response) => {
		const isGiven = isRead || method !== 'GET';
		const { status = 200, body, location } = isGiven ? given : (reading ?? { body: pageOf([], 0) });
		if (location) response.setHeader('Location', location);
		if (body === undefined) response.writeHead(status).end();
		else if (typeof body === 'string') {
			response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
		} else json(response, body, status);
	});
	const items = operation === 'createMany' ? several : [{}];
	const all = { ...parameters[operation], ...more };
	const result = await practice.run('priceTier', operation, all, { items });
	return { ...result, sent: [...api.received] };
}

test.each<[unknown, object]>([
	[{ status: 'SUCCESS', data: { pricetier: [tier] } }, tier],
	...[
		{ status: 'ERROR', price_tier_id: 7 },
		{ price_tier_id: 7, data: { a: 1 }, message: 'Hello' },
		{ address: { city: 'Austin' }, data: { a: 1 } },
	].map((record) => [record, record] as [object, object]),
])('the record in %j', async (body, record) => {
	expect((await run('get', { body })).records).toEqual([record]);
});

const list = [1, 2].map((id) => ({ price_tier_id: id, tier_name: `T${id}` }));
const counted = { page: 1, page_size: 250, total_pages: 1, total_count: 2 };
const none = { total_count: 0 };

test.each<[string, unknown, number]>([
	['bare', list, 2],
	['all in data', { data: { pricetiers: list, pagination: counted } }, 2],
	['beside no errors', { errors: [], pricetiers: list, pagination: counted }, 2],
	['none, and no data', { pagination: none }, 0],
])('a list, %s', async (_, body, count) => {
	const { error, records } = await run('getAll', { body });
	expect(error).toBeUndefined();
	expect(records.map(({ tier_name: name }) => name).sort()).toEqual(['T1', 'T2'].slice(0, count));
	expect((await run('count', { body })).records).toEqual([{ count }]);
});

test('the same full page without a count, whichever is asked for, is not taken for a whole list', async () => {
	const full = Array.from({ length: 250 }, (_, index) => ({ price_tier_id: index + 1 }));
	const { error, records } = await run('getAll', { body: full });
	expect(records).toEqual([]);
	expect(error?.message).toMatch(/^Page \d+ of the list does not fit the others$/);
});

const withId = (id: unknown) => ({ created: true, price_tier_id: id });
const onlyCreated = { created: true };

test.each<[StubAnswer, object]>([
	[{ body: { data: { id: 7 } } }, { id: 7 }],
	[{ body: { data: 7 } }, withId(7)],
	[{ body: { affectedRows: 1, insertId: 61, info: '' } }, withId(61)],
	[{ body: { acknowledged: true, insertedId: '0b7c-9' } }, withId('0b7c-9')],
	[{ location: 'https://x.example/tiers/0b7c-9/?a=1' }, withId('0b7c-9')],
	[{ location: '/v2/2/configurations/pricetiers/' }, onlyCreated],
	[{ body: { data: { ids: [null] } } }, onlyCreated],
	[{ body: { count: 1 } }, onlyCreated],
	[{ body: { code: 600, message: 'Created' } }, onlyCreated],
	[{ body: {} }, onlyCreated],
	[{ body: 'Created' }, onlyCreated],
])('created, and no record in the answer: %j', async (given, item) => {
	const reading = { body: pageOf([{ price_tier_id: 1, tier_name: 'Old' }], 1) };
	const { error, records, sent } = await run('create', { status: 201, ...given }, reading);
	expect([error, records]).toEqual([undefined, [item]]);
	expect(sent.filter((line) => line.startsWith('POST'))).toHaveLength(1);
});

test.each<[unknown, number]>([
	[{ data: { count: '3' } }, 3],
	[{ data: { created: [tier], failed: [tier, tier] } }, 1],
	[{ results: [tier, { status: 422, message: 'bad', tier_name: 'B' }, tier] }, 2],
	[{ data: [{ status: 201, id: 1 }, { status: 422, error: 'bad' }, {}] }, 2],
	[{ failed: 1, message: 'See the list' }, 2],
	[false, 0],
])('Create Many of three, answered %j: created %i', async (body, said) => {
	const { error, records } = await run('createMany', { status: 207, body });
	expect(records).toHaveLength(said === 3 ? 3 : 0);
	if (said === 3) return;
	expect(error?.message).toContain(`sent 3 records and answered that it created ${said}`);
	expect(error?.description).toContain('not sent again');
});

/** What a user reads, and how many records come out. */
const meanings: Record<string, RegExp | undefined> = {
	done: undefined,
	nothing: /^EyeCloud Pro answered that it (created|changed|deleted) nothing$/,
	refused: /^EyeCloud Pro did not accept the input/,
	unknown: /^It is unknown whether/,
	'lacks a scope': /lacks the scope/,
};

const message = 'Not saved';
const writes: Record<keyof typeof meanings, unknown[]> = {
	done: [
		{ success: true, message: 'No changes' },
		'OK',
		'Price tier created successfully',
		undefined,
		{ status: 'SUCCESS', message: 'Staff' },
		{ errorCode: 0, errors: 0, error: false, message: 'Created' },
		{ message: 'Deleted successfully' },
		{ count: 1, message: 'One' },
		{ status: 'denied', price_tier_id: 7 },
		{ id: 7, status: 'error', code: 404, error: 'Lens', message: 'No lens', room: 2 },
		{ price_tier_id: 7, has_error: 'yes', room: 2 },
		{ pricetier: { ...tier, status: 'failed' }, requestId: 'abc' },
	],
	nothing: [
		{ data: { affected: '0' } },
		[0],
		false,
		{ affectedRows: 0, changedRows: 0, insertId: 0, info: '' },
		{ rowCount: 0 },
	],
	refused: [
		{ status: 'ERROR', message, error: { statusCode: 400 }, requestId: 'a', stack: 'Error at x' },
		{ code: 400, message, stack: 'x' },
		{ data: { error: { message } } },
		{ ok: 'false', reason: message },
		{ success: 'N' },
		{ isSuccess: false },
		{ succeeded: 'FALSE', data: {} },
		{ hasError: true, data: {} },
		{ status: 'FAIL', transaction_id: 'abc' },
		{ status: 'denied', message: 'Access denied' },
		{ status: false },
		{ errorCode: 5 },
		{ status: 422, error: 'bad', ...columns },
		[{ status: '400', message }],
		{ results: [{ index: 0, status: 422, error: 'bad' }] },
	],
	unknown: [
		{ message: 'Not found' },
		'Nothing was deleted',
		{ Message: 'An error has occurred.' },
		{ message: 'Price tier already exists', request_id: 'abc', tier_name: 'Staff' },
		{ data: { message: 'Good morning' } },
		'<html>Updated</html>',
		{ status: 'ERROR', message, error: { statusCode: 500 } },
		{ errors: ['tier_name is required'], data: { tier_name: 'Staff' } },
		pageOf([{ price_tier_id: 9, tier_name: 'Other' }], 1),
	],
	'lacks a scope': [{ message, required_scope: 'create:patients', available_scopes: [] }],
};

const eachWrite = Object.entries(writes).flatMap(([meaning, bodies]) =>
	bodies.map((body) => [meaning, body] as const),
);

test.each(eachWrite)('a write answered with success: %s: %j', async (meaning, body) => {
	for (const operation of ['create', 'update', 'delete']) {
		const reading = { body: { data: { price_tier_id: 7, tier_name: 'Other' } } };
		const { error, records, sent } = await run(operation, { body }, reading);
		if (meaning === 'done') expect(error).toBeUndefined();
		else expect(error?.message).toMatch(meanings[meaning] as RegExp);
		expect(records).toHaveLength(meaning === 'done' ? 1 : 0);
		expect(sent.filter((line) => line.startsWith('POST')).length).toBeLessThan(2);
	}
});

test.each([200, 201])('a field answered as sent is the record’s own, with a %i', async (status) => {
	const body = { status: 'rejected', message: 'Not now', code: 429, other: 1 };
	const own = { columns: mapped({ status: 'Rejected', message: 'Not now', code: '429' }) };
	expect((await run('create', { status, body }, undefined, own)).records).toEqual([body]);
});

test.each<StubAnswer>([
	{ status: 201, body: { tier_no: 7, status: 'rejected' } },
	{ status: 201, body: { tier_no: 7, code: 429 } },
	{ status: 201, body: { tier_no: 7, code: 425 } },
	{ location: '/tiers/7', body: { status: 'ERROR', message } },
	{ body: { success: false, price_tier_id: 7 } },
	{ body: { hasError: true, data: tier } },
	{ body: { status: 'ERROR', error: { statusCode: 400 }, price_tier_id: 7 } },
	{ body: { status: 'ERROR', message: 'It already exists', price_tier_id: 7 } },
	{ body: { statusCode: 400, price_tier_id: 7 } },
])('a refusal beside what speaks of a new record: %j', async (given) => {
	const { error, sent } = await run('create', given);
	expect(error?.message).toMatch(meanings.unknown as RegExp);
	expect(sent.filter((line) => line.startsWith('POST'))).toHaveLength(1);
	if (given.status === 201) return;
	for (const operation of ['update', 'delete']) {
		expect((await run(operation, given)).error?.message).toMatch(meanings.refused as RegExp);
	}
});

test.each<[object, boolean]>([
	[{ price_tier_id: 9, tier_name: 'Other' }, true],
	[{ price_tier_id: 9, tier_name: 'STAFF', discount: 99 }, false],
	[{ price_tier_id: 9, tier_name: 'Staff and friends' }, false],
	[{ price_tier_id: 9, tier_name: 'Staff', label: 'Set by the server' }, false],
	[{ price_tier_id: 9, discount: 12 }, true],
	[{ price_tier_id: 9, tier_name: 'Staff', label: 'Own', email: 'bo@x.com' }, true],
])('created, and answered with %j: another record: %s', async (record, isAnother) => {
	const sent = {
		columns: mapped({ tier_name: 'Staff', discount: 10, label: 'Own', email: 'a@x.com' }),
	};
	const { error, records } = await run('create', { status: 201, body: record }, undefined, sent);
	if (isAnother) expect(error?.message).toMatch(meanings.unknown as RegExp);
	expect(records).toEqual(isAnother ? [] : [record]);
});

test('Delete answered with another record is none', async () => {
	const { error } = await run('delete', { body: { data: { price_tier_id: 9, tier_name: 'B' } } });
	expect(error?.message).toMatch(/^EyeCloud Pro answered with another record/);
});

test('Update that changed nothing says so', async () => {
	const { hints } = await run('update', { body: { ...tier, tier_name: 'Old' } });
	expect(hints).toEqual([expect.stringContaining('came back with another value than was sent')]);
});

test('a change to what it is already is no failure', async () => {
	const now = { ...tier, tier_name: ' staff' };
	const { error, records } = await run('update', { body: [0] }, { body: now });
	expect([error, records]).toEqual([undefined, [now]]);
});

test('a failure beside an empty list: nothing is created for it, and it is read again', async () => {
	const body = { status: 'ERROR', message: 'replica down', error: { statusCode: 503 }, data: [] };
	const { error, sent } = await run('findOrCreate', { body: tier }, { body });
	expect(error?.message).toContain('HTTP 503');
	expect(sent.filter((line) => line.startsWith('POST'))).toEqual([]);
	expect(sent.length).toBeGreaterThan(1);
});

describe('a refusal, as other validators and frameworks word it', () => {
	const required = '"tier_name" is required';
	const issue = { path: ['tier_name'], message: 'is required', code: 'invalid_type' };
	test.each<unknown>([
		required,
		{ error: { message: required } },
		{ statusCode: 400, message: [required], error: 'Bad Request' },
		{ errors: { tier_name: ['is required'] } },
		{ status: 'fail', data: { tier_name: 'is required' } },
		{ errors: [{ instancePath: '/tier_name', message: 'is required' }] },
		{ success: false, error: { issues: [issue], name: 'ZodError' } },
		{ statusCode: 400, validation: { body: { keys: [], message: required } } },
		{ type: 'about:blank', title: 'Bad', status: 400, detail: required },
	])('%j', async (body) => {
		const { error } = await run('create', { status: 422, body });
		expect(error?.message).toMatch(
			/did not accept the input: 'Tier Name \(tier_name\)' is required/,
		);
	});
});

const page = '<!DOCTYPE html><title>Sorry</title>';
const tooLarge = 'The request is too large for EyeCloud Pro';
const unexpected = 'EyeCloud Pro gave an unexpected answer';
const notAllowed = 'EyeCloud Pro does not allow this with this credential';
const notFound = { code: 404, message: 'Not found' };

test.each<[string, number, unknown, string, RegExp]>([
	['get', 302, tier, 'The API address answered with a redirect to another one', /not followed/],
	['createMany', 413, page, tooLarge, /smaller 'Batch Size'/],
	['createMany', 500, { message: 'request entity too large' }, tooLarge, /smaller 'Batch Size'/],
	['get', 405, notFound, `${unexpected} (HTTP 405)`, /said: Not found\. Running it again gives/],
	['create', 403, { message: 'Not for STAFF' }, notAllowed, /said: Not for …\. /],
])('%s answered %i %j', async (operation, status, body, said, description) => {
	const { error } = await run(operation, { status, body });
	expect(error?.message).toBe(said);
	expect(error?.description).toMatch(description);
});
