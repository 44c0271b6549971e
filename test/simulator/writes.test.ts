// What may be done with each resource, and what writing does: created, changed, deleted, all or none.
import { send, tokenFor } from './caller.ts';
import { startSimulator, type Simulator } from './start.ts';

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 30, rateLimit: { requestsPerMinute: 10_000 } });
	token = await tokenFor(simulator, simulator.clients.practice);
});

afterAll(() => simulator.stop());
afterEach(() => simulator.reset({ data: true, options: true }));

const marge = { name_first: 'Marge', name_last: 'Example', email: 'marge@example.com' };

function call(method: string, path: string, body?: unknown) {
	return send(simulator, `/v2/2${path}`, { method, body, token });
}

async function patients() {
	return simulator.records(2, '/patients');
}

// As the API's documentation lists the scopes; creating appointments is inferred.
const matrix: Array<[path: string, actions: string]> = [
	['/patients', 'create read'],
	['/appointments', 'create read'],
	['/orders', 'create read'],
	['/invoices', 'read'],
	['/stores', 'read'],
	['/employees', 'read'],
	['/pricebooks/lenses', 'read'],
	['/pricebooks/frames', 'create read update'],
	['/pricebooks/contactlenses', 'read'],
	['/pricebooks/proffees', 'read'],
	['/pricebooks/merchandise', 'read'],
	['/pricebooks/addons', 'read'],
	['/pricebooks/misc', 'read'],
	['/pricebooks/tierprices', 'read'],
	['/configurations/pricetiers', 'create read update delete'],
];

const requests = [
	{ method: 'GET', at: '', action: 'read' },
	{ method: 'GET', at: '/1', action: 'read' },
	{ method: 'POST', at: '', action: 'create' },
	{ method: 'PATCH', at: '/1', action: 'update' },
	{ method: 'DELETE', at: '/1', action: 'delete' },
];

test.each(matrix)('%s takes these and asks for their scopes: %s', async (path, actions) => {
	const bare = await simulator.createClient({ scopes: [] });
	const withoutScopes = await tokenFor(simulator, bare);
	for (const { method, at, action } of requests) {
		const { status, body } = await send(simulator, `/v2/2${path}${at}`, {
			method,
			token: withoutScopes,
		});
		if (actions.split(' ').includes(action)) {
			const scope = `${action}${path.replaceAll('/', ':')}`;
			expect([status, body.required_scope, body.available_scopes]).toEqual([403, scope, []]);
			expect(body).not.toHaveProperty('error');
		} else {
			expect([method, at, status, body.error.statusCode]).toEqual([method, at, 405, 405]);
		}
	}
	const { status, body } = await call('GET', path);
	expect(status).toBe(200);
	expect(body.data.length).toBeGreaterThan(1);
});

