// That each switch of dialect.ts changes what a caller gets to see, and nothing in the books. What the
// node makes of it is test/dialects.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { send, tokenFor } from './caller.ts';
import { dialectList, parseDialect, switches, switchNames, valuesOf } from './dialect.ts';
import { startSimulator, type Dialect, type Simulator } from './start.ts';

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 12, rateLimit: { requestsPerMinute: 1_000 } });
	token = await tokenFor(simulator, simulator.clients.practice);
});

afterAll(() => simulator.stop());
afterEach(() => simulator.reset({ data: true, options: true }));

const ann = { name_first: 'Ann', name_last: 'Lee' };
const large = { ...ann, notes: 'x'.repeat(120_000) };
const bulk = [ann, { name_first: 'Bob' }];

/** A request to practice 2: method, path, body. */
type Sent = [method: string, path: string, body?: unknown];
const list: Sent = ['GET', '/patients?page_size=5'];
const create: Sent = ['POST', '/patients', ann];

test.each<[dialect: Partial<Dialect>, sent: Sent, status: number, seen: RegExp]>([
	[{ expiredToken: 'html401' }, ['GET', '/expired'], 401, /^<!DOCTYPE html>/],
	[{ expiredToken: 'json400' }, ['GET', '/expired'], 400, /^{"code":400/],
	[{ expiredToken: 'json403' }, ['GET', '/expired'], 403, /^{"code":403/],
	[
		{ expiredToken: 'json500' },
		['GET', '/expired'],
		500,
		/^{"code":500,"message":"Internal Server Error"}$/,
	],
	[{ missingPath: 'html' }, ['GET', '/pets'], 404, /<pre>Cannot GET \/v2\/2\/pets<\/pre>/],
	[{ missingPath: 'notFound' }, ['GET', '/pets'], 404, /^{"code":404,"message":"Not found"}$/],
	[{ missingRecord: 'notFound' }, ['GET', '/patients/9'], 404, /^{"code":404/],
	[{ inFront: 'html403' }, list, 403, /^<html>/],
	[{ inFront: 'html503' }, list, 503, /^<html>/],
	[{ tooLargeBody: 'html413' }, ['POST', '/patients', large], 413, /<pre>Payload Too Large</],
	[{ tooLargeBody: 'json400' }, ['POST', '/patients', large], 400, /request entity too large/],
	[{ tooLargeBody: 'json500' }, ['POST', '/patients', large], 500, /Internal Server Error/],
	[{ errorWithStatus200: 'yes' }, ['GET', '/patients/9'], 200, /^{"status":"ERROR"/],
	[{ list: 'named' }, list, 200, /^{"data":{"patients":\[.*\]},"pagination":{/],
	[{ list: 'namedOnly' }, list, 200, /^{"patients":\[.*\],"pagination":{/],
	[{ totalCount: 'text' }, list, 200, /"total_count":"12"/],
	[{ oneRecord: 'bare' }, ['GET', '/patients/1001'], 200, /^{"patient_id":1001/],
	[{ oneRecord: 'list' }, ['GET', '/patients/1001'], 200, /^{"data":\[{"patient_id":1001/],
	[{ oneRecord: 'named' }, ['GET', '/patients/1001'], 200, /^{"data":{"patient":{"patient_id"/],
	[{ oneRecord: 'statusNamed' }, ['GET', '/patients/1001'], 200, /^{"status":"OK",.*"patient":{/],
	[{ created: 'id' }, create, 201, /^{"patient_id":\d+}$/],
	[{ created: 'empty' }, create, 201, /^$/],
	[{ created: 'location' }, create, 201, /^$/],
	[{ created: 'noContent' }, create, 204, /^$/],
	[{ bulkCreated: 'bare' }, ['POST', '/patients', [ann]], 201, /^\[{/],
	[{ bulkCreated: 'named' }, ['POST', '/patients', [ann]], 201, /^{"data":{"patients":\[{/],
	[{ bulkCreated: 'ids' }, ['POST', '/patients', [ann]], 201, /^{"data":{"ids":\[\d+\]}}$/],
	[{ bulkCreated: 'count' }, ['POST', '/patients', [ann]], 201, /^{"count":1}$/],
	[{ bulkCreated: 'empty' }, ['POST', '/patients', [ann]], 201, /^$/],
	[{ bulkBody: 'named' }, ['POST', '/patients', { patients: [ann] }], 201, /^{"data":\[/],
	[
		{ bulkBody: 'records' },
		['POST', '/patients', { patients: [ann] }],
		400,
		/"records\\" is required,\\"patients\\" is not allowed/,
	],
	[{ bulkBody: 'listOnly' }, create, 400, /\\"value\\" must be an array/],
	[{}, ['POST', '/patients', bulk], 400, /"\\"\[1\].name_last\\" is required"/],
	[{ bulkRefused: 'body' }, ['POST', '/patients', bulk], 400, /\\"body\[1\].name_last\\" is/],
	[{ bulkRefused: 'key' }, ['POST', '/patients', bulk], 400, /"\\"name_last\\" is required"/],
	[
		{ bulkRefused: 'first' },
		['POST', '/patients', [{ a: 1 }, {}]],
		400,
		/"\\"\[0\].name_first\\" is required"/,
	],
	[{ bulkRefused: 'alternatives' }, ['POST', '/patients', [{}]], 400, /match any of the allowed/],
	[
		{ updateMethod: 'PUT' },
		['PUT', '/configurations/pricetiers/1', { active: false }],
		200,
		/"active":false/,
	],
	[
		{ updateMethod: 'POST' },
		['POST', '/configurations/pricetiers/1', { active: false }],
		200,
		/"active":false/,
	],
	[{ updateMethod: 'PUT' }, ['PATCH', '/configurations/pricetiers/1', {}], 405, /"statusCode":405/],
	[{ unknownParameter: 'ignored' }, ['GET', '/patients?surname=Lee'], 200, /"total_count":12/],
	[
		{ unknownField: 'dropped' },
		['POST', '/patients', { ...ann, shoe: 1 }],
		201,
		/^(?!.*shoe).*"name_last":"Lee"/,
	],
	[{ ids: 'large' }, ['GET', '/patients/3000001001'], 200, /"patient_id":3000001001/],
	[{ ids: 'guid' }, list, 200, /"patient_id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8/],
	[{ ids: 'text' }, ['GET', '/patients/p1001'], 200, /"patient_id":"p1001"/],
	[{ ids: 'guid' }, ['GET', '/patients/1001'], 400, /"patient_id\\" must be a valid GUID/],
	[{ idName: 'id' }, ['GET', '/patients?sort=-id'], 200, /^{"data":\[{"id":1\d+/],
	[{ idName: 'id' }, ['GET', '/patients?sort=?'], 400, /\(-\?\(id\|name_first/],
	[{ idName: 'long' }, ['GET', '/appointments?sort=appointment_id'], 200, /"appointment_id":5001/],
	[{ phoneField: 'phone_mobile' }, ['GET', '/patients?phone=0000000000'], 200, /"total_count":0/],
	[{ phoneField: 'phone_mobile' }, list, 200, /"phone_mobile":"\d{10}"/],
	[{ timeOffset: 'given' }, list, 200, /"create_date":"[-\dT:]{19}Z"/],
	[
		{ timeZone: 'local', timeOffset: 'given', timePrecision: 'millisecond' },
		list,
		200,
		/"create_date":"[-\dT:]{19}\.000-0[56]:00"/,
	],
	[{ timePrecision: 'day' }, list, 200, /"create_date":"[-\d]{10}"/],
	[
		{ resources: { '/patients': { path: '/crm/people', idName: 'pid', sortable: ['pid'] } } },
		['GET', '/crm/people?sort=-pid'],
		200,
		/^{"data":\[{"pid":1/,
	],
	[{ resources: { '/patients': { path: '/crm/people' } } }, list, 404, /Cannot find GET/],
])('%j', async (dialect, [method, path, body], status, seen) => {
	await simulator.configure({ dialect });
	const as = path === '/expired' ? 'expired' : token;
	const answer = await send(simulator, `/v2/2${path}`, { method, body, token: as });
	expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(seen)]);
	const [stored] = await simulator.records(2, '/patients');
	expect(stored).toMatchObject({ patient_id: 1001, create_date: expect.stringMatching(/^.{19}$/) });
	const [entry] = await simulator.received();
	expect(entry.outcome).toBe(status);
});

test('what is answered is the same id, there and back, in everything that refers to it', async () => {
	for (const ids of ['large', 'guid', 'text'] as const) {
		await simulator.configure({ dialect: { ids } });
		const [patient] = await simulator.answeredRecords(2, '/patients');
		const store = (await simulator.answeredRecords(2, '/stores'))[0].store_id;
		const item = { item_type: 'frame', quantity: 1, unit_price: 120 };
		const order = { patient_id: patient.patient_id, store_id: store, items: [item] };
		const { body } = await send(simulator, '/v2/2/orders', { method: 'POST', body: order, token });
		expect(body.data).toMatchObject(order);
		expect((await simulator.records(2, '/orders')).at(-1)).toMatchObject({
			...{ patient_id: 1001, store_id: 1 },
		});
		const found = await send(
			simulator,
			`/v2/2/orders?patient_id=${patient.patient_id}&sort=-order_id`,
			{ token },
		);
		expect(found.body.data).toContainEqual(body.data);
	}
});

test('GUIDs and texts are sorted as such', async () => {
	for (const ids of ['guid', 'text'] as const) {
		await simulator.configure({ dialect: { ids } });
		const { body } = await send(simulator, '/v2/2/patients?page_size=250&sort=-patient_id', {
			token,
		});
		const all = (await simulator.answeredRecords(2, '/patients')).map((one) => one.patient_id);
		const answered = body.data.map((one: { patient_id: string }) => one.patient_id);
		expect(answered).toEqual(all.sort().reverse());
	}
});

test('an empty 201 may say in Location where the record is', async () => {
	await simulator.configure({ dialect: { created: 'location' } });
	const { headers } = await send(simulator, '/v2/2/patients', { method: 'POST', body: ann, token });
	const path = headers.get('location') ?? '';
	expect(path).toMatch(/^\/v2\/2\/patients\/\d+$/);
	expect((await send(simulator, path, { token })).body.data).toMatchObject(ann);
});

test.each([
	['text', /^\d+$/],
	['textWholeWindow', /^60$/],
] as const)('too many requests as a %s', async (tooManyRequests, retryAfter) => {
	await simulator.configure({ dialect: { tooManyRequests }, rateLimit: { requestsPerMinute: 1 } });
	await send(simulator, '/v2/2/stores', { token });
	await new Promise((resolve) => setTimeout(resolve, 1_100));
	const { status, text, headers } = await send(simulator, '/v2/2/stores', { token });
	expect([status, text]).toEqual([429, 'Too many requests, please try again later.']);
	expect(headers.get('content-type')).toMatch('text/html');
	expect(headers.get('x-ratelimit-remaining')).toBe('0');
	expect(headers.get('retry-after')).toMatch(retryAfter);
});

test('a replica learns of new records late', async () => {
	await simulator.configure({ dialect: { replicaLagMs: 300 } });
	const { body } = await send(simulator, '/v2/2/patients', { method: 'POST', body: ann, token });
	const path = `/v2/2/patients/${body.data.patient_id}`;
	const seen = async () => [
		(await send(simulator, path, { token })).status,
		(await send(simulator, '/v2/2/patients', { token })).body.pagination.total_count,
	];
	expect(await seen()).toEqual([404, 12]);
	await new Promise((resolve) => setTimeout(resolve, 350));
	expect(await seen()).toEqual([200, 13]);
});

test('by hand: the list of names and values, and a sentence for one that there is not', async () => {
	const run = (...flags: string[]) =>
		spawnSync(process.execPath, [join(__dirname, 'main.ts'), ...flags], { encoding: 'utf8' });
	expect(run('--dialect', 'list').stdout.trim()).toBe(dialectList());
	for (const name of switchNames) {
		expect(dialectList()).toContain(`${name}: ${switches[name].about}`);
		for (const value of valuesOf(name))
			expect(dialectList()).toMatch(new RegExp(`^  ${value} `, 'm'));
	}
	expect(run('--dialect', 'ids=roman').stderr).toContain('"dialect.ids" must be one of');
	expect(run('--dialect-file', join(__dirname, 'nothing.json')).stderr).toContain('ENOENT');
	expect(parseDialect('ids=guid,created=empty')).toEqual({ ids: 'guid', created: 'empty' });
	expect(parseDialect('resources={"/patients":{"path":"/people"}}')).toEqual({
		resources: { '/patients': { path: '/people' } },
	});
	await expect(simulator.configure({ dialect: { id: 'guid' } as object })).rejects.toThrow(
		'"dialect.id"',
	);
});
