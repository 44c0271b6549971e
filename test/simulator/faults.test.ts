// Each fault, as a client meets it on the wire, what it leaves in the data, and what the books say.
import { send, tokenFor } from './caller.ts';
import {
	startSimulator,
	type Fault,
	type FaultRule,
	type Outcome,
	type Simulator,
} from './start.ts';

let simulator: Simulator;
let token: string;

beforeAll(async () => {
	simulator = await startSimulator({ patients: 40, rateLimit: { requestsPerMinute: 10_000 } });
	token = await tokenFor(simulator, simulator.clients.practice);
});

afterAll(() => simulator.stop());
afterEach(() => simulator.reset({ data: true, options: true }));

const path = '/v2/2/patients';
const marge = { name_first: 'Marge', name_last: 'Example' };

function read(query = '') {
	return send(simulator, path + query, { token });
}

function create() {
	return send(simulator, path, { method: 'POST', body: marge, token });
}

async function outcomes() {
	return (await simulator.received()).map(({ outcome }) => outcome);
}

/** The first request's outcome comes when the server sees it, which no answer tells. */
async function untilFirst(outcome: Outcome): Promise<void> {
	const deadlineMs = Date.now() + 3_000;
	while ((await outcomes())[0] !== outcome && Date.now() < deadlineMs);
	expect(await outcomes()).toEqual([outcome]);
}

async function patientCount(): Promise<number> {
	return (await simulator.records(2, '/patients')).length;
}

/** The code of the network error that a request ended in. */
async function networkError(request: Promise<unknown>): Promise<string> {
	return await request.then(
		() => 'none',
		(reason: { cause?: { code?: string } }) => String(reason.cause?.code),
	);
}

test('a status, once, in the documented shape', async () => {
	await simulator.addFault({ fault: { kind: 'status', status: 500 } });
	const { status, body } = await read();
	expect([status, body.status, body.error.statusCode]).toEqual([500, 'ERROR', 500]);
	expect((await read()).status).toBe(200);
	expect(await outcomes()).toEqual([500, 200]);
});

test('a status with its own headers and body', async () => {
	const fault: Fault = {
		kind: 'status',
		status: 503,
		headers: { 'Retry-After': '7' },
		body: { message: 'Closed', details: ['until noon'] },
	};
	await simulator.addFault({ fault });
	const { status, headers, body } = await read();
	expect([status, headers.get('retry-after'), body]).toEqual([503, '7', fault.body]);
});

test.each<[FaultRule['when'], number]>([
	['before', 40],
	['after', 41],
])('a create that fails %s the work leaves %i patients', async (when, expected) => {
	await simulator.addFault({ when, match: { method: 'POST' }, fault: { kind: 'reset' } });
	expect(await networkError(create())).toBe('ECONNRESET');
	expect(await patientCount()).toBe(expected);
	const [entry] = await simulator.received({ method: 'POST' });
	expect(entry).toMatchObject({
		outcome: 'reset',
		body: marge,
		bodyKeys: ['name_first', 'name_last'],
	});
});

test('never answered, until let go', async () => {
	await simulator.addFault({ when: 'after', match: { method: 'POST' }, fault: { kind: 'hang' } });
	const hanging = networkError(create());
	await untilFirst('hang');
	const other = await read();
	expect(other.body.pagination.total_count).toBe(41);
	expect(await outcomes()).toEqual(['hang', 200]);
	expect((await simulator.received())[1].inFlight).toBe(2);
	await simulator.clearFaults();
	expect(await hanging).toBe('UND_ERR_SOCKET');
});

test('a client that gives up is written down as gone', async () => {
	await simulator.configure({ latencyMs: 60_000 });
	const signal = AbortSignal.timeout(50);
	const request = fetch(simulator.apiUrl + path, { signal });
	await expect(request).rejects.toThrow('aborted');
	await untilFirst('aborted');
});

test('a create whose caller gave up is done all the same', async () => {
	await simulator.configure({ latencyMs: 100 });
	const given = fetch(simulator.apiUrl + path, {
		method: 'POST',
		headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
		body: JSON.stringify(marge),
		signal: AbortSignal.timeout(50),
	});
	await expect(given).rejects.toThrow('aborted');
	const deadlineMs = Date.now() + 3_000;
	while ((await patientCount()) === 40 && Date.now() < deadlineMs);
	expect([await patientCount(), await outcomes()]).toEqual([41, ['aborted']]);
});

