// Find or Create, while others create: other executions of the same process, and whoever works in EyeCloud Pro
// while a long import goes on.
import { fakeClock } from '../harness/fastTime.ts';
import { automatic, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import { setImmediate } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';

const BEFORE = 30;
const practice = simulatedPractice({ patients: BEFORE, latencyMs: 20 });

const person = { name_first: 'Zoe', name_last: 'Meanwhile', email: 'zoe@example.com' };

const findOrCreate = async (items: IDataObject[], matchOn: string[], executionId: string) =>
	await practice.run(
		'patient',
		'findOrCreate',
		{ columns: automatic, matchOn },
		{ items, executionId },
	);

const addPatient = async (patient: IDataObject) =>
	await practice.simulator.addRecord(2, '/patients', patient as Record<string, string>);

async function added(): Promise<unknown[]> {
	const records = await practice.simulator.records(2, '/patients');
	return records.slice(BEFORE).map(({ email }) => email);
}

/** While the node waits for the rate limit, before its second creation. */
async function whileItWaits(seconds: number, happens: () => Promise<unknown>): Promise<void> {
	await practice.simulator.addFault({
		match: { method: 'POST', nth: 1 },
		fault: { kind: 'status', status: 429, headers: { 'Retry-After': String(seconds) } },
	});
	fakeClock.onSleep = () => {
		fakeClock.onSleep = () => {};
		fakeClock.hold();
		void happens().then(() => fakeClock.release());
	};
}

test('two executions at once, each matching on another field: one creates, the other finds', async () => {
	const fields = [['email'], ['name_last'], ['name_first', 'name_last']];
	const results = await Promise.all(
		fields.map(async (matchOn, index) => findOrCreate([person], matchOn, `by ${index}`)),
	);
	expect(results.map(({ error }) => error)).toEqual(fields.map(() => undefined));
	expect(await added()).toEqual(['zoe@example.com']);
});

describe.each([[['email']], [['name_first', 'name_last']], [['name_last', 'email']]])(
	'matched on %j',
	(matchOn) => {
		test('two executions at once: one creates, the other finds', async () => {
			const results = await Promise.all(
				Array.from({ length: 5 }, async (_, index) =>
					findOrCreate(
						[person, { ...person, email: 'bea@example.com', name_last: 'B' }],
						matchOn,
						`${index}`,
					),
				),
			);
			expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
			expect(await added()).toEqual(['zoe@example.com', 'bea@example.com']);
			const all = results.flatMap(({ records }) => records);
			expect(all.filter(({ _created }) => _created)).toHaveLength(2);
			expect(new Set(all.map(({ patient_id }) => patient_id)).size).toBe(2);
		});

		test('the order of the items does not matter', async () => {
			const people = Array.from({ length: 6 }, (_, index) => ({
				...{ name_first: 'Zoe', name_last: `No ${index}`, email: `zoe${index}@example.com` },
			}));
			const results = await Promise.all([
				findOrCreate(people, matchOn, 'forwards'),
				findOrCreate([...people].reverse(), matchOn, 'backwards'),
			]);
			expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
			expect((await added()).sort()).toEqual(people.map(({ email }) => email));
		});

		test('where the outcome of the one is unknown, the other creates nothing', async () => {
			// Lost before it reaches the API, so that looking once more finds nobody.
			await practice.simulator.addFault({ match: { method: 'POST' }, fault: { kind: 'reset' } });
			const results = await Promise.all([
				findOrCreate([person], matchOn, 'one'),
				findOrCreate([person], matchOn, 'other'),
			]);
			for (const { error } of results) expect(error?.message).toMatch(/^It is unknown whether/);
			expect(await practice.received('POST')).toHaveLength(1);
		});

		test('time has passed: it looks again before it creates', async () => {
			const first = { ...person, name_last: 'First', email: 'first@example.com' };
			await whileItWaits(120, async () => await addPatient(person));
			const result = await findOrCreate([first, person], matchOn, 'first');
			expect(result.error).toBeUndefined();
			expect(result.records.map(({ _created }) => _created)).toEqual([true, false]);
			expect(await added()).toEqual([person.email, first.email]);
		});
	},
);

test('a list that was read is not read again for each item', async () => {
	const items = Array.from({ length: 30 }, (_, index) => ({
		...{ name_first: 'Zoe', name_last: `No ${index}`, email: `zoe${index}@example.com` },
	}));
	const [one, two] = [items.slice(0, 20), items.slice(10)];
	await Promise.all([
		findOrCreate(one, ['name_last'], 'one'),
		findOrCreate(two, ['name_last'], 'two'),
	]);
	expect(await added()).toHaveLength(30);
	const gets = (await practice.received('GET')).map(requestLine);
	expect(gets).toEqual(
		Array(2).fill('GET /v2/2/patients?page=1&page_size=250&sort=name_last,patient_id'),
	);
});

test('what Create and Create Many of other executions create meanwhile is found', async () => {
	const { simulator } = practice;
	const others = ['Second', 'Third'].map((name_last) => {
		return { ...person, name_last, email: `${name_last.toLowerCase()}@example.com` };
	});
	await simulator.addFault({ match: { method: 'POST' }, fault: { kind: 'hang' } });
	const looking = practice.run(
		'patient',
		'findOrCreate',
		{ columns: automatic, matchOn: ['email'] },
		{ items: [person, ...others], executionId: 'looking', continueOnFail: true },
	);
	while ((await practice.received('POST')).length === 0) await setImmediate();
	for (const [index, operation] of ['create', 'createMany'].entries()) {
		const more = { items: [others[index]], executionId: operation };
		await practice.run('patient', operation, { columns: automatic }, more);
	}
	await simulator.clearFaults();
	const { records } = await looking;
	expect(String(records[0].error)).toMatch(/^It is unknown whether/);
	expect(records.slice(1).map(({ _created }) => _created)).toEqual([false, false]);
	expect(await added()).toEqual(others.map(({ email }) => email));
});
