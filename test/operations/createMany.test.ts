// Create Many: one atomic request or several, what is said of the items that were refused, and of what is in EyeCloud
// Pro already. How APIs differ in it is played in test/dialects, its tries and faults in test/model.
import type { NodeRun } from '../harness/runNode.ts';
import { automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

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
	more: Partial<NodeRun> = {},
) {
	const parameters = { columns: automatic, options };
	const result = await practice.run('patient', 'createMany', parameters, { items, ...more });
	const bodies = (await practice.received('POST')).map(({ body }) => body as IDataObject[]);
	const sizes = bodies.map(({ length }) => length);
	const created = (await practice.simulator.records(2, '/patients')).slice(BEFORE);
	const pairs = result.items.map(({ pairedItem }) => pairedItem);
	return { ...result, bodies, sizes, created, pairs };
}

const pairsOf = (items: unknown[]) => items.map((_, item) => ({ item }));
const refusal = "'Gender (gender)' must be one of [F, M, U]";
const answer = async (body: unknown, fault: object = { kind: 'status', status: 201, body }) =>
	await practice.simulator.addFault({ match: { method: 'POST' }, fault: fault as never });

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
])(
	'%i with bad ones at %j, in batches of %i',
	async (size, refusedAt, batchSize, text, inThere) => {
		const { error, created, records } = await createMany(patients(size, refusedAt), { batchSize });
		expect(`${error?.message}. ${error?.description}`).toBe(text);
		expect([created.length, records]).toEqual([inThere, []]);
	},
);

test.each([
	[0, [300]],
	['={{ "120" }}', [120, 120, 60]],
])('a batch size of %s', async (batchSize, expected) => {
	const items = patients(300);
	const { sizes, records, created, pairs, hints } = await createMany(items, { batchSize });
	expect([sizes, hints]).toEqual([expected, []]);
	expect(records).toEqual(created);
	expect(created.map(({ name_last }) => name_last)).toEqual(items.map((item) => item.name_last));
	expect(pairs).toEqual(pairsOf(items));
});

test('Continue On Fail: only the items of the refused batches fail, all are paired', async () => {
	const items = patients(6, [3]);
	const { records, pairs } = await createMany(
		items,
		{ batchSize: 2 },
		{ onError: 'continueRegularOutput' },
	);
	expect(pairs).toEqual(pairsOf(items));
	expect(records.map((record) => 'patient_id' in record)).toEqual([
		...[true, true, false, false, true, true],
	]);
	const message = 'Correct these items and run it again.';
	expect(records.slice(2, 4)).toEqual([
		{
			error: '1 of 2 items was refused, so none of the 2 was created',
			message: `Item 4: ${refusal}. ${message}`,
		},
		{ error: `Not created: ${refusal}`, message },
	]);
});

test('Body Key: by the option or API Differences, unless it is emptied; the wrong one is told', async () => {
	const options = { bodyKey: 'patients' };
	const items = patients(2);
	const dry = await createMany(items, { ...options, dryRun: true });
	expect(dry.records).toMatchObject([{ dryRun: true, body: { patients: items } }]);
	const apiDifferences = JSON.stringify({ patient: { bodyKey: 'patients' } });
	practice.credential.change({ apiDifferences });
	for (const given of [{}, { bodyKey: '' }]) await createMany(items, given);
	const { error, bodies } = await createMany(items, options);
	expect(bodies.map((body) => Array.isArray(body))).toEqual([false, true, false]);
	expect(error?.description).toMatch(/leave the option 'Body Key' empty/);
});

test('answered in another order: each record is paired with the item that it came from', async () => {
	const [first, second, third] = patients(3);
	const changed = { ...first, name_last: 'NUMBER 0 JR' };
	const data = [third, changed, second].map((one, index) => ({ patient_id: index, ...one }));
	await answer({ data });
	const answered = await createMany(patients(3));
	expect(answered.records.map(({ name_last }) => name_last)).toEqual([
		...['NUMBER 0 JR', 'Number 1', 'Number 2'],
	]);
	expect(answered.pairs).toEqual(pairsOf(data));
});

const xyz = [
	{ sku: 'A', brand: 'X' },
	{ sku: 'B', brand: 'X' },
	{ brand: 'X', price: 3 },
];
const people = ['Ann Lee', 'Ann Poe', 'Bo Lee', 'Bo Poe'].map((name) => {
	const [first, last] = name.split(' ');
	return { first, last, color: `${first}${last}` };
});
const reversed = (records: IDataObject[], change = (record: IDataObject) => record) =>
	records.map((record, index) => change({ frame_id: 70 + index, ...record })).reverse();

