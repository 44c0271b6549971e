// Find or Create and Create or Update look alike: what counts as the same record, how few requests find it, and that
// nobody creates it meanwhile. Their tries, faults and executions at once are played in test/model.
import { fakeClock } from '../harness/fastTime.ts';
import { automatic, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import { setImmediate } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';

import type { NodeRun } from '../harness/runNode.ts';

const BEFORE = 120;
const practice = simulatedPractice({ patients: BEFORE });
const patients = async () => (await practice.simulator.records(2, '/patients')) as IDataObject[];
const add = async (record: IDataObject, path = '/patients') =>
	await practice.simulator.addRecord(2, path, record as never);
const addedNames = async () => (await patients()).slice(BEFORE).map(({ name_last }) => name_last);
const reads = async () => (await practice.received('GET')).map(requestLine);
const ann = { name_first: 'Ann', name_last: 'Lee', email: 'ann.lee@example.com' };
const named = (name_last: string) => ({ ...ann, name_last, email: `${name_last}@example.com` });

type More = Omit<NodeRun, 'parameters'> & { options?: IDataObject };

async function findOrCreate(items: IDataObject[], matchOn: unknown, more: More = {}) {
	const { options = {}, ...rest } = more;
	const parameters = { columns: automatic, matchOn, options } as IDataObject;
	const result = await practice.run('patient', 'findOrCreate', parameters, { items, ...rest });
	const posts = await practice.received('POST');
	return { ...result, posts, created: result.records.map(({ _created }) => _created) };
}

/** What the API has in a field, what an item has there, and whether people mean the same. */
test.each<[string, unknown, unknown, boolean]>([
	['name_first', 'Jose\u0301  Luis', ' JOSÉ LUIS', true],
	['phone', '5125550142', '+1 (512) 555-0142', true],
	['dob', '1990-01-31', '1990-01-31T23:30:00.000-06:00', true],
	['start', '2031-07-01T14:30:00', '2031-07-01T09:00:00', false],
	['start', '2031-07-01T14:30:00', '2031-07-01 2:30 PM', true],
	['start', '2031-07-01T14:30:00', '2031-07-01T19:30:00.000Z', true],
	['start', '2030-01-31T00:00:00.000Z', '2030-01-30T18:00:00', true],
	['start', '2031-07-01', '2031-07-01T00:00:00', true],
	['miscellaneous', 'a-12 ', 'A-12', true],
	['account', '15125550142', '5125550142', false],
	['account', '7.50', 7.5, true],
	['account', '007', '7', false],
	['account', '12.1', '12.10', false],
	['account', '2030-123', '2030-05-03', false],
	['account', '3-14-1985', '03-14-1985', false],
	['account', '5125550100', '512-555-0100', false],
	['account', 20240123, '2024-01-23', false],
	['name_middle', '', 'x', false],
])('%s: %j and %j are the same: %j', async (field, there, wanted, isSame) => {
	await add({ ...ann, [field]: there as string });
	const item = { ...ann, [field]: wanted } as IDataObject;
	const more = { options: { dryRun: true } };
	const { records } = await findOrCreate([item], ['name_last', field], more);
	expect(records[0]._created === false).toBe(isSame);
});

test('of codes that are one number, the one that is written alike is meant', async () => {
	for (const account of ['12.1', '12.10', '7.50']) await add({ ...ann, account });
	const items = [12.1, 7.5].map((account) => ({ ...ann, account }));
	const { records } = await findOrCreate(items, ['account']);
	expect(records.map(({ account }) => account)).toEqual(['12.1', '7.50']);
});

/** As a filter that minds case misses capitals, the simulator's own misses a blank that came with an import. */
test.each([
	[['email'], 'Jo@X.com ', 'jo@x.com'],
	[['name_last', 'email'], 'Jo@X.com ', 'JO@X.COM'],
	[['phone'], '(512) 555-0142', '5125550142'],
	[['name_last', 'dob'], '04/13/1979', '1979-04-13'],
])('what a filter misses is found in the list: by %j, %j for %s', async (on, there, wanted) => {
	const [jo, field] = [{ name_first: 'Jo', name_last: 'Lee' }, on[on.length - 1]];
	await add({ ...jo, [field]: there });
	const { records, posts } = await findOrCreate([{ ...jo, [field]: wanted }], on);
	expect(records).toMatchObject([{ [field]: there, _created: false }]);
	expect(posts).toEqual([]);
	expect((await reads()).length).toBeLessThanOrEqual(3);
});

test.each([[['phone']], [['name_last', 'badge']]])(
	'where the records have no field of the name, nobody is found or created: %j',
	async (matchOn) => {
		const [{ phone, name_first, name_last }] = await patients();
		await practice.simulator.configure({ dialect: { phoneField: 'phone_mobile' } });
		const item = { name_first, name_last, phone, badge: 'B-1' } as IDataObject;
		const { error, posts } = await findOrCreate([item, item], matchOn);
		expect(error?.message).toMatch(
			/^The patients in EyeCloud Pro have no field (phone|badge) that/,
		);
		expect(posts).toEqual([]);
	},
);

test('what a filter finds and nobody can read is not created again', async () => {
	await add({ ...ann, dob: '1979-04-13 (?)' });
	const item = { ...ann, dob: '1979-04-13' };
	const { error, posts } = await findOrCreate([item], ['name_last', 'dob']);
	expect(error?.message).toBe(
		'The patients in EyeCloud Pro have no field dob that can be compared',
	);
	expect(posts).toEqual([]);
});

test.each([[['name_last', 'seen']], [['email', 'seen']]])(
	'the same time in UTC is neither found nor created again, by %j',
	async (matchOn) => {
		const seen = '2031-07-01T14:30:00';
		await add({ ...ann, seen: `${seen}.000Z` });
		const { error, posts } = await findOrCreate([{ ...ann, seen }], matchOn);
		expect(error?.message).toBe(`A record matches on ${matchOn.join(', ')} but for the time zone`);
		expect(posts).toEqual([]);
		const inUtc = { timezone: 'UTC' };
		expect((await findOrCreate([{ ...ann, seen }], matchOn, inUtc)).created).toEqual([false]);
	},
);

test('a field without a documented filter: the list is read once for all items', async () => {
	const all = (await patients()).map(({ name_last }) => name_last);
	const known = all.filter((name) => all.indexOf(name) === all.lastIndexOf(name)).slice(0, 20);
	const items = [...known, 'New One', 'new one ', 'Other'].map((name_last) => ({
		...{ name_first: 'Ann', name_last },
	})) as IDataObject[];
	const { records, created, posts } = await findOrCreate(items, 'name_last');
	expect(await reads()).toEqual([
		'GET /v2/2/patients?page=1&page_size=250&sort=name_last,patient_id',
		'GET /v2/2/patients?page=1&page_size=250&sort=-patient_id',
	]);
	expect(posts).toHaveLength(2);
	expect(created).toEqual([...known.map(() => false), true, false, true]);
	expect(records[21].patient_id).toBe(records[20].patient_id);
});

test('a search that can not be read leaves nothing unknown: a Retry creates', async () => {
	const match = { method: 'GET', times: 9 };
	await practice.simulator.addFault({ match, fault: { kind: 'html' } });
	const { error, retry } = await findOrCreate([ann], ['email']);
	await practice.simulator.clearFaults();
	expect(error?.message).toBe("EyeCloud Pro gave an answer that can't be read");
	expect((await retry()).records).toMatchObject([{ ...ann, _created: true }]);
});

test('several match: says how many, and creates nothing for that item', async () => {
	for (let time = 0; time < 2; time++) await add(named('Twin'));
	const more = { onError: 'continueRegularOutput' as const };
	const { records, posts } = await findOrCreate([named('Twin'), ann], ['email'], more);
	expect(records[0]).toEqual({
		error: '2 patients match on email',
		message: expect.stringContaining("Add a field to 'Match On' that tells them apart"),
	});
	expect(records[1]).toMatchObject({ ...ann, _created: true });
	expect(posts).toHaveLength(1);
});

test.each([
	['={{ [] }}', "'Match On' is empty"],
	[['email', 'phone'], "The item has no value for phone, which 'Match On' names"],
])('Match On %j does not match everybody', async (matchOn, message) => {
	const { error } = await findOrCreate([ann], matchOn);
	expect(error?.message).toBe(message);
	expect(await practice.received()).toEqual([]);
});

test.each<[IDataObject, hints: unknown[]]>([
	[{ name_last: 'Lee' }, [expect.stringMatching(/^What was created came back without Phone/)]],
	[{}, []],
	[{ name_last: 'Lee', phone: '5125550142' }, []],
])('created and answered %j: a lost field to match on is told', async (answered, told) => {
	const body = { data: { patient_id: 7, ...answered } };
	const fault = { kind: 'status', status: 201, body } as const;
	await practice.simulator.addFault({ match: { method: 'POST' }, fault });
	const columns = mapped({ name_last: 'Lee', phone: '5125550142' });
	const { hints } = await practice.run('patient', 'findOrCreate', { columns, matchOn: ['phone'] });
	expect(hints).toEqual(told);
});

describe('while others create', () => {
	const onError = 'continueRegularOutput' as const;

	test('two executions at once, each matching on another field: one creates', async () => {
		const fields = [['email'], ['name_last'], ['name_first', 'name_last']];
		const results = await Promise.all(
			fields.map(async (on, index) =>
				findOrCreate([named('new')], on, { executionId: `${index}` }),
			),
		);
		expect(results.flatMap(({ created }) => created).sort()).toEqual([false, false, true]);
		expect(await addedNames()).toEqual(['new']);
	});

	test.each([[['email']], [['name_last']]])('by %j, after a wait it looks again', async (on) => {
		const fault = { kind: 'status', status: 429, headers: { 'Retry-After': '120' } } as const;
		await practice.simulator.addFault({ match: { method: 'POST', nth: 1 }, fault });
		// While the node waits for the rate limit, before its second creation.
		fakeClock.onSleep = () => {
			fakeClock.onSleep = () => {};
			fakeClock.hold();
			void add(named('meanwhile')).then(() => fakeClock.release());
		};
		const { created } = await findOrCreate([named('first'), named('meanwhile')], on);
		expect(created).toEqual([true, false]);
		expect(await addedNames()).toEqual(['meanwhile', 'first']);
	});

	test.each([
		['create', false],
		['may have created', true],
	])('what Create and Create Many of other executions %s is found', async (_, isLost) => {
		const others = ['second', 'third'].map(named);
		await practice.simulator.addFault({ match: { method: 'POST' }, fault: { kind: 'hang' } });
		const more = { executionId: 'looking', onError };
		const looking = findOrCreate([named('first'), ...others], ['email'], more);
		while ((await practice.received('POST')).length === 0) await setImmediate();
		const lost = { match: { method: 'POST', times: 2 }, when: 'after' } as const;
		if (isLost) await practice.simulator.addFault({ ...lost, fault: { kind: 'reset' } });
		for (const [index, operation] of ['create', 'createMany'].entries()) {
			const one = { items: [others[index]], executionId: operation };
			await practice.run('patient', operation, { columns: automatic }, one);
		}
		await practice.simulator.clearFaults();
		const { records, created } = await looking;
		expect(records[0].error).toMatch(/^It is unknown whether/);
		expect(created.slice(1)).toEqual([false, false]);
		expect(await addedNames()).toEqual(['second', 'third']);
	});
});

describe('in a long list that can be sorted', () => {
	const long = simulatedPractice({ patients: 5_000 });
	const find = async (items: IDataObject[]) => {
		await long.simulator.reset();
		const parameters = { columns: automatic, matchOn: ['name_first', 'name_last'] };
		const { records } = await long.run('patient', 'findOrCreate', parameters, { items });
		const { length } = await long.received('GET');
		return { reads: length, created: records.map(({ _created }) => _created) };
	};

	test('few are looked up in few requests, many read it once', async () => {
		const all = (await long.simulator.records(2, '/patients')) as IDataObject[];
		const keys = all.map(({ name_first, name_last }) => `${name_first} ${name_last}`);
		const known = all.flatMap(({ name_first, name_last }, at) => {
			const isOne = keys.indexOf(keys[at]) === at && keys.lastIndexOf(keys[at]) === at;
			return isOne ? [{ name_first, name_last: String(name_last).toUpperCase() }] : [];
		});
		const one = await find([known[0], { name_first: 'June', name_last: 'Nader-Import' }]);
		expect(one.created).toEqual([false, true]);
		expect(one.reads).toBeLessThan(5_000 / 250);
		const many = await find(known.slice(0, 12));
		expect(many.created).toEqual(Array(12).fill(false));
		// One more, which told how long the list is, and one as the last page is full.
		expect(many.reads).toBeLessThanOrEqual(5_000 / 250 + 2);
	});
});
