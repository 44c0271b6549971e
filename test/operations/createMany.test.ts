// Create Many: one atomic request or several, what is said of the items that were refused, and of what
// is in EyeCloud Pro already.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const BEFORE = 60;
const practice = simulatedPractice({ patients: BEFORE });

/** The API refuses those at the given positions, the node does not. */
function patients(count: number, refusedAt: number[] = []): IDataObject[] {
	return Array.from({ length: count }, (_, index) => ({
		name_first: 'Ann',
		name_last: `Number ${index}`,
		gender: refusedAt.includes(index) ? 'X' : 'F',
	}));
}

async function createMany(
	items: IDataObject[],
	options: IDataObject = {},
	more: { continueOnFail?: boolean; columns?: IDataObject } = {},
) {
	const { columns = automatic, ...rest } = more;
	const parameters = { columns, options };
	const result = await practice.run('patient', 'createMany', parameters, { items, ...rest });
	const bodies = (await practice.received('POST')).map(({ body }) => body as IDataObject[]);
	const sizes = bodies.map(({ length }) => length);
	const created = (await practice.simulator.records(2, '/patients')).slice(BEFORE);
	const pairs = result.items.map(({ pairedItem }) => pairedItem);
	return { ...result, bodies, sizes, created, pairs };
}

const pairsOf = (items: unknown[]) => items.map((_, item) => ({ item }));
const refusal = "'Gender (gender)' must be one of [F, M, U]";
const speak = async (dialect: object) => await practice.simulator.configure({ dialect });

test('all in one request, each answer paired with its item', async () => {
	const items = patients(500);
	const { records, pairs, bodies, created } = await createMany(items);
	expect(bodies).toEqual([items]);
	expect(records).toEqual(created);
	expect(created.map(({ name_last }) => name_last)).toEqual(items.map((item) => item.name_last));
	expect(pairs).toEqual(pairsOf(items));
});

test.each<[size: number, refusedAt: number[], batchSize: number, text: string, inThere: number]>([
	[
		...([500, [17, 402], 0] as [number, number[], number]),
		`2 of 500 items were refused, so none of the 500 was created. Items 18, 403: ${refusal}<br>Correct these items and run it again.`,
		0,
	],
	[
		...([500, [217, 402], 100] as [number, number[], number]),
		`1 of 100 items was refused, so none of the 100 was created. Item 218: ${refusal}<br>Correct these items and run it again. Created before it, and in EyeCloud Pro already: 200 of the items, 1 to 200.`,
		200,
	],
	[
		...([30, Array.from({ length: 25 }, (_, index) => index), 0] as [number, number[], number]),
		`25 of 30 items were refused, so none of the 30 was created. Items 1 to 25: ${refusal}<br>Correct these items and run it again.`,
		0,
	],
])(
	'%i with bad ones at %j, in batches of %i',
	async (size, refusedAt, batchSize, text, inThere) => {
		const { error, created, records } = await createMany(patients(size, refusedAt), { batchSize });
		expect(`${error?.message}. ${error?.description}`).toBe(text);
		expect([created.length, records]).toEqual([inThere, []]);
	},
);

test('many reasons: the first twenty, and the others counted', async () => {
	const items = Array.from({ length: 25 }, (_, index) => ({
		...{ name_last: 'Lee', [`field_${index}`]: 'x' },
	}));
	const { error } = await createMany(items);
	const lines = error?.description?.split('<br>') ?? [];
	expect(lines[0]).toBe("Items 1 to 25: 'First Name' is required");
	expect(lines.slice(-3)).toEqual([
		"Item 19: 'Field 18 (field_18)' is not allowed",
		'And 6 more',
		'Correct these items and run it again.',
	]);
});

