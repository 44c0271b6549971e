// Create Many: one atomic request or several, what is said of the items that were refused, and of what
// is in EyeCloud Pro already.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const BEFORE = 60;
const practice = simulatedPractice({ patients: BEFORE });

/** 500 patients; the API refuses those at the given positions, the node does not. */
function patients(refusedAt: number[] = [], count = 500): IDataObject[] {
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
	const result = await practice.run(
		'patient',
		'createMany',
		{ columns, options },
		{ items, ...rest },
	);
	const posts = await practice.received('POST');
	const stored = await practice.simulator.records(2, '/patients');
	return { ...result, posts, created: stored.slice(BEFORE) };
}

const refusal = '"gender" must be one of [F, M, U]';

test('all in one request, each answer paired with its item', async () => {
	const items = patients();
	const { records, items: output, posts, created } = await createMany(items);
	expect(posts.map(({ body }) => body)).toEqual([items]);
	expect(records).toEqual(created);
	expect(created.map(({ name_last }) => name_last)).toEqual(items.map((item) => item.name_last));
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
});

test('two bad ones of 500: nothing is created, and both are named', async () => {
	const { error, posts, created, records } = await createMany(patients([17, 402]));
	expect(error?.message).toBe('2 of 500 items were refused, so none of the 500 was created');
	expect(error?.description).toBe(
		`Items 18, 403: ${refusal}<br>Correct these items and run it again.`,
	);
	expect([posts.length, created, records]).toEqual([1, [], []]);
});

test('in batches of 100: what is in already is counted', async () => {
	const { error, posts, created } = await createMany(patients([217, 402]), { batchSize: 100 });
	expect(error?.message).toBe('1 of 100 items was refused, so none of the 100 was created');
	expect(error?.description).toBe(
		`Item 218: ${refusal}<br>Correct these items and run it again. Created before it, and in EyeCloud Pro already: 200 of the items, 1 to 200.`,
	);
	expect(posts.map(({ body }) => (body as unknown[]).length)).toEqual([100, 100, 100]);
	expect(created).toHaveLength(200);
});

test.each([
	[120, [120, 120, 120, 120, 20]],
	[500, [500]],
	[9_999, [500]],
	[0, [500]],
	['={{ "120" }}', [120, 120, 120, 120, 20]],
])('a batch size of %s', async (batchSize, sizes) => {
	const { posts, created } = await createMany(patients(), { batchSize });
	expect(posts.map(({ body }) => (body as unknown[]).length)).toEqual(sizes);
	expect(created).toHaveLength(500);
});

test('one batch before it is one batch', async () => {
	const { error } = await createMany(patients([7], 10), { batchSize: 5 });
	expect(error?.description).toContain('already: 5 of the items, 1 to 5.');
});

test('many bad ones: each reason once; the first twenty reasons, the others counted', async () => {
	const alike = Array.from({ length: 25 }, (_, index) => index);
	const { error } = await createMany(patients(alike, 30));
	expect(error?.message).toBe('25 of 30 items were refused, so none of the 30 was created');
	expect(error?.description).toMatch(/^Items 1 to 25: "gender" .*<br>Correct/);
	const different = alike.map((index) => ({ name_last: 'Lee', [`field_${index}`]: 'x' }));
	const other = await createMany(different);
	const lines = other.error?.description?.split('<br>') ?? [];
	expect(lines[0]).toBe("Items 1 to 25: 'First Name' is required");
	expect(lines.slice(-3)).toEqual([
		'Item 19: "field_18" is not allowed',
		'And 6 more',
		'Correct these items and run it again.',
	]);
});

