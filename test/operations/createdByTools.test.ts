// In an agent's hands nothing is created twice: asked for at once, again, written otherwise, by another tool, or where
// its outcome is unknown.
import { fakeClock } from '../harness/fastTime.ts';
import { byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import { setImmediate } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';

import { answerOf, asTool } from '../harness/asTool.ts';
import type { NodeRun } from '../harness/runNode.ts';

const practice = simulatedPractice();
const creating = ['create', 'createMany', 'findOrCreate'];
const HOUR_MS = 3_600_000;
const isUnknown = /^It is unknown whether/;
const isRepeated = /^The same was created a moment ago/;

const byModel = (name: string) => `={{ $fromAI('${name}', '', 'string') }}`;
const all = { name_first: 'first', name_last: 'last', email: 'email', phone: 'phone', dob: 'dob' };
const columns = mapped(
	Object.fromEntries(Object.entries(all).map(([field, name]) => [field, byModel(name)])),
);
const sam = { first: 'Sam', last: 'Lee', email: 'sam.lee@example.com', phone: '', dob: '' };

let executions = 0;
const another = () => ({ executionId: `tool ${(executions += 1)}` });

/** Each call is an execution of its own, unless it is said which. */
async function ask(
	resource: string,
	operation: string,
	parameters: IDataObject,
	more: Partial<NodeRun> = {},
) {
	const run = { ...another(), nodeType: asTool(), items: [{}], ...more };
	return await practice.run(resource, operation, parameters, run);
}

const book = async (operation: string, given: IDataObject = {}, more: Partial<NodeRun> = {}) =>
	answerOf(
		await ask(
			'patient',
			operation,
			{ columns, matchOn: ['email'] },
			{ items: [{ ...sam, ...given }], ...more },
		),
	);

const idOf = ({ records }: { records: IDataObject[] }) => records[0].patient_id;
const posts = async () => (await practice.received('POST')).length;
const fail = async (fault: 'lost' | 'lostAfterwards' | 'refused') =>
	await practice.simulator.addFault({
		match: { method: 'POST' },
		when: fault === 'lostAfterwards' ? 'after' : 'before',
		fault: fault === 'refused' ? { kind: 'status', status: 400 } : { kind: 'reset' },
	});

test.each(creating)('%s, asked for eight times at once', async (operation) => {
	const answers = await Promise.all(Array.from({ length: 8 }, async () => await book(operation)));
	expect(answers.map(idOf)).toEqual(Array(8).fill(expect.any(Number)));
	expect(new Set(answers.map(idOf)).size).toBe(1);
	expect(await posts()).toBe(1);
});

test('asked for again in a moment or the same execution: known by its ID, and told', async () => {
	const execution = another();
	const patient_id = idOf(await book('create', {}, execution));
	const again = await book('create', { first: 'sam ' }, execution);
	expect(again.records).toEqual([{ patient_id }]);
	expect(again.head?.message).toMatch(isRepeated);
	expect((await book('create')).records).toEqual([{ patient_id }]);
	expect((await book('create', { first: 'Samuel' }, execution)).head?.message).toBeUndefined();
	await fakeClock.sleep(60_001);
	expect((await book('create', {}, execution)).records).toEqual([{ patient_id }]);
	expect((await book('create')).head?.message).toBeUndefined();
	expect(await posts()).toBe(3);
});

test('again, where it was deleted meanwhile, and not where something else was', async () => {
	const tier = { columns: mapped({ tier_name: 'Summer', discount_percent: 5 }) };
	const create = async () => answerOf(await ask('priceTier', 'create', tier));
	const [{ pricetier_id }] = (await create()).records;
	await ask('priceTier', 'delete', { recordId: byId(2) });
	expect((await create()).head?.message).toMatch(isRepeated);
	await ask('priceTier', 'delete', { recordId: byId(pricetier_id) });
	const patient_id = idOf(await book('create'));
	await ask('priceTier', 'delete', { recordId: byId(1) });
	expect((await book('create')).records).toEqual([{ patient_id }]);
	const { head, records } = await create();
	expect(head?.message).toBeUndefined();
	const stored = await practice.simulator.records(2, '/configurations/pricetiers');
	expect(stored.map((record) => record.pricetier_id)).toContain(records[0].pricetier_id);
});

test('by Create or Update with another value, where the list lags: it is changed', async () => {
	const body = { data: [], pagination: { total_count: 0, page: 1, page_size: 250 } };
	const fault = { kind: 'status', status: 200, body } as const;
	await practice.simulator.addFault({ match: { method: 'GET', times: 99 }, fault });
	const upsert = async (discount_percent: number) => {
		const columns = mapped({ tier_name: 'Summer', discount_percent });
		return answerOf(await ask('priceTier', 'upsert', { columns, matchOn: ['tier_name'] }));
	};
	await upsert(5);
	const { records } = await upsert(6);
	expect(records).toMatchObject([{ discount_percent: 6, _action: 'updated' }]);
	expect(await posts()).toBe(1);
});

describe('where its outcome is unknown', () => {
	test.each<[string, string, IDataObject, string]>([
		[
			'written otherwise',
			'create',
			{ first: 'sam', last: ' LEE', email: 'Sam.Lee@Example.com' },
			'create',
		],
		['by Find or Create', 'create', {}, 'findOrCreate'],
		['the same match, whatever else', 'findOrCreate', { first: 'Samantha' }, 'findOrCreate'],
		['Create Many, and by Create', 'createMany', { first: 'sam' }, 'create'],
		['Create, and by Create Many', 'create', { first: 'sam' }, 'createMany'],
	])('not again for %s: by %s, and then %j by %s', async (_, first, given, second) => {
		await fail('lost');
		// n8n's own tries are calls with the same input.
		const tried = await book(first, {}, { retryOnFail: true });
		expect(tried.failure).toMatch(isUnknown);
		expect((await book(second, given)).failure).toMatch(isUnknown);
		expect(await posts()).toBe(1);
		const other = { first: 'Robin', email: 'robin.lee@example.com' };
		expect((await book(second, other)).failure).toBeUndefined();
	});

	test('not within an hour, with an ID of the execution or without; then it is', async () => {
		await fail('lost');
		for (let time = 0; time < 2; time++) {
			const { failure } = await book('create', {}, { executionId: '' });
			expect(failure).toMatch(/^It is unknown whether.*before you run this item again\.$/);
		}
		expect(await posts()).toBe(1);
		await fakeClock.sleep(HOUR_MS + 1);
		expect((await book('create', {}, { executionId: '' })).failure).toBeUndefined();
	});

	test('as another execution of it was stopped, it is told so, and not that this one was', async () => {
		const match = { method: 'POST' };
		await practice.simulator.addFault({ match, fault: { kind: 'hang' } });
		let stop = () => {};
		const onStarted = (cancel: () => void) => {
			stop = cancel;
		};
		const items = [{ ...sam }];
		const stopped = ask('patient', 'create', { columns }, { items, onStarted });
		while ((await posts()) === 0) await setImmediate();
		const waiting = book('create');
		await setImmediate();
		stop();
		await stopped;
		expect((await waiting).failure).toMatch(isUnknown);
		expect(await posts()).toBe(1);
	});

	test('two bookings with the same email are two', async () => {
		const at = async (start_date: string) => {
			const values = { patient_id: 1, store_id: 1, email: 'sam.lee@example.com', start_date };
			return answerOf(await ask('appointment', 'create', { columns: mapped(values) }));
		};
		await fail('lost');
		expect((await at('2031-07-05T14:30:00')).failure).toMatch(isUnknown);
		await at('2031-07-06T14:30:00');
		expect(await posts()).toBe(2);
	});

	const zoe = {
		...{ first: 'Zoë', last: 'O\u2019Neil', email: 'zoe@example.com' },
		...{ phone: '(512) 555-0142', dob: '1985-03-14' },
	};

	test.each<[string, string, IDataObject]>([
		['create', 'has an email alone', { phone: '', dob: '' }],
		['createMany', 'has a phone alone', { email: '', dob: '' }],
		['create', 'has a name without accents', { first: 'ZOE', email: '', phone: '' }],
		['create', 'has another name, and the same email', { first: 'Zoey', last: 'Neil', dob: '' }],
	])('by %s, a patient who %s: is not sent', async (operation, _, changed) => {
		await fail('lost');
		expect((await book('create', zoe)).failure).toMatch(isUnknown);
		expect((await book(operation, { ...zoe, ...changed })).failure).toMatch(isUnknown);
		expect(await posts()).toBe(1);
		const others: IDataObject[] = [
			{ email: 'other@example.com' },
			{ email: '', phone: '512 555 0143' },
			{ email: '', phone: '', dob: '1990-03-14' },
		];
		for (const other of others) {
			expect((await book(operation, { ...zoe, ...other })).failure).toBeUndefined();
		}
	});
});

test.each([
	['create', 'createMany'],
	['createMany', 'create'],
	['createMany', 'findOrCreate'],
])('by %s, and then or at once by %s, is known by its ID', async (first, second) => {
	const execution = another();
	const id = idOf(await book(first, {}, execution));
	expect(id).toEqual(expect.any(Number));
	expect(idOf(await book(second, { first: 'sam ' }, execution))).toBe(id);
	const given = { first: 'Robin', email: 'robin@example.com' };
	const answers = await Promise.all([first, second].map(async (each) => await book(each, given)));
	expect(answers.map(idOf)).toEqual([expect.any(Number), idOf(answers[0])]);
	expect(await posts()).toBe(2);
});

describe('one of a batch', () => {
	const both = [{ first: 'Sam' }, { first: 'Robin' }];
	const batch = async (items: IDataObject[], more = {}) =>
		await ask(
			'patient',
			'createMany',
			{ columns: mapped({ name_first: '={{ $json.first }}', name_last: 'Lee' }) },
			{ items, ...more },
		);

	test('that was created is named, and nothing of the batch is sent', async () => {
		const [, { patient_id }] = (await batch([both[0]])).records;
		const { records } = await batch(both);
		const error = '1 of these 2 records was sent before, so nothing was sent now';
		const message = `Record 1: it was created, patient_id ${Number(patient_id)}. Leave them out and run it again.`;
		expect(records).toEqual([
			{ error, message },
			{ error, message },
		]);
		expect(await posts()).toBe(1);
		expect(answerOf(await batch([both[1]])).failure).toBeUndefined();
	});

	test('is known alone, and in a batch in another order', async () => {
		await batch(both);
		const { head, records } = answerOf(await batch([both[1], both[0]]));
		expect(head?.message).toMatch(isRepeated);
		expect(records).toHaveLength(2);
		expect(answerOf(await batch([both[1]])).records).toEqual([records[0]]);
		expect(await posts()).toBe(1);
	});
});

describe('several items, Retry On Fail', () => {
	const settings = { retryOnFail: true, executionId: '' };
	const byItem = mapped({ name_first: 'New', name_last: '={{ $json.name }}' });

	test.each<[string, 'continueRegularOutput' | 'stopWorkflow', nth: number, IDataObject]>([
		['create', 'continueRegularOutput', 1, {}],
		['create', 'stopWorkflow', 2, {}],
		['createMany', 'continueRegularOutput', 1, { batchSize: 1 }],
		// An option of the first item is no value.
		['create', 'continueRegularOutput', 9, { timeout: '={{ $json.name === "1" ? "" : 5000 }}' }],
	])(
		'%s, On Error %s, refused at %i, %j: nobody twice',
		async (operation, onError, nth, options) => {
			await practice.simulator.addFault({
				...{ match: { method: 'POST', nth }, fault: { kind: 'status', status: 400 } },
			});
			const items = ['1', '2', '3'].map((name) => ({ name }));
			await ask(
				'patient',
				operation,
				{ columns: byItem, options },
				{ ...settings, onError, items },
			);
			const patients = await practice.simulator.records(2, '/patients');
			const created = patients.slice(60).map(({ name_last }) => name_last);
			expect(created.length).toBeGreaterThan(1);
			expect(new Set(created).size).toBe(created.length);
		},
	);

	test('a Delete that worked is no missing record', async () => {
		const items = [{ id: '' }, { id: '1' }];
		const parameters = { recordId: byId('={{ $json.id }}') };
		const { records } = await ask('priceTier', 'delete', parameters, { ...settings, items });
		expect(records.at(-1)).toMatchObject({ deleted: true });
		expect(await practice.received('DELETE')).toHaveLength(1);
	});
});
