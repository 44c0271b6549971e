// A sort or a filter that the API does not take comes back as a sentence that names it, for a sort with
// the fields that it would take.
import { simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const practice = simulatedPractice();
const refused = 'EyeCloud Pro did not accept the input: ';
const custom = (name: string, value: string) => ({
	filters: { custom: { parameter: [{ name, value }] } },
});

test.each([
	['patient', 'patient_id, name_first, name_last, email, dob, create_date'],
	['priceTier', 'pricetier_id, tier_name, create_date'],
])('%s: a sort that is refused names the fields that are not', async (resource, allowed) => {
	const sort = { by: [{ field: 'shoe_size', direction: 'asc' }] };
	const { error } = await practice.run(resource, 'getAll', { sort });
	expect(error?.message).toBe(`${refused}'Sort' names a field that can't be sorted by`);
	expect(error?.description).toBe(`Fields you can sort by: ${allowed}.`);
});

test('a discovered field sorts, in both directions', async () => {
	const orders = await practice.simulator.records(2, '/orders');
	const by = [
		{ field: 'status', direction: 'desc' },
		{ field: 'order_id', direction: 'asc' },
	];
	const parameters = { returnAll: true, simplify: false, sort: { by } };
	const { records } = await practice.run('order', 'getAll', parameters);
	const sorted = orders.toSorted(
		(a, b) =>
			String(b.status).localeCompare(String(a.status)) || Number(a.order_id) - Number(b.order_id),
	);
	expect(records).toEqual(sorted);
});

test('other parameters go out as they are, and narrow beside a documented filter', async () => {
	const { records } = await practice.run('order', 'count', custom('store_id', '={{ 2 }}'));
	const orders = await practice.simulator.records(2, '/orders');
	const expected = orders.filter(({ store_id: store }) => store === 2).length;
	expect(expected).toBeGreaterThan(10);
	expect(records).toEqual([{ count: expected }]);
	const [{ email }] = await practice.simulator.records(2, '/patients');
	const filters = { email, ...custom('dob', '1800-01-01').filters } as IDataObject;
	const none = await practice.run('patient', 'count', { filters });
	expect(none.records).toEqual([{ count: 0 }]);
});

test.each([
	['store', 'shoe_size', '43', "'Shoe Size (shoe_size)' is not allowed"],
	['order', 'patient_id', 'Mrs. Private', "'Patient ID (patient_id)' must be a number"],
])(
	'%s: a filter that is refused is named, its value is not',
	async (resource, name, value, said) => {
		const { error, inspected } = await practice.run(resource, 'getAll', custom(name, value));
		expect(error?.message).toBe(refused + said);
		expect(inspected()).not.toContain('Private');
	},
);

test.each(['page', 'page_size', 'sort'])('%s is no filter', async (name) => {
	const { error } = await practice.run('patient', 'getAll', custom(name, '2'));
	expect(error?.message).toBe(`'${name}' is not a filter; use 'Limit', 'Return All' or 'Sort'`);
	expect(await practice.received()).toEqual([]);
});
