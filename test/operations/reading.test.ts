// Get Many with a limit, Get, Count, sorting, and the records as they come out.
import { fakeClock } from '../harness/fastTime.ts';

import { startSimulator, type ApiRecord, type Fault, type Simulator } from '../simulator/start.ts';
import { runNode, type NodeRun } from '../harness/runNode.ts';
import { StoredCredential } from '../harness/storedCredential.ts';

const PATIENTS = 620;

let simulator: Simulator;
let patients: ApiRecord[];
let credential: StoredCredential;

beforeAll(async () => {
	simulator = await startSimulator({
		patients: PATIENTS,
		rateLimit: { requestsPerMinute: 10_000 },
	});
	patients = await simulator.records(2, '/patients');
});
afterAll(async () => await simulator?.stop());
beforeEach(async () => {
	fakeClock.reset();
	await simulator.reset({ data: true, options: true });
	credential = StoredCredential.for(simulator, await simulator.createClient());
});

async function run(operation: string, parameters: NodeRun['parameters'] = {}) {
	return await runNode({
		credential,
		parameters: { resource: 'patient', operation, simplify: false, ...parameters },
	});
}

async function queries() {
	return (await simulator.received()).map(({ query }) => query);
}

describe('Limit', () => {
	test.each([
		[3, 5, 1],
		[5, 5, 1],
		[50, 50, 1],
		[250, 250, 1],
		[300, 250, 2],
		[620, 250, 3],
		[100_000, 250, 3],
	])('%i: pages of %i, %i of them', async (limit, pageSize, pages) => {
		const result = await run('getAll', { returnAll: false, limit });
		expect(result.error).toBeUndefined();
		expect(result.records).toEqual(patients.slice(0, limit));
		expect((await queries()).map(({ page_size }) => page_size)).toEqual(
			Array.from({ length: pages }, () => String(pageSize)),
		);
	});

	test('50 where nothing is said', async () => {
		expect((await run('getAll', { returnAll: false })).records).toHaveLength(50);
	});

	test('a number as text, as expressions have it', async () => {
		const result = await run('getAll', { returnAll: false, limit: '={{ "7" }}' });
		expect(result.records).toEqual(patients.slice(0, 7));
	});

	test.each([0, -1, 2.5, '={{ "many" }}'])('%s is refused by name', async (limit) => {
		const result = await run('getAll', { returnAll: false, limit });
		expect(result.error?.message).toContain('Limit');
		expect(await queries()).toEqual([]);
	});
});

describe('Count', () => {
	test('one request with the smallest page', async () => {
		expect((await run('count')).records).toEqual([{ count: PATIENTS }]);
		expect(await queries()).toEqual([{ page: '1', page_size: '5' }]);
	});

	test('of those that match, of none, of stores', async () => {
		const filters = { email: patients[7].email };
		expect((await run('count', { filters })).records).toEqual([{ count: 1 }]);
		const nobody = { email: 'nobody@example.com' };
		expect((await run('count', { filters: nobody })).records).toEqual([{ count: 0 }]);
		expect((await run('count', { resource: 'store' })).records).toEqual([{ count: 3 }]);
	});
});

describe('Get', () => {
	test.each([
		['By ID', () => ({ __rl: true, mode: 'id', value: String(patients[4].patient_id) })],
		['By ID, a number', () => ({ __rl: true, mode: 'id', value: patients[4].patient_id })],
		[
			'By ID, with spaces',
			() => ({ __rl: true, mode: 'id', value: ` ${patients[4].patient_id} ` }),
		],
		['by an expression', () => ({ __rl: true, mode: 'id', value: '={{ $json.id }}' })],
		['From List', () => ({ __rl: true, mode: 'list', value: patients[4].patient_id })],
	])('%s', async (_name, recordId) => {
		const parameters = { resource: 'patient', operation: 'get', recordId: recordId() };
		const items = [{ id: patients[4].patient_id as number }];
		const result = await runNode({
			credential,
			items,
			parameters: parameters as NodeRun['parameters'],
		});
		expect(result.error).toBeUndefined();
		expect(result.records).toHaveLength(1);
		expect(result.records[0]).toMatchObject({ patient_id: patients[4].patient_id });
	});

	test.each(['data', 'bare'] as const)('a record whose body is %s', async (recordBody) => {
		await simulator.configure({ dialect: { oneRecord: recordBody } });
		const recordId = { __rl: true, mode: 'id', value: '1001' };
		expect((await run('get', { recordId })).records).toEqual([patients[0]]);
	});

	test('an ID is encoded on its way', async () => {
		const recordId = { __rl: true, mode: 'id', value: '={{ "a b?c#d%20" }}' };
		expect((await run('get', { recordId })).error).toBeDefined();
		const [{ path }] = await simulator.received();
		expect(path).toBe('/v2/2/patients/a%20b%3Fc%23d%2520');
	});
});

