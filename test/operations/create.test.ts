// Create: what is sent, and how a refusal is told. That nothing is created twice is in test/model and api/failures.test.ts.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const PATIENTS = 20;
const practice = simulatedPractice({ patients: PATIENTS });

const marge = { name_first: 'Marge', name_last: 'Example' };

async function create(columns: IDataObject, items?: IDataObject[]) {
	const result = await practice.run('patient', 'create', { columns }, { items });
	const sent = (await practice.received('POST')).map(({ body }) => body);
	const created = (await practice.simulator.records(2, '/patients')).slice(PATIENTS);
	return { ...result, sent, created };
}

test('what is sent: values in the form of the API, empty ones left out', async () => {
	const items = [{ ...marge, email: ' marge@example.com ', phone: '(512) 555-0100', gender: '' }];
	const address = { city: 'Austin' };
	const { records, created, sent } = await create(automatic, [{ ...items[0], address }]);
	const expected = { ...marge, email: 'marge@example.com', phone: '5125550100', address };
	expect(sent).toEqual([expected]);
	expect(records).toEqual(created);
	const { error } = await create(mapped({ name_first: '', email: null }));
	expect(error?.message).toBe('No field is filled in');
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
	const { error, created, sent } = await create(mapped(values));
	const told = error?.message.replace('EyeCloud Pro did not accept the input: ', '').split('; ');
	expect(told?.sort()).toEqual(sentences.sort());
	expect(error?.message).not.toMatch(/MMM|Midge/);
	expect([created, sent.length]).toEqual([[], isSent ? 1 : 0]);
});

test('a bad item after good ones: the text says how many were created already', async () => {
	const items = [marge, marge, { ...marge, email: 'nobody' }];
	const { error, created } = await create(automatic, items);
	expect([created.length, error?.itemIndex]).toEqual([2, 2]);
	expect(error?.description).toBe(
		"Nothing was sent to EyeCloud Pro for this item. Correct the input and run it again. Items created before this one: 2. Leave them out when you start the workflow anew; the 'Retry' of this execution leaves them out by itself.",
	);
});
