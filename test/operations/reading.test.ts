// Get Many with a limit, Get, Count and sorting. That lists are whole is in api/, what is shown of a record in parameters/.
import { byId, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const PATIENTS = 620;
const practice = simulatedPractice({ patients: PATIENTS });

const run = async (operation: string, parameters: IDataObject = {}, resource = 'patient') =>
	await practice.run(resource, operation, { simplify: false, ...parameters });
const stored = async (path = '/patients') => await practice.simulator.records(2, path);
const queries = async () => (await practice.received()).map(({ query }) => query);

describe('Limit', () => {
	test.each<[limit: unknown, most: number, pageSize: number, pages: number]>([
		[3, 3, 5, 1],
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

	test('of each item, each record paired with the item that asked', async () => {
		const items = [{ limit: 2 }, { limit: 1 }, { limit: 3 }];
		const parameters = { limit: '={{ $json.limit }}' };
		const { items: output } = await practice.run('patient', 'getAll', parameters, { items });
		const pairs = [0, 0, 1, 2, 2, 2].map((item) => ({ item }));
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual(pairs);
	});
});

describe('Get', () => {
	test.each<[string, IDataObject]>([
		['By ID, with spaces', { mode: 'id', value: ' 1013 ' }],
		['by an expression', { mode: 'id', value: '={{ $json.id }}' }],
		['From List', { mode: 'list', value: 1013 }],
	])('%s', async (_name, recordId) => {
		const parameters = { recordId: { __rl: true, ...recordId }, simplify: false };
		const more = { items: [{ id: 1013 }] };
		const { records } = await practice.run('patient', 'get', parameters, more);
		expect(records).toEqual([(await stored())[4]]);
	});

	test.each<[asked: string, answered: unknown, isSame: boolean]>([
		['1001', 1002, false],
		['1001', '1001', true],
		['01001', 1001, true],
		['A-b', 'a-c', false],
		['9007199254740993', 9007199254740992, true],
		['1001', null, true],
		['5abc', 77, false],
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
	});

	const message =
		'"sort" with value "store_id" fails to match the required pattern: /^(-?(name)(,-?(name))*$)/';
	const body = { status: 'ERROR', message, error: { statusCode: 400, isOperational: true } };

	test.each<[string, Array<[string, string]>, boolean, Array<string | undefined>]>([
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

	test('an unknown field: those that there are, are named', async () => {
		const sort = { by: [{ field: 'shoe_size', direction: 'asc' }] };
		const { error } = await run('getAll', { returnAll: true, sort }, 'store');
		expect(error).toMatchObject({
			message:
				"EyeCloud Pro did not accept the input: 'Sort' names a field that can't be sorted by",
			description: 'Fields you can sort by: store_id, store_name, create_date.',
		});
	});
});
