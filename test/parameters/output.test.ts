// How much of a record comes out: Simplify for users, and for AI agents Simplified, Raw or Selected
// Fields.
import { fakeClock } from '../harness/fastTime.ts';
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { resources } from '../../nodes/EyeCloudPro/catalogue';
import { answerOf, asTool } from '../harness/asTool.ts';

const practice = simulatedPractice();

const paths = resources.map(({ value, path }) => ({ resource: value, path: `/${path.join('/')}` }));

test('there is something to simplify', () => {
	expect(paths.length).toBeGreaterThanOrEqual(15);
});

test.each(paths)(
	'$resource: at most ten plain fields, the ID first',
	async ({ resource, path }) => {
		const stored = await practice.simulator.records(2, path);
		const [idField] = Object.keys(stored[0]);
		const { records } = await practice.run(resource, 'getAll', { returnAll: true });
		expect(records.map((record) => record[idField])).toEqual(
			stored.map((record) => record[idField]),
		);
		for (const [index, record] of records.entries()) {
			const names = Object.keys(record);
			expect(names[0]).toBe(idField);
			expect(names.length).toBeGreaterThanOrEqual(Math.min(5, Object.keys(stored[index]).length));
			expect(names.length).toBeLessThanOrEqual(10);
			for (const value of Object.values(record)) expect(value === Object(value)).toBe(false);
		}
	},
);

test.each([
	['order', ['order_id', 'order_date', 'patient_id', 'store_id']],
	['appointment', ['appt_id', 'start_date', 'patient_id', 'store_id', 'employee_id']],
])('%s simplified: what people look for stands before other IDs', async (resource, first) => {
	const { records } = await practice.run(resource, 'getAll', { returnAll: true });
	expect(Object.keys(records[0]).slice(0, first.length)).toEqual(first);
});

test('what was created comes out whole, its useful fields first', async () => {
	const columns = mapped({ name_first: 'Ann', name_last: 'Lee', email: 'ann@example.com' });
	for (const operation of ['create', 'createMany', 'findOrCreate']) {
		await practice.simulator.reset({ data: true });
		const { records } = await practice.run('patient', operation, { columns, matchOn: ['email'] });
		const names = Object.keys(records[0]);
		expect(names.slice(0, 4)).toEqual(['patient_id', 'name_first', 'name_last', 'dob']);
		expect(names).toEqual(expect.arrayContaining(['insurances', 'address', 'gender']));
	}
});

