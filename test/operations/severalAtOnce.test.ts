// Several input items are worked on at a time where their order does no harm, and one after the other
// where it could. From the simulator's books: how many requests were under way at once.
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

import type { NodeRun } from '../harness/runNode.ts';

// At a hundred a minute it would be careful with others who may spend from the same limit.
const practice = simulatedPractice({ patients: 40, latencyMs: 20 }, { requestsPerMinute: 10_000 });

const recordId = byId('={{ $json.id }}');
const columns = mapped({ tier_name: '={{ "Tier " + $itemIndex }}' });
const atOnce = async () => (await practice.simulator.counts()).maxInFlight;

async function tiers(count: number): Promise<IDataObject[]> {
	const path = '/configurations/pricetiers';
	const there = await practice.simulator.records(2, path);
	for (let number = there.length; number < count; number++) {
		await practice.simulator.addRecord(2, path);
	}
	const all = await practice.simulator.records(2, path);
	return all.slice(0, count).map(({ pricetier_id }) => ({ id: pricetier_id as number }));
}

/** The node fetches its token by the first request, alone. */
beforeEach(async () => {
	await practice.run('patient', 'count');
	await practice.simulator.reset();
});

test.each(['get', 'update', 'delete'])('%s: several at a time, in order', async (operation) => {
	const items = await tiers(24);
	const result = await practice.run('priceTier', operation, { recordId, columns }, { items });
	expect(result.records.map(({ pricetier_id }) => pricetier_id)).toEqual(items.map(({ id }) => id));
	expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(
		items.map((_, item) => ({ item })),
	);
	expect(await atOnce()).toBeGreaterThan(1);
	expect(await atOnce()).toBeLessThanOrEqual(8);
});

test('of the same record: one after the other, the last item has the last word', async () => {
	const [one, two] = await tiers(2);
	const items = [one, two, one, two, one, one, two, one];
	await practice.run('priceTier', 'update', { recordId, columns }, { items });
	const sent = await practice.received('PATCH');
	for (const { id } of [one, two]) {
		const own = sent.filter(({ path }) => path.endsWith(`/${String(id)}`));
		expect(own.map(({ body }) => body)).toEqual(
			items.flatMap((item, index) => (item.id === id ? { tier_name: `Tier ${index}` } : [])),
		);
	}
	expect(await atOnce()).toBeLessThanOrEqual(2);
});

describe('of the same record, the first one refused', () => {
	const METHODS: Record<string, string> = { update: 'PATCH', upsert: 'PATCH', delete: 'DELETE' };
	const twice = async (operation: string, more: Omit<NodeRun, 'parameters'>) => {
		const [{ id }] = await tiers(1);
		const fault = { kind: 'status', status: 400 } as const;
		await practice.simulator.addFault({ match: { method: METHODS[operation] }, fault });
		const all = await practice.simulator.records(2, '/configurations/pricetiers');
		const tier_name = String(all[0].tier_name);
		const columns = mapped({ tier_name, discount_percent: '={{ 50 + $itemIndex }}' });
		const items = [{ id }, { id }];
		const parameters = { recordId, columns, matchOn: ['tier_name'] };
		const result = await practice.run('priceTier', operation, parameters, { items, ...more });
		const sent = await practice.received(METHODS[operation]);
		return { ...result, sent: sent.map(({ body }) => (body as IDataObject)?.discount_percent) };
	};

	test.each(Object.keys(METHODS))(
		'%s, Stop: the next is not sent, and a try has them in order',
		async (operation) => {
			expect((await twice(operation, {})).sent).toHaveLength(1);
			await practice.simulator.reset({ data: true });
			const { sent } = await twice(operation, { retryOnFail: true, maxTries: 2 });
			if (operation === 'delete') expect(sent).toHaveLength(3);
			else expect(sent).toEqual([50, 50, 51]);
		},
	);

	test.each(Object.keys(METHODS))(
		'%s, Continue: a try does not put it over the next',
		async (operation) => {
			const more = { onError: 'continueRegularOutput' as const, retryOnFail: true };
			const { sent, records } = await twice(operation, more);
			expect(sent).toHaveLength(2);
			expect(records[0].error).toBe('A later item has written the same record already');
			expect(records[1].error).toBeUndefined();
		},
	);
});

test('Stop: the first failed item of the input is named, not the first to fail', async () => {
	const items = (await tiers(30)).with(2, { id: 900_002 }).with(4, { id: 'a/b' });
	const { error } = await practice.run('priceTier', 'get', { recordId }, { items });
	expect(error?.itemIndex).toBe(2);
	// Nothing is begun any more once one has failed.
	expect((await practice.received()).length).toBeLessThan(12);
});

describe('creating', () => {
	const people = Array.from({ length: 12 }, (_, index): IDataObject => {
		const email = `new.${index}@example.com`;
		return { name_first: 'New', name_last: `Patient ${index}`, email };
	});

	test('Create: one after the other', async () => {
		await practice.run('patient', 'create', { columns: automatic }, { items: people });
		expect(await atOnce()).toBe(1);
	});

	test('Find or Create: looks for several at a time, creates in order, up to what fails', async () => {
		const items = people.with(5, { ...people[5], email: 'none' });
		const parameters = { columns: automatic, matchOn: ['email'] };
		const { error } = await practice.run('patient', 'findOrCreate', parameters, { items });
		expect(error?.itemIndex).toBe(5);
		const posts = await practice.received('POST');
		expect(posts.map(({ body }) => body)).toEqual(people.slice(0, 5));
		expect(await atOnce()).toBeGreaterThan(1);
	});
});
