// Create, where its outcome is unknown: with the option on it looks for the record, and never sends it again.
import { automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const BEFORE = 60;
const practice = simulatedPractice({ patients: BEFORE });

const marge = { name_first: 'Marge', name_last: 'Example', dob: '1980-02-29' };
const people = ['Marge', 'Homer', 'Bart'].map((name_first) => ({ name_first, name_last: 'Simp' }));
const none = 'EyeCloud Pro has no record with all of these values';
const looking = { lookWhetherItExists: true };

const lose = async (when: 'before' | 'after', match: object = { times: 10 }) =>
	await practice.simulator.addFault({
		...{ when, match: { method: 'POST', ...match }, fault: { kind: 'reset' } },
	});
const stored = async () => (await practice.simulator.records(2, '/patients')).slice(BEFORE);
const posts = async () => (await practice.received('POST')).length;

async function create(items: IDataObject[], more = {}, options: IDataObject = looking) {
	const parameters = { columns: automatic, options };
	const result = await practice.run('patient', 'create', parameters, { items, ...more });
	return { ...result, told: result.error?.message };
}

test.each<[string, IDataObject]>([
	['with a documented filter', marge],
	['by its email', { ...marge, email: 'Marge@Example.com' }],
	['without one', people[0]],
])('it is there: %s', async (_, values) => {
	await lose('after');
	const { error, records } = await create([values]);
	expect(error).toBeUndefined();
	expect(records).toEqual(await stored());
	expect([records.length, await posts()]).toEqual([1, 1]);
});

test('none is there, and it is not sent again', async () => {
	await lose('before');
	const { error, records } = await create([marge], { retryOnFail: true });
	expect(error?.message).toBe(none);
	expect(error?.description).toContain('look once more before you run this item again');
	expect([records, await stored(), await posts()]).toEqual([[], [], 1]);
});

test('a record that can not tell of the field that was looked for by is not the one', async () => {
	await practice.simulator.configure({ dialect: { phoneField: 'phone_mobile' } });
	const person = { ...people[0], phone: '5125550142' };
	await practice.simulator.addRecord(2, '/patients', person);
	await lose('before');
	expect((await create([person])).told).toBe(none);
});

test('Retry On Fail and Continue: each is there once, each with its item', async () => {
	await lose('after');
	const { items } = await create(people, { retryOnFail: true, continueOnFail: true });
	expect(items.map(({ json }) => json)).toEqual(await stored());
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	expect(await posts()).toBe(3);
});

test('the Retry button: what was unknown is looked for, and not sent again', async () => {
	const credential = await practice.credentialFor({ scopes: ['create:patients'] });
	await lose('after', { nth: 2 });
	const failed = await create(people, { credential });
	expect(failed.told).toBe('It is unknown whether EyeCloud Pro created the record');
	// Where it may not be looked for, that is said.
	expect(failed.error?.description).toContain("lacks the scope 'read:patients'");
	const { records } = await failed.retry({ credential: practice.credential });
	expect(records).toMatchObject(people);
	expect([await posts(), (await stored()).length]).toEqual([3, 3]);
});

test('several are there', async () => {
	await create([marge]);
	await lose('after');
	expect((await create([marge])).told).toBe('EyeCloud Pro has 2 records with all of these values');
	expect(await posts()).toBe(2);
});

test('nothing is looked for with the option off, or where it was refused', async () => {
	expect((await create([{ ...marge, gender: 'Q' }])).told).toMatch(/did not accept/);
	await lose('after');
	expect((await create([marge], {}, {})).told).toMatch(/^It is unknown/);
	// Of what is not documented, a few records tell the types.
	expect((await practice.received('GET')).filter(({ query }) => query.sort)).toEqual([]);
});
