// How much of a record comes out: Simplify for users, and for AI agents Simplified, Raw or Selected Fields. What else a
// model reads: test/operations/agentsHands.test.ts.
import { fakeClock } from '../harness/fastTime.ts';
import { byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { catalogue } from '../harness/catalogue.ts';
import { answerOf, asTool } from '../harness/asTool.ts';

const practice = simulatedPractice();

test.each(catalogue)('$resource: ten plain fields, the ID first', async (row) => {
	const { resource, path, idField } = row;
	const stored = await practice.simulator.records(2, path);
	const { records } = await practice.run(resource, 'getAll', { returnAll: true });
	expect(records.map((record) => record[idField])).toEqual(stored.map((each) => each[idField]));
	for (const [index, record] of records.entries()) {
		const names = Object.keys(record);
		expect(names[0]).toBe(idField);
		expect(names.length).toBeGreaterThanOrEqual(Math.min(5, Object.keys(stored[index]).length));
		expect(names.length).toBeLessThanOrEqual(10);
		for (const value of Object.values(record)) expect(value).not.toBe(Object(value));
	}
});

const columns = mapped({ name_first: 'Dana', name_last: 'Whitfield', email: 'd@example.com' });

test('what was created comes out whole, its useful fields first', async () => {
	for (const operation of ['create', 'createMany', 'findOrCreate']) {
		await practice.simulator.reset({ data: true });
		const { records } = await practice.run('patient', operation, { columns, matchOn: ['email'] });
		const names = Object.keys(records[0]);
		expect(names.slice(0, 4)).toEqual(['patient_id', 'name_first', 'name_last', 'dob']);
		expect(names).toEqual(expect.arrayContaining(['insurances', 'address', 'gender']));
	}
});

describe('as a tool', () => {
	let executions = 0;
	const run = async (tool: string, parameters: IDataObject) => {
		const [resource, operation] = tool.split(' ');
		const chosen = { recordId: byId(1001), returnAll: false, limit: 1, matchOn: ['email'] };
		// The same creation is one within a minute and an execution.
		await fakeClock.sleep(60_001);
		const more = { nodeType: asTool(), executionId: `output ${(executions += 1)}` };
		return answerOf(await practice.run(resource, operation, { ...chosen, ...parameters }, more));
	};
	const firstOf = async (...asked: Parameters<typeof run>) => (await run(...asked)).records[0];
	const selected = (fields: unknown) => ({ output: 'selected', fields }) as IDataObject;

	test.each(['patient get', 'patient getAll'])('%s: simplified, raw, or selected', async (tool) => {
		const [patient] = await practice.simulator.records(2, '/patients');
		for (const parameters of [{ output: 'simplified' }, {}, { simplify: false }]) {
			const record = await firstOf(tool, parameters);
			expect([Object.keys(record).length, 'insurances' in record]).toEqual([10, false]);
		}
		expect(await firstOf(tool, { output: 'raw', simplify: true })).toEqual(patient);
		const { patient_id, name_last, insurances, address } = patient;
		const own = { patient_id, name_last, insurances };
		const address_city = (address as IDataObject).city;
		const fields = 'name_last, insurances,address_city, shoe_size';
		expect(await firstOf(tool, selected(fields))).toEqual({ ...own, address_city });
		for (const list of [['name_last'], "={{ ['name_last'] }}"]) {
			expect(await firstOf(tool, selected(list))).toEqual({ patient_id, name_last });
		}
	});

	test.each(['patient get', 'patient getAll', 'patient create', 'patient findOrCreate'])(
		'%s: an output that it does not know is not raw',
		async (tool) => {
			for (const output of ['Raw', 'everything', '', '={{ null }}']) {
				const { failure } = await run(tool, { columns, output, fields: 'email' });
				expect(failure).toBe(
					"'Output' has a value that it does not know. It must be one of simplified, raw, selected.",
				);
			}
			expect(await practice.received('POST')).toEqual([]);
		},
	);

	test.each(["={{ $fromAI('fields') && '' }}", 'first_name, surname'])(
		'fields that there are not: %s',
		async (fields) => {
			const { failure } = await run('patient getAll', selected(fields));
			expect(failure).toMatch(/'Field Names or IDs' names no field.*: patient_id, name_first/);
			const created = await firstOf('patient create', { columns, ...selected(fields) });
			expect(Object.keys(created)).toEqual(['patient_id']);
		},
	);

	test('an empty list is a sentence, and only for a tool', async () => {
		const filters = { email: 'nobody@example.com' };
		expect(await firstOf('patient getAll', { filters })).toEqual({
			...{ found: 0, message: expect.stringMatching(/^No patients were found\./) },
		});
		expect((await practice.run('patient', 'getAll', { filters })).records).toEqual([]);
	});

	test('what was written comes out as little, with what was done', async () => {
		const simplified = await firstOf('patient create', { columns });
		expect([Object.keys(simplified)[0], 'insurances' in simplified]).toEqual(['patient_id', false]);
		const raw = await firstOf('patient create', { columns, output: 'raw' });
		expect(raw).toHaveProperty('insurances');
		const [{ patient_id, email }] = await practice.simulator.records(2, '/patients');
		const found = {
			columns: mapped({ email: String(email), name_last: 'Whitfield' }),
			...selected('patient_id'),
		};
		expect(await firstOf('patient findOrCreate', found)).toEqual({ patient_id, _created: false });
		const created = { columns: mapped({ email: 'new@example.com', name_last: 'New' }) };
		const dryRun = { ...created, options: { dryRun: true }, ...selected('patient_id') };
		expect(await firstOf('patient findOrCreate', dryRun)).toEqual({
			...{ dryRun: true, method: 'POST', path: '/v2/2/patients', body: {} },
		});
		const [{ frame_id }] = await practice.simulator.records(2, '/pricebooks/frames');
		const changed = { recordId: byId(frame_id), columns: mapped({ color: 'Gold' }) };
		expect(await firstOf('frame update', { ...changed, ...selected('frame_id') })).toEqual({
			frame_id,
		});
	});
});
