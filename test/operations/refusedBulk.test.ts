// Create Many where the API refuses a batch without saying which of its records it means, wants the list
// elsewhere, or takes no more than 100 kB at a time.
import '../harness/fastTime.ts';

import { automatic, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();

const good = { name_first: 'Ann', name_last: 'Lee' };
const bad = [{ name_first: 'Bo' }, good, { ...good, gender: 'Q' }];

async function createMany(items: object[], options: object = {}, more = {}) {
	return await practice.run(
		'patient',
		'createMany',
		{ columns: automatic, options },
		{ items: items as never, ...more },
	);
}

async function stored() {
	return (await practice.simulator.records(2, '/patients')).length;
}

test.each(['index', 'body', 'key', 'first'] as const)('refused by %s', async (bulkRefused) => {
	await practice.simulator.configure({ dialect: { bulkRefused } });
	const { error } = await createMany(bad);
	expect(error?.description).toContain("Item 1: 'Last Name' is required");
	if (bulkRefused !== 'first') {
		expect(error?.description).toContain('Item 3: "gender" must be one of');
	}
	expect(error?.description).not.toContain('Item 2');
	expect(await stored()).toBe(60);
});

test('refused without a word about any: it says so', async () => {
	await practice.simulator.configure({ dialect: { bulkRefused: 'alternatives' } });
	const { error } = await createMany(bad);
	expect(error?.description).toContain('does not say which of the 3 items it means');
	const { items } = await createMany(bad, {}, { continueOnFail: true });
	expect(items.map(({ json }) => json.message)).toEqual(
		bad.map(() => expect.stringContaining('does not say which of the 3 items')),
	);
});

test('the wrong body key: which to set', async () => {
	const { error } = await createMany([good, good], { bodyKey: 'patients' });
	expect(error?.description).toMatch(/leave the option 'Body Key' empty/);
});

describe('over 100 kB', () => {
	const insurances = [1, 2, 3].map((priority) => ({ priority, payer: 'P'.repeat(90) }));
	const items = Array.from({ length: 400 }, () => ({ ...good, insurances }));

	test.each(['html413', 'json400', 'json500'] as const)(
		'in several requests: %s',
		async (tooLargeBody) => {
			await practice.simulator.configure({ dialect: { tooLargeBody } });
			const result = await createMany(items);
			expect(result.error).toBeUndefined();
			expect(result.records).toHaveLength(400);
			expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual(
				items.map((_, item) => ({ item })),
			);
			expect(await stored()).toBe(460);
			const posts = await practice.received('POST');
			expect(posts.length).toBeGreaterThan(1);
			expect(result.hints).toEqual([
				`The items were too large for one request, and went in ${posts.length}. Each was created as a whole or not at all.`,
			]);
		},
	);

	test('a bad one among the last: nothing is created, or what was is told', async () => {
		const { error } = await createMany([...items, { name_first: 'Bo' }]);
		expect(error?.description).toContain('Item 401');
		expect(error?.description).toMatch(/in EyeCloud Pro already: \d+ of the items, 1 to \d+\./);
		const [, told] = /already: (\d+)/.exec(error?.description ?? '') ?? [];
		expect(await stored()).toBe(60 + Number(told));
	});
});
