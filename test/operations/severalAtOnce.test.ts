// Several input items are worked on at a time where their order does no harm, and one after the other
// where it could. From the simulator's books: how many requests were under way at once.
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

// At a hundred a minute it would be careful with others who may spend from the same limit.
const practice = simulatedPractice({ patients: 40, latencyMs: 20 }, { requestsPerMinute: 10_000 });

const recordId = byId('={{ $json.id }}');
const pairs = (count: number) => Array.from({ length: count }, (_, item) => ({ item }));
const atOnce = async () => (await practice.simulator.counts()).maxInFlight;
const expectSeveral = async () => {
	expect(await atOnce()).toBeGreaterThan(1);
	expect(await atOnce()).toBeLessThanOrEqual(8);
};

async function ids(count: number, path = '/patients', idField = 'patient_id') {
	let there = await practice.simulator.records(2, path);
	for (let number = there.length; number < count; number++) {
		await practice.simulator.addRecord(2, path);
	}
	there = await practice.simulator.records(2, path);
	return there.slice(0, count).map((record): IDataObject => ({ id: record[idField] as number }));
}

const tiers = async (count: number) =>
	await ids(count, '/configurations/pricetiers', 'pricetier_id');

/** The node fetches its token by the first request, alone. */
beforeEach(async () => {
	await practice.run('patient', 'count');
	await practice.simulator.reset();
});

describe('reading', () => {
	test('Get: several at a time, as many as the limiter has room for, in the order of the input', async () => {
		const items = await ids(24);
		const result = await practice.run('patient', 'get', { recordId }, { items });
		expect(result.records.map(({ patient_id }) => patient_id)).toEqual(items.map(({ id }) => id));
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(pairs(24));
		await expectSeveral();
	});

	test.each(['getAll', 'count'])('%s: each paired with the item that asked', async (operation) => {
		const all = await practice.simulator.records(2, '/patients');
		const items = all.slice(0, 12).map(({ email }) => ({ email }) as IDataObject);
		const parameters = { returnAll: true, filters: { email: '={{ $json.email }}' } };
		const result = await practice.run('patient', operation, parameters, { items });
		expect(result.records).toMatchObject(
			operation === 'count' ? items.map(() => ({ count: 1 })) : items,
		);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(pairs(12));
		await expectSeveral();
	});

	test('Continue: each failed item in its place', async () => {
		const there = await ids(12);
		const isBad = (index: number) => index % 3 === 1;
		const items = there.map((item, index) => (isBad(index) ? { id: 900_000 + index } : item));
		const more = { items, continueOnFail: true };
		const result = await practice.run('patient', 'get', { recordId }, more);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(pairs(12));
		const error = expect.stringMatching(/found no such record/);
		expect(result.records).toMatchObject(
			there.map(({ id }, index) => (isBad(index) ? { error } : { patient_id: id })),
		);
	});

	test('Stop: the first failed item of the input is named, not the first to fail', async () => {
		const items = (await ids(30)).with(2, { id: 900_002 }).with(4, { id: 'a/b' });
		const { error } = await practice.run('patient', 'get', { recordId }, { items });
		expect(error?.itemIndex).toBe(2);
		// Nothing is begun any more once one has failed.
		expect((await practice.received()).length).toBeLessThan(12);
	});

	test('a stopped execution ends them all', async () => {
		const match = { method: 'GET', times: 100 };
		await practice.simulator.addFault({ match, fault: { kind: 'hang' } });
		const onStarted = (cancel: () => void) => setTimeout(cancel, 300);
		const more = { items: await ids(20), onStarted };
		const result = await practice.run('patient', 'get', { recordId }, more);
		expect(result.status).toBe('canceled');
		expect((await practice.received()).length).toBeLessThanOrEqual(8);
	});
});

describe('changing', () => {
	const columns = mapped({ tier_name: '={{ "Tier " + $itemIndex }}' });

	test.each(['update', 'delete'])(
		'%s of different records: several at a time',
		async (operation) => {
			const items = await tiers(10);
			const result = await practice.run('priceTier', operation, { recordId, columns }, { items });
			expect(result.records).toMatchObject(
				items.map(({ id }, index) => ({
					...{ pricetier_id: id },
					...(operation === 'update' ? { tier_name: `Tier ${index}` } : { deleted: true }),
				})),
			);
			await expectSeveral();
		},
	);

	test('of the same record: one after the other, the last item has the last word', async () => {
		const [one, two] = await tiers(2);
		const items = [one, two, one, two, one, one, two, one];
		// The first of each takes longest.
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

	test('Stop: what was done is not done again by Retry', async () => {
		const items = (await tiers(10)).with(3, { id: 'a/b' });
		const failed = await practice.run('priceTier', 'delete', { recordId }, { items });
		expect(failed.error?.itemIndex).toBe(3);
		expect((await failed.retry()).error?.itemIndex).toBe(3);
		const sent = (await practice.received('DELETE')).map(requestLine);
		expect(new Set(sent).size).toBe(sent.length);
		expect(sent.length).toBeGreaterThanOrEqual(3);
	});
});

describe('creating', () => {
	const people = Array.from({ length: 12 }, (_, index): IDataObject => {
		const email = `new.${index}@example.com`;
		return { name_first: 'New', name_last: `Patient ${index}`, email };
	});
	const columns = { mappingMode: 'autoMapInputData', value: null };

	test('Create: one after the other', async () => {
		await practice.run('patient', 'create', { columns }, { items: people });
		expect(await atOnce()).toBe(1);
	});

	test('Find or Create: looks for several at a time, creates one after the other, in order', async () => {
		const parameters = { columns, matchOn: ['email'] };
		await practice.run('patient', 'findOrCreate', parameters, { items: people });
		const posts = await practice.received('POST');
		expect(posts.map(({ body }) => body)).toEqual(people);
		await expectSeveral();
		for (const [index, { atMs }] of posts.entries()) {
			if (index > 0) expect(atMs).toBeGreaterThanOrEqual(posts[index - 1].atMs + 15);
		}
	});

	test('Find or Create, Stop: nobody after the failed item is created', async () => {
		const items = people.with(5, { ...people[5], email: 'none' });
		const parameters = { columns, matchOn: ['name_last'] };
		const { error } = await practice.run('patient', 'findOrCreate', parameters, { items });
		expect(error?.itemIndex).toBe(5);
		expect(await practice.received('POST')).toHaveLength(5);
	});
});
