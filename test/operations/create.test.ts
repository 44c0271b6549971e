// Create: what is sent, and what comes back. That nothing is created twice is in api/faultMatrix.test.ts.
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

const address = { city: 'Austin' };
const dob = '1980-02-29';

test.each<[string, columns: IDataObject, sent: IDataObject, items: IDataObject[]]>([
	[
		'mapped by hand, in the form of the API',
		mapped({
			...{ ...marge, email: ' marge@example.com ', phone: '(512) 555-0100' },
			...{ dob: `${dob}T00:00:00.000+14:00`, gender: '', recall_date: null },
		}),
		{ ...marge, email: 'marge@example.com', phone: '5125550100', dob },
		[{}],
	],
	[
		'by expressions, a date as an object too',
		mapped({
			...{ name_first: '={{ $json.first }}', name_last: 'Example' },
			dob: '={{ DateTime.fromISO($json.born) }}',
		}),
		{ ...marge, dob },
		[{ first: 'Marge', born: dob }],
	],
	[
		'mapped automatically, nested fields included, null left out',
		automatic,
		{ ...marge, dob, address },
		[{ ...marge, dob, recall_date: null, address }],
	],
])('what is sent: the fields %s', async (_, columns, expected, items) => {
	const { error, records, created, sent } = await create(columns, items);
	expect(error).toBeUndefined();
	expect(sent).toEqual([expected]);
	expect(created).toHaveLength(1);
	expect(records).toEqual(created);
});

test.each([mapped({}), mapped({ name_first: '', email: null }), automatic])(
	'nothing is sent where no field is filled in: %j',
	async (columns) => {
		const { error, sent } = await create(columns);
		expect(error?.message).toBe('No field is filled in');
		expect(sent).toEqual([]);
	},
);

test.each(['data', 'bare'] as const)('the answer is the record, its body %s', async (body) => {
	await practice.simulator.configure({ dialect: { created: body } });
	const { records, created } = await create(mapped(marge));
	expect(records).toEqual(created);
	expect(records).toMatchObject([marge]);
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
	expect(created).toHaveLength(2);
	expect(error?.description).toBe(
		"Nothing was sent to EyeCloud Pro for this item. Correct the input and run it again. Items created before this one: 2. Leave them out when you start the workflow anew; the 'Retry' of this execution leaves them out by itself.",
	);
});
