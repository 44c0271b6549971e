// Create or Update: only what differs is sent, what is missing is created once, and nothing is done twice.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';
import { answerOf, asTool } from '../harness/asTool.ts';
import type { NodeRun } from '../harness/runNode.ts';

const practice = simulatedPractice({ patients: 5 }, { requestsPerMinute: 10_000 });
const frames = '/pricebooks/frames';
const tiers = '/configurations/pricetiers';

const stored = async (path: string): Promise<ApiRecord[]> =>
	await practice.simulator.records(2, path);

async function upsert(
	resource: string,
	items: IDataObject[],
	matchOn: unknown,
	more: Omit<NodeRun, 'parameters'> & { options?: IDataObject; parameters?: IDataObject } = {},
) {
	const { options = {}, parameters = {}, ...rest } = more;
	const given = { columns: automatic, matchOn, options, ...parameters } as IDataObject;
	return await practice.run(resource, 'upsert', given, { items, ...rest });
}

const actions = ({ records }: { records: IDataObject[] }) => records.map(({ _action }) => _action);
const writes = async () => (await practice.received()).filter(({ method }) => method !== 'GET');
const bodies = async (method: string) =>
	(await practice.received(method)).map(({ body }) => body as unknown);

/** What a vendor sends: the practice's own frames, some of them at another price, and new ones. */
async function vendorsRows(changed: number, fresh: number): Promise<IDataObject[]> {
	const known = (await stored(frames)).map(({ sku, description, brand, price }, index) => ({
		...{ sku, description, brand },
		price: index < changed ? Number(price) + 1 : String(price),
	}));
	const others = Array.from({ length: fresh }, (_, index) => ({
		...{ sku: `NEW-${index}`, description: `New ${index}`, brand: 'Nader', price: 100 + index },
	}));
	return [...known, ...others] as IDataObject[];
}

test("a vendor's list: the price book is read once, what changed is updated, what is new is created", async () => {
	const before = (await stored(frames)).length;
	const rows = await vendorsRows(20, 5);
	const result = await upsert('frame', rows, ['sku']);
	expect(result.error).toBeUndefined();
	expect(actions(result)).toEqual(
		rows.map((_, index) => (index < 20 ? 'updated' : index < before ? 'unchanged' : 'created')),
	);
	expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(
		rows.map((_, item) => ({ item })),
	);
	expect(await practice.received('GET')).toHaveLength(2);
	expect(await bodies('POST')).toEqual([rows.slice(before)]);
	const prices = (await bodies('PATCH')) as IDataObject[];
	expect(prices).toHaveLength(20);
	expect(prices.map((body) => Object.keys(body))).toEqual(prices.map(() => ['price']));
	const now = await stored(frames);
	expect(now.map(({ sku, price }) => [sku, Number(price)])).toEqual(
		rows.map(({ sku, price }) => [sku, Number(price)]),
	);

	await practice.simulator.reset();
	const again = await upsert('frame', rows, ['sku']);
	expect(new Set(actions(again))).toEqual(new Set(['unchanged']));
	expect(await writes()).toEqual([]);
	expect(again.records[0]).toEqual({ ...now[0], _action: 'unchanged' });
});

test('matched on other fields by each item: the same record is created once', async () => {
	const rows = [
		{ sku: 'Q-1', description: 'Zed', brand: 'Nader', on: 'sku' },
		{ sku: 'Q-2', description: 'Zed', brand: 'Nader', on: 'description' },
	];
	const values = Object.fromEntries(
		['sku', 'description', 'brand'].map((name) => [name, `={{ $json.${name} }}`]),
	);
	const parameters = { columns: mapped({ ...values, price: 100 }) };
	const result = await upsert('frame', rows, '={{ [$json.on] }}', { parameters });
	expect(result.error).toBeUndefined();
	expect(actions(result)).toEqual(['created', 'updated']);
	expect(await practice.received('POST')).toHaveLength(1);
});

test('the ID of another record is refused, and nothing is changed', async () => {
	const [first, second] = await stored(frames);
	const row = { frame_id: second.frame_id, sku: first.sku, description: 'Other' };
	const result = await upsert('frame', [row as IDataObject], ['sku']);
	expect(result.error?.message).toBe(
		'The item has another frame_id than the record that matches it',
	);
	expect(await writes()).toEqual([]);
	const own = { ...row, frame_id: String(first.frame_id) };
	expect(actions(await upsert('frame', [own as IDataObject], ['sku']))).toEqual(['updated']);
	expect(await bodies('PATCH')).toEqual([{ description: 'Other' }]);
});