test.each([
	[120, [120, 120, 120, 120, 20]],
	[500, [500]],
	[9_999, [500]],
	[0, [500]],
	['={{ "120" }}', [120, 120, 120, 120, 20]],
])('a batch size of %s', async (batchSize, expected) => {
	const { sizes, created, hints } = await createMany(patients(500), { batchSize });
	expect(sizes).toEqual(expected);
	expect(created).toHaveLength(500);
	expect(hints).toEqual([]);
});

test('Continue On Fail: only the items of the refused batches fail, all are paired', async () => {
	const items = patients(500, [217, 402]);
	const options = { batchSize: 100 };
	const { records, pairs, created } = await createMany(items, options, { continueOnFail: true });
	expect(created).toHaveLength(300);
	expect(pairs).toEqual(pairsOf(items));
	for (const [index, record] of records.entries()) {
		const isRefused = [2, 4].includes(Math.floor(index / 100));
		expect([index, 'error' in record, 'patient_id' in record]).toEqual([
			...[index, isRefused, !isRefused],
		]);
	}
	expect(records[217]).toEqual({
		error: `Not created: ${refusal}`,
		message: 'Correct the named items and run it again.',
	});
	expect(records[218].error).toBe(
		`Not created, because its batch was refused for item 218: ${refusal}`,
	);
	expect(records[499].error).toContain('item 403');
});

describe('Body Key', () => {
	const options = { bodyKey: 'patients' };

	test('the list under a name, and bad items are found in there as well', async () => {
		await speak({ bulkBody: 'named' });
		const items = patients(3);
		const good = await createMany(items, options);
		expect(good.bodies).toEqual([{ patients: items }]);
		expect(good.records).toEqual(good.created);
		const { error } = await createMany(patients(3, [1]), options);
		expect(error?.description).toContain(`Item 2: ${refusal}`);
		const dry = await createMany(items, { ...options, dryRun: true });
		expect(dry.records).toMatchObject([{ dryRun: true, body: { patients: items } }]);
	});

	test('that API Differences name, unless it is emptied by hand; the wrong one is told', async () => {
		const apiDifferences = JSON.stringify({ patient: { bodyKey: 'patients' } });
		practice.credential.change({ apiDifferences });
		for (const given of [{}, { bodyKey: '' }]) await createMany(patients(2), given);
		const { error, bodies } = await createMany(patients(2), options);
		expect(bodies.map((body) => Array.isArray(body))).toEqual([false, true, false]);
		expect(error?.description).toMatch(/leave the option 'Body Key' empty/);
	});
});

test('answered in another order: each record is paired with the item that it came from', async () => {
	const [first, second, third] = patients(3);
	const changed = { ...first, name_last: 'NUMBER ZERO' };
	const data = [third, changed, second].map((one, index) => ({ patient_id: index, ...one }));
	const fault = { kind: 'status', status: 201, body: { data } } as const;
	await practice.simulator.addFault({ match: { method: 'POST' }, fault });
	const answered = await createMany(patients(3));
	expect(answered.records.map(({ name_last }) => name_last)).toEqual([
		...['NUMBER ZERO', 'Number 1', 'Number 2'],
	]);
	expect(answered.pairs).toEqual(pairsOf(data));
});

test.each([{ created: 2 }, { data: patients(2) }, { data: { ids: [7, 8] } }])(
	'answered with another number of records: %j',
	async (body) => {
		const fault = { kind: 'status', status: 201, body } as const;
		await practice.simulator.addFault({ match: { method: 'POST' }, fault });
		const { error, sizes } = await createMany(patients(3));
		expect(error?.message).toBe('EyeCloud Pro was sent 3 records and answered that it created 2');
		expect(sizes).toEqual([3]);
	},
);

