// Several input items are worked on at a time where their order does no harm, and one after the other
// where it could. From the simulator's books: how many requests were under way at once.
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

// At a hundred a minute it would be careful with others who may spend from the same limit.
const practice = simulatedPractice({ patients: 40, latencyMs: 20 }, { requestsPerMinute: 10_000 });

const path = '/configurations/pricetiers';

async function atOnce(): Promise<number> {
	return (await practice.simulator.counts()).maxInFlight;
}

async function ids(count: number): Promise<IDataObject[]> {
	const records = await practice.simulator.records(2, '/patients');
	return records.slice(0, count).map(({ patient_id }) => ({ id: patient_id as number }));
}

/** A list of that many price tiers. */
async function tiers(count: number): Promise<IDataObject[]> {
	let there = await practice.simulator.records(2, path);
	for (let number = there.length; number < count; number++) {
		await practice.simulator.addRecord(2, path);
	}
	there = await practice.simulator.records(2, path);
	return there.slice(0, count).map(({ pricetier_id }) => ({ id: pricetier_id as number }));
}

const pairs = (count: number) => Array.from({ length: count }, (_, item) => ({ item }));

const recordId = byId('={{ $json.id }}');

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
		expect(await atOnce()).toBeGreaterThan(1);
		expect(await atOnce()).toBeLessThanOrEqual(8);
	});

	test('Get Many and Count: each list paired with the item that asked for it', async () => {
		const all = await practice.simulator.records(2, '/patients');
		const items = all.slice(0, 12).map(({ email }) => ({ email: email as string }));
		const filters = { email: '={{ $json.email }}' };
		const many = await practice.run('patient', 'getAll', { returnAll: true, filters }, { items });
		expect(many.records.map(({ email }) => email)).toEqual(items.map(({ email }) => email));
		expect(many.items.map(({ pairedItem }) => pairedItem)).toEqual(pairs(12));
		expect(await atOnce()).toBeGreaterThan(1);
		await practice.simulator.reset();
		const counted = await practice.run('patient', 'count', { filters }, { items });
		expect(counted.records).toEqual(items.map(() => ({ count: 1 })));
		expect(await atOnce()).toBeGreaterThan(1);
	});

	test('Continue: each failed item in its place', async () => {
		const items = (await ids(12)).map((item, index) =>
			index % 3 === 1 ? { id: 900_000 + index } : item,
		);
		const more = { items, continueOnFail: true };
		const result = await practice.run('patient', 'get', { recordId }, more);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(pairs(12));
		for (const [index, record] of result.records.entries()) {
			if (index % 3 !== 1) expect(record.patient_id).toBe(items[index].id);
			else expect(String(record.error)).toMatch(/found no such record/);
		}
	});

	test('Stop: the first failed item of the input is named, not the first to fail', async () => {
		const items = (await ids(30)).map((item, index) =>
			index === 2 ? { id: 900_002 } : index === 4 ? { id: 'a/b' } : item,
		);
		const { error } = await practice.run('patient', 'get', { recordId }, { items });
		expect(error?.itemIndex).toBe(2);
		// Nothing is begun any more once one has failed.
		expect((await practice.received()).length).toBeLessThan(12);
	});

	test('a stopped execution ends them all', async () => {
		await practice.simulator.addFault({
			match: { method: 'GET', times: 100 },
			fault: { kind: 'hang' },
		});
		const result = await practice.run(
			'patient',
			'get',
			{ recordId },
			{ items: await ids(20), onStarted: (cancel) => setTimeout(cancel, 300) },
		);
		expect(result.status).toBe('canceled');
		expect((await practice.received()).length).toBeLessThanOrEqual(8);
	});
});

describe('changing', () => {
	test('Update and Delete of different records: several at a time', async () => {
		const items = await tiers(10);
		const columns = mapped({ tier_name: '={{ "Tier " + $itemIndex }}' });
		const updated = await practice.run('priceTier', 'update', { recordId, columns }, { items });
		expect(updated.records.map(({ tier_name }) => tier_name)).toEqual(
			items.map((_, index) => `Tier ${index}`),
		);
		expect(await atOnce()).toBeGreaterThan(1);
		await practice.simulator.reset();
		const deleted = await practice.run('priceTier', 'delete', { recordId }, { items });
		expect(deleted.records).toEqual(items.map(({ id }) => ({ deleted: true, pricetier_id: id })));
		expect(await atOnce()).toBeGreaterThan(1);
	});

	test('of the same record: one after the other, the last item has the last word', async () => {
		const [one, two] = await tiers(2);
		const items = [one, two, one, two, one, one, two, one];
		const columns = mapped({ tier_name: '={{ "Tier " + $itemIndex }}' });
		// The first of each takes longest.
		const result = await practice.run('priceTier', 'update', { recordId, columns }, { items });
		expect(result.error).toBeUndefined();
		const sent = await practice.received('PATCH');
		for (const { id } of [one, two]) {
			const bodies = sent
				.filter(({ path: to }) => to.endsWith(`/${String(id)}`))
				.map(({ body }) => (body as IDataObject).tier_name);
			const expected = items.flatMap((item, index) => (item.id === id ? `Tier ${index}` : []));
			expect(bodies).toEqual(expected);
		}
		expect(await atOnce()).toBeLessThanOrEqual(2);
	});

	test('Stop: what was done is not done again by Retry', async () => {
		const items = await tiers(10);
		items[3] = { id: 'a/b' };
		const failed = await practice.run('priceTier', 'delete', { recordId }, { items });
		expect(failed.error?.itemIndex).toBe(3);
		const before = (await practice.received('DELETE')).map(requestLine);
		const again = await failed.retry();
		expect(again.error?.itemIndex).toBe(3);
		const after = (await practice.received('DELETE')).map(requestLine);
		expect(new Set(after).size).toBe(after.length);
		expect(after.length).toBeGreaterThanOrEqual(before.length);
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
		const result = await practice.run('patient', 'findOrCreate', parameters, { items: people });
		expect(result.records.map(({ _created }) => _created)).toEqual(people.map(() => true));
		const posts = await practice.received('POST');
		expect(posts.map(({ body }) => (body as IDataObject).email)).toEqual(
			people.map(({ email }) => email),
		);
		expect(await atOnce()).toBeGreaterThan(1);
		for (const [index, { atMs }] of posts.entries()) {
			if (index > 0) expect(atMs).toBeGreaterThanOrEqual(posts[index - 1].atMs + 15);
		}
	});

	test('Find or Create, Stop: nobody after the failed item is created', async () => {
		const items = people.map((person, index) =>
			index === 5 ? { ...person, email: 'none' } : person,
		);
		const parameters = { columns, matchOn: ['name_last'] };
		const result = await practice.run('patient', 'findOrCreate', parameters, { items });
		expect(result.error?.itemIndex).toBe(5);
		expect(await practice.received('POST')).toHaveLength(5);
	});
});
