// Create: what is sent, how a refusal is told, and the look whether it exists where the outcome is unknown. Tries,
// faults and n8n's Retry button are played in test/model.
import { automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

import { parse } from 'flatted';
import type { IDataObject, IRunExecutionData } from 'n8n-workflow';

const PATIENTS = 20;
const practice = simulatedPractice({ patients: PATIENTS });

const marge = { name_first: 'Marge', name_last: 'Example' };
const stored = async () => (await practice.simulator.records(2, '/patients')).slice(PATIENTS);

async function create(items: IDataObject[], options: IDataObject = {}, more = {}) {
	const parameters = { columns: automatic, options };
	const result = await practice.run('patient', 'create', parameters, { items, ...more });
	const sent = (await practice.received('POST')).map(({ body }) => body);
	return { ...result, sent, created: await stored() };
}

test('what is sent: values in the form of the API, empty ones left out; nothing is left behind', async () => {
	const person = { ...marge, email: ' marge@example.com ', phone: '(512) 555-0100', gender: '' };
	const address = { city: 'Austin' };
	const items = [{ ...person, address }];
	const result = await create(items, {}, { retryOnFail: true });
	const { records, created, sent, stored: execution } = result;
	const expected = { ...marge, email: 'marge@example.com', phone: '5125550100', address };
	expect(sent).toEqual([expected]);
	expect(records).toEqual(created);
	const { executionData } = parse(execution()) as IRunExecutionData;
	expect(JSON.stringify(executionData?.contextData)).not.toContain('Marge');
	expect((await create([{ name_first: '', email: null }])).error?.message).toBe(
		'No field is filled in',
	);
});

test.each<[string, IDataObject, isSent: boolean, sentences: string[]]>([
	[
		'before it is sent: each field by the name that the form shows',
		{ ...marge, email: 'marge@nowhere', phone: '555-12', dob: '1980-02-30' },
		false,
		[
			"'Email' is not an email address, e.g. nathan@example.com",
			"'Phone' is not a phone number of 10 digits, e.g. (512) 555-0100",
			"'Date of Birth' is not a date, e.g. 2000-01-31",
		],
	],
	[
		"by the API: each thing that it says, its names replaced by the form's",
		{ name_first: 'M'.repeat(101), gender: 'Z', nickname: 'Midge' },
		true,
		[
			"'First Name' length must be less than or equal to 100 characters long",
			"'Last Name' is required",
			"'Gender (gender)' must be one of [F, M, U]",
			"'Nickname (nickname)' is not allowed",
		],
	],
])('refused %s', async (_, values, isSent, sentences) => {
	const { error, created, sent } = await create([values]);
	const told = error?.message.replace('EyeCloud Pro did not accept the input: ', '').split('; ');
	expect(told?.sort()).toEqual(sentences.sort());
	expect(error?.message).not.toMatch(/MMM|Midge/);
	expect([created, sent.length]).toEqual([[], isSent ? 1 : 0]);
});

test('a bad item after good ones: the text says how many were created already', async () => {
	const { error, created } = await create([marge, marge, { ...marge, email: 'nobody' }]);
	expect([created.length, error?.itemIndex]).toEqual([2, 2]);
	expect(error?.description).toBe(
		"Nothing was sent to EyeCloud Pro for this item. Correct the input and run it again. Items created before this one: 2. Leave them out when you start the workflow anew; the 'Retry' of this execution leaves them out by itself.",
	);
});

describe('Look Whether It Exists', () => {
	const people = ['Marge', 'Homer', 'Bart'].map((name_first) => ({ ...marge, name_first }));
	const none = 'EyeCloud Pro has no record with all of these values';
	const looking = { lookWhetherItExists: true };
	const lose = async (when: 'before' | 'after', match: object = { times: 10 }) =>
		await practice.simulator.addFault({
			...{ when, match: { method: 'POST', ...match }, fault: { kind: 'reset' } },
		});

	test.each<[string, IDataObject]>([
		['with a documented filter', { ...marge, dob: '1980-02-29' }],
		['by its email', { ...marge, email: 'Marge@Example.com' }],
	])('it is there: %s', async (_, values) => {
		await lose('after');
		const { error, records, created, sent } = await create([values], looking);
		expect([error, sent.length]).toEqual([undefined, 1]);
		expect(records).toEqual(created);
	});

	test('none is there, and it is not sent again', async () => {
		await lose('before');
		const { error, sent, created } = await create([marge], looking, { retryOnFail: true });
		expect(error?.message).toBe(none);
		expect(error?.description).toContain('look once more before you run this item again');
		expect([created, sent.length]).toEqual([[], 1]);
	});

	test('a record that can not tell of the field that was looked for by is not the one', async () => {
		await practice.simulator.configure({ dialect: { phoneField: 'phone_mobile' } });
		const person = { ...marge, phone: '5125550142' };
		await practice.simulator.addRecord(2, '/patients', person);
		await lose('before');
		const { error } = await create([person], looking);
		expect(error?.message).toBe(none);
		expect(error?.description).toContain('Records have no field phone, so that');
	});

	test('the Retry button: what was unknown is looked for, and not sent again', async () => {
		const credential = await practice.credentialFor({ scopes: ['create:patients'] });
		await lose('after', { nth: 2 });
		const failed = await create(people, looking, { credential });
		expect(failed.error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
		// Where it may not be looked for, that is said.
		expect(failed.error?.description).toContain("lacks the scope 'read:patients'");
		const { records } = await failed.retry({ credential: practice.credential });
		expect(records).toMatchObject(people);
		expect([await practice.received('POST'), await stored()].map(({ length }) => length)).toEqual([
			...[3, 3],
		]);
	});

	test('a Retry for another practice: what was done is not told as done there', async () => {
		const fault = { kind: 'status', status: 400 } as const;
		await practice.simulator.addFault({ match: { method: 'POST', nth: 2 }, fault });
		const { retry } = await create(people);
		const options = { practiceId: '123' };
		const parameters = { resource: 'patient', operation: 'create', columns: automatic, options };
		const { error } = await retry({ parameters });
		expect(error?.message).toBe('The item was done in another practice or list before');
		expect(await practice.received('POST')).toHaveLength(2);
	});

	test('several are there', async () => {
		await create([marge]);
		await lose('after');
		const { error, sent } = await create([marge], looking);
		expect(error?.message).toBe('EyeCloud Pro has 2 records with all of these values');
		expect(sent).toHaveLength(2);
	});

	test('nothing is looked for with the option off, or where it was refused', async () => {
		const refused = await create([{ ...marge, gender: 'Q' }], looking);
		expect(refused.error?.message).toMatch(/did not accept/);
		await lose('after');
		expect((await create([marge])).error?.message).toMatch(/^It is unknown/);
		expect((await practice.received('GET')).filter(({ query }) => query.sort)).toEqual([]);
	});
});
