// Create, where its outcome is unknown: with the option on it looks for the record, and never sends it again.
import './fastTime.ts';

import { mapped, simulatedPractice } from './simulatedPractice.ts';

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
	expect(error?.message).toBe('EyeCloud Pro does not have the record');
	expect(error?.description).toContain('look once more before you run this item again');
	expect([records, stored, posts]).toEqual([[], [], 1]);
});

test('not with Retry On Fail either', async () => {
	const { error, stored, posts } = await create(marge, 'before', true, { retryOnFail: true });
	expect(error?.message).toBe('EyeCloud Pro does not have the record');
	expect([stored, posts]).toEqual([[], 1]);
});

test('several are there', async () => {
	await practice.run('patient', 'create', { columns: mapped(marge) });
	const { error, posts } = await create(marge, 'after');
	expect(error?.message).toBe('EyeCloud Pro has 2 records with what was sent');
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
