// Find or Create: what counts as the same record, and that none is created twice.
import { json, startHostileApi, type HostileApi } from '../hostile/hostileApi.ts';
import { automatic, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

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
	const created = result.records.map(({ _created }) => _created);
	return { ...result, created, posts, gets };
}

const patients = async () => (await practice.simulator.records(2, '/patients')) as IDataObject[];
const add = async (record: IDataObject) =>
	await practice.simulator.addRecord(2, '/patients', record as never);
const ann = { name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' };

test('300 items, 100 there already, 50 doubles among the rest: 150 are created', async () => {
	// As people type it: other case, spaces around.
	const retyped = (email: unknown) => ` ${String(email).toUpperCase()} `;
	const known = (await patients()).slice(0, 100).map(({ email }) => retyped(email));
	const fresh = Array.from({ length: 150 }, (_, index) => `new.${index}@example.com`);
	// Spread evenly, a double always after the one that it doubles.
	const emails = [...known, ...fresh].map((_, index, all) => all[(index * 7) % all.length]);
	emails.push(...fresh.slice(0, 50).map(retyped));
	const items = emails.map((email, index) => ({ ...ann, name_last: `Number ${index}`, email }));

	const {
		error,
		records,
		created,
		posts,
		gets,
		items: output,
	} = await findOrCreate(items, ['email']);
	expect(error).toBeUndefined();
	expect(posts).toHaveLength(150);
	// What was created just now need not be looked for, and the list is read once.
	expect(gets).toHaveLength(251);
	const plain = (text: unknown) => String(text).trim().toLowerCase();
	expect(records.map(({ email }) => plain(email))).toEqual(emails.map(plain));
	const isNew = emails.map((email, index) => email.startsWith('new') && index < 250);
	expect(created).toEqual(isNew);
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
	const ids = new Map(records.map(({ email, patient_id }) => [plain(email), patient_id]));
	expect(records.map(({ patient_id }) => patient_id)).toEqual(
		emails.map((email) => ids.get(plain(email))),
	);
}, 30_000);

test('an email is looked for as it is written, and in lower case', async () => {
	const { gets, posts } = await findOrCreate([{ ...ann, email: 'Ann.Lee@Example.com' }], ['email']);
	const rest = 'page=1&page_size=250&sort=-patient_id';
	expect(gets).toEqual([
		`GET /v2/2/patients?email=Ann.Lee@Example.com&${rest}`,
		`GET /v2/2/patients?email=ann.lee@example.com&${rest}`,
		'GET /v2/2/patients?page=1&page_size=250&sort=email,patient_id',
	]);
	expect(posts).toHaveLength(1);
});

/** As a filter that minds case misses capitals, the simulator's own misses a blank that came with an import. */
test.each([
	[['email'], 'jo@x.com'],
	[['email', 'name_last'], 'JO@X.COM'],
	[['name_last', 'email'], 'jo@x.com'],
])('a record that the email filter misses: by %j, %s is found in the list', async (on, email) => {
	const jo = { name_first: 'Jo', name_last: 'Lee' };
	await add({ ...jo, email: 'Jo@X.com ' });
	const { records, posts, gets } = await findOrCreate([{ ...jo, email }], on);
	expect(records).toMatchObject([{ email: 'Jo@X.com ', _created: false }]);
	expect(posts).toEqual([]);
	expect(gets.length).toBeLessThanOrEqual(3);
});

test.each<[string, string[], (patient: IDataObject) => IDataObject]>([
	[
		'names in another case, with spaces',
		['name_first', 'name_last', 'dob'],
		({ name_first, name_last, dob }) => ({
			...{ name_first: `${name_first} `, name_last: String(name_last).toUpperCase(), dob },
		}),
	],
	[
		'a phone number with its marks',
		['phone', 'name_last'],
		({ phone, name_last }) => ({
			phone: String(phone).replace(/(...)(...)/, '+1 ($1) $2-'),
			name_last,
		}),
	],
	[
		'a date with a time and an offset',
		['dob', 'email'],
		({ dob, email }) => ({ dob: `${dob}T23:30:00.000-06:00`, email }),
	],
	[
		'two fields without a documented filter',
		['name_first', 'name_last'],
		({ name_first, name_last }) => ({ name_first, name_last: `${name_last}  ` }),
	],
])('finds by %s', async (_what, matchOn, retype) => {
	const patient = (await patients())[BEFORE - 1];
	const { records, posts } = await findOrCreate([retype(patient)], matchOn);
	expect(records).toEqual([{ ...patient, _created: false }]);
	expect(posts).toEqual([]);
});

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
	['phone_mobile', '5125550142', '+1 512.555.0142', true],
	['account', '15125550142', '5125550142', false],
	['account', 7, '7', true],
	['account', '7.50', 7.5, true],
	['account', '007', '7', false],
	['account', 20240123, '2024-01-23', false],
	['active', true, 'true', true],
	['name_middle', 'Jose\u0301', 'JOSÉ', true],
	['name_middle', '', 'x', false],
])('%s: %j and %j are the same: %j', async (field, there, wanted, isSame) => {
	await add({ ...ann, [field]: there as string });
	const options = { dryRun: true };
	const item = { ...ann, [field]: wanted } as IDataObject;
	const { records } = await findOrCreate([item], ['name_last', field], { options });
	expect(records[0]._created === false).toBe(isSame);
});

