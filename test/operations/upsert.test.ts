// Create or Update: only what differs is sent, what is missing is created once, and nothing is done twice.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import { answerOf, asTool } from '../harness/asTool.ts';
import type { NodeRun } from '../harness/runNode.ts';

const practice = simulatedPractice({ patients: 5 }, { requestsPerMinute: 10_000 });
const frames = '/pricebooks/frames';
const tiers = '/configurations/pricetiers';

const stored = async (path: string) => (await practice.simulator.records(2, path)) as IDataObject[];

async function upsert(
	resource: string,
	items: IDataObject[],
	matchOn: unknown,
	more: Omit<NodeRun, 'parameters'> & { options?: IDataObject; parameters?: IDataObject } = {},
) {
	const { options = {}, parameters = {}, ...rest } = more;
	const given = { columns: automatic, matchOn, options, ...parameters } as IDataObject;
	const result = await practice.run(resource, 'upsert', given, { items, ...rest });
	const actions = result.records.map(({ _action }) => _action);
	const pairs = result.items.map(({ pairedItem }) => pairedItem);
	return { ...result, actions, pairs };
}

const onTiers = async (items: IDataObject[], more?: Parameters<typeof upsert>[3]) =>
	await upsert('priceTier', items, ['tier_name'], more);
const onFrames = async (items: IDataObject[], more?: Parameters<typeof upsert>[3]) =>
	await upsert('frame', items, ['sku'], more);

const bodies = async (method: string) =>
	(await practice.received(method)).map(({ body }) => body as unknown);
const writes = async () => [...(await bodies('POST')), ...(await bodies('PATCH'))];
const pairsOf = (rows: unknown[]) => rows.map((_, item) => ({ item }));
const fail = async (method: string, fault: object, when: 'before' | 'after' = 'before') =>
	await practice.simulator.addFault({ match: { method, nth: 1 }, when, fault } as never);
const refused = { kind: 'status', status: 400 };
const lost = { kind: 'reset' };

test("a vendor's list: the price book is read once, what changed is updated, what is new is created", async () => {
	const known = (await stored(frames)).map(({ sku, description, brand, price }, index) => ({
		...{ sku, description, brand },
		price: index < 20 ? Number(price) + 1 : String(price),
	}));
	const fresh = [0, 1, 2, 3, 4].map((index) => ({
		...{ sku: `NEW-${index}`, description: `New ${index}`, brand: 'Nader', price: 100 + index },
	}));
	const rows = [...known, ...fresh];
	const { error, actions, pairs } = await onFrames(rows);
	expect(error).toBeUndefined();
	expect(actions).toEqual([
		...known.map((_, index) => (index < 20 ? 'updated' : 'unchanged')),
		...fresh.map(() => 'created'),
	]);
	expect(pairs).toEqual(pairsOf(rows));
	// The types of the fields, how it is sorted, and the list.
	expect(await practice.received('GET')).toHaveLength(3);
	expect(await bodies('POST')).toEqual([fresh]);
	expect(await bodies('PATCH')).toEqual(Array(20).fill({ price: expect.any(Number) }));
	const now = await stored(frames);
	expect(now.map(({ sku, price }) => [sku, Number(price)])).toEqual(
		rows.map(({ sku, price }) => [sku, Number(price)]),
	);

	await practice.simulator.reset();
	const again = await onFrames(rows);
	expect(again.records).toEqual(now.map((record) => ({ ...record, _action: 'unchanged' })));
	expect(await writes()).toEqual([]);
});

test('matched on other fields by each item: the same record is created once', async () => {
	const rows = [
		{ sku: 'Q-1', on: 'sku' },
		{ sku: 'Q-2', on: 'description' },
	];
	const values = { sku: '={{ $json.sku }}', description: 'Zed', brand: 'Nader', price: 100 };
	const parameters = { columns: mapped(values) };
	const { actions } = await upsert('frame', rows, '={{ [$json.on] }}', { parameters });
	expect(actions).toEqual(['created', 'updated']);
	expect(await practice.received('POST')).toHaveLength(1);
});

test('the ID of another record is refused, and nothing is changed', async () => {
	const [first, second] = await stored(frames);
	const row = { frame_id: second.frame_id, sku: first.sku, description: 'Other' };
	const { error } = await onFrames([row]);
	expect(error?.message).toBe('The item has another frame_id than the record that matches it');
	expect(await writes()).toEqual([]);
	const own = { ...row, frame_id: String(first.frame_id) };
	expect((await onFrames([own])).actions).toEqual(['updated']);
	expect(await bodies('PATCH')).toEqual([{ description: 'Other' }]);
});

