// Create, where its outcome is unknown: with the option on it looks for the record, and never sends it again.
import '../harness/fastTime.ts';

import { automatic, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

import { answerOf, asTool } from '../harness/asTool.ts';

const practice = simulatedPractice();

const marge = { name_first: 'Marge', name_last: 'Example', dob: '1980-02-29' };

async function create(
	values: object,
	when: 'before' | 'after',
	lookWhetherItExists = true,
	more = {},
) {
	await practice.simulator.addFault({
		...{ when, match: { method: 'POST', times: 10 }, fault: { kind: 'status', status: 500 } },
	});
	const result = await practice.run(
		'patient',
		'create',
		{ columns: mapped(values as never), options: { lookWhetherItExists } },
		more,
	);
	const stored = (await practice.simulator.records(2, '/patients')).slice(60);
	const posts = (await practice.received('POST')).length;
	return { ...result, stored, posts };
}

test.each([
	['with a documented filter', marge],
	['by its email', { ...marge, email: 'Marge@Example.com' }],
	['without one', { name_first: 'Marge', name_last: 'Example' }],
])('it is there: %s', async (_, values) => {
	const { error, records, stored, posts } = await create(values, 'after');
	expect(error).toBeUndefined();
	expect(stored).toHaveLength(1);
	expect(records).toEqual(stored);
	expect(posts).toBe(1);
});

test('none is there, and it is not sent again', async () => {
	const { error, records, stored, posts } = await create(marge, 'before');
	expect(error?.message).toBe('EyeCloud Pro has no record with all of these values');
	expect(error?.description).toContain('look once more before you run this item again');
	expect([records, stored, posts]).toEqual([[], [], 1]);
});

test('a record that can not tell of the field that was looked for by is not the one', async () => {
	await practice.simulator.configure({ dialect: { phoneField: 'phone_mobile' } });
	const person = { name_first: 'Marge', name_last: 'Example', phone: '5125550142' };
	await practice.simulator.addRecord(2, '/patients', person);
	const { error, records } = await create(person, 'before');
	expect(error?.message).toBe('EyeCloud Pro has no record with all of these values');
	expect(records).toEqual([]);
});

test('not with Retry On Fail either', async () => {
	const { error, stored, posts } = await create(marge, 'before', true, { retryOnFail: true });
	expect(error?.message).toBe('EyeCloud Pro has no record with all of these values');
	expect([stored, posts]).toEqual([[], 1]);
});

describe('by n8n’s ways to try again', () => {
	const people = [
		{ name_first: 'Marge', name_last: 'Example' },
		{ name_first: 'Homer', name_last: 'Example' },
		{ name_first: 'Bart', name_last: 'Example' },
	];
	const lose = async (when: 'before' | 'after', match = {}) =>
		await practice.simulator.addFault({
			...{ when, match: { method: 'POST', ...match }, fault: { kind: 'reset' } },
		});
	const run = async (more = {}, options = {}) =>
		await practice.run(
			'patient',
			'create',
			{ columns: automatic, options: { lookWhetherItExists: true, ...options } },
			{ items: people, ...more },
		);
	const stored = async () => (await practice.simulator.records(2, '/patients')).slice(60);

	test('Retry On Fail and Continue: each is there once, each with its item', async () => {
		await lose('after', { times: 10 });
		const { items } = await run({ retryOnFail: true, continueOnFail: true });
		expect(items.map(({ json }) => json)).toEqual(await stored());
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(await practice.received('POST')).toHaveLength(3);
	});

	test('Retry On Fail and Continue: what a slow server brings meanwhile is found by the next try', async () => {
		await lose('before');
		const record = { patient_id: 9_000, ...people[0] };
		await practice.simulator.addFault({
			...{ when: 'after', match: { method: 'GET' } },
			fault: { kind: 'addRecord', path: '/patients', record },
		});
		const { records } = await run({ retryOnFail: true, continueOnFail: true });
		expect(await practice.received('POST')).toHaveLength(3);
		expect(records.map(({ name_first }) => name_first)).toEqual(['Marge', 'Homer', 'Bart']);
		expect(await stored()).toHaveLength(3);
	});

	test('the Retry button: what was unknown is looked for, and not sent again', async () => {
		const credential = await practice.credentialFor({ scopes: ['create:patients'] });
		await lose('after', { nth: 2 });
		const failed = await run({ credential });
		expect(failed.error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
		const { records, error } = await failed.retry({ credential: practice.credential });
		expect(error).toBeUndefined();
		expect(records.map(({ name_first }) => name_first)).toEqual(['Marge', 'Homer', 'Bart']);
		expect(await stored()).toHaveLength(3);
		expect(await practice.received('POST')).toHaveLength(3);
	});

	test('in an agent’s hands: it is there, and not sent again by the model’s next try', async () => {
		await lose('after', { times: 10 });
		const call = async () =>
			await practice.run(
				'patient',
				'create',
				{ columns: mapped(people[0]), options: { lookWhetherItExists: true } },
				{ nodeType: asTool() },
			);
		const first = await call();
		const second = await call();
		for (const answer of [first, second]) {
			expect(answerOf(answer).records).toEqual([expect.objectContaining({ name_first: 'Marge' })]);
		}
		expect(await stored()).toHaveLength(1);
	});

	test('a dry run looks for nothing', async () => {
		await run({}, { dryRun: true });
		expect(await practice.received()).toEqual([]);
	});

	test('Create Many says that its batch is unknown, and does not have the option', async () => {
		await lose('after');
		const result = await practice.run(
			...(['patient', 'createMany', { columns: automatic }, { items: people }] as const),
		);
		expect(result.error?.message).toMatch(/It is unknown whether/);
		expect(await stored()).toHaveLength(3);
		expect(await practice.received('GET')).toEqual([]);
	});
});

test('several are there', async () => {
	await practice.run('patient', 'create', { columns: mapped(marge) });
	const { error, posts } = await create(marge, 'after');
	expect(error?.message).toBe('EyeCloud Pro has 2 records with all of these values');
	expect(posts).toBe(2);
});

test('where it may not be looked for, the outcome stays unknown, and why is said', async () => {
	const credential = await practice.credentialFor({ scopes: ['create:patients'] });
	const { error } = await create(marge, 'after', true, { credential });
	expect(error?.message).toBe('It is unknown whether EyeCloud Pro created the record');
	expect(error?.description).toContain("lacks the scope 'read:patients'");
});

test('with the option off, or refused: nothing is looked for', async () => {
	await create(marge, 'after', false);
	expect(await practice.received('GET')).toEqual([]);
	await practice.simulator.reset();
	const { error } = await practice.run('patient', 'create', {
		...{ columns: mapped({ gender: 'Q' }), options: { lookWhetherItExists: true } },
	});
	expect(error?.message).toContain('did not accept');
	expect(await practice.received('GET')).toEqual([]);
});