test('Continue On Fail: only the items of the refused batches fail, all are paired', async () => {
	const items = patients([217, 402]);
	const {
		error,
		items: output,
		created,
	} = await createMany(items, { batchSize: 100 }, { continueOnFail: true });
	expect(error).toBeUndefined();
	expect(created).toHaveLength(300);
	expect(output.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
	for (const [index, { json }] of output.entries()) {
		const isRefused = [2, 4].includes(Math.floor(index / 100));
		expect([index, 'error' in json, 'patient_id' in json]).toEqual([index, isRefused, !isRefused]);
	}
	expect(output[217].json).toEqual({
		error: `Not created: ${refusal}`,
		message: 'Correct the named items and run it again.',
	});
	expect(output[218].json.error).toBe(
		`Not created, because its batch was refused for item 218: ${refusal}`,
	);
	expect(output[499].json.error).toContain('item 403');
});

test('Body Key: the list under a name, and bad items are found in there as well', async () => {
	await practice.simulator.configure({ dialect: { bulkBody: 'named' } });
	const options = { bodyKey: 'patients' };
	const items = patients([], 3);
	const good = await createMany(items, options);
	expect(good.posts.map(({ body }) => body)).toEqual([{ patients: items }]);
	expect(good.records).toEqual(good.created);
	const bad = await createMany(patients([1], 3), options);
	expect(bad.error?.description).toContain(`Item 2: ${refusal}`);
});

test('items of two practices, by expression', async () => {
	const elsewhere = await practice.simulator.records(123, '/patients');
	const items = patients([], 10).map((patient, index) => ({
		...patient,
		practice: index % 2 === 0 ? 2 : 123,
	}));
	const columns = mapped({
		name_first: '={{ $json.name_first }}',
		name_last: '={{ $json.name_last }}',
	});
	const options = { practiceId: '={{ $json.practice }}' };
	const { items: output, posts } = await createMany(items, options, { columns });
	expect(posts.map(({ practiceId, body }) => [practiceId, (body as unknown[]).length])).toEqual([
		['2', 5],
		['123', 5],
	]);
	for (const { json, pairedItem } of output) {
		const { item } = pairedItem as { item: number };
		expect(json.name_last).toBe(`Number ${item}`);
	}
	expect(new Set(output.map(({ pairedItem }) => JSON.stringify(pairedItem))).size).toBe(10);
	const after = await practice.simulator.records(123, '/patients');
	expect(after.slice(elsewhere.length).map(({ name_last }) => name_last)).toEqual(
		[1, 3, 5, 7, 9].map((number) => `Number ${number}`),
	);
});

test.each([
	['answered 500', { kind: 'status', status: 500 }, 'before', 200],
	['reset, before the API did its work', { kind: 'reset' }, 'before', 200],
	['reset, afterwards', { kind: 'reset' }, 'after', 300],
] as const)('a batch that is %s is not sent again', async (_what, fault, when, inThere) => {
	const match = { method: 'POST', nth: 3, times: 9 };
	await practice.simulator.addFault({ match, when, fault });
	const { error, posts, created } = await createMany(patients(), { batchSize: 100 });
	expect(error?.message).toContain('It is unknown whether EyeCloud Pro created');
	expect(error?.description).toContain('not sent again');
	expect(error?.description).toContain('in EyeCloud Pro already: 200 of the items, 1 to 200.');
	expect(posts).toHaveLength(3);
	expect(created).toHaveLength(inThere);
});

test('Continue On Fail, with an unknown outcome in the middle', async () => {
	const match = { method: 'POST', nth: 2 };
	await practice.simulator.addFault({ match, when: 'after', fault: { kind: 'reset' } });
	const result = await createMany(patients([], 6), { batchSize: 2 }, { continueOnFail: true });
	expect(result.posts).toHaveLength(3);
	const failed = result.items.filter(({ json }) => 'error' in json);
	expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 2 }, { item: 3 }]);
	for (const { json } of failed) expect(json.error).toContain('It is unknown whether');
});

test('what the node can tell is wrong is found before anything is sent', async () => {
	const items = patients([], 500).map((item) => ({ ...item, dob: '1980-05-01' }) as IDataObject);
	items[3].dob = '2001-02-30';
	items[498].email = 'nobody';
	const { error, posts } = await createMany(items, { batchSize: 100 });
	expect(error?.description).toContain("Item 4: 'Date of Birth' is not a date, e.g. 2000-01-31");
	expect(error?.description).toContain("Item 499: 'Email' is not an email address");
	expect(error?.description).not.toContain('2001-02-30');
	expect(posts).toEqual([]);
});

test('an item without any field is named', async () => {
	const { error, posts } = await createMany([{ name_first: 'Ann', name_last: 'Lee' }, {}]);
	expect(error?.description).toContain('Item 2: no field is filled in');
	expect(posts).toEqual([]);
});

test('Dry Run: the requests that would be sent, one a batch', async () => {
	const items = patients([], 5);
	const { records, items: output, posts } = await createMany(items, { batchSize: 3, dryRun: true });
	const request = { dryRun: true, method: 'POST', path: '/v2/2/patients' };
	expect(records).toEqual([
		{ ...request, body: items.slice(0, 3) },
		{ ...request, body: items.slice(3) },
	]);
	expect(output[1].pairedItem).toEqual([{ item: 3 }, { item: 4 }]);
	expect(posts).toEqual([]);
	const bad = await createMany([{ ...items[0], dob: 'soon' }], { dryRun: true });
	expect(bad.error?.message).toContain("'Date of Birth' is not a date");
});

test('an item that is only to be shown is not created along with the others', async () => {
	const items = patients([], 4);
	const dryRun = "={{ $json.name_last === 'Number 2' }}";
	const { posts, created, items: output } = await createMany(items, { dryRun });
	expect(posts.map(({ body }) => body)).toEqual([[items[0], items[1], items[3]]]);
	expect(created.map(({ name_last }) => name_last)).toEqual(['Number 0', 'Number 1', 'Number 3']);
	const shown = output.filter(({ json }) => json.dryRun);
	expect(shown.map(({ json, pairedItem }) => [json.body, pairedItem])).toEqual([
		[[items[2]], [{ item: 2 }]],
	]);
});
