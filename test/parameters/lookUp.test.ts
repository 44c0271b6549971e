// Look Up in Get Many and Count: by names, days and numbers, against the simulator's lists; few requests, the same
// records as when all are read.
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';
import { asTool } from '../harness/asTool.ts';
import type { NodeRun } from '../harness/runNode.ts';

const PATIENTS = 10_000;
const practice = simulatedPractice({ patients: PATIENTS });

type By = { field: string; condition: string; value: unknown; to?: unknown };

async function lookUp(
	resource: string,
	by: By[],
	more: IDataObject = {},
	run: Omit<NodeRun, 'parameters'> = {},
) {
	const lookup = { by } as unknown as IDataObject;
	const parameters = { returnAll: true, simplify: false, lookup, ...more };
	return await practice.run(resource, 'getAll', parameters, run);
}

const last = (value: unknown, condition = 'is'): By => ({ field: 'name_last', condition, value });
const stored = async (path = '/patients') => await practice.simulator.records(2, path);
const pages = async () => (await practice.received('GET')).length;
const idsOf = (records: Array<IDataObject | ApiRecord>, name = 'patient_id') =>
	records.map((record) => record[name]).sort((a, b) => Number(a) - Number(b));

describe('patients by their last name', () => {
	test.each([
		['is', (name: string) => name, 8],
		['is', (name: string) => ` ${name.toUpperCase()} `, 8],
		['beginsWith', (name: string) => name.slice(0, 3).toLowerCase(), 9],
	])('%s: as when all 40 pages are read', async (condition, asTyped, most) => {
		const patients = await stored();
		const counts: number[] = [];
		for (let nth = 0; nth < 8; nth++) {
			const { name_last } = patients[nth * 1_000 + 17];
			const typed = asTyped(String(name_last));
			const expected = patients.filter((one) => {
				const [own, wanted] = [one.name_last, typed].map((text) =>
					String(text).trim().toLowerCase(),
				);
				return condition === 'is' ? own === wanted : own.startsWith(wanted);
			});
			await practice.simulator.reset();
			const { error, records, hints } = await lookUp('patient', [last(typed, condition)]);
			expect([error, hints]).toEqual([undefined, []]);
			expect(idsOf(records)).toEqual(idsOf(expected));
			counts.push(await pages());
		}
		const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
		if (process.env.EYECLOUDPRO_FIGURES)
			process.stderr.write(`${condition}: ${average} requests\n`);
		expect(average).toBeLessThanOrEqual(most);
	});

	test('Count counts them by the same few requests', async () => {
		const [{ name_last }] = await stored();
		const expected = (await stored()).filter((one) => one.name_last === name_last);
		await practice.simulator.reset();
		const lookup = { by: [last(name_last)] } as unknown as IDataObject;
		const { records } = await practice.run('patient', 'count', { lookup });
		expect(records).toEqual([{ count: expected.length }]);
		expect(await pages()).toBeLessThanOrEqual(12);
	});

	test('another field narrows it down, and so do filters, a limit and a sort', async () => {
		const patients = await stored();
		const [{ name_first, name_last, email }] = patients;
		const same = patients.filter((one) => one.name_last === name_last);
		const first = { field: 'name_first', condition: 'is', value: name_first };
		const both = await lookUp('patient', [last(name_last), first]);
		const expected = same.filter((one) => one.name_first === name_first);
		expect(idsOf(both.records)).toEqual(idsOf(expected));
		const filtered = await lookUp('patient', [last(name_last)], {
			filters: { email },
		} as IDataObject);
		expect(filtered.records.map((one) => one.email)).toEqual([email]);
		const none = await lookUp('patient', [last('Nobody At All')], {
			filters: { email },
		} as IDataObject);
		expect(none.records).toEqual([]);
		const sort = { by: [{ field: 'dob', direction: 'desc' }] };
		const limited = await lookUp('patient', [last(name_last)], {
			returnAll: false,
			limit: 2,
			sort,
		});
		const days = same.map(({ dob }) => String(dob)).sort();
		expect(limited.records.map(({ dob }) => dob)).toEqual(days.reverse().slice(0, 2));
	});

	test('who comes meanwhile, and whose name has an accent, blanks or other case', async () => {
		const names = ['Ñandú', 'ñandu', ' NANDU', 'Nandu ', 'Nandú'];
		// One that only begins like it is another.
		for (const name_last of [...names, 'Nandusson']) {
			await practice.simulator.addRecord(2, '/patients', { name_last });
		}
		const added = { kind: 'addRecord', path: '/patients', record: { name_last: 'Aaa' } } as const;
		for (const nth of [2, 4]) {
			await practice.simulator.addFault({ match: { nth }, when: 'before', fault: added });
		}
		const { records } = await lookUp('patient', [last('nandu')]);
		expect(records.map(({ name_last }) => name_last).sort()).toEqual(names.sort());
	});
});

