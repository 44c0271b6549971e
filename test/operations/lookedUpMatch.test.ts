// Find or Create and Create or Update by fields that the API sorts by and has no filter for: few items are looked up in
// a long list, many read it once; what comes of it is the same.
import { automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const PATIENTS = 5_000;
const PAGES = PATIENTS / 250;
const practice = simulatedPractice({ patients: PATIENTS });

const stored = async (path = '/patients') =>
	(await practice.simulator.records(2, path)) as IDataObject[];
const reads = async () => (await practice.received('GET')).length;

const findOrCreate = async (items: IDataObject[], matchOn = ['name_first', 'name_last']) =>
	await practice.run('patient', 'findOrCreate', { columns: automatic, matchOn }, { items });

/** Those of whom there is one alone. */
async function known(count: number): Promise<IDataObject[]> {
	const byName = new Map<string, IDataObject[]>();
	for (const patient of await stored()) {
		const name = `${patient.name_first} ${patient.name_last}`;
		byName.set(name, [...(byName.get(name) ?? []), patient]);
	}
	await practice.simulator.reset();
	return [...byName.values()].flatMap((all) => (all.length === 1 ? all : [])).slice(0, count);
}

test('one patient by the name: found in a few requests, whatever the case', async () => {
	const [patient] = await known(1);
	const { records, hints } = await findOrCreate([
		{
			name_first: ` ${String(patient.name_first).toUpperCase()}`,
			name_last: String(patient.name_last).toLowerCase(),
		},
	]);
	expect(records).toEqual([{ ...patient, _created: false }]);
	expect(hints).toEqual([]);
	expect(await reads()).toBeLessThanOrEqual(9);
});

test('one who is not there is created once, also for two items that mean the same', async () => {
	const item = { name_first: 'June', name_last: 'Nader-Import' };
	const { records } = await findOrCreate([item, { ...item, name_first: 'JUNE' }]);
	expect(records.map(({ _created }) => _created)).toEqual([true, false]);
	expect(records[1].patient_id).toBe(records[0].patient_id);
	expect(await stored()).toHaveLength(PATIENTS + 1);
	expect(await reads()).toBeLessThan(PAGES);
});

test('so many that reading all is cheaper: it is read once', async () => {
	const patients = await known(12);
	const { records } = await findOrCreate(
		patients.map(({ name_first, name_last }) => ({ name_first, name_last })),
	);
	expect(records).toMatchObject(patients.map(({ patient_id }) => ({ patient_id })));
	// One more, which told how long the list is, and one as the last page is full.
	expect(await reads()).toBe(PAGES + 2);
});

test('several of the same name are refused as when all are read', async () => {
	const record = { name_first: 'Nora', name_last: 'Twice' };
	for (const email of ['a@example.com', 'b@example.com']) {
		await practice.simulator.addRecord(2, '/patients', { ...record, email });
	}
	const { error } = await findOrCreate([record]);
	expect(error?.message).toBe('2 patients match on name_first, name_last');
	expect(await reads()).toBeLessThanOrEqual(9);
});

test.each(['Ñandú', ' nandu ', 'O’Brien', 'Straße', '12 Oaks', '(512) 555-0101'])(
	'%s is found among those that are alike',
	async (name_last) => {
		for (const name_first of ['Al', 'Bo']) {
			await practice.simulator.addRecord(2, '/patients', { name_first, name_last });
		}
		const { records } = await findOrCreate([{ name_first: 'Bo', name_last }]);
		expect(records).toMatchObject([{ name_first: 'Bo', _created: false }]);
	},
);

test('a field that none of them has is told, as when all are read', async () => {
	const item = { name_last: 'Lee', name_first: 'Al', color: 'red' };
	const { error } = await findOrCreate([item], ['name_last', 'color']);
	expect(error?.message).toBe('The patients in EyeCloud Pro have no field color to match on');
});

test('frames, whose sort fields are not published: one is looked up, changed, and then unchanged', async () => {
	const { sku } = (await stored('/pricebooks/frames')).at(-3)!;
	const parameters = { columns: automatic, matchOn: ['sku'] };
	for (const _action of ['updated', 'unchanged']) {
		const items = [{ sku, price: 7 }];
		const { records } = await practice.run('frame', 'upsert', parameters, { items });
		expect(records).toMatchObject([{ sku, price: 7, _action }]);
	}
	expect(await practice.received('PATCH')).toHaveLength(1);
});
