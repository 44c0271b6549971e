// Reading: pages, counts, sorting, filters, single records, and that the data is what it was.
import { send, tokenFor } from './caller.ts';
import { startSimulator, type ApiRecord, type Simulator } from './start.ts';

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 612, rateLimit: { requestsPerMinute: 10_000 } });
	token = await tokenFor(simulator, simulator.clients.practice);
});

afterAll(() => simulator.stop());

async function read(query: string, path = '/patients') {
	const { status, body } = await send(simulator, `/v2/2${path}${query}`, { token });
	return { status, body };
}

async function complaint(query: string, path?: string): Promise<string> {
	const { status, body } = await read(query, path);
	expect(status).toBe(400);
	return body.message;
}

test('without parameters: the first ten, and the counts', async () => {
	const { status, body } = await read('');
	expect(status).toBe(200);
	expect(body.data).toHaveLength(10);
	expect(body.pagination).toEqual({ page: 1, page_size: 10, total_pages: 62, total_count: 612 });
});

test('pages together are every record once, in the order of ids', async () => {
	const pages = await Promise.all([1, 2, 3].map((page) => read(`?page_size=250&page=${page}`)));
	const ids = pages.flatMap(({ body }) => body.data.map((one: ApiRecord) => one.patient_id));
	expect(pages.map(({ body }) => body.data.length)).toEqual([250, 250, 112]);
	expect(new Set(ids).size).toBe(612);
	expect(ids).toEqual([...ids].sort((a, b) => a - b));
});

test('a page beyond the last is empty', async () => {
	const { body } = await read('?page=63');
	expect(body.data).toEqual([]);
	expect(body.pagination.total_count).toBe(612);
});

test.each([
	['?page_size=4', '"page_size" must be greater than or equal to 5'],
	['?page_size=251', '"page_size" must be less than or equal to 250'],
	['?page=abc', '"page" must be a number'],
	['?page=1.5', '"page" must be an integer'],
	['?surname=Smith', '"surname" is not allowed'],
	['?email=', '"email" is not allowed to be empty'],
	['?dob=2001-02-30', 'dob must be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss'],
])('refuses %s', async (query, message) => {
	expect(await complaint(query)).toBe(message);
});

test('the ends of what a page size may be', async () => {
	expect((await read('?page_size=5')).body.data).toHaveLength(5);
	expect((await read('?page_size=250')).body.data).toHaveLength(250);
});

test('sorts by several fields, descending where asked, and echoes the sort', async () => {
	const { body } = await read('?page_size=250&sort=name_last,-create_date');
	expect(body.pagination.sort).toBe('name_last,-create_date');
	const all = await simulator.records(2, '/patients');
	const text = (record: ApiRecord, field: string) => String(record[field]);
	const expected = all.sort(
		(a, b) =>
			compare(text(a, 'name_last'), text(b, 'name_last')) ||
			compare(text(b, 'create_date'), text(a, 'create_date')) ||
			Number(a.patient_id) - Number(b.patient_id),
	);
	expect(body.data).toEqual(expected.slice(0, 250));
});

function compare(a: string, b: string): number {
	return a < b ? -1 : Number(a > b);
}

test('descending by id begins at the end', async () => {
	const all = await simulator.records(2, '/patients');
	const { body } = await read('?page_size=5&sort=-patient_id');
	expect(body.data).toEqual(all.slice(-5).reverse());
});

test('filters by e-mail without regard to case, by phone and by date of birth', async () => {
	const all = await simulator.records(2, '/patients');
	const one = all[300];
	const byEmail = await read(`?email=${String(one.email).toUpperCase()}`);
	expect(byEmail.body.data).toEqual([one]);
	const byPhone = await read(`?phone=${one.phone}&page_size=250`);
	expect(byPhone.body.data).toEqual(all.filter(({ phone }) => phone === one.phone));
	for (const dob of [one.dob, `${one.dob}T08:30:00`]) {
		const byDob = await read(`?dob=${dob}&page_size=250`);
		expect(byDob.body.data).toEqual(all.filter((other) => other.dob === one.dob));
	}
	const none = await read(`?email=${one.email}&phone=0000000000`);
	expect(none.body).toEqual({
		data: [],
		pagination: { page: 1, page_size: 10, total_pages: 0, total_count: 0 },
	});
});

test('filters of other resources', async () => {
	const all = await simulator.records(2, '/appointments');
	const day = String(all[0].start_date).slice(0, 10);
	const { body } = await read(`?page_size=250&store_id=2&date=${day}`, '/appointments');
	const expected = all.filter(
		(one) => one.store_id === 2 && String(one.start_date).startsWith(day),
	);
	expect(expected.length).toBeGreaterThan(0);
	expect(body.data).toEqual(expected);
});

test('each resource quotes its own sortable fields', async () => {
	expect(await complaint('?sort=?', '/stores')).toBe(
		'"sort" with value "?" fails to match the required pattern: /^(-?(store_id|store_name|create_date)(,-?(store_id|store_name|create_date))*$)/',
	);
	expect(await complaint('?sort=patient_id', '/pricebooks/frames')).toContain('(frame_id|');
});

test('a single record, bare when so set, and those that are not there', async () => {
	const [first] = await simulator.records(2, '/patients');
	const path = `/patients/${first.patient_id}`;
	expect((await read('', path)).body).toEqual({ data: first });
	await simulator.configure({ dialect: { oneRecord: 'bare' } });
	expect((await read('', path)).body).toEqual(first);
	await simulator.reset({ options: true });
	expect(await read('', '/patients/1')).toEqual({
		status: 404,
		body: {
			status: 'ERROR',
			message: 'patient_id 1 not found',
			error: { statusCode: 404, isOperational: true },
		},
	});
	expect((await read('', '/patients/abc')).status).toBe(400);
	expect((await read('', '/nothing')).status).toBe(404);
	expect((await read('', '/patients/1/2')).status).toBe(404);
});

test('the same seed makes the same practice, another one does not', async () => {
	const [same, other] = await Promise.all([
		startSimulator({ patients: 612 }),
		startSimulator({ patients: 612, seed: 3 }),
	]);
	const own = await simulator.records(2, '/patients');
	expect(await same.records(2, '/patients')).toEqual(own);
	expect(await other.records(2, '/patients')).not.toEqual(own);
	await Promise.all([same.stop(), other.stop()]);
});

test('patients are nobody: reserved domains, and the telephone exchange of fiction', async () => {
	const all = await simulator.records(2, '/patients');
	const emails = all.map(({ email }) => String(email));
	expect(emails.filter((email) => !/^[a-z.]+\d+@example\.(com|org|net)$/.test(email))).toEqual([]);
	expect(new Set(emails).size).toBe(612);
	expect(all.filter(({ phone }) => !/^\d{3}555\d{4}$/.test(String(phone)))).toEqual([]);
});