test.each([['phone'], ['badge'], ['phone', 'name_last']])(
	'where the records have no field of the name, nobody is found or created: %s %s',
	async (...matchOn) => {
		const [{ phone, name_first, name_last }] = await patients();
		await practice.simulator.configure({ dialect: { phoneField: 'phone_mobile' } });
		const item = { name_first, name_last, phone, badge: 'B-1' } as IDataObject;
		const on = matchOn.filter(Boolean);
		const { error, posts } = await findOrCreate([item, item], on);
		expect(error?.message).toBe(`The patients in EyeCloud Pro have no field ${on[0]} to match on`);
		expect(error?.description).toContain("Choose other fields under 'Match On'");
		expect(posts).toEqual([]);
	},
);

test.each([
	['name_last', 'seen'],
	['email', 'seen'],
])('the same time in UTC is neither found nor created again, by %s and %s', async (...matchOn) => {
	const seen = '2031-07-01T14:30:00';
	await add({ ...ann, seen: `${seen}.000Z` });
	const { error, posts } = await findOrCreate([{ ...ann, seen }], matchOn);
	expect(error?.message).toBe(`A record matches on ${matchOn.join(', ')} but for the time zone`);
	expect(posts).toEqual([]);
	expect((await findOrCreate([{ ...ann, seen: `${seen}Z` }], matchOn)).created).toEqual([false]);
	const inUtc = { timezone: 'UTC' };
	expect((await findOrCreate([{ ...ann, seen }], matchOn, inUtc)).created).toEqual([false]);
});

test('all fields must match', async () => {
	const [{ dob }] = await patients();
	const { created } = await findOrCreate([{ ...ann, dob }], ['dob', 'name_last']);
	expect(created).toEqual([true]);
});

test('a field without a documented filter: the list is read once for all items', async () => {
	const counts = new Map<unknown, number>();
	for (const { name_last } of await patients()) {
		counts.set(name_last, (counts.get(name_last) ?? 0) + 1);
	}
	const known = [...counts].flatMap(([name, count]) => (count === 1 ? [name] : [])).slice(0, 20);
	const items = [...known, 'New One', 'new one ', 'Other'].map((name_last) => ({
		...{ name_first: 'Ann', name_last },
	})) as IDataObject[];
	const { records, created, gets, posts } = await findOrCreate(items, 'name_last');
	expect(gets).toEqual(['GET /v2/2/patients?page=1&page_size=250&sort=name_last,patient_id']);
	expect(posts).toHaveLength(2);
	expect(created).toEqual([...known.map(() => false), true, false, true]);
	expect(records[21].patient_id).toBe(records[20].patient_id);
});

test.each(['reset', 'truncate'] as const)(
	'a double of an item whose outcome is unknown (%s) is looked for again',
	async (kind) => {
		const match = { method: 'POST' };
		await practice.simulator.addFault({ match, when: 'after', fault: { kind } });
		const item = { name_first: 'Zed', name_last: 'Unknown' };
		const on = ['name_first', 'name_last'];
		const result = await findOrCreate([item, item], on, { continueOnFail: true });
		expect(result.records[0].error).toContain('It is unknown whether');
		expect(result.records[1]).toMatchObject({ ...item, _created: false });
		expect(await patients()).toHaveLength(BEFORE + 1);
	},
);

