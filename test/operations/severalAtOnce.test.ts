// Several input items are worked on at a time where their order does no harm, and one after the other
// where it could. From the simulator's books: how many requests were under way at once.
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

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