test('several that match are refused before anything is written', async () => {
	const [, second] = await stored(tiers);
	await practice.simulator.addRecord(2, tiers, { tier_name: second.tier_name } as never);
	const rows = [
		{ tier_name: 'Brand new', discount_percent: 5 },
		{ ...second, discount_percent: 44 },
	];
	const { error } = await onTiers(rows);
	expect(error).toMatchObject({ message: '2 price tiers match on tier_name', itemIndex: 1 });
	expect(await writes()).toEqual([]);
	expect((await onTiers(rows, { continueOnFail: true })).records).toEqual([
		expect.objectContaining({ tier_name: 'Brand new', _action: 'created' }),
		expect.objectContaining({ error: '2 price tiers match on tier_name' }),
	]);
});

test('the same row again and again: created once, then changed in the order of the input', async () => {
	const [{ tier_name }, ...others] = await stored(tiers);
	const row = (discount_percent: number) => ({ tier_name: 'Club', discount_percent });
	const there = (discount_percent: number) => ({ tier_name, discount_percent });
	const rows = [row(5), there(71), row(6), row(6), row(7), there(72)] as IDataObject[];
	const { actions } = await onTiers(rows);
	expect(actions).toEqual(['created', 'updated', 'updated', 'unchanged', 'updated', 'updated']);
	const now = await stored(tiers);
	expect(now).toHaveLength(others.length + 2);
	expect([now[0], now.at(-1)]).toMatchObject([there(72), row(7)]);
	// One alone needs no list.
	expect(await bodies('POST')).toEqual([row(5)]);

	await practice.simulator.reset();
	const again = await onTiers(rows);
	expect(again.actions).toEqual(rows.map(() => 'unchanged'));
	expect(again.records.at(-1)).toMatchObject(there(72));
	expect(await writes()).toEqual([]);
});

test('after a change of unknown outcome, the next row of the record sends all that it has', async () => {
	const [{ tier_name, active }] = await stored(tiers);
	const row = (discount_percent: number) => ({ tier_name, active, discount_percent });
	const match = { method: 'PATCH', times: 6 };
	await practice.simulator.addFault({ match, fault: { kind: 'reset' } });
	const { records, actions } = await onTiers([row(71), row(72)], { continueOnFail: true });
	expect(records[0].error).toBeDefined();
	expect(actions[1]).toBe('updated');
	expect((await bodies('PATCH')).at(-1)).toEqual({ active, discount_percent: 72 });
});

describe('codes that look like numbers, days or phone numbers', () => {
	const frame = (sku: unknown, price: number) =>
		({ sku, price, description: 'Zed', brand: 'Nader' }) as IDataObject;
	const add = async (sku: string) =>
		await practice.simulator.addRecord(2, frames, frame(sku, 1) as never);

	test.each([
		['12.1', '12.10'],
		['1.500', '1.50'],
		['0', '-0'],
		['2030-123', '2030-05-03'],
		['2030-W18-5', '2030-05-03'],
		['3-14-1985', '03-14-1985'],
		['5125550100', '512555.0100'],
		['5125550100', '512-555-0100'],
	])('%s is another record than %s', async (there, other) => {
		await add(there);
		const both = [frame(there, 1), frame(other, 2)];
		expect((await onFrames(both)).actions).toEqual(['unchanged', 'created']);
		await practice.simulator.reset();
		expect((await onFrames(both)).actions).toEqual(['unchanged', 'unchanged']);
		expect(await writes()).toEqual([]);
	});

	test('both are new: both are created, and together', async () => {
		const both = [frame('12.1', 1), frame('12.10', 2)];
		expect((await onFrames(both)).actions).toEqual(['created', 'created']);
		expect(await bodies('POST')).toEqual([both]);
	});

	test('a number means the text that is written like it, or else one of the same number', async () => {
		for (const sku of ['12.1', '12.10', '7.50']) await add(sku);
		const { records, actions } = await onFrames([frame(12.1, 5), frame(7.5, 6)]);
		expect(records.map(({ sku }) => sku)).toEqual(['12.1', '7.50']);
		expect(actions).toEqual(['updated', 'updated']);
	});
});

