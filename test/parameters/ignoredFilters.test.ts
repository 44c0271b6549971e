// An API that ignores a filter hands on everybody: a hint says so, with as few requests as can be. What a model is told:
// test/operations/agentsHands.test.ts.
import '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();

const custom = (name: string, value: string) => ({ custom: { parameter: [{ name, value }] } });
const email = (value: string) => ({ email: value });

type Filters = (somebody: IDataObject) => IDataObject;

test.each<[string, number, string[], Filters]>([
	['that finds somebody', 1, [], ({ email, phone, dob }) => ({ email, phone, dob })],
	['in another case', 1, [], (somebody) => email(String(somebody.email).toUpperCase())],
	['that nobody matches', 1, [], () => email('nobody@example.com')],
	['that is ignored', 1, ['name_last'], () => custom('name_last', 'Nobody')],
	['that is no field: by the count without it', 2, ['surname'], () => custom('surname', 'Nobody')],
])('a filter %s: %i requests, and hints of %j', async (_, requests, ignored, filtersFor) => {
	const [somebody] = await practice.simulator.records(2, '/patients');
	const unknownParameter = ignored.length > 0 ? 'ignored' : 'refused';
	await practice.simulator.configure({ dialect: { unknownParameter } });
	for (const operation of ['getAll', 'count']) {
		await practice.simulator.reset();
		const filters = filtersFor(somebody as IDataObject);
		const parameters = { filters, returnAll: false, limit: 20 };
		const { error, hints } = await practice.run('patient', operation, parameters);
		expect([error, hints]).toEqual([
			undefined,
			ignored.map((name) => expect.stringContaining(`seems to ignore the filter '${name}'`)),
		]);
		expect(await practice.received('GET')).toHaveLength(requests);
	}
});

test('many items: asked for once, told once', async () => {
	await practice.simulator.configure({ dialect: { unknownParameter: 'ignored' } });
	const items = Array.from({ length: 5 }, (_, n) => ({ n }));
	const filters = custom('surname', '={{ "N" + $json.n }}');
	const { hints } = await practice.run('patient', 'count', { filters }, { items });
	expect(hints).toHaveLength(1);
	expect(await practice.received('GET')).toHaveLength(6);
});