describe('Sort', () => {
	test('by several fields, each in its direction', async () => {
		const by = [
			{ field: 'name_last', direction: 'asc' },
			{ field: 'dob', direction: 'desc' },
		];
		const { records } = await run('getAll', { returnAll: true, sort: { by } });
		expect((await queries())[0].sort).toBe('name_last,-dob,patient_id');
		const key = (record: ApiRecord) => [record.name_last, record.dob].map(String);
		for (let index = 1; index < records.length; index++) {
			const [previousLast, previousDay] = key(records[index - 1]);
			const [last, day] = key(records[index]);
			expect(previousLast < last || (previousLast === last && previousDay >= day)).toBe(true);
		}
		expect(records).toHaveLength(PATIENTS);
	});

	const refused: Fault = {
		kind: 'status',
		status: 400,
		body: {
			status: 'ERROR',
			message:
				'"sort" with value "store_id" fails to match the required pattern: /^(-?(name)(,-?(name))*$)/',
			error: { statusCode: 400, isOperational: true },
		},
	};

	async function sortsOf(by: Array<{ field: string; direction: string }> = []) {
		const result = await run('getAll', { resource: 'store', returnAll: true, sort: { by } });
		expect(result.error).toBeUndefined();
		expect(result.records).toHaveLength(3);
		return (await queries()).map(({ sort }) => sort);
	}

	test('is by the ID where nothing else is asked for', async () => {
		expect(await sortsOf()).toEqual(['-store_id']);
	});

	test('ends with the ID where something else is', async () => {
		const by = [{ field: 'store_name', direction: 'desc' }];
		expect(await sortsOf(by)).toEqual(['-store_name,store_id']);
	});

	test('keeps an ID that is asked for', async () => {
		expect(await sortsOf([{ field: 'store_id', direction: 'desc' }])).toEqual(['-store_id']);
	});

	test('is left to the API where it refuses the ID', async () => {
		await simulator.addFault({ fault: refused });
		expect(await sortsOf()).toEqual(['-store_id', undefined]);
	});

	test('is what was asked for alone where the API refuses the ID beside it', async () => {
		await simulator.addFault({ fault: refused });
		const by = [{ field: 'store_name', direction: 'asc' }];
		expect(await sortsOf(by)).toEqual(['store_name,store_id', 'store_name']);
	});
});

describe('Simplify', () => {
	test('off: records as the API has them', async () => {
		const { records } = await run('getAll', { returnAll: false, limit: 20 });
		expect(records).toEqual(patients.slice(0, 20));
		expect(Object.keys(records[0]).length).toBeGreaterThan(10);
	});

	test('on, and without being asked: ten plain fields, the useful ones first', async () => {
		for (const simplify of [{ simplify: true }, {}]) {
			const { records } = await runNode({
				credential,
				parameters: {
					...{ resource: 'patient', operation: 'getAll', returnAll: true },
					...simplify,
				},
			});
			expect(records).toHaveLength(PATIENTS);
			for (const [index, record] of records.entries()) {
				const names = Object.keys(record);
				expect(names).toHaveLength(10);
				expect(names.slice(0, 5)).toEqual([
					'patient_id',
					'name_first',
					'name_last',
					'dob',
					'email',
				]);
				for (const [name, value] of Object.entries(record)) {
					expect(value === null || typeof value !== 'object').toBe(true);
					expect(value).toBe(patients[index][name]);
				}
			}
		}
	});

	test('nested fields under the name of both', async () => {
		const { records } = await run('getAll', { resource: 'store', simplify: true });
		const [store] = await simulator.records(2, '/stores');
		expect(Object.keys(records[0]).length).toBeLessThanOrEqual(10);
		expect(records[0].address_street).toBe((store.address as ApiRecord).street);
	});

	test('of one record', async () => {
		const recordId = { __rl: true, mode: 'id', value: '1001' };
		const { records } = await run('get', { recordId, simplify: true });
		expect(Object.keys(records[0])).toHaveLength(10);
	});
});