test('a body that ends in the middle', async () => {
	await simulator.addFault({ fault: { kind: 'truncate' } });
	const response = await fetch(simulator.apiUrl + path, {
		headers: { Authorization: `Bearer ${token}` },
	});
	expect(response.status).toBe(200);
	expect(Number(response.headers.get('content-length'))).toBeGreaterThan(1_000);
	await expect(response.text()).rejects.toThrow('terminated');
	expect(await outcomes()).toEqual(['truncated']);
});

test('a truncated answer to a create comes after the work', async () => {
	await simulator.addFault({ fault: { kind: 'truncate' } });
	expect(await networkError(create())).toBe('UND_ERR_SOCKET');
	expect(await patientCount()).toBe(41);
});

test.each([200, 502])('HTML with status %i', async (status) => {
	await simulator.addFault({ fault: { kind: 'html', status } });
	const response = await read();
	expect([response.status, response.headers.get('content-type')]).toEqual([
		status,
		'text/html; charset=utf-8',
	]);
	expect(response.text).toMatch(/^<!DOCTYPE html>/);
});

test('a redirect to another origin', async () => {
	const location = 'http://elsewhere.example/v2/2/patients';
	await simulator.addFault({ fault: { kind: 'redirect', location } });
	const { status, headers } = await read();
	expect([status, headers.get('location')]).toEqual([302, location]);
});

test('tokens that expire at the third request', async () => {
	await simulator.addFault({ match: { nth: 3 }, fault: { kind: 'expireTokens' } });
	const statuses = [];
	for (let count = 0; count < 4; count += 1) statuses.push((await read()).status);
	expect(statuses).toEqual([200, 200, 401, 401]);
	token = await tokenFor(simulator, simulator.clients.practice);
	expect((await read()).status).toBe(200);
});

test('a record deleted between two pages: one is missed', async () => {
	await simulator.addFault({
		match: { page: 2 },
		fault: { kind: 'deleteRecord', path: '/patients' },
	});
	const ids: number[] = [];
	for (const page of [1, 2, 3, 4]) {
		const { body } = await read(`?page=${page}`);
		for (const { patient_id } of body.data) ids.push(patient_id);
	}
	expect(new Set(ids).size).toBe(39);
	const left = (await simulator.records(2, '/patients')).map(({ patient_id }) => patient_id);
	expect(left).toHaveLength(39);
	expect(left.filter((id) => !ids.includes(Number(id)))).toHaveLength(1);
});

test('a record added between two pages: one comes twice', async () => {
	await simulator.addFault({
		match: { page: 2 },
		fault: { kind: 'addRecord', path: '/patients', record: { patient_id: 1, name_first: 'Ada' } },
	});
	const first = await read('?page=1');
	const second = await read('?page=2');
	expect(second.body.data[0]).toEqual(first.body.data[9]);
	expect(second.body.pagination.total_count).toBe(41);
	const [added] = await simulator.records(2, '/patients');
	expect(added).toMatchObject({ patient_id: 1, name_first: 'Ada' });
});

test('data that changes after the answer was made', async () => {
	await simulator.addFault({
		when: 'after',
		fault: { kind: 'deleteRecord', path: '/patients', position: 39 },
	});
	expect((await read()).body.pagination.total_count).toBe(40);
	expect((await read()).body.pagination.total_count).toBe(39);
});

test('a rule hits only the requests that it names', async () => {
	const fault: Fault = { kind: 'status', status: 418 };
	await simulator.addFault({
		match: { method: 'GET', path: '/patients$', page: 2, nth: 2, times: 2 },
		fault,
	});
	const statuses = [];
	for (const query of ['?page=2', '?page=1', '', '/1001', '?page=2', '?page=2', '?page=2']) {
		statuses.push((await read(query)).status);
	}
	expect(statuses).toEqual([200, 200, 200, 200, 418, 418, 200]);
});

test('a rule added later counts from then', async () => {
	await read();
	await simulator.addFault({ match: { nth: 2 }, fault: { kind: 'status', status: 500 } });
	const statuses = [(await read()).status, (await read()).status, (await read()).status];
	expect(statuses).toEqual([200, 500, 200]);
});

test('rules that make no sense are refused, with the reason', async () => {
	const misspelt = { fault: { kind: 'restart' } } as unknown as FaultRule;
	await expect(simulator.addFault(misspelt)).rejects.toThrow('must be one of [status, reset');
	const withoutStatus = { fault: { kind: 'status' } } as unknown as FaultRule;
	await expect(simulator.addFault(withoutStatus)).rejects.toThrow('status" is required');
	const badPath: FaultRule = { match: { path: '(' }, fault: { kind: 'reset' } };
	await expect(simulator.addFault(badPath)).rejects.toThrow('regular expression');
	expect((await read()).status).toBe(200);
});
