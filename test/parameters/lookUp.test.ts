// Look Up in Get Many and Count: by names, days and numbers, against the simulator's lists; few requests, the same
// records as when all are read.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';
import { asTool } from '../harness/asTool.ts';
import type { NodeRun } from '../harness/runNode.ts';

const practice = simulatedPractice({ patients: 10_000 });

type By = { field: string; condition: string; value: unknown; to?: unknown };

async function lookUp(
	resource: string,
	by: By[],
	more: IDataObject = {},
	run: Omit<NodeRun, 'parameters'> = {},
) {
	await practice.simulator.reset();
	const lookup = { by } as unknown as IDataObject;
	const parameters = { returnAll: true, simplify: false, lookup, ...more };
	const result = await practice.run(resource, 'getAll', parameters, run);
	const told = result.error?.message ?? result.records.map(({ error }) => error).join();
	return { ...result, told, pages: (await practice.received('GET')).length };
}

const last = (value: unknown, condition = 'is'): By => ({ field: 'name_last', condition, value });
const stored = async (path = '/patients') => await practice.simulator.records(2, path);
const sortBy = (field: string, direction: string) => ({ sort: { by: [{ field, direction }] } });
const inSmallPractice = { options: { practiceId: '123' } };

const day = ({ start_date }: ApiRecord) => String(start_date).slice(0, 10);
const startDate = (value: string, to?: string): By => ({
	...{ field: 'start_date', condition: to ? 'between' : 'is', value, to },
});

/** What is looked up by a record of the list, whom that means, and the filters beside it. */
type Search = [by: By[], isWanted: (record: ApiRecord) => boolean, filters?: IDataObject];

const searches: Array<[what: string, list: string, (one: ApiRecord) => Search]> = [
	[
		'a last name, in another case and with blanks',
		'patient /patients',
		({ name_last: own }) => [
			[last(` ${String(own).toUpperCase()} `)],
			({ name_last }) => name_last === own,
		],
	],
	[
		'the beginning of a last name',
		'patient /patients',
		({ name_last: own }) => [
			[last(String(own).slice(0, 3).toLowerCase(), 'beginsWith')],
			({ name_last }) => String(name_last).startsWith(String(own).slice(0, 3)),
		],
	],
	[
		'two names, and a filter',
		'patient /patients',
		(one) => [
			[last(one.name_last), { field: 'name_first', condition: 'is', value: one.name_first }],
			({ email }) => email === one.email,
			{ email: String(one.email) },
		],
	],
	[
		'a day',
		'appointment /appointments',
		(one) => [[startDate(day(one))], (record) => day(record) === day(one)],
	],
	[
		'the days of a month',
		'appointment /appointments',
		(one) => [
			[startDate(day(one).replace(/..$/, '01'), day(one).replace(/..$/, '28'))],
			(record) => day(record).slice(0, 7) === day(one).slice(0, 7) && !/29|3.$/.test(day(record)),
		],
	],
	[
		'prices, both ends included',
		'frame /pricebooks/frames',
		({ price: most }) => [
			[{ field: 'price', condition: 'between', value: '50', to: most }],
			({ price }) => Number(price) >= 50 && Number(price) <= Number(most),
		],
	],
];

test.each(searches)('%s: as when all is read', async (_, list, searchBy) => {
	const [resource, path] = list.split(' ');
	const all = await stored(path);
	for (const nth of [0, Math.floor(all.length / 2), all.length - 3]) {
		const [by, isWanted, filters = {}] = searchBy(all[nth]);
		const { records, hints, pages } = await lookUp(resource, by, { filters });
		const inOrder = (found: readonly unknown[]) => found.map((one) => JSON.stringify(one)).sort();
		expect(inOrder(records)).toEqual(inOrder(all.filter(isWanted)));
		const most = resource === 'patient' ? 12 : 40;
		expect([records.length > 0, hints, pages <= most]).toEqual([true, [], true]);
		const lookup = { by } as unknown as IDataObject;
		const counted = await practice.run(resource, 'count', { lookup, filters });
		expect(counted.records).toEqual([{ count: records.length }]);
	}
});