test('PUT is no method of the API, and it says which are', async () => {
	const { status, headers } = await call('PUT', '/patients', marge);
	expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test('creates one, with the next id, and finds it again', async () => {
	const { status, body } = await call('POST', '/patients', { ...marge, dob: '1961-10-01' });
	expect(status).toBe(201);
	expect(body.data).toMatchObject({ ...marge, dob: '1961-10-01', phone: null });
	const all = await patients();
	expect(all).toHaveLength(31);
	expect(all.at(-1)).toEqual(body.data);
	const found = await call('GET', `/patients?email=${marge.email}`);
	expect(found.body.data).toEqual([body.data]);
});

test('answers what was created bare when so set', async () => {
	await simulator.configure({ dialect: { created: 'bare', bulkCreated: 'bare' } });
	const { body } = await call('POST', '/patients', [marge, marge]);
	expect(body.map(({ name_first }: typeof marge) => name_first)).toEqual(['Marge', 'Marge']);
	expect((await call('POST', '/patients', marge)).body).toMatchObject(marge);
});

test.each<[string, unknown, string]>([
	['required fields', {}, '"name_first" is required,"name_last" is required'],
	['an unknown field', { ...marge, shoe_size: 43 }, '"shoe_size" is not allowed'],
	[
		'a phone number as people write it',
		{ ...marge, phone: '(512) 555-0100' },
		'"phone" with value "(512) 555-0100" fails to match the required pattern: /^\\d{10}$/',
	],
	['no object', 'null', '"value" must be of type object'],
	['an empty bulk', [], '"value" must contain at least 1 items'],
])('refuses to create: %s', async (_what, body, message) => {
	const answer = await call('POST', '/patients', body);
	expect(answer.status).toBe(400);
	expect(answer.body.message).toBe(message);
	expect(await patients()).toHaveLength(30);
});

test('a body that is no JSON', async () => {
	const { status, body } = await call('POST', '/patients', '{"name_first": ');
	expect([status, body.error.statusCode]).toEqual([400, 400]);
	expect(await patients()).toHaveLength(30);
});

test('bulk: all of them', async () => {
	const many = Array.from({ length: 300 }, (_, index) => ({ ...marge, name_last: `No${index}` }));
	const { status, body } = await call('POST', '/patients', many);
	expect(status).toBe(201);
	expect(body.data.map((one: typeof marge) => one.name_last)).toEqual(
		many.map((one) => one.name_last),
	);
	expect(await patients()).toHaveLength(330);
});

test('bulk: or none of them, and it names those that failed', async () => {
	const { status, body } = await call('POST', '/patients', [
		marge,
		{ name_first: 'Homer' },
		{ ...marge, email: 'marge@home' },
	]);
	expect(status).toBe(400);
	expect(body.message).toBe('"[1].name_last" is required,"[2].email" must be a valid email');
	expect(await patients()).toHaveLength(30);
});

test('bulk: a list under a name where it wants that, and nothing else', async () => {
	const named = { patients: [marge, marge] };
	expect((await call('POST', '/patients', named)).body.message).toContain(
		'"patients" is not allowed',
	);
	await simulator.configure({ dialect: { bulkBody: 'named' } });
	expect((await call('POST', '/patients', [marge, marge])).body.message).toBe(
		'"value" must be of type object',
	);
	const bad = { patients: [marge, { name_first: 'Homer' }] };
	expect((await call('POST', '/patients', bad)).body.message).toBe(
		'"patients[1].name_last" is required',
	);
	expect(await patients()).toHaveLength(30);
	expect((await call('POST', '/patients', named)).body.data).toHaveLength(2);
	expect((await call('POST', '/patients', marge)).status).toBe(201);
	expect(await patients()).toHaveLength(33);
});

test('changes a price tier, not its other fields, and not with nothing', async () => {
	const [tier] = await simulator.records(2, '/configurations/pricetiers');
	const path = `/configurations/pricetiers/${tier.pricetier_id}`;
	const { status, body } = await call('PATCH', path, { discount_percent: 33 });
	expect(status).toBe(200);
	expect(body.data).toEqual({ ...tier, discount_percent: 33 });
	expect((await call('PATCH', path, {})).status).toBe(400);
	expect((await call('PATCH', path, { pricetier_id: 9 })).status).toBe(400);
	expect((await call('PATCH', '/configurations/pricetiers/999', { active: true })).status).toBe(
		404,
	);
});

test('deletes a price tier, once', async () => {
	const path = '/configurations/pricetiers/1';
	const { status, text } = await call('DELETE', path);
	expect([status, text]).toEqual([204, '']);
	expect((await call('DELETE', path)).status).toBe(404);
	expect((await call('GET', path)).status).toBe(404);
});

test.each([
	['/appointments', { patient_id: 1001, store_id: 1, start_date: '2025-07-01T09:00:00' }],
	['/orders', { patient_id: 1001, store_id: 1, items: [frameItem()] }],
	['/pricebooks/frames', { description: 'Round', brand: 'None', price: 99 }],
	['/configurations/pricetiers', { tier_name: 'Staff' }],
])('creates in %s', async (path, body) => {
	const before = await simulator.records(2, path);
	const answer = await call('POST', path, body);
	expect(answer.status).toBe(201);
	expect(answer.body.data).toMatchObject(body);
	expect((await simulator.records(2, path)).at(-1)).toEqual(answer.body.data);
	expect(await simulator.records(2, path)).toHaveLength(before.length + 1);
});

function frameItem() {
	return { item_type: 'frame', quantity: 1, unit_price: 120 };
}