test.each<[what: string, field: string, is: unknown, wanted: unknown, differs: boolean]>([
	['a number as text', 'amount', 12.5, '12.50', false],
	['a decimal as text', 'amount', '12.50', 12.5, false],
	['a decimal without its zeros', 'amount', '12.50', '12.5', false],
	['a code with a zero more', 'code', '1.5', '1.50', true],
	['a day of the year', 'code', '2030-123', '2030-05-03', true],
	['another number', 'amount', 12.5, 12.51, true],
	['a price of nothing', 'amount', 5, 0, true],
	['a switch as a word', 'taxable', true, 'Yes', false],
	['the other switch', 'taxable', true, 'no', true],
	['a switch that is 1', 'taxable', 1, true, false],
	['a day with midnight', 'since', '2024-03-01T00:00:00', '2024-03-01', false],
	['another day', 'since', '2024-03-01', '2024-03-02', true],
	['another time of the day', 'since', '2024-03-01T08:00:00', '2024-03-01T09:00:00', true],
	['a text in another case', 'brand', 'RAY-BAN', 'Ray-Ban', true],
	['a text with blanks around', 'brand', 'Ray-Ban', ' Ray-Ban ', false],
	['nothing where there is nothing', 'brand', '', null, false],
	['a code with a zero in front', 'code', '0123', '123', true],
	['an object in another order', 'size', { a: 1, b: [2] }, { b: [2], a: 1 }, false],
	['another object', 'size', { a: 1, b: [2] }, { a: 1, b: [3] }, true],
])('what differs: %s', async (_what, field, is, wanted, differs) => {
	await practice.simulator.addField({ path: tiers, name: field, value: is });
	const [{ tier_name }] = await stored(tiers);
	const options = { dryRun: true, allowEmptyValues: true };
	const row = { tier_name, [field]: wanted } as IDataObject;
	const { records } = await onTiers([row], { options });
	expect(records[0]._changedFields).toEqual(differs ? [field] : []);
});

test('an empty cell empties nothing, unless it is asked for', async () => {
	const [{ sku }] = await stored(frames);
	expect((await onFrames([{ sku, color: '' }])).actions).toEqual(['unchanged']);
	const options = { allowEmptyValues: true, dryRun: true };
	const { records } = await onFrames([{ sku, color: '' }], { options });
	expect(records[0]._changedFields).toEqual(['color']);
});

describe('Dry Run', () => {
	test.each([false, true])('tells what would be done; values: %s', async (showValues) => {
		const [first, second] = await stored(tiers);
		const rows = [
			{ tier_name: first.tier_name, discount_percent: 91 },
			{ tier_name: second.tier_name, discount_percent: second.discount_percent },
			{ tier_name: 'Club', discount_percent: 5 },
			{ tier_name: 'Club', discount_percent: 6 },
		];
		const { records, pairs } = await onTiers(rows, { options: { dryRun: true, showValues } });
		const done = (_action: string, _changes: object, id: object = {}) => ({
			...{ dryRun: true, _action, ...id, _changedFields: Object.keys(_changes) },
			...(showValues && { _changes }),
		});
		const discount = (from: unknown, to: number) => ({ discount_percent: { from, to } });
		expect(records).toEqual([
			done('updated', discount(first.discount_percent, 91), { pricetier_id: first.pricetier_id }),
			done('unchanged', {}, { pricetier_id: second.pricetier_id }),
			done('created', { tier_name: { from: null, to: 'Club' }, ...discount(null, 5) }),
			done('updated', discount(5, 6)),
		]);
		expect(pairs).toEqual(pairsOf(rows));
		expect(await writes()).toEqual([]);
	});

	test('of an item means what the item before it creates', async () => {
		const row = { sku: 'N-1', description: '={{ $json.description }}', brand: 'Nader', price: 1 };
		const options = { dryRun: '={{ $json.isDry }}' };
		const items = [
			{ description: 'New', isDry: false },
			{ description: 'Newer', isDry: true },
		];
		const { actions } = await onFrames(items, { parameters: { columns: mapped(row), options } });
		expect(actions).toEqual(['created', 'updated']);
	});
});

