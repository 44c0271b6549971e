// An API that ignores a filter hands on everybody: a hint says so, with as few requests as can be.
import '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();

const custom = (name: string, value: string): IDataObject => ({
	custom: { parameter: [{ name, value }] },
});

async function list(filters: IDataObject, more: IDataObject = {}, operation = 'getAll') {
	const result = await practice.run('patient', operation, {
		...{ filters, returnAll: false, limit: 20, simplify: false, ...more },
	});
	return { ...result, gets: (await practice.received('GET')).length };
}

async function somebody() {
	const [patient] = await practice.simulator.records(2, '/patients');
	return patient;
}

describe('a filter that did something', () => {
	test.each(['getAll', 'count'])('%s: no word and no request', async (operation) => {
		const { email, phone, dob } = await somebody();
		for (const filters of [{ email }, { phone }, { dob }, { email: String(email).toUpperCase() }]) {
			await practice.simulator.reset();
			const { error, hints, gets } = await list(filters as IDataObject, {}, operation);
			expect(error).toBeUndefined();
			expect(hints).toEqual([]);
			expect(gets).toBe(1);
		}
	});

	test('that nobody matches', async () => {
		const { hints, gets } = await list({ email: 'nobody@example.com' });
		expect(hints).toEqual([]);
		expect(gets).toBe(1);
	});
});

describe('one that is ignored', () => {
	beforeEach(async () => {
		await practice.simulator.configure({ dialect: { unknownParameter: 'ignored' } });
	});

	test.each(['getAll', 'count'])('%s: seen in the records', async (operation) => {
		const { hints, gets } = await list(custom('name_last', 'Nobody'), {}, operation);
		expect(hints).toEqual([expect.stringContaining("seems to ignore the filter 'name_last'")]);
		expect(gets).toBe(1);
	});

	test.each<[string, IDataObject, string, number]>([
		['all', { returnAll: true }, 'getAll', 2],
		['some', {}, 'getAll', 2],
		['their count', {}, 'count', 2],
	])('not a field: by the count without it, of %s', async (_, more, operation, requests) => {
		const { hints, gets } = await list(custom('surname', 'Nobody'), more, operation);
		expect(hints).toEqual([expect.stringContaining("seems to ignore the filter 'surname'")]);
		expect(gets).toBe(requests);
	});

	test('many items: asked for once, told once', async () => {
		const items = Array.from({ length: 5 }, (_, n) => ({ n }));
		const { hints } = await practice.run(
			'patient',
			'count',
			{ filters: custom('surname', '={{ "N" + $json.n }}') },
			{ items },
		);
		expect(hints).toHaveLength(1);
		expect(await practice.received('GET')).toHaveLength(6);
	});
});