test('a name that has an accent, blanks or another case', async () => {
	const names = ['Ñandú', 'ñandu', ' NANDU', 'Nandu ', 'Nandú'];
	// One that only begins like it is another.
	for (const name_last of [...names, 'Nandusson']) {
		await practice.simulator.addRecord(2, '/patients', { name_last });
	}
	const { records } = await lookUp('patient', [last('nandu')]);
	expect(records.map(({ name_last }) => name_last).sort()).toEqual(names.sort());
	for (const email of ['Ñandu@example.com', 'NANDU@example.com']) {
		await practice.simulator.addRecord(2, '/patients', { email });
	}
	const byEmail = { field: 'email', condition: 'is', value: 'nandu@example.com' };
	const { records: found } = await lookUp('patient', [byEmail]);
	expect(found.map(({ email }) => email)).toEqual(['NANDU@example.com']);
});

test('a limit needs not all of them, another sort does, and a model is told how many there are', async () => {
	const by = [last('S', 'beginsWith')];
	const all = await lookUp('patient', by);
	expect(all.records.length).toBeGreaterThan(500);
	const five = { returnAll: false, limit: 5 };
	for (const sort of [{}, sortBy('name_last', 'asc')]) {
		const { records, pages } = await lookUp('patient', by, { ...five, ...sort });
		expect([records, pages <= 10]).toEqual([all.records.slice(0, 5), true]);
	}
	const reversed = await lookUp('patient', by, { ...five, ...sortBy('name_last', 'desc') });
	const namesOf = (records: IDataObject[]) => records.map(({ name_last }) => name_last);
	expect(namesOf(reversed.records)).toEqual(namesOf(all.records).reverse().slice(0, 5));
	const { records } = await lookUp('patient', by, five, { nodeType: asTool() });
	expect(records[0]).toMatchObject({ shown: 5, total: all.records.length });
});

test('numbers that are stored and sorted as texts, where one digit more comes first', async () => {
	const field = 'chart_number';
	await practice.simulator.addField({ path: '/patients', name: field, value: '1', sortable: true });
	for (let number = 9_900; number < 10_100; number++) {
		await practice.simulator.addRecord(123, '/patients', { [field]: String(number) });
	}
	const by = { field, condition: 'between', value: '9990', to: '10005' };
	const { records } = await lookUp('patient', [by], inSmallPractice);
	const numbers = records.map((record) => Number(record[field])).sort((a, b) => a - b);
	expect(numbers).toEqual(Array.from({ length: 16 }, (_, index) => 9_990 + index));
});

test('prices, some of them with a currency', async () => {
	const field = 'price_paid';
	await practice.simulator.addField({ path: '/patients', name: field, value: '7', sortable: true });
	for (const price of ['10', '$10.00', '100', '1']) {
		await practice.simulator.addRecord(123, '/patients', { [field]: price });
	}
	for (const [condition, value] of [
		['is', '10'],
		['between', '8'],
	]) {
		const by = { field, condition, value, to: '20' };
		const { records } = await lookUp('patient', [by], inSmallPractice);
		expect(records.map((record) => record[field]).sort()).toEqual(['$10.00', '10']);
	}
});

test('between midnight in UTC and another time', async () => {
	const hours = Array.from({ length: 6 }, (_, hour) => `2041-01-04T1${hour + 3}:30:00`);
	for (const start_date of hours) {
		await practice.simulator.addRecord(2, '/appointments', { start_date });
	}
	const by = startDate('2041-01-05T00:00:00.000Z', '2041-01-05T02:00:00.000Z');
	const run = { timezone: 'America/Los_Angeles' };
	const { records } = await lookUp('appointment', [by], {}, run);
	expect(records.map(({ start_date }) => start_date).sort()).toEqual(hours.slice(3, 5));
});

test('a phone number, as everywhere else', async () => {
	const [{ name_last }] = await stored();
	await practice.simulator.addRecord(2, '/patients', { name_last, phone: '5125550007' });
	for (const value of ['(512) 555-0007', '+1 512 555 0007', '5125550007']) {
		for (const condition of ['is', 'beginsWith']) {
			const { records } = await lookUp('patient', [
				...[last(name_last), { field: 'phone', condition, value }],
			]);
			expect(records.map(({ phone }) => phone)).toEqual(['5125550007']);
		}
	}
});