test('a dry run of an item means what the item before it creates', async () => {
	const row = { sku: 'N-1', description: 'New', brand: 'Nader', price: 100 };
	const values = { ...row, description: '={{ $json.description }}' };
	const parameters = { columns: mapped(values), options: { dryRun: '={{ $json.isDry }}' } };
	const items = [
		{ description: 'New', isDry: false },
		{ description: 'Newer', isDry: true },
	];
	const result = await upsert('frame', items, ['sku'], { parameters });
	expect(result.error).toBeUndefined();
	expect(actions(result)).toEqual(['created', 'updated']);
});

test('several that match are refused before anything is written', async () => {
	const [, second] = await stored(tiers);
	await practice.simulator.addRecord(2, tiers, { tier_name: second.tier_name });
	const rows = [
		{ tier_name: 'Brand new', discount_percent: 5 },
		{ ...second, discount_percent: 44 },
	];
	const result = await upsert('priceTier', rows as IDataObject[], ['tier_name']);
	expect(result.error?.message).toBe('2 price tiers match on tier_name');
	expect(result.error?.itemIndex).toBe(1);
	expect(await writes()).toEqual([]);

	const others = await upsert('priceTier', rows as IDataObject[], ['tier_name'], {
		continueOnFail: true,
	});
	expect(others.records).toEqual([
		expect.objectContaining({ tier_name: 'Brand new', _action: 'created' }),
		expect.objectContaining({ error: '2 price tiers match on tier_name' }),
	]);
});

test('the same row again and again: created once, then changed in the order of the input', async () => {
	const before = (await stored(tiers)).length;
	const row = (discount_percent: number) => ({ tier_name: 'Club', discount_percent });
	const there = { tier_name: (await stored(tiers))[0].tier_name };
	const items = [
		row(5),
		{ ...there, discount_percent: 71 },
		row(6),
		row(6),
		row(7),
		{ ...there, discount_percent: 72 },
	];
	const result = await upsert('priceTier', items as IDataObject[], ['tier_name']);
	expect(actions(result)).toEqual([
		...['created', 'updated', 'updated', 'unchanged', 'updated', 'updated'],
	]);
	const now = await stored(tiers);
	expect(now).toHaveLength(before + 1);
	expect(now.at(-1)).toMatchObject(row(7));
	expect(now[0].discount_percent).toBe(72);
	// One alone needs no list.
	expect(await bodies('POST')).toEqual([row(5)]);

	await practice.simulator.reset();
	const again = await upsert('priceTier', items as IDataObject[], ['tier_name']);
	expect(actions(again)).toEqual(items.map(() => 'unchanged'));
	expect(again.records.at(-1)).toMatchObject({ ...there, discount_percent: 72 });
	expect(await writes()).toEqual([]);
});

describe('codes that look like numbers, days or phone numbers', () => {
	const frame = (sku: string, price: number) => ({
		...{ sku, price, description: 'Zed', brand: 'Nader' },
	});
	const both = (one: string, other: string) => [frame(one, 1), frame(other, 2)];

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
		await practice.simulator.addRecord(2, frames, frame(there, 1));
		const before = (await stored(frames)).length;
		const result = await upsert('frame', both(there, other), ['sku']);
		expect(result.error).toBeUndefined();
		expect(actions(result)).toEqual(['unchanged', 'created']);
		expect(await stored(frames)).toHaveLength(before + 1);
		await practice.simulator.reset();
		expect(actions(await upsert('frame', both(there, other), ['sku']))).toEqual([
			...['unchanged', 'unchanged'],
		]);
		expect(await writes()).toEqual([]);
	});

	test('both are new: both are created, and together', async () => {
		const result = await upsert('frame', both('12.1', '12.10'), ['sku']);
		expect(actions(result)).toEqual(['created', 'created']);
		expect(await bodies('POST')).toEqual([both('12.1', '12.10')]);
	});

	test('a number means the text that is written like it, or else one of the same number', async () => {
		await practice.simulator.addRecord(2, frames, frame('12.1', 1));
		await practice.simulator.addRecord(2, frames, frame('12.10', 1));
		await practice.simulator.addRecord(2, frames, frame('7.50', 1));
		const rows = [
			{ ...frame('', 5), sku: 12.1 },
			{ ...frame('', 6), sku: 7.5 },
		];
		const result = await upsert('frame', rows, ['sku']);
		expect(result.error).toBeUndefined();
		expect(result.records.map(({ sku }) => sku)).toEqual(['12.1', '7.50']);
		expect(actions(result)).toEqual(['updated', 'updated']);
	});
});

