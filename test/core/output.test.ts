// How much of a record comes out: Simplify for users, and for AI agents Simplified, Raw or Selected
// Fields.
import { byId, simulatedPractice } from './simulatedPractice.ts';

import type { IDataObject, INodeType } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { resources } from '../../nodes/EyeCloudPro/resources';

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

/** The node as n8n lists it for AI agents. */
function asTool(): INodeType {
	const node = new EyeCloudPro();
	node.description = { ...node.description, name: `${node.description.name}Tool` };
	return node;
}

describe('as a tool', () => {
	const [id, first] = [1001, () => practice.simulator.records(2, '/patients')];
	async function getBy(operation: string, parameters: IDataObject) {
		const chosen = operation === 'get' ? { recordId: byId(id) } : { returnAll: false, limit: 1 };
		const nodeType = asTool();
		const { records, error } = await practice.run(
			'patient',
			operation,
			{ ...chosen, ...parameters },
			{ nodeType },
		);
		expect(error).toBeUndefined();
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
});
