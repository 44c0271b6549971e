// Find or Create, while others create: other executions of the same process, and whoever works in EyeCloud Pro
// while a long import goes on.
import { fakeClock } from '../harness/fastTime.ts';
import { automatic, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import { setImmediate } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';

const BEFORE = 30;
const practice = simulatedPractice({ patients: BEFORE, latencyMs: 20 });

const zoe = (name: string) => ({
	...{ name_first: 'Zoe', name_last: name, email: `${name}@example.com` },
});
const person = zoe('meanwhile');
const isUnknown = /^It is unknown whether/;

async function findOrCreate(items: IDataObject[], matchOn: string[], executionId: string) {
	const parameters = { columns: automatic, matchOn };
	const more = { items, executionId, continueOnFail: true };
	const result = await practice.run('patient', 'findOrCreate', parameters, more);
	return { ...result, created: result.records.map(({ _created }) => _created) };
}

async function added(): Promise<unknown[]> {
	const records = await practice.simulator.records(2, '/patients');
	return records.slice(BEFORE).map(({ name_last }) => name_last);
}

test('two executions at once, each matching on another field: one creates, the other finds', async () => {
	const fields = [['email'], ['name_last'], ['name_first', 'name_last']];
	const results = await Promise.all(
		fields.map(async (matchOn, index) => findOrCreate([person], matchOn, `by ${index}`)),
	);
	expect(results.flatMap(({ created }) => created).sort()).toEqual([false, false, true]);
	expect(await added()).toEqual(['meanwhile']);
});

describe.each([[['email']], [['name_first', 'name_last']], [['name_last', 'email']]])(
	'matched on %j',
	(matchOn) => {
		test('several executions at once: one creates, the others find', async () => {
			const results = await Promise.all(
				[1, 2, 3, 4].map(async (each) => findOrCreate([person, zoe('b')], matchOn, `${each}`)),
			);
			expect(await added()).toEqual(['meanwhile', 'b']);
			const all = results.flatMap(({ records }) => records);
			expect(all.filter(({ _created }) => _created)).toHaveLength(2);
			expect(new Set(all.map(({ patient_id }) => patient_id)).size).toBe(2);
		});

		test('the order of the items does not matter', async () => {
			const people = ['1', '2', '3', '4', '5', '6'].map(zoe);
			await Promise.all([
				findOrCreate(people, matchOn, 'forwards'),
				findOrCreate([...people].reverse(), matchOn, 'backwards'),
			]);
			expect((await added()).sort()).toEqual(people.map(({ name_last }) => name_last));
		});

		test('where the outcome of the one is unknown, the other creates nothing', async () => {
			// Lost before it reaches the API, so that looking once more finds nobody.
			await practice.simulator.addFault({ match: { method: 'POST' }, fault: { kind: 'reset' } });
			const results = await Promise.all(
				['one', 'other'].map(async (each) => findOrCreate([person], matchOn, each)),
			);
			for (const { records } of results) expect(records[0].error).toMatch(isUnknown);
			expect(await practice.received('POST')).toHaveLength(1);
		});

		test('time has passed: it looks again before it creates', async () => {
			const fault = { kind: 'status', status: 429, headers: { 'Retry-After': '120' } } as const;
			await practice.simulator.addFault({ match: { method: 'POST', nth: 1 }, fault });
			// While the node waits for the rate limit, before its second creation.
			fakeClock.onSleep = () => {
				fakeClock.onSleep = () => {};
				fakeClock.hold();
				const happens = practice.simulator.addRecord(2, '/patients', person);
				void happens.then(() => fakeClock.release());
			};
			const { created } = await findOrCreate([zoe('first'), person], matchOn, 'first');
			expect(created).toEqual([true, false]);
			expect(await added()).toEqual(['meanwhile', 'first']);
		});
	},
);

test('a list that was read is not read again for each item', async () => {
	const items = Array.from({ length: 30 }, (_, index) => zoe(`n${index}`));
	await Promise.all([
		findOrCreate(items.slice(0, 20), ['name_last'], 'one'),
		findOrCreate(items.slice(10), ['name_last'], 'two'),
	]);
	expect(await added()).toHaveLength(30);
	expect((await practice.received('GET')).map(requestLine)).toEqual(
		Array(2).fill('GET /v2/2/patients?page=1&page_size=250&sort=name_last,patient_id'),
	);
});

test('what Create and Create Many of other executions create meanwhile is found', async () => {
	const others = ['second', 'third'].map(zoe);
	await practice.simulator.addFault({ match: { method: 'POST' }, fault: { kind: 'hang' } });
	const looking = findOrCreate([person, ...others], ['email'], 'looking');
	while ((await practice.received('POST')).length === 0) await setImmediate();
	for (const [index, operation] of ['create', 'createMany'].entries()) {
		const more = { items: [others[index]], executionId: operation };
		await practice.run('patient', operation, { columns: automatic }, more);
	}
	await practice.simulator.clearFaults();
	const { records, created } = await looking;
	expect(String(records[0].error)).toMatch(isUnknown);
	expect(created.slice(1)).toEqual([false, false]);
	expect(await added()).toEqual(['second', 'third']);
});
