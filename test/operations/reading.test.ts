// Get Many with a limit, Get, Count, sorting, and the records as they come out.
import { byId, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';

const PATIENTS = 620;
const practice = simulatedPractice({ patients: PATIENTS });

const run = async (operation: string, parameters: IDataObject = {}, resource = 'patient') =>
	await practice.run(resource, operation, { simplify: false, ...parameters });
const stored = async (path = '/patients') => await practice.simulator.records(2, path);
const queries = async () => (await practice.received()).map(({ query }) => query);

describe('Limit', () => {
	test.each<[limit: unknown, most: number, pageSize: number, pages: number]>([
		[3, 3, 5, 1],
		[250, 250, 250, 1],
		[300, 300, 250, 2],
		[100_000, PATIENTS, 250, 3],
		[undefined, 50, 50, 1],
		['={{ "7" }}', 7, 7, 1],
	])('%s: the first %i, in pages of %i, %i of them', async (limit, most, pageSize, pages) => {
		const { error, records } = await run('getAll', { returnAll: false, limit } as IDataObject);
		expect(error).toBeUndefined();
		expect(records).toEqual((await stored()).slice(0, most));
		const sizes = (await queries()).map(({ page_size }) => page_size);
		expect(sizes).toEqual(Array(pages).fill(String(pageSize)));
	});

	test.each([0, -1, 2.5, '={{ "many" }}'])('%s is refused by name', async (limit) => {
		const { error } = await run('getAll', { returnAll: false, limit });
		expect(error?.message).toContain('Limit');
		expect(await queries()).toEqual([]);
	});
});

test('Count: one request with the smallest page; of those that match, of none, of stores', async () => {
	expect((await run('count')).records).toEqual([{ count: PATIENTS }]);
	expect(await queries()).toEqual([{ page: '1', page_size: '5' }]);
	const [{ email }] = await stored();
	for (const [filters, count] of [
		[{ email }, 1],
		[{ email: 'nobody@example.com' }, 0],
	] as Array<[IDataObject, number]>) {
		expect((await run('count', { filters })).records).toEqual([{ count }]);
	}
	expect((await run('count', {}, 'store')).records).toEqual([{ count: 3 }]);
});

describe('Get', () => {
	test.each<[string, IDataObject]>([
		['By ID, a number', { mode: 'id', value: 1013 }],
		['By ID, with spaces', { mode: 'id', value: ' 1013 ' }],
		['by an expression', { mode: 'id', value: '={{ $json.id }}' }],
		['From List', { mode: 'list', value: 1013 }],
	])('%s', async (_name, recordId) => {
		const parameters = { recordId: { __rl: true, ...recordId }, simplify: false };
		const more = { items: [{ id: 1013 }] };
		const { records } = await practice.run('patient', 'get', parameters, more);
		expect(records).toEqual([(await stored())[4]]);
	});

	test.each(['data', 'bare'] as const)('a record whose body is %s', async (oneRecord) => {
		await practice.simulator.configure({ dialect: { oneRecord } });
		const { records } = await run('get', { recordId: byId(1001) });
		expect(records).toEqual([(await stored())[0]]);
	});

	test('an ID is encoded on its way', async () => {
		expect((await run('get', { recordId: byId('={{ "a b?c#d%20" }}') })).error).toBeDefined();
		const [{ path }] = await practice.received();
		expect(path).toBe('/v2/2/patients/a%20b%3Fc%23d%2520');
	});

	test.each<[asked: string, answered: unknown, isSame: boolean]>([
		['1001', 1002, false],
		['1001', '1001', true],
		['01001', 1001, true],
		['A-b', 'a-B ', true],
		['A-b', 'a-c', false],
		['9007199254740993', 9007199254740992, true],
		['1001', null, true],
		['5abc', 77, false],
		['current', 1002, false],
		['5.0', 77, false],
		['A-b', null, true],
		['8f14e45f-ceea-467f-a0e6-2b1c9d3e4f50', 1002, true],
		['8f14e45f-ceea-467f-a0e6-2b1c9d3e4f50', '8f14e45f-ceea-467f-a0e6-2b1c9d3e4f51', false],
	])('asked for %s and answered with %j: it is the same: %s', async (asked, answered, isSame) => {
		const body = { data: { patient_id: answered, name_last: 'Lee' } };
		await practice.simulator.addFault({ fault: { kind: 'status', status: 200, body } });
		const { error, records } = await run('get', { recordId: byId(asked) });
		expect([records.length, error?.message]).toEqual(
			isSame
				? [1, undefined]
				: [0, 'EyeCloud Pro answered with another record than the one asked for'],
		);
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
		expect(records).toHaveLength(PATIENTS);
		for (const [index, { name_last, dob }] of records.entries()) {
			const before = records[index - 1] ?? { name_last: '', dob };
			const [last, lastBefore] = [String(name_last), String(before.name_last)];
			expect(lastBefore < last || (lastBefore === last && String(before.dob) >= String(dob))).toBe(
				true,
			);
		}
	});

	const message =
		'"sort" with value "store_id" fails to match the required pattern: /^(-?(name)(,-?(name))*$)/';
	const body = { status: 'ERROR', message, error: { statusCode: 400, isOperational: true } };

	test.each<[string, Array<[string, string]>, boolean, Array<string | undefined>]>([
		['is by the ID where nothing else is asked for', [], false, ['-store_id']],
		['ends with the ID', [['store_name', 'desc']], false, ['-store_name,store_id']],
		['keeps an ID that is asked for', [['store_id', 'desc']], false, ['-store_id']],
		['is left to the API where it refuses the ID', [], true, ['-store_id', undefined]],
		[
			'is what was asked for alone where the API refuses the ID beside it',
			[['store_name', 'asc']],
			true,
			['store_name,store_id', 'store_name'],
		],
	])('%s', async (_, rules, isRefused, sorts) => {
		if (isRefused)
			await practice.simulator.addFault({ fault: { kind: 'status', status: 400, body } });
		const by = rules.map(([field, direction]) => ({ field, direction }));
		const { records } = await run('getAll', { returnAll: true, sort: { by } }, 'store');
		expect(records).toHaveLength(3);
		expect((await queries()).map(({ sort }) => sort)).toEqual(sorts);
	});
});

describe('Simplify', () => {
	test('off: records as the API has them', async () => {
		const { records } = await run('getAll', { returnAll: false, limit: 20 });
		expect(records).toEqual((await stored()).slice(0, 20));
		expect(Object.keys(records[0]).length).toBeGreaterThan(10);
	});

	test('on, and without being asked: ten plain fields, the useful ones first', async () => {
		const first = ['patient_id', 'name_first', 'name_last', 'dob', 'email'];
		const patients = await stored();
		for (const simplify of [{ simplify: true }, {}]) {
			const parameters = { returnAll: true, ...simplify };
			const { records } = await practice.run('patient', 'getAll', parameters);
			expect(records).toHaveLength(PATIENTS);
			for (const [index, record] of records.entries()) {
				const names = Object.keys(record);
				expect([names.length, names.slice(0, 5)]).toEqual([10, first]);
				expect(patients[index]).toMatchObject(record);
				for (const value of Object.values(record)) expect(Object(value)).not.toBe(value);
			}
		}
	});

	test('nested fields under the name of both, and of one record', async () => {
		const [store] = (await run('getAll', { simplify: true }, 'store')).records;
		const { address } = (await stored('/stores'))[0];
		expect(store.address_street).toBe((address as ApiRecord).street);
		const { records } = await run('get', { recordId: byId(1001), simplify: true });
		expect(Object.keys(records[0])).toHaveLength(10);
	});
});