describe('with a limit', () => {
	const sorts = [undefined, { by: [{ field: 'name_last', direction: 'asc' }] }];

	test.each(sorts)('the first five of S, and not all of them: sorted by %j', async (sort) => {
		const all = await lookUp('patient', [last('S', 'beginsWith')]);
		await practice.simulator.reset();
		const more = { returnAll: false, limit: 5, ...(sort && { sort }) } as unknown as IDataObject;
		const { records } = await lookUp('patient', [last('S', 'beginsWith')], more);
		expect(records).toEqual(all.records.slice(0, 5));
		expect(all.records.length).toBeGreaterThan(500);
		expect(await pages()).toBeLessThanOrEqual(6);
	});

	test('another sort needs all of them, and a model is told how many there are', async () => {
		const all = await lookUp('patient', [last('Sm', 'beginsWith')]);
		const sort = { by: [{ field: 'name_last', direction: 'desc' }] } as unknown as IDataObject;
		const more = { returnAll: false, limit: 3 };
		const { records } = await lookUp('patient', [last('Sm', 'beginsWith')], { ...more, sort });
		const names = all.records.map(({ name_last }) => name_last).reverse();
		expect(records.map(({ name_last }) => name_last)).toEqual(names.slice(0, 3));
		const run = { nodeType: asTool() };
		const told = await lookUp('patient', [last('Sm', 'beginsWith')], more, run);
		expect(told.records[0]).toMatchObject({ shown: 3, total: all.records.length });
	});
});

test('the appointments of a day, and of several', async () => {
	const appointments = await stored('/appointments');
	const day = String(appointments[300].start_date).slice(0, 10);
	const on = (from: string, to = from) =>
		appointments.filter(({ start_date }) => {
			const own = String(start_date).slice(0, 10);
			return own >= from && own <= to;
		});
	const by = { field: 'start_date', condition: 'is', value: day };
	const ofDay = await lookUp('appointment', [by]);
	expect(ofDay.error).toBeUndefined();
	expect(idsOf(ofDay.records, 'appt_id')).toEqual(idsOf(on(day), 'appt_id'));
	const to = `${day.slice(0, 8)}28`;
	const from = `${day.slice(0, 8)}01`;
	const range = await lookUp('appointment', [{ ...by, condition: 'between', value: from, to }]);
	expect(idsOf(range.records, 'appt_id')).toEqual(idsOf(on(from, to), 'appt_id'));
	expect(range.records.length).toBeGreaterThan(ofDay.records.length);
});

test.each(['tomorrow', '2031-02-30', '9:00'])(
	'a day that is none (%s) is told, and is not a free day',
	async (value) => {
		for (const run of [{}, { nodeType: asTool() }]) {
			const by = { field: 'start_date', condition: 'is', value };
			const { error, records } = await lookUp('appointment', [by], {}, run);
			const told = error?.message ?? records.map((record) => record.error).join();
			expect(told).toBe(
				"'start_date' under 'Look Up' holds dates or numbers, and the value is neither",
			);
		}
	},
);

test('prices, both ends included', async () => {
	const frames = await stored('/pricebooks/frames');
	const by = { field: 'price', condition: 'between', value: '100', to: 150.5 };
	const { records } = await lookUp('frame', [by]);
	const expected = frames.filter(({ price }) => Number(price) >= 100 && Number(price) <= 150.5);
	expect(expected.length).toBeGreaterThan(5);
	expect(idsOf(records, 'frame_id')).toEqual(idsOf(expected, 'frame_id'));
});

test('numbers that are stored and sorted as texts, where one digit more comes first', async () => {
	const field = 'chart_number';
	await practice.simulator.addField({ path: '/patients', name: field, value: '1', sortable: true });
	for (let number = 9_700; number < 10_300; number++) {
		await practice.simulator.addRecord(123, '/patients', { [field]: String(number) });
	}
	const by = { field, condition: 'between', value: '9990', to: '10005' };
	const { error, records } = await lookUp('patient', [by], { options: { practiceId: '123' } });
	expect(error).toBeUndefined();
	const numbers = records.map((record) => Number(record[field])).sort((a, b) => a - b);
	expect(numbers).toEqual(Array.from({ length: 16 }, (_, index) => 9_990 + index));
}, 60_000);

test.each(['(512) 555-0007', '512-555-0007', '+1 512 555 0007', '5125550007'])(
	'the phone number %s, as everywhere else',
	async (value) => {
		const [{ name_last }] = await stored();
		await practice.simulator.addRecord(2, '/patients', { name_last, phone: '5125550007' });
		for (const condition of ['is', 'beginsWith']) {
			const by = [last(name_last), { field: 'phone', condition, value }];
			const { error, records } = await lookUp('patient', by);
			expect([error, records.map(({ phone }) => phone)]).toEqual([undefined, ['5125550007']]);
		}
	},
);