describe('as a tool', () => {
	const [id, first] = [1001, () => practice.simulator.records(2, '/patients')];
	let executions = 0;
	const run = async (operation: string, parameters: IDataObject) => {
		const chosen = operation === 'get' ? { recordId: byId(id) } : { returnAll: false, limit: 1 };
		// The same creation is one within a minute and an execution.
		await fakeClock.sleep(60_001);
		const more = { nodeType: asTool(), executionId: `output ${(executions += 1)}` };
		return answerOf(await practice.run('patient', operation, { ...chosen, ...parameters }, more));
	};
	async function getBy(operation: string, parameters: IDataObject) {
		const { records, failure } = await run(operation, parameters);
		expect(failure).toBeUndefined();
		return records;
	}

	test.each(['get', 'getAll'])('%s: simplified, and without being asked', async (operation) => {
		for (const parameters of [{ output: 'simplified' }, {}, { simplify: false }]) {
			const [record] = await getBy(operation, parameters);
			expect(Object.keys(record)).toHaveLength(10);
			expect(record).not.toHaveProperty('insurances');
		}
	});

	test.each(['get', 'getAll'])('%s: raw, whatever Simplify says', async (operation) => {
		const [patient] = await first();
		expect(await getBy(operation, { output: 'raw', simplify: true })).toEqual([patient]);
	});

	test.each(['get', 'getAll'])('%s: selected fields and nothing else', async (operation) => {
		const [patient] = await first();
		const fields = 'name_last, patient_id,insurances,address_city, shoe_size';
		const { name_last, insurances, address } = patient;
		const [record] = await getBy(operation, { output: 'selected', fields });
		expect(record).toEqual({
			...{ name_last, patient_id: id, insurances },
			address_city: (address as IDataObject).city,
		});
		expect(Object.keys(record)[0]).toBe('name_last');
	});

	test.each([
		['a list, as the form has it', ['name_last', 'address_city']],
		['a text, as older workflows have it', 'name_last, address_city'],
		['an expression', "={{ ['name_last', 'address_city'] }}"],
	])('fields as %s, and the ID with them', async (_, fields) => {
		const [patient] = await first();
		const [record] = await getBy('getAll', { output: 'selected', fields });
		const { name_last, address } = patient;
		const { city } = address as IDataObject;
		expect(record).toEqual({ patient_id: id, name_last, address_city: city });
	});

	test.each(['get', 'getAll'])('%s: what it does not know is not raw', async (operation) => {
		for (const output of ['Raw', 'everything', '', '={{ null }}']) {
			const { failure } = await run(operation, { output, fields: 'email' });
			expect(failure).toBe(
				"'Output' has a value that it does not know. It must be one of simplified, raw, selected.",
			);
		}
	});

	test.each(["={{ $fromAI('fields') && '' }}", 'first_name, surname'])(
		'fields that there are not: %s',
		async (fields) => {
			const { failure } = await run('getAll', { output: 'selected', fields });
			expect(failure).toMatch(
				/'Field Names or IDs' names no field.*there are: patient_id, name_first/,
			);
		},
	);

	test('an empty list is a sentence, and only for a tool', async () => {
		const filters = { email: 'nobody@example.com' };
		expect(await getBy('getAll', { filters })).toEqual([
			{ found: 0, message: expect.stringMatching(/^No patients were found\./) },
		]);
		expect((await practice.run('patient', 'getAll', { filters })).records).toEqual([]);
	});

	test('a conversation is not sent as a record', async () => {
		const items = [{ chatInput: 'Please add me', sessionId: '1' }];
		const more = { items, nodeType: asTool() };
		const result = await practice.run('patient', 'create', { columns: automatic }, more);
		expect(answerOf(result).failure).toMatch(
			/^'Values to Send' can't be mapped automatically for an AI tool\. Map/,
		);
		expect(await practice.received('POST')).toEqual([]);
	});

	describe('what was written', () => {
		const columns = mapped({ name_first: 'Dana', name_last: 'Whitfield', email: 'd@example.com' });

		test('comes out simplified, selected or raw', async () => {
			const [simplified] = await getBy('create', { columns });
			expect(Object.keys(simplified)[0]).toBe('patient_id');
			expect(simplified).not.toHaveProperty('insurances');
			const fields = 'name_last';
			const [selected] = await getBy('create', { columns, output: 'selected', fields });
			const { patient_id } = selected;
			expect(selected).toEqual({ patient_id, name_last: 'Whitfield' });
			expect((await getBy('create', { columns, output: 'raw' }))[0]).toHaveProperty('insurances');
		});

		test('is known by its id where no selected field is there', async () => {
			const output = { output: 'selected', fields: 'surname' };
			const [record] = await getBy('create', { columns, ...output });
			expect(Object.keys(record)).toEqual(['patient_id']);
		});

		test('is shown by Find or Create as little, with what it did', async () => {
			const [patient] = await first();
			const found = mapped({ email: patient.email as string, name_last: 'Whitfield' });
			const output = { output: 'selected', fields: 'patient_id', matchOn: ['email'] };
			expect(await getBy('findOrCreate', { columns: found, ...output })).toEqual([
				{ patient_id: patient.patient_id, _created: false },
			]);
			const [created] = await getBy('findOrCreate', { columns, matchOn: ['email'] });
			expect(created).toMatchObject({ name_last: 'Whitfield', _created: true });
			expect(created).not.toHaveProperty('insurances');
			const dryRun = { options: { dryRun: true }, columns: mapped({ email: 'new@example.com' }) };
			expect(await getBy('findOrCreate', { ...output, ...dryRun })).toEqual([
				{ dryRun: true, method: 'POST', path: '/v2/2/patients', body: {} },
			]);
		});

		test('is shown by Update as little', async () => {
			const [{ frame_id }] = await practice.simulator.records(2, '/pricebooks/frames');
			const { records } = await practice.run(
				'frame',
				'update',
				{
					...{ recordId: byId(frame_id), columns: mapped({ color: 'Gold' }) },
					...{ output: 'selected', fields: 'frame_id' },
				},
				{ nodeType: asTool() },
			);
			expect(records.slice(1)).toEqual([{ frame_id }]);
		});

		test.each(['create', 'findOrCreate'])('%s: nothing is sent for a bad output', async (each) => {
			const { failure } = await run(each, { columns, matchOn: ['email'], output: 'all' });
			expect(failure).toMatch(/It must be one of simplified/);
			expect(await practice.received()).toEqual([]);
		});
	});
});