describe('what differs, by the type of the field', () => {
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
	])('%s', async (_what, field, is, wanted, differs) => {
		await practice.simulator.addField({ path: tiers, name: field, value: is });
		const [first] = await stored(tiers);
		const row = { tier_name: first.tier_name, [field]: wanted } as IDataObject;
		const options = { dryRun: true, allowEmptyValues: true };
		const result = await upsert('priceTier', [row], ['tier_name'], { options });
		expect(result.error).toBeUndefined();
		expect(result.records[0]._changedFields).toEqual(differs ? [field] : []);
	});
});

describe('Dry Run', () => {
	const plan = async (options: IDataObject, more: Partial<NodeRun> = {}) => {
		const [first, second] = await stored(tiers);
		const rows = [
			{ tier_name: first.tier_name, discount_percent: 91 },
			{ tier_name: second.tier_name, discount_percent: second.discount_percent },
			{ tier_name: 'Club', discount_percent: 5 },
			{ tier_name: 'Club', discount_percent: 6 },
		];
		const result = await upsert('priceTier', rows as IDataObject[], ['tier_name'], {
			options: { dryRun: true, ...options },
			...more,
		});
		expect(await writes()).toEqual([]);
		return { ...result, first, second };
	};

	test('tells what would be done, by the names of the fields', async () => {
		const { records, items, first, second } = await plan({});
		const done = (_action: string, _changedFields: string[], id?: unknown) => ({
			...{ dryRun: true, _action, _changedFields },
			...(id === undefined ? {} : { pricetier_id: id }),
		});
		expect(records).toEqual([
			done('updated', ['discount_percent'], first.pricetier_id),
			done('unchanged', [], second.pricetier_id),
			done('created', ['tier_name', 'discount_percent']),
			done('updated', ['discount_percent']),
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
	});

	test('tells values where the user asks', async () => {
		const { records, first } = await plan({ showValues: true });
		expect(records.map(({ _changes }) => _changes)).toEqual([
			{ discount_percent: { from: first.discount_percent, to: 91 } },
			{},
			{ tier_name: { from: null, to: 'Club' }, discount_percent: { from: null, to: 5 } },
			{ discount_percent: { from: 5, to: 6 } },
		]);
	});
});

describe('never twice', () => {
	const items = ['A', 'B', 'C'].map((tier_name) => ({ tier_name, discount_percent: 5 }));
	const named = async () => {
		const all = (await stored(tiers)).map(({ tier_name }) => tier_name);
		return all.filter((name) => /^[A-Z]$/.test(String(name)));
	};
	const lost = { when: 'after' as const, fault: { kind: 'reset' as const } };

	test('Retry On Fail: what was lost on the way is found, and not created again', async () => {
		await practice.simulator.addFault({ match: { method: 'POST', nth: 1 }, ...lost });
		const more = { retryOnFail: true, executionId: 'lost and found' };
		const result = await upsert('priceTier', items, ['tier_name'], more);
		expect(result.error).toBeUndefined();
		expect(actions(result)).toEqual(['unchanged', 'unchanged', 'unchanged']);
		expect(await named()).toEqual(['A', 'B', 'C']);
		expect(await bodies('POST')).toHaveLength(1);
	});

	test('where it is unknown, it is not sent again, nor for another row of the same', async () => {
		await practice.simulator.addFault({
			...{ match: { method: 'POST', nth: 1 }, when: 'before', fault: { kind: 'reset' } },
		} as never);
		const more = { retryOnFail: true, continueOnFail: true, executionId: 'unknown' };
		const rows = [...items, { ...items[0], discount_percent: 6 }];
		const result = await upsert('priceTier', rows, ['tier_name'], more);
		const told = result.records.map(({ error }) => String(error));
		expect(told).toEqual(told.map(() => expect.stringContaining('It is unknown whether')));
		expect(await bodies('POST')).toHaveLength(1);
	});

	test('Retry On Fail after an update that was refused: what is done stays done', async () => {
		const [first] = await stored(tiers);
		await practice.simulator.addFault({
			...{ match: { method: 'PATCH', nth: 1 }, fault: { kind: 'status', status: 400 } },
		});
		const rows = [{ tier_name: first.tier_name, discount_percent: 66 }, ...items];
		const more = { retryOnFail: true, executionId: 'refused once' };
		const result = await upsert('priceTier', rows as IDataObject[], ['tier_name'], more);
		expect(result.error).toBeUndefined();
		expect(actions(result)).toEqual(['updated', 'created', 'created', 'created']);
		expect(await bodies('POST')).toHaveLength(1);
	});

	test("n8n's Retry button goes on where it stopped", async () => {
		const [first] = await stored(tiers);
		await practice.simulator.addFault({
			...{ match: { method: 'PATCH', nth: 1 }, fault: { kind: 'status', status: 400 } },
		});
		const rows = [...items, { tier_name: first.tier_name, discount_percent: 66 }];
		const more = { executionId: 'button' };
		const failed = await upsert('priceTier', rows as IDataObject[], ['tier_name'], more);
		expect(failed.error?.description).toContain('Items created before this one: 3.');
		const result = await failed.retry();
		expect(result.error).toBeUndefined();
		expect(actions(result)).toEqual(['created', 'created', 'created', 'updated']);
		expect(await named()).toEqual(['A', 'B', 'C']);
		expect(await bodies('POST')).toHaveLength(1);
	});

	test('several executions at once create it once', async () => {
		const results = await Promise.all(
			Array.from({ length: 4 }, async (_, index) =>
				upsert('priceTier', items, ['tier_name'], { executionId: `at once ${index}` }),
			),
		);
		expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
		expect(await named()).toEqual(['A', 'B', 'C']);
		const all = results.flatMap(actions);
		expect(all.filter((action) => action === 'created')).toHaveLength(3);
		expect(all.filter((action) => action === 'unchanged')).toHaveLength(9);
	});
});

describe('a row that EyeCloud Pro refuses', () => {
	const row = (name: string, price: unknown) => ({
		...{ sku: name, description: name, brand: 'Nader', price },
	});
	const rows = [row('N1', 5), row('N2', 'free'), row('N3', 7)] as IDataObject[];

	test('ends the node, which says which one it was', async () => {
		const before = (await stored(frames)).length;
		const result = await upsert('frame', rows, ['sku']);
		expect(result.error?.description).toContain('Item 2: ');
		expect(await stored(frames)).toHaveLength(before);
	});

	test('with Continue, the others are created all the same', async () => {
		const before = (await stored(frames)).length;
		const result = await upsert('frame', rows, ['sku'], { continueOnFail: true });
		expect(actions(result)).toEqual(['created', undefined, 'created']);
		expect(result.records[1].error).toContain('Not created');
		expect(await stored(frames)).toHaveLength(before + 2);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2].map((item) => ({ item })),
		);
	});
});