test('several match: says how many, and creates nothing', async () => {
	const twin = { name_first: 'Tia', name_last: 'Twin', email: 'twin@example.com' };
	for (let time = 0; time < 2; time++) await add(twin);
	const { records, posts } = await findOrCreate([twin, ann], ['email'], { continueOnFail: true });
	expect(records[0]).toEqual({
		error: '2 patients match on email',
		message: expect.stringContaining("Add a field to 'Match On' that tells them apart"),
	});
	expect(records[1]).toMatchObject({ ...ann, _created: true });
	expect(posts).toHaveLength(1);
});

test.each([
	['={{ [] }}', "'Match On' is empty"],
	[['  '], "'Match On' is empty"],
	[['email', 'phone'], "The item has no value for phone, which 'Match On' names"],
])('Match On %j does not match everybody', async (matchOn, message) => {
	const { error, gets, posts } = await findOrCreate([ann], matchOn);
	expect(error?.message).toBe(message);
	expect(error?.description).toContain('Nothing was created.');
	expect([gets, posts]).toEqual([[], []]);
});

test('the same email in two practices is two patients', async () => {
	const options = { practiceId: '={{ [2, 123, 2, 123][$itemIndex] }}' };
	const { created, posts } = await findOrCreate([ann, ann, ann, ann], ['email'], { options });
	expect(created).toEqual([true, true, false, false]);
	expect(posts.map(({ practiceId }) => practiceId)).toEqual(['2', '123']);
});

test('Dry Run: finds, and only says what it would create', async () => {
	const [{ email }] = await patients();
	const options = { dryRun: true };
	const { records, posts } = await findOrCreate([{ ...ann, email }, ann], ['email'], { options });
	expect(records).toMatchObject([
		{ email, _created: false },
		{ dryRun: true, method: 'POST', path: '/v2/2/patients', body: ann },
	]);
	expect(posts).toEqual([]);
});

describe('an API that drops what it does not know', () => {
	let api: HostileApi;
	beforeAll(async () => {
		api = await startHostileApi();
	});
	afterAll(async () => await api.close());

	async function createdAs(record: IDataObject) {
		api.answer(({ method }, response) =>
			method === 'POST'
				? json(response, record)
				: json(response, {
						...{ data: [], pagination: { page: 1, page_size: 5, total_pages: 0, total_count: 0 } },
					}),
		);
		const client = await practice.simulator.createClient({ practiceIds: [2] });
		const credential = api.credentialFor(practice.simulator, client);
		const columns = mapped({ name_last: 'Lee', phone: '5125550142' });
		const given = { columns, matchOn: ['phone'] };
		return await practice.run('patient', 'findOrCreate', given, { items: [{}], credential });
	}

	test('what was created without a field to match on is told', async () => {
		const { error, hints } = await createdAs({ patient_id: 7, name_last: 'Lee' });
		expect(error).toBeUndefined();
		expect(hints).toEqual([
			"What was created came back without Phone (phone), which 'Match On' names, so the next run may not find it and create it again. Choose fields that Get Many shows without 'Simplify'.",
		]);
	});

	test.each([[{ patient_id: 7 }], [{ patient_id: 7, name_last: 'Lee', phone: '5125550142' }]])(
		'nothing is told of %j',
		async (record) => {
			expect((await createdAs(record)).hints).toEqual([]);
		},
	);

	test.each([[['patient_id', 'start_date']]])(
		'a time that comes back as midnight in UTC is found again by %j',
		async (matchOn) => {
			const own = { patient_id: 7, start_date: '2030-01-31T00:00:00.000Z' };
			const other = { patient_id: 8, start_date: '2030-01-31T09:00:00.000Z' };
			const pagination = { page: 1, page_size: 250, total_pages: 1, total_count: 2 };
			const data = [
				{ appt_id: 2, ...other },
				{ appt_id: 1, ...own },
			];
			api.answer((_, response) => json(response, { data, pagination }));
			const client = await practice.simulator.createClient({ practiceIds: [2] });
			const credential = api.credentialFor(practice.simulator, client);
			const columns = mapped({ patient_id: 7, start_date: '2030-01-30T16:00:00' });
			const { error, records } = await practice.run(
				'appointment',
				'findOrCreate',
				{ columns, matchOn },
				{ items: [{}], credential, timezone: 'America/Los_Angeles' },
			);
			expect(error?.message).toBeUndefined();
			expect(records[0]).toMatchObject({ appt_id: 1, _created: false });
		},
	);
});