test.each<[string, IDataObject[], IDataObject[], unknown[]]>([
	['one row without the field that tells them apart', xyz, reversed(xyz), [70, 71, 72]],
	[
		'a value changed in all',
		xyz,
		reversed(xyz, (record) => ({ ...record, brand: 'Y' })),
		[70, 71, 72],
	],
	[
		'told apart by two fields',
		people,
		reversed(people, (record) => ({ ...record, color: 'Blue' })),
		[70, 71, 72, 73],
	],
	[
		'nothing left that tells them apart',
		people,
		reversed(people, (record) => ({ ...record, color: 'Blue', last: `${record.last}s` })),
		[undefined, undefined, undefined, undefined],
	],
])('answered in another order, %s: no ID is taken for another', async (_, items, data, ids) => {
	await answer({ data });
	const more = { items };
	const { records, error } = await practice.run(
		'frame',
		'createMany',
		{ columns: automatic },
		more,
	);
	expect(error).toBeUndefined();
	expect(records.map(({ frame_id: id }) => id)).toEqual(ids);
});

test('answered with other records than were sent: none of them comes out as created', async () => {
	const others = ['Eve', 'Bob'].map((name, index) => ({
		...{ patient_id: index, name_first: name, name_last: `Other ${index}`, gender: 'F' },
	}));
	await answer({ data: others });
	const { error, records, sizes } = await createMany(patients(2));
	expect(error?.message).toMatch(/^It is unknown whether EyeCloud Pro created/);
	expect([records, sizes]).toEqual([[], [2]]);
});

test.each([{ created: 2 }, { data: patients(2) }, { data: { ids: [7, 8] } }])(
	'answered with another number of records: %j',
	async (body) => {
		await answer(body);
		const { error, sizes } = await createMany(patients(3));
		expect(error?.message).toBe('EyeCloud Pro was sent 3 records and answered that it created 2');
		expect(sizes).toEqual([3]);
	},
);

test('a batch of unknown outcome is not sent again, and is told with what was created before', async () => {
	const match = { method: 'POST', nth: 3, times: 9 };
	await practice.simulator.addFault({ match, fault: { kind: 'reset' } });
	const { error, sizes } = await createMany(patients(10), { batchSize: 2 });
	expect(error?.message).toContain('It is unknown whether EyeCloud Pro created the 2 records');
	expect(error?.description).toMatch(
		/not sent again.*It was the batch from item 5 to item 6\. .*already: 4 of the items, 1 to 4\./,
	);
	expect(sizes).toEqual([2, 2, 2]);
});

test('tries with another batch size: what was sent together stays together, and the others go on', async () => {
	await answer(undefined, { kind: 'reset' });
	const options = { batchSize: '={{ $itemIndex + 2 }}' };
	const more = {
		executionId: 'batches',
		onError: 'continueRegularOutput' as const,
		retryOnFail: true,
	};
	const { records, sizes } = await createMany(patients(5), options, more);
	expect(records.map(({ error }) => error !== undefined)).toEqual([
		...[true, true, false, false, false],
	]);
	expect(sizes).toHaveLength(3);
});

test('what the node can tell is wrong is found before anything is sent, without its value', async () => {
	const items: IDataObject[] = [...patients(7), {}];
	items[3].dob = '2001-02-30';
	items[6].email = 'nobody';
	// Every other item goes to another practice.
	const options = { batchSize: 2, practiceId: '={{ [2, 123][$itemIndex % 2] }}' };
	const { error, bodies } = await createMany(items, options);
	expect(error?.description?.split('<br>').slice(0, 3)).toEqual([
		"Item 4: 'Date of Birth' is not a date, e.g. 2000-01-31",
		expect.stringContaining("Item 7: 'Email' is not an email address"),
		'Item 8: no field is filled in',
	]);
	expect(error?.description).not.toContain('2001-02-30');
	expect(bodies).toEqual([]);
});

test('a dry run of some items, one a batch, and one that is no value', async () => {
	const items = patients(5);
	const shown = await createMany(items, { batchSize: 3, dryRun: true });
	expect(shown.records.map(({ body }) => body)).toEqual([items.slice(0, 3), items.slice(3)]);
	expect(shown.pairs[1]).toEqual([{ item: 3 }, { item: 4 }]);
	const dryRun = '={{ [false, true, "perhaps", false, false][$itemIndex] }}';
	const { records, bodies } = await createMany(
		items,
		{ dryRun },
		{ onError: 'continueRegularOutput' },
	);
	expect(bodies).toEqual([[items[0], items[3], items[4]]]);
	expect(records[2].error).toMatch(/Dry Run/);
});

test('over 100 kB: in several requests, which is told, and what a bad one left as well', async () => {
	const insurances = [1, 2, 3].map((priority) => ({ priority, payer: 'P'.repeat(90) }));
	const items = patients(400).map((patient) => ({ ...patient, insurances }));
	await practice.simulator.configure({ dialect: { tooLargeBody: 'html413' } });
	const { pairs, sizes, hints } = await createMany(items);
	expect(pairs).toEqual(pairsOf(items));
	expect(hints).toEqual([
		`The items were too large for one request, and went in ${sizes.length}. Each was created as a whole or not at all.`,
	]);
	const { error, created } = await createMany([...items, { name_first: 'Bo' }]);
	expect(error?.description).toContain('Item 401');
	const [, told] = /already: (\d+) of the items, 1 to /.exec(error?.description ?? '') ?? [];
	expect(created).toHaveLength(400 + Number(told));
});