test('items of two practices, by expression', async () => {
	const items = patients(10).map(
		(patient, index): IDataObject => ({ ...patient, to: [2, 123][index % 2] }),
	);
	const name = (field: string) => ({ [field]: `={{ $json.${field} }}` });
	const columns = mapped({ ...name('name_first'), ...name('name_last') });
	const { records, pairs } = await createMany(
		items,
		{ practiceId: '={{ $json.to }}' },
		{ columns },
	);
	const posts = await practice.received('POST');
	expect(posts.map(({ practiceId, body }) => [practiceId, (body as unknown[]).length])).toEqual([
		['2', 5],
		['123', 5],
	]);
	expect(records.map(({ name_last }) => name_last)).toEqual(items.map((item) => item.name_last));
	expect(pairs).toEqual(pairsOf(items));
	const bad = items.map((item, index) => ({ ...item, dob: index > 0 && index < 3 ? 'soon' : '' }));
	const all = mapped({ ...name('name_first'), ...name('name_last'), ...name('dob') });
	const { error } = await createMany(bad, { practiceId: '={{ $json.to }}' }, { columns: all });
	expect(error?.description).toMatch(/^Items 2 to 3: 'Date of Birth' is not a date/);
	const elsewhere = await practice.simulator.records(123, '/patients');
	expect(elsewhere.slice(-5).map(({ name_last }) => name_last)).toEqual(
		[1, 3, 5, 7, 9].map((number) => `Number ${number}`),
	);
});

test.each([
	['answered 500', { kind: 'status', status: 500 }, 'before', 4],
	['reset, before the API did its work', { kind: 'reset' }, 'before', 4],
	['reset, afterwards', { kind: 'reset' }, 'after', 6],
] as const)('a batch that is %s is not sent again', async (_what, fault, when, inThere) => {
	const match = { method: 'POST', nth: 3, times: 9 };
	await practice.simulator.addFault({ match, when, fault });
	const { error, sizes, created } = await createMany(patients(10), { batchSize: 2 });
	expect(error?.message).toContain('It is unknown whether EyeCloud Pro created the 2 records');
	expect(error?.description).toContain('not sent again');
	expect(error?.description).toContain('It was the batch from item 5 to item 6.');
	expect(error?.description).toContain('in EyeCloud Pro already: 4 of the items, 1 to 4.');
	expect([sizes, created.length]).toEqual([[2, 2, 2], inThere]);
});

test('Continue On Fail, with an unknown outcome in the middle', async () => {
	const match = { method: 'POST', nth: 2 };
	await practice.simulator.addFault({ match, when: 'after', fault: { kind: 'reset' } });
	const options = { batchSize: 2 };
	const { records, pairs, sizes } = await createMany(patients(6), options, {
		continueOnFail: true,
	});
	expect(sizes).toEqual([2, 2, 2]);
	expect(pairs).toEqual(pairsOf(records));
	const unknown = records.map(({ error }) => String(error).startsWith('It is unknown whether'));
	expect(unknown).toEqual([false, false, true, true, false, false]);
});

test('tries with another batch size: what was sent together stays together, and the others go on', async () => {
	await practice.simulator.addFault({
		...{ match: { method: 'POST', nth: 1 }, fault: { kind: 'reset' } },
	});
	const parameters = { columns: automatic, options: { batchSize: '={{ $itemIndex + 2 }}' } };
	const more = { items: patients(5), executionId: 'batches', continueOnFail: true };
	const { records } = await practice.run('patient', 'createMany', parameters, {
		...{ ...more, retryOnFail: true },
	});
	expect(records.map(({ error }) => error !== undefined)).toEqual([
		...[true, true, false, false, false],
	]);
	expect(await practice.received('POST')).toHaveLength(3);
});

test('what the node can tell is wrong is found before anything is sent, without its value', async () => {
	const items: IDataObject[] = [...patients(7), {}];
	items[3].dob = '2001-02-30';
	items[6].email = 'nobody';
	const { error, bodies } = await createMany(items, { batchSize: 2 });
	expect(error?.description?.split('<br>').slice(0, 3)).toEqual([
		"Item 4: 'Date of Birth' is not a date, e.g. 2000-01-31",
		expect.stringContaining("Item 7: 'Email' is not an email address"),
		'Item 8: no field is filled in',
	]);
	expect(error?.description).not.toContain('2001-02-30');
	expect(bodies).toEqual([]);
});