test('an empty cell empties nothing, unless it is asked for', async () => {
	const [first] = await stored(frames);
	const row = { sku: first.sku, color: '' } as IDataObject;
	expect(actions(await upsert('frame', [row], ['sku']))).toEqual(['unchanged']);
	const options = { allowEmptyValues: true, dryRun: true };
	const plan = await upsert('frame', [row], ['sku'], { options });
	expect(plan.records[0]._changedFields).toEqual(['color']);
});

test('several updates are under way at a time', async () => {
	await practice.simulator.configure({ latencyMs: 20 });
	await upsert('frame', await vendorsRows(24, 0), ['sku']);
	const { maxInFlight } = await practice.simulator.counts();
	expect(maxInFlight).toBeGreaterThanOrEqual(4);
	expect(maxInFlight).toBeLessThanOrEqual(8);
	await practice.simulator.configure({ latencyMs: 0 });
});

test('as an AI tool: only what the author chose comes out', async () => {
	const [first] = await stored(frames);
	const change = { sku: first.sku, price: 99 } as IDataObject;
	const result = await upsert('frame', [{}], ['sku'], {
		nodeType: asTool(),
		parameters: { columns: mapped(change), output: 'selected', fields: 'frame_id' },
	});
	const { records } = answerOf(result);
	expect(records).toEqual([{ frame_id: first.frame_id, _action: 'updated' }]);
});

test('it is offered where there are both scopes', async () => {
	const { error } = await upsert('patient', [{ email: 'a@example.com' }], ['email']);
	expect(error?.message).toBe('This resource has no such operation');
});