describe('never twice', () => {
	const items = ['A', 'B', 'C'].map((tier_name) => ({ tier_name, discount_percent: 5 }));
	const named = async () =>
		(await stored(tiers))
			.map(({ tier_name }) => tier_name)
			.filter((name) => /^[A-Z]$/.test(String(name)));

	test('Retry On Fail: what was lost on the way is found, and not created again', async () => {
		await fail('POST', lost, 'after');
		const { error, actions } = await onTiers(items, { retryOnFail: true, executionId: 'found' });
		expect(error).toBeUndefined();
		expect(actions).toEqual(items.map(() => 'unchanged'));
		expect(await named()).toEqual(['A', 'B', 'C']);
		expect(await bodies('POST')).toHaveLength(1);
	});

	test('where it is unknown, it is not sent again, nor for another row of the same', async () => {
		await fail('POST', lost);
		const more = { retryOnFail: true, continueOnFail: true, executionId: 'unknown' };
		const { records } = await onTiers([...items, { ...items[0], discount_percent: 6 }], more);
		for (const { error } of records) expect(error).toMatch('It is unknown whether');
		expect(await bodies('POST')).toHaveLength(1);
	});

	test.each([true, false])('an update is refused once, Retry On Fail: %s', async (retryOnFail) => {
		const [{ tier_name }] = await stored(tiers);
		await fail('PATCH', refused);
		const rows = [...items, { tier_name, discount_percent: 66 }] as IDataObject[];
		let result = await onTiers(rows, { retryOnFail, executionId: `refused, ${retryOnFail}` });
		if (!retryOnFail) {
			expect(result.error?.description).toContain('Items created before this one: 3.');
			const again = await result.retry();
			result = { ...result, ...again, actions: again.records.map(({ _action }) => _action) };
		}
		expect(result.error).toBeUndefined();
		expect(result.actions).toEqual(['created', 'created', 'created', 'updated']);
		expect(await named()).toEqual(['A', 'B', 'C']);
		expect(await bodies('POST')).toHaveLength(1);
	});

	test("n8n's Retry button, pressed twice on the same execution, creates nothing twice", async () => {
		const [{ tier_name }] = await stored(tiers);
		const rows = [{ tier_name, discount_percent: 66 }, ...items] as IDataObject[];
		await fail('POST', refused);
		const failed = await onTiers(rows, { executionId: 'pressed twice' });
		expect(failed.error?.message).toMatch(/did not accept/);
		await failed.retry();
		expect((await failed.retry()).error).toBeUndefined();
		expect(await named()).toEqual(['A', 'B', 'C']);
	});

	test('several executions at once create it once', async () => {
		const results = await Promise.all(
			[1, 2, 3, 4].map(async (each) => await onTiers(items, { executionId: `at once ${each}` })),
		);
		expect(await named()).toEqual(['A', 'B', 'C']);
		const all = results.flatMap(({ actions }) => actions).sort();
		expect(all).toEqual([...Array(3).fill('created'), ...Array(9).fill('unchanged')]);
	});
});

test.each([false, true])('a row that is refused, with Continue: %s', async (continueOnFail) => {
	const before = (await stored(frames)).length;
	const rows = [50, 500, 52].map((eye_size, index) => {
		const name = `N${index}`;
		return { sku: name, description: name, brand: 'Nader', price: 5, eye_size };
	});
	const { error, actions, records, pairs } = await onFrames(rows, { continueOnFail });
	expect(await stored(frames)).toHaveLength(before + (continueOnFail ? 2 : 0));
	if (!continueOnFail) return expect(error?.description).toContain('Item 2: ');
	expect(actions).toEqual(['created', undefined, 'created']);
	expect(records[1].error).toContain('Not created');
	expect(pairs).toEqual(pairsOf(rows));
});

test('several updates are under way at a time', async () => {
	await practice.simulator.configure({ latencyMs: 20 });
	await onFrames((await stored(frames)).slice(0, 24).map(({ sku }) => ({ sku, price: 7 })));
	const { maxInFlight } = await practice.simulator.counts();
	expect(maxInFlight).toBeGreaterThanOrEqual(4);
	expect(maxInFlight).toBeLessThanOrEqual(8);
	await practice.simulator.configure({ latencyMs: 0 });
});

test('as an AI tool: only what the author chose comes out', async () => {
	const [{ sku, frame_id }] = await stored(frames);
	const parameters = {
		...{ columns: mapped({ sku, price: 99 }), output: 'selected', fields: 'frame_id' },
	};
	const result = await onFrames([{}], { nodeType: asTool(), parameters });
	expect(answerOf(result).records).toEqual([{ frame_id, _action: 'updated' }]);
});

test('it is offered where there are both scopes', async () => {
	const { error } = await upsert('patient', [{ email: 'a@example.com' }], ['email']);
	expect(error?.message).toBe('This resource has no such operation');
});