test('a list whose order makes no sense is read as a whole, and a hint says so', async () => {
	for (const dob of ['03/14/1985', '1985-03-14', '12/24/1950', '13.03.1984', 'unknown']) {
		await practice.simulator.addRecord(123, '/patients', { dob, name_last: 'Added' });
	}
	const by = [{ field: 'dob', condition: 'is', value: 'March 14, 1985' }];
	const { records, hints } = await lookUp('patient', by, inSmallPractice);
	const added = records.filter(({ name_last }) => name_last === 'Added').map(({ dob }) => dob);
	expect(added.sort()).toEqual(['03/14/1985', '1985-03-14']);
	expect(hints.join()).toContain('The whole list was read');
});

describe('what can not be looked up', () => {
	test('a day that is none is told, and is not a free day; nor one that is stored as a number', async () => {
		for (const run of [{}, { nodeType: asTool() }]) {
			const { told } = await lookUp('appointment', [startDate('tomorrow')], {}, run);
			expect(told).toContain("'start_date' under 'Look Up' holds dates or numbers, and");
		}
		const added = { path: '/patients', name: 'seen_at', value: 1_900_000_000, sortable: true };
		await practice.simulator.addField(added);
		await practice.simulator.addRecord(123, '/patients', { dob: '13.03.1985' });
		for (const field of ['seen_at', 'dob']) {
			const by = [{ ...startDate('1985-03-13'), field }];
			expect((await lookUp('patient', by, inSmallPractice)).told).toContain(
				'holds dates that can not be read',
			);
		}
	});

	test('where the ID Field does not tell records apart, nobody is dropped', async () => {
		const by = [{ field: 'name_first', condition: 'beginsWith', value: 'A' }];
		const path = { __rl: true, mode: 'path', value: '/patients' };
		const { told, records } = await lookUp('other', by, { path, idField: 'name_last' });
		expect([told, records]).toEqual([expect.stringContaining('does not fit the others'), []]);
	});

	test('a sort by what is no field', async () => {
		const { told } = await lookUp('patient', [last('S', 'beginsWith')], sortBy('surname', 'asc'));
		expect(told).toBe('The patients in EyeCloud Pro have no field surname to sort');
	});

	test('a field that EyeCloud Pro does not sort by: it says by which it does', async () => {
		const by = { field: 'gender', condition: 'is', value: 'female' };
		const { error, pages } = await lookUp('patient', [by]);
		expect([error?.description, pages]).toEqual([expect.stringContaining('name_last'), 1]);
	});

	const noEnd = "'name_last' under 'Look Up' has no value to look for";
	const between = (field: string, value: string, to: string): By => ({
		...{ field, condition: 'between', value, to },
	});

	test.each<[Partial<By>, string]>([
		[{ value: '' }, noEnd],
		[{ condition: 'between' }, noEnd],
		[{ value: '={{ $json.none }}' }, "'name_last' under 'Look Up' is an expression that gives no"],
		[{ condition: 'like' }, "'Condition' must be is, beginsWith or between"],
		[{ field: '' }, "'Look Up' has an entry without a field"],
		[between('name_last', 'S', 'L'), "'name_last' under 'Look Up' ends before it begins"],
		[between('price', '150', '100'), "'price' under 'Look Up' ends before it begins"],
		[between('dob', '2000-01-02', '2000-01-01'), "'dob' under 'Look Up' ends before it begins"],
		[{ field: 'seen', value: '3/5/2030' }, 'can be read as two different days'],
		[{ field: 'dob', condition: 'beginsWith', value: 'May 1985' }, 'the beginning of a date, e.g.'],
		[{ field: 'phone', value: 'x' }, 'needs a phone number'],
		[{ field: 'dob', value: 'soon' }, "'dob' under 'Look Up' needs a date"],
	])('%j, and nothing is sent', async (change, sentence) => {
		const { told, pages } = await lookUp('patient', [{ ...last('Lee'), ...change }]);
		expect([told, pages]).toEqual([expect.stringContaining(sentence), 0]);
	});

	test.each([
		['', 'There is nothing to search by'],
		['N/A', 'is a placeholder'],
		['*', 'is a placeholder'],
	])('what a model gives: %j', async (value, sentence) => {
		const by = [last("={{ $fromAI('name', '', 'string') }}")];
		const { told } = await lookUp(
			'patient',
			by,
			{},
			{
				...{ nodeType: asTool(), items: [{ name: value }] },
			},
		);
		expect(told).toContain(sentence);
		expect(await practice.received()).toEqual([]);
	});
});
