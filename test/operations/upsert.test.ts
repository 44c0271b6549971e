// Create or Update: only what differs is sent, and what is missing is created once. How records are matched is in
// matching.test.ts; its tries, faults and executions at once are played in test/model.
import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { NodeRun } from '../harness/runNode.ts';

const practice = simulatedPractice({ patients: 5 });
const frames = '/pricebooks/frames';
const tiers = '/configurations/pricetiers';

const stored = async (path: string) => (await practice.simulator.records(2, path)) as IDataObject[];

async function upsert(
	resource: string,
	items: IDataObject[],
	matchOn: unknown,
	more: Omit<NodeRun, 'parameters'> & { options?: IDataObject; columns?: IDataObject } = {},
) {
	const { options = {}, columns = automatic, ...rest } = more;
	const given = { columns, matchOn, options } as IDataObject;
	const result = await practice.run(resource, 'upsert', given, { items, ...rest });
	const actions = result.records.map(({ _action }) => _action);
	expect(result.error ?? result.items.map(({ pairedItem }) => pairedItem)).toEqual(
		result.error ?? items.map((_, item) => ({ item })),
	);
	return { ...result, actions };
}

const onTiers = async (items: IDataObject[], more?: Parameters<typeof upsert>[3]) =>
	await upsert('priceTier', items, ['tier_name'], more);
const onFrames = async (items: IDataObject[], more?: Parameters<typeof upsert>[3]) =>
	await upsert('frame', items, ['sku'], more);

const bodies = async (method: string) =>
	(await practice.received(method)).map(({ body }) => body as unknown);
const writes = async () => [...(await bodies('POST')), ...(await bodies('PATCH'))];

test("a vendor's list: read once, what changed is updated, what is new is created together", async () => {
	const known = (await stored(frames)).map(({ sku, description, price }, index) => ({
		...{ sku, description },
		price: index < 20 ? Number(price) + 1 : String(price),
	}));
	const fresh = [0, 1, 2].map((index) => ({
		...{ sku: `NEW-${index}`, description: `New ${index}`, price: 100 + index, brand: 'Nader' },
	}));
	const rows = [...known, ...fresh];
	const { error, actions } = await onFrames(rows);
	expect(error).toBeUndefined();
	expect(actions).toEqual([
		...known.map((_, index) => (index < 20 ? 'updated' : 'unchanged')),
		...fresh.map(() => 'created'),
	]);
	// The types of the fields, how it is sorted, and the list.
	expect(await practice.received('GET')).toHaveLength(3);
	expect(await bodies('POST')).toEqual([fresh]);
	expect(await bodies('PATCH')).toEqual(Array(20).fill({ price: expect.any(Number) }));
	const now = await stored(frames);
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
	const { actions } = await upsert('frame', rows, '={{ [$json.on] }}', { columns: mapped(values) });
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

test('what a refused row wants of a record counts for no other', async () => {
	const [{ tier_name, discount_percent }] = await stored(tiers);
	const rows = [{ discount_percent: 71 }, { discount_percent, pricetier_id: 99 }];
	const items = rows.map((row) => ({ tier_name, ...row })) as IDataObject[];
	const { actions } = await onTiers(items, { onError: 'continueRegularOutput' });
	expect(actions).toEqual(['updated', undefined]);
	expect(await bodies('PATCH')).toEqual([{ discount_percent: 71 }]);
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
	const { records, actions } = await onTiers([row(71), row(72)], {
		onError: 'continueRegularOutput',
	});
	expect(records[0].error).toBeDefined();
	expect(actions[1]).toBe('updated');
	expect((await bodies('PATCH')).at(-1)).toEqual({ active, discount_percent: 72 });
});

test.each<[what: string, field: string, is: unknown, wanted: unknown, differs: boolean]>([
	['a number as text', 'amount', 12.5, '12.50', false],
	['a decimal without its zeros', 'amount', '12.50', 12.5, false],
	['a code with a zero more', 'code', '1.5', '1.50', true],
	['a price of nothing', 'amount', 5, 0, true],
	['a switch as a word', 'taxable', true, 'Yes', false],
	['the other switch', 'taxable', true, 'no', true],
	['a day with midnight', 'since', '2024-03-01T00:00:00', '2024-03-01', false],
	['another time of the day', 'since', '2024-03-01T08:00:00', '2024-03-01T09:00:00', true],
	['a text in another case', 'brand', 'RAY-BAN', 'Ray-Ban', true],
	['nothing where there is nothing', 'brand', '', null, false],
	['nothing where there was something', 'brand', 'Ray-Ban', '', true],
	['a code with a zero in front', 'code', '0123', '123', true],
	['an object in another order', 'size', { a: 1, b: [2] }, { b: [2], a: 1 }, false],
])('what differs: %s', async (_what, field, is, wanted, differs) => {
	await practice.simulator.addField({ path: tiers, name: field, value: is });
	const [{ tier_name }] = await stored(tiers);
	const options = { dryRun: true, allowEmptyValues: true };
	const row = { tier_name, [field]: wanted } as IDataObject;
	const { records } = await onTiers([row], { options });
	expect(records[0]._changedFields).toEqual(differs ? [field] : []);
});

test('Dry Run tells what would be done, with values where it is asked for', async () => {
	const [first, second] = await stored(tiers);
	const rows = [
		{ tier_name: first.tier_name, discount_percent: 91 },
		{ tier_name: second.tier_name, discount_percent: second.discount_percent },
		{ tier_name: 'Club', discount_percent: 5 },
		{ tier_name: 'Club', discount_percent: 6 },
	];
	const { records } = await onTiers(rows, { options: { dryRun: true, showValues: true } });
	const done = (_action: string, _changes: object, id: object = {}) => ({
		...{ dryRun: true, _action, ...id, _changedFields: Object.keys(_changes), _changes },
	});
	const discount = (from: unknown, to: number) => ({ discount_percent: { from, to } });
	expect(records).toEqual([
		done('updated', discount(first.discount_percent, 91), { pricetier_id: first.pricetier_id }),
		done('unchanged', {}, { pricetier_id: second.pricetier_id }),
		done('created', { tier_name: { from: null, to: 'Club' }, ...discount(null, 5) }),
		done('updated', discount(5, 6)),
	]);
	expect(await writes()).toEqual([]);
});

test.each([false, true])('a row that is refused, with Continue: %s', async (goesOn) => {
	const before = (await stored(frames)).length;
	const rows = [50, 500, 52].map((eye_size, index) => {
		const name = `N${index}`;
		return { sku: name, description: name, brand: 'Nader', price: 5, eye_size };
	});
	const { error, actions, records } = await onFrames(rows, {
		onError: goesOn ? 'continueRegularOutput' : undefined,
	});
	expect(await stored(frames)).toHaveLength(before + (goesOn ? 2 : 0));
	if (!goesOn) return expect(error?.description).toContain('Item 2: ');
	expect(actions).toEqual(['created', undefined, 'created']);
	expect(records[1].error).toContain('Not created');
});