describe('Dry Run', () => {
	test('the requests that would be sent, one a batch', async () => {
		const items = patients(5);
		const { records, pairs, bodies } = await createMany(items, { batchSize: 3, dryRun: true });
		const request = { dryRun: true, method: 'POST', path: '/v2/2/patients' };
		expect(records).toEqual([
			{ ...request, body: items.slice(0, 3) },
			{ ...request, body: items.slice(3) },
		]);
		expect(pairs[1]).toEqual([{ item: 3 }, { item: 4 }]);
		expect(bodies).toEqual([]);
		const bad = await createMany([{ ...items[0], dob: 'soon' }], { dryRun: true });
		expect(bad.error?.message).toContain("'Date of Birth' is not a date");
	});

	test('that is no value in one item: with Continue, the others are created', async () => {
		const dryRun = "={{ $json.name_last === 'Number 2' ? 'perhaps' : false }}";
		const items = patients(4);
		const { records, created } = await createMany(items, { dryRun }, { continueOnFail: true });
		expect(records.map(({ error }) => error !== undefined)).toEqual([false, false, true, false]);
		expect(created).toHaveLength(3);
	});

	test('of one item: it is not created along with the others', async () => {
		const items = patients(4);
		const dryRun = "={{ $json.name_last === 'Number 2' }}";
		const { bodies, created, records, pairs } = await createMany(items, { dryRun });
		expect(bodies).toEqual([[items[0], items[1], items[3]]]);
		expect(created).toHaveLength(3);
		const shown = records.findIndex((record) => record.dryRun);
		expect([records[shown].body, pairs[shown]]).toEqual([[items[2]], [{ item: 2 }]]);
	});
});

describe('a batch that is refused', () => {
	const bad = [{ name_first: 'Bo' }, ...patients(1), ...patients(1, [0])];

	test.each(['index', 'body', 'key', 'first'] as const)('by %s', async (bulkRefused) => {
		await speak({ bulkRefused });
		const { error, created } = await createMany(bad);
		expect(error?.description).toContain("Item 1: 'Last Name' is required");
		expect(error?.description?.includes(`Item 3: ${refusal}`)).toBe(bulkRefused !== 'first');
		expect(error?.description).not.toContain('Item 2');
		expect(created).toEqual([]);
	});

	test('without a word about any: it says so', async () => {
		await speak({ bulkRefused: 'alternatives' });
		const text = expect.stringContaining('does not say which of the 3 items it means');
		expect((await createMany(bad)).error?.description).toEqual(text);
		const { records } = await createMany(bad, {}, { continueOnFail: true });
		expect(records.map(({ message }) => message)).toEqual([text, text, text]);
	});
});

describe('over 100 kB', () => {
	const insurances = [1, 2, 3].map((priority) => ({ priority, payer: 'P'.repeat(90) }));
	const items = patients(400).map((patient) => ({ ...patient, insurances }));

	test.each(['html413', 'json400', 'json500'] as const)('in several: %s', async (tooLargeBody) => {
		await speak({ tooLargeBody });
		const { error, pairs, created, sizes, hints } = await createMany(items);
		expect(error).toBeUndefined();
		expect(created).toHaveLength(400);
		expect(pairs).toEqual(pairsOf(items));
		expect(sizes.length).toBeGreaterThan(1);
		expect(hints).toEqual([
			`The items were too large for one request, and went in ${sizes.length}. Each was created as a whole or not at all.`,
		]);
	});

	test('a bad one among the last: what was created is told', async () => {
		const { error, created } = await createMany([...items, { name_first: 'Bo' }]);
		expect(error?.description).toContain('Item 401');
		const [, told] = /already: (\d+) of the items, 1 to /.exec(error?.description ?? '') ?? [];
		expect(created).toHaveLength(Number(told));
	});
});
