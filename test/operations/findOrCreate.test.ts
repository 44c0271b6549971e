// Find or Create: what counts as the same record, and that none is created twice.
import { automatic, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';

const BEFORE = 120;
const practice = simulatedPractice({ patients: BEFORE });

async function findOrCreate(
	items: IDataObject[],
	matchOn: unknown,
	more: { options?: IDataObject; continueOnFail?: boolean; timezone?: string } = {},
) {
	const { options = {}, ...rest } = more;
	const parameters = { columns: automatic, matchOn, options } as IDataObject;
	const result = await practice.run('patient', 'findOrCreate', parameters, { items, ...rest });
	const posts = await practice.received('POST');
	const gets = (await practice.received('GET')).map(requestLine);
	return { ...result, posts, gets };
}

async function patients(): Promise<ApiRecord[]> {
	return await practice.simulator.records(2, '/patients');
}

/** As people type it: other case, spaces around. */
function retyped(email: unknown): string {
	return ` ${String(email).toUpperCase()} `;
}

test('300 items, 100 there already, 50 doubles among the rest: 150 are created', async () => {
	const known = (await patients()).slice(0, 100).map(({ email }) => retyped(email));
	const fresh = Array.from({ length: 150 }, (_, index) => `new.${index}@example.com`);
	const doubles = fresh.slice(0, 50).map(retyped);
	// Spread evenly, a double always after the one that it doubles.
	const emails = [...known, ...fresh, ...doubles].map((email, index, { length }) => ({
		email,
		place: index < 250 ? (index * 7) % 250 : length + index,
	}));
	emails.sort((a, b) => a.place - b.place);
	const items = emails.map(({ email }, index) => ({
		...{ name_first: 'Ann', name_last: `Number ${index}`, email },
	}));
	expect(items).toHaveLength(300);

	const { error, records, posts, gets, items: output } = await findOrCreate(items, ['email']);
	expect(error).toBeUndefined();
	expect(posts).toHaveLength(150);
	// What was created just now need not be looked for, and the list is read once.
	expect(gets).toHaveLength(251);
	expect(await patients()).toHaveLength(BEFORE + 150);
	const seen = new Set((await patients()).slice(0, BEFORE).map(({ email }) => email));
	for (const [index, record] of records.entries()) {
		const email = items[index].email.trim().toLowerCase();
		expect(String(record.email).toLowerCase()).toBe(email);
		expect([email, record._created]).toEqual([email, !seen.has(email)]);
		seen.add(email);
	}
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
	const byEmail = new Map(records.map((one) => [String(one.email).toLowerCase(), one.patient_id]));
	for (const { email, patient_id } of records) {
		expect(byEmail.get(String(email).toLowerCase())).toBe(patient_id);
	}
}, 30_000);

test('an email is looked for as it is written, and in lower case', async () => {
	const item = { name_first: 'Ann', name_last: 'Lee', email: 'Ann.Lee@Example.com' };
	const { gets, posts } = await findOrCreate([item], ['email']);
	const rest = 'page=1&page_size=250&sort=-patient_id';
	expect(gets).toEqual([
		`GET /v2/2/patients?email=Ann.Lee@Example.com&${rest}`,
		`GET /v2/2/patients?email=ann.lee@example.com&${rest}`,
		'GET /v2/2/patients?page=1&page_size=250&sort=email,patient_id',
	]);
	expect(posts).toHaveLength(1);
});

/** As a filter that minds case misses capitals, the simulator's own misses a blank that came with an import. */
describe('a record that the email filter misses', () => {
	const jo = { name_first: 'Jo', name_last: 'Lee', email: 'Jo@X.com' };

	test.each([
		[['email'], 'jo@x.com'],
		[['email'], 'JO@X.COM'],
		[['email', 'name_last'], 'jo@x.com'],
		[['name_last', 'email'], 'jo@x.com'],
	])('by %j, %s is found in the list', async (matchOn, email) => {
		await practice.simulator.addRecord(2, '/patients', { ...jo, email: `${jo.email} ` });
		const { error, records, posts, gets } = await findOrCreate([{ ...jo, email }], matchOn);
		expect(error).toBeUndefined();
		expect(records).toMatchObject([{ email: 'Jo@X.com ', _created: false }]);
		expect(posts).toEqual([]);
		expect(gets.length).toBeLessThanOrEqual(3);
	});
});

test.each<[string, string[], (patient: ApiRecord) => IDataObject]>([
	[
		'names in another case, with spaces',
		['name_first', 'name_last', 'dob'],
		({ name_first, name_last, dob }) => ({
			name_first: `${name_first} `,
			name_last: String(name_last).toUpperCase(),
			dob: dob as string,
		}),
	],
	[
		'a phone number with its marks',
		['phone', 'name_last'],
		({ phone, name_last }) => ({
			phone: `+1 (${String(phone).slice(0, 3)}) ${String(phone).slice(3, 6)}-${String(phone).slice(6)}`,
			name_last: name_last as string,
		}),
	],
	[
		'a date with a time and an offset',
		['dob', 'email'],
		({ dob, email }) => ({ dob: `${dob}T23:30:00.000-06:00`, email: retyped(email) }),
	],
	[
		'two fields without a documented filter',
		['name_first', 'name_last'],
		({ name_first, name_last }) => ({
			name_first: ` ${String(name_first).toLowerCase()}`,
			name_last: `${name_last}  `,
		}),
	],
])('finds by %s', async (_what, matchOn, retype) => {
	const patient = (await patients())[BEFORE - 1];
	const { error, records, posts } = await findOrCreate([retype(patient)], matchOn);
	expect(error).toBeUndefined();
	expect(records).toEqual([{ ...patient, _created: false }]);
	expect(posts).toEqual([]);
});

describe('what is found, by the type of the field', () => {
	const base = { name_first: 'Ann', name_last: 'Lee' };
	/** What the API has in a field of its own, what an item has there, and whether people mean the same. */
	test.each<[string, unknown, unknown, boolean]>([
		['start', '2031-07-01T14:30:00', '2031-07-01T09:00:00', false],
		['start', '2031-07-01T14:30:00', '2031-07-01 2:30 PM', true],
		['start', '2031-07-01T14:30:00', '2031-07-01T19:30:00.000Z', true],
		['start', '2031-07-01', '2031-07-01T00:00:00', true],
		['start', '2031-07-01', '2031-07-01T09:00:00', false],
		['note', '2025-01-15 Smith', '2025-01-15 Jones', false],
		['miscellaneous', 'A-12', 'B-12', false],
		['miscellaneous', 'a-12 ', 'A-12', true],
		['phone_mobile', '5125550142', '(512) 555-0142', true],
		['phone_mobile', '5125550142', '+1 512.555.0142', true],
		['account', '15125550142', '5125550142', false],
		['account', 7, '7', true],
		['account', '7.50', 7.5, true],
		['account', '007', '7', false],
		['account', 20240123, '2024-01-23', false],
		['active', true, 'true', true],
		['name_middle', 'Jose\u0301', 'JOSÉ', true],
		['name_middle', '', undefined, false],
	])('%s: %j and %j: %j', async (field, there, wanted, isSame) => {
		await practice.simulator.addRecord(2, '/patients', { ...base, [field]: there as string });
		const items = [{ ...base, [field]: wanted ?? 'x' } as IDataObject];
		const { error, records } = await findOrCreate(items, ['name_last', field], {
			options: { dryRun: true },
		});
		expect(error).toBeUndefined();
		expect(records[0]._created === false).toBe(isSame);
	});
});

describe('where the records have no field of the name', () => {
	test('of one of several: nobody is found by the others, and nobody is created', async () => {
		const [{ phone, name_first, name_last }] = await patients();
		await practice.simulator.configure({ dialect: { phoneField: 'phone_mobile' } });
		const item = { name_first, name_last, phone } as IDataObject;
		const { error, posts } = await findOrCreate([item], ['phone', 'name_last']);
		expect(error?.message).toBe('The patients in EyeCloud Pro have no field phone to match on');
		expect(posts).toEqual([]);
	});

	test('nobody can be compared, and nobody is created', async () => {
		const [{ phone }] = await patients();
		await practice.simulator.configure({ dialect: { phoneField: 'phone_mobile' } });
		const item = { name_first: 'Ann', name_last: 'Lee', phone: phone as string, badge: 'B-1' };
		for (const matchOn of ['phone', 'badge']) {
			const { error, posts } = await findOrCreate([item, item], [matchOn]);
			expect(error?.message).toBe(
				`The patients in EyeCloud Pro have no field ${matchOn} to match on`,
			);
			expect(error?.description).toContain("Choose other fields under 'Match On'");
			expect(posts).toEqual([]);
		}
	});
});

test.each([
	['name_last', 'seen'],
	['email', 'seen'],
])('the same time in UTC is neither found nor created again, by %s and %s', async (...matchOn) => {
	const email = 'ann.lee@example.com';
	const record = { name_first: 'Ann', name_last: 'Lee', email };
	const seen = '2031-07-01T14:30:00';
	await practice.simulator.addRecord(2, '/patients', { ...record, seen: `${seen}.000Z` });
	const { error, posts } = await findOrCreate([{ ...record, seen }], matchOn);
	expect(error?.message).toBe(`A record matches on ${matchOn.join(', ')} but for the time zone`);
	expect(posts).toEqual([]);
	const instant = { ...record, seen: `${seen}Z` };
	expect((await findOrCreate([instant], matchOn)).records).toMatchObject([{ _created: false }]);
	const inUtc = { timezone: 'UTC' };
	expect((await findOrCreate([{ ...record, seen }], matchOn, inUtc)).records).toMatchObject([
		{ _created: false },
	]);
});

test('all fields must match', async () => {
	const [{ dob }] = await patients();
	const item = { name_first: 'Quite', name_last: 'Another', dob: dob as string };
	const { records, posts } = await findOrCreate([item], ['dob', 'name_last']);
	expect(records).toMatchObject([{ name_last: 'Another', _created: true }]);
	expect(posts).toHaveLength(1);
});

test('a field without a documented filter: the list is read once for all items', async () => {
	const known = (await patients()).filter(
		({ name_last }, _index, all) => all.filter((one) => one.name_last === name_last).length === 1,
	);
	const items = [
		...known.slice(0, 20).map(({ name_last }) => ({ name_first: 'Ann', name_last })),
		...['New One', 'new one ', 'Other'].map((name_last) => ({ name_first: 'Ann', name_last })),
	] as IDataObject[];
	const { records, gets, posts } = await findOrCreate(items, 'name_last');
	expect(gets).toEqual(['GET /v2/2/patients?page=1&page_size=250&sort=name_last,patient_id']);
	expect(posts).toHaveLength(2);
	expect(records.map(({ _created }) => _created)).toEqual([
		...Array.from({ length: 20 }, () => false),
		...[true, false, true],
	]);
	expect(records[21].patient_id).toBe(records[20].patient_id);
});

test.each(['reset', 'truncate'] as const)(
	'a double of an item whose outcome is unknown (%s) is looked for again',
	async (kind) => {
		const match = { method: 'POST' };
		await practice.simulator.addFault({ match, when: 'after', fault: { kind } });
		const item = { name_first: 'Zed', name_last: 'Unknown' };
		const matchOn = ['name_first', 'name_last'];
		const result = await findOrCreate([item, item], matchOn, { continueOnFail: true });
		expect(result.records[0].error).toContain('It is unknown whether');
		expect(result.records[1]).toMatchObject({ ...item, _created: false });
		expect(result.posts).toHaveLength(1);
		expect(await patients()).toHaveLength(BEFORE + 1);
	},
);

test('several match: says how many, and creates nothing', async () => {
	const twin = { name_first: 'Tia', name_last: 'Twin', email: 'twin@example.com' };
	await practice.simulator.addRecord(2, '/patients', twin);
	await practice.simulator.addRecord(2, '/patients', twin);
	const items = [twin, { ...twin, email: 'single@example.com' }];
	const { items: output, posts } = await findOrCreate(items, ['email'], { continueOnFail: true });
	expect(output[0].json.error).toBe('2 patients match on email');
	expect(output[0].json.message).toContain("Add a field to 'Match On' that tells them apart");
	expect(output[1].json).toMatchObject({ email: 'single@example.com', _created: true });
	expect(posts).toHaveLength(1);
});

test.each([
	['={{ [] }}', "'Match On' is empty"],
	[['  '], "'Match On' is empty"],
	[['email', 'phone'], "The item has no value for phone, which 'Match On' names"],
])('Match On %j does not match everybody', async (matchOn, message) => {
	const item = { name_first: 'Ann', name_last: 'Lee', email: 'ann@example.com' };
	const { error, gets, posts } = await findOrCreate([item], matchOn);
	expect(error?.message).toBe(message);
	expect(error?.description).toContain('Nothing was created.');
	expect([gets, posts]).toEqual([[], []]);
});

test('the same email in two practices is two patients', async () => {
	const item = { name_first: 'Ann', name_last: 'Lee', email: 'ann@example.com' };
	const options = { practiceId: '={{ [2, 123, 2, 123][$itemIndex] }}' };
	const result = await findOrCreate([item, item, item, item], ['email'], { options });
	expect(result.records.map(({ _created }) => _created)).toEqual([true, true, false, false]);
	expect(result.posts.map(({ practiceId }) => practiceId)).toEqual(['2', '123']);
});

test('Dry Run: finds, and only says what it would create', async () => {
	const [{ email }] = await patients();
	const fresh = { name_first: 'Ann', name_last: 'Lee', email: 'ann@example.com' };
	const items = [{ ...fresh, email } as IDataObject, fresh];
	const { records, posts } = await findOrCreate(items, ['email'], { options: { dryRun: true } });
	expect(records).toMatchObject([
		{ email, _created: false },
		{ dryRun: true, method: 'POST', path: '/v2/2/patients', body: fresh },
	]);
	expect(posts).toEqual([]);
});