test('days that EyeCloud Pro writes as numbers are told, and are no free day', async () => {
	const field = 'seen_at';
	const added = { path: '/patients', name: field, value: 1_900_000_000, sortable: true };
	await practice.simulator.addField(added);
	const by = { field, condition: 'is', value: '2030-03-17' };
	const { error } = await lookUp('patient', [by], { options: { practiceId: '123' } });
	expect(error?.message).toContain('holds no dates that can be read');
});

describe('what can not be looked up', () => {
	test('a field that EyeCloud Pro does not sort by: it says by which it does', async () => {
		const by = { field: 'gender', condition: 'is', value: 'female' };
		const { error } = await lookUp('patient', [by]);
		expect(error?.description).toContain('name_last');
		expect((await practice.received()).map(requestLine)).toHaveLength(1);
	});

	test.each([
		['nothing', { value: '' }, "'name_last' under 'Look Up' has no value to look for"],
		[
			'an expression that gives nothing',
			{ value: '={{ $json.none }}' },
			"'name_last' under 'Look Up' is an expression that gives nothing",
		],
		[
			'a range without its end',
			{ condition: 'between' },
			"'name_last' under 'Look Up' has no value",
		],
		['another condition', { condition: 'like' }, "'Condition' must be is, beginsWith or between"],
		['an entry without a field', { field: '' }, "'Look Up' has an entry without a field"],
		[
			'an empty entry, as n8n makes of each character of an expression',
			{ field: '', value: '' },
			"'Look Up' has an entry without a field",
		],
		[
			'a range of names that ends before it begins',
			{ condition: 'between', value: 'S', to: 'L' },
			"'name_last' under 'Look Up' ends before it begins",
		],
		[
			'of numbers',
			{ field: 'price', condition: 'between', value: '150', to: '100' },
			"'price' under 'Look Up' ends before it begins",
		],
		[
			'of days',
			{ field: 'dob', condition: 'between', value: '2000-01-02', to: '2000-01-01' },
			"'dob' under 'Look Up' ends before it begins",
		],
		[
			'a day that may be two',
			{ field: 'start_date', value: '3/5/2030' },
			"'start_date' under 'Look Up' can be read as two different days",
		],
		[
			'the beginning of a day in words',
			{ field: 'dob', condition: 'beginsWith', value: 'March 1985' },
			"'dob' under 'Look Up' needs the beginning of a date, e.g. 2000-01",
		],
		['no phone number', { field: 'phone', value: 'x' }, 'needs a phone number'],
		['a day that is none', { field: 'dob', value: 'soon' }, "'dob' under 'Look Up' needs a date"],
	])('%s, and nothing is sent', async (_what, change, sentence) => {
		const { error } = await lookUp('patient', [{ ...last('Lee'), ...change }]);
		expect(error?.message).toContain(sentence);
		expect(await practice.received()).toEqual([]);
	});
});

test('a list whose order makes no sense is read as a whole, and a hint says so', async () => {
	const dates = ['03/14/1985', '1985-03-14'];
	const added: unknown[] = [];
	for (const dob of dates) {
		added.push((await practice.simulator.addRecord(123, '/patients', { dob })).patient_id);
	}
	await practice.simulator.addRecord(123, '/patients', { dob: '12/24/1950' });
	await practice.simulator.addRecord(123, '/patients', { dob: '13.03.1985' });
	const by = { field: 'dob', condition: 'is', value: 'March 14, 1985' };
	const { records, hints } = await lookUp('patient', [by], { options: { practiceId: '123' } });
	expect(idsOf(records)).toEqual(expect.arrayContaining(added));
	expect(hints.join()).toContain('The whole list was read');
});

describe('as an AI tool', () => {
	const byModel = (value: string) => `={{ $fromAI('last_name', '', 'string') && '' }}${value}`;

	test('finds by a name alone', async () => {
		const [{ name_last, patient_id }] = await stored();
		const { records } = await lookUp(
			'patient',
			[last(name_last)],
			{ output: 'selected', fields: 'patient_id' },
			{ nodeType: asTool() },
		);
		expect(records.map((record) => record.patient_id)).toContain(patient_id);
	});

	test.each(['unknown', 'N/A', '*'])('the placeholder %s is no name', async (placeholder) => {
		const value = `={{ $fromAI('last_name', '', 'string') && '${placeholder}' || '${placeholder}' }}`;
		const { records } = await lookUp('patient', [last(value)], {}, { nodeType: asTool() });
		expect(JSON.stringify(records)).toContain('is a placeholder');
		expect(await practice.received()).toEqual([]);
	});

	test('a search without anything to search by is refused', async () => {
		const { records } = await lookUp('patient', [last(byModel(''))], {}, { nodeType: asTool() });
		expect(JSON.stringify(records)).toContain('There is nothing to search by');
		expect(await practice.received()).toEqual([]);
	});
});
