// Find or Create and Create or Update by fields that the API sorts by and has no filter for: few items are looked up in
// a long list, many read it once; what comes of it is the same.
import { automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const PATIENTS = 5_000;
const PAGES = PATIENTS / 250;
const practice = simulatedPractice({ patients: PATIENTS });

const matchOn = ['name_first', 'name_last'];
const stored = async () => await practice.simulator.records(2, '/patients');
const reads = async () => (await practice.received('GET')).length;

async function findOrCreate(items: IDataObject[], parameters: IDataObject = {}) {
	return await practice.run(
		'patient',
		'findOrCreate',
		{ columns: automatic, matchOn, ...parameters },
		{ items },
	);
}

/** Those of whom there is one alone. */
async function known(count: number): Promise<IDataObject[]> {
	const patients = (await stored()) as IDataObject[];
	const names = patients.map(({ name_first, name_last }) => `${name_first} ${name_last}`);
	const counts = new Map<string, number>();
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
	return patients.filter((_, index) => counts.get(names[index]) === 1).slice(0, count);
}

const named = ({ name_first, name_last }: IDataObject) => ({ name_first, name_last });

test('one patient by the name: found in a few requests, whatever the case', async () => {
	const [patient] = await known(1);
	await practice.simulator.reset();
	const item = {
		name_first: ` ${String(patient.name_first).toUpperCase()}`,
		name_last: String(patient.name_last).toLowerCase(),
	};
	const { records, hints } = await findOrCreate([item]);
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
	await practice.simulator.reset();
	const { records } = await findOrCreate(patients.map(named));
	expect(records.map(({ patient_id }) => patient_id)).toEqual(
		patients.map(({ patient_id }) => patient_id),
	);
	// One more, which told how long the list is, and one as the last page is full.
	expect(await reads()).toBe(PAGES + 2);
});

test('several of the same name are refused as when all are read', async () => {
	for (const email of ['a@example.com', 'b@example.com']) {
		const record = { name_first: 'Nora', name_last: 'Twice', email };
		await practice.simulator.addRecord(2, '/patients', record);
	}
	const { error } = await findOrCreate([{ name_first: 'nora', name_last: 'twice' }]);
	expect(error?.message).toBe('2 patients match on name_first, name_last');
	expect(await reads()).toBeLessThanOrEqual(9);
});

test.each(['Ñandú', ' nandu ', 'O’Brien', 'Straße', 'Søren', '12 Oaks', '(512) 555-0101'])(
	'%s is found among those that are alike',
	async (name_last) => {
		await practice.simulator.addRecord(2, '/patients', { name_first: 'Al', name_last });
		await practice.simulator.addRecord(2, '/patients', { name_first: 'Bo', name_last });
		const { records } = await findOrCreate([{ name_first: 'Bo', name_last }]);
		expect(records).toMatchObject([{ name_first: 'Bo', _created: false }]);
	},
);

test('a field that none of them has is told, as when all are read', async () => {
	const { error } = await findOrCreate([{ name_last: 'Lee', name_first: 'Al', color: 'red' }], {
		matchOn: ['name_last', 'color'],
	});
	expect(error?.message).toBe('The patients in EyeCloud Pro have no field color to match on');
});

test('who is created meanwhile by another execution is not created again', async () => {
	const item = { name_first: 'June', name_last: 'Meanwhile' };
	const both = await Promise.all([findOrCreate([item]), findOrCreate([item])]);
	const created = both.map(({ records }) => records[0]._created);
	expect(created.sort()).toEqual([false, true]);
	expect(await stored()).toHaveLength(PATIENTS + 1);
});

describe('frames, whose sort fields are not published', () => {
	const upsert = async (items: IDataObject[]) =>
		await practice.run('frame', 'upsert', { columns: automatic, matchOn: ['sku'] }, { items });

	test('one among many by the SKU: looked up, changed, and unchanged the second time', async () => {
		const frames = (await practice.simulator.records(2, '/pricebooks/frames')) as IDataObject[];
		const { sku } = frames[frames.length - 3];
		for (const action of ['updated', 'unchanged']) {
			const { records, error } = await upsert([{ sku, price: 7 }]);
			expect(error).toBeUndefined();
			expect(records).toMatchObject([{ sku, price: 7, _action: action }]);
		}
		expect(await practice.received('PATCH')).toHaveLength(1);
	});
});
