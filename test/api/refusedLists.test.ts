// A sort or a filter that the API does not take comes back as a sentence that names it, for a sort with
// the fields that it would take.
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const practice = simulatedPractice();

function sortBy(...fields: string[]): IDataObject {
	return { sort: { by: fields.map((field) => ({ field, direction: 'asc' })) } };
}

function custom(...parameter: IDataObject[]): IDataObject {
	return { filters: { custom: { parameter } } };
}

test.each([
	['patient', 'patient_id, name_first, name_last, email, dob, create_date'],
	['order', 'order_id, patient_id, order_date, status, create_date'],
	['lens', 'lens_id, description, price, create_date'],
	['priceTier', 'pricetier_id, tier_name, create_date'],
])('%s: a sort that is refused names the fields that are not', async (resource, allowed) => {
	const { error } = await practice.run(resource, 'getAll', sortBy('shoe_size'));
	expect(error?.message).toBe(
		"EyeCloud Pro did not accept the input: 'Sort' names a field that can't be sorted by",
	);
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

test.each(['getAll', 'count'])('%s: other parameters go out as they are', async (operation) => {
	const filters = custom({ name: 'store_id', value: '={{ 2 }}' }, { name: '', value: 'x' });
	const { error, records } = await practice.run('order', operation, {
		...filters,
		...(operation === 'getAll' && { returnAll: true, simplify: false }),
	});
	expect(error).toBeUndefined();
	const expected = (await practice.simulator.records(2, '/orders')).filter(
		({ store_id }) => store_id === 2,
	);
	expect(expected.length).toBeGreaterThan(10);
	expect(records).toEqual(operation === 'count' ? [{ count: expected.length }] : expected);
	const [first] = (await practice.received()).map(requestLine);
	expect(first).toContain('store_id=2');
});

test('a documented filter and another one narrow together', async () => {
	const [{ email }] = await practice.simulator.records(2, '/patients');
	const parameter = [{ name: 'dob', value: '1800-01-01' }];
	const filters = { email, custom: { parameter } } as IDataObject;
	const { records } = await practice.run('patient', 'count', { filters });
	expect(records).toEqual([{ count: 0 }]);
});

test.each(['getAll', 'count'])('%s: a filter that is refused is named', async (operation) => {
	const filters = custom({ name: 'shoe_size', value: '43' });
	const { error } = await practice.run('store', operation, filters);
	expect(error?.message).toBe('EyeCloud Pro did not accept the input: "shoe_size" is not allowed');
});

test('so is one whose value is, without the value', async () => {
	const filters = custom({ name: 'patient_id', value: 'Mrs. Private' });
	const { error } = await practice.run('order', 'getAll', filters);
	expect(error?.message).toBe(
		'EyeCloud Pro did not accept the input: "patient_id" must be a number',
	);
	expect(JSON.stringify(error)).not.toContain('Private');
});

test.each(['page', 'page_size', 'sort'])('%s is no filter', async (name) => {
	const { error } = await practice.run('patient', 'getAll', custom({ name, value: '2' }));
	expect(error?.message).toBe(`'${name}' is not a filter; use 'Limit', 'Return All' or 'Sort'`);
	expect(await practice.received()).toEqual([]);
});
