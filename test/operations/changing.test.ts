// Update and Delete, and Dry Run of everything that writes: what is sent, what is left as it was, and
// that no token is ever shown.
import {
	automatic,
	byId,
	mapped,
	requestLine,
	simulatedPractice,
} from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const TIERS = '/configurations/pricetiers';
const practice = simulatedPractice();

async function tiers() {
	return await practice.simulator.records(2, TIERS);
}

async function sent() {
	return (await practice.received()).map(requestLine);
}

describe('Update', () => {
	async function update(recordId: IDataObject, columns: IDataObject, more = {}) {
		return await practice.run('priceTier', 'update', { recordId, columns, ...more });
	}

	test('sends the mapped fields alone, and answers the record', async () => {
		const before = await tiers();
		const columns = mapped({ discount_percent: 33, tier_name: '', active: null });
		const { records } = await update(byId(2), columns);
		expect((await practice.received()).map(({ body }) => body)).toEqual([{ discount_percent: 33 }]);
		expect(records).toEqual([{ ...before[1], discount_percent: 33 }]);
		expect(await tiers()).toEqual(before.with(1, { ...before[1], discount_percent: 33 }));
	});

	test('leaves out the ID of the record, and refuses another', async () => {
		await update(byId(2), mapped({ pricetier_id: '2', price_tier_id: 2, tier_name: 'Staff' }));
		expect((await practice.received()).map(({ body }) => body)).toEqual([{ tier_name: 'Staff' }]);
		await practice.simulator.reset();
		for (const values of [{ pricetier_id: 3, tier_name: 'Staff' }, { pricetier_id: 2 }]) {
			const { error } = await update(byId(2), mapped(values));
			expect(error?.message).toBe("'pricetier_id' can't be changed");
		}
		for (const name of ['pricetier_id', 'price_tier_id', 'id']) {
			const additionalFields = { field: [{ name, value: '77' }] };
			const { error } = await update(byId(2), mapped({ tier_name: 'Staff' }), { additionalFields });
			expect(error?.message).toBe(`'${name}' can't be changed`);
		}
		expect(await sent()).toEqual([]);
	});

	test.each(['data', 'bare'] as const)('answers a record whose body is %s', async (recordBody) => {
		await practice.simulator.configure({ dialect: { oneRecord: recordBody } });
		const { records } = await update(byId(2), mapped({ tier_name: 'Staff' }));
		expect(records).toMatchObject([{ pricetier_id: 2, tier_name: 'Staff' }]);
	});

	test('reads the record where the API answers nothing', async () => {
		const fault = { kind: 'status', status: 204 } as const;
		await practice.simulator.addFault({ match: { method: 'PATCH' }, when: 'after', fault });
		const { records } = await update(byId(2), mapped({ tier_name: 'Staff' }));
		expect(records).toMatchObject([{ pricetier_id: 2, tier_name: 'Staff' }]);
		expect(await sent()).toEqual([`PATCH /v2/2${TIERS}/2`, `GET /v2/2${TIERS}/2`]);
	});

	test.each([
		['is not allowed', { kind: 'status', status: 403 }],
		['finds nothing', { kind: 'status', status: 404 }],
		['gives no answer', { kind: 'reset' }],
	] as const)('is made, though looking at the record afterwards %s', async (_why, fault) => {
		const nothing = { kind: 'status', status: 204 } as const;
		await practice.simulator.addFault(
			{ match: { method: 'PATCH' }, when: 'after', fault: nothing },
			{ match: { method: 'GET', times: 99 }, fault },
		);
		const { error, records } = await update(byId(2), mapped({ tier_name: 'Staff' }));
		expect(error).toBeUndefined();
		expect(records).toEqual([{ updated: true, pricetier_id: 2 }]);
		const stored = await practice.simulator.records(2, TIERS);
		expect(stored.find(({ pricetier_id }) => pricetier_id === 2)?.tier_name).toBe('Staff');
	});

	describe.each([undefined, 'PUT'])('answered with another record, by %s', (updateMethod) => {
		const body = { data: { pricetier_id: 3, tier_name: 'Other' } };
		const change = async (fault: { method: string; body?: unknown }) => {
			const differences = updateMethod ? { priceTier: { updateMethod } } : {};
			practice.credential.change({ apiDifferences: JSON.stringify(differences) });
			await practice.simulator.addFault({
				...{ match: { method: fault.method }, when: 'after' },
				fault: { kind: 'status', status: 200, body: fault.body },
			});
			return await update(byId(2), mapped({ tier_name: 'Staff' }));
		};

		test('it is not handed on', async () => {
			const { error, records } = await change({ method: updateMethod ?? 'PATCH', body });
			expect(error?.message).toMatch(/^EyeCloud Pro answered with another record than/);
			expect(records).toEqual([]);
		});

		test('to a look at the record: nothing of the other is taken', async () => {
			const before = await tiers();
			if (!updateMethod) {
				const fault = { kind: 'status', status: 204 } as const;
				await practice.simulator.addFault({ match: { method: 'PATCH' }, when: 'after', fault });
			}
			const { error, records } = await change({ method: 'GET', body });
			if (updateMethod) {
				expect(error?.message).toMatch(/^EyeCloud Pro answered with another record than/);
				expect(await tiers()).toEqual(before);
			} else expect(records).toEqual([{ updated: true, pricetier_id: 2 }]);
		});
	});

	test('by PUT the whole record goes, but for what the API fills in itself and does not take', async () => {
		const apiDifferences = JSON.stringify({ priceTier: { updateMethod: 'PUT' } });
		practice.credential.change({ apiDifferences });
		await practice.simulator.configure({ dialect: { updateMethod: 'PUT' } });
		const before = (await tiers())[1];
		const { records } = await update(byId(2), mapped({ tier_name: 'Staff' }));
		expect(records).toEqual([{ ...before, tier_name: 'Staff' }]);
		const bodies = (await practice.received('PUT')).map(({ body }) => Object.keys(body as object));
		expect(bodies[0]).toEqual(Object.keys(before));
		expect(bodies.at(-1)).not.toContain('pricetier_id');
		// What is refused for its value is not left out: the field would be emptied.
		await practice.simulator.reset();
		const { error } = await update(byId(2), mapped({ discount_percent: 500 }));
		expect(error?.message).toContain(
			"'Discount Percent (discount_percent)' must be less than or equal to 100",
		);
		expect((await tiers())[1]).toEqual({ ...before, tier_name: 'Staff' });
	});

	test('Additional Fields go along', async () => {
		const additionalFields = { field: [{ name: 'discount_percent', value: '={{ 12 }}' }] };
		await update(byId(1), mapped({ tier_name: 'Staff' }), { additionalFields });
		const [{ body }] = await practice.received('PATCH');
		expect(body).toEqual({ tier_name: 'Staff', discount_percent: 12 });
	});

	test('with Allow Empty Values, an automatic null is sent, to empty a field', async () => {
		const items = [{ recall: null }];
		const options = { dryRun: true, allowEmptyValues: true };
		const parameters = { recordId: byId(1), columns: automatic, options };
		const { records } = await practice.run('priceTier', 'update', parameters, { items });
		expect(records[0].body).toEqual({ recall: null });
	});

	test('with nothing filled in, it says so and sends nothing', async () => {
		const { error } = await update(byId(1), mapped({ tier_name: '' }));
		expect(error?.message).toBe('No field is filled in');
		expect(await sent()).toEqual([]);
	});

	test('a record that is not there', async () => {
		const { error } = await update(byId(999), mapped({ tier_name: 'Staff' }));
		expect(error?.message).toBe('EyeCloud Pro found no such record');
	});

	test('a value that the API refuses is named as the form does', async () => {
		const { error } = await update(byId(1), mapped({ discount_percent: 500 }));
		expect(error?.message).toContain(
			"'Discount Percent (discount_percent)' must be less than or equal to 100",
		);
	});
});

describe('Delete', () => {
	const remove = async (more = {}) =>
		await practice.run('priceTier', 'delete', { recordId: byId(1), ...more });

	test('answers that it is deleted; a second time, that there is none', async () => {
		const before = await tiers();
		expect((await remove()).records).toEqual([{ deleted: true, pricetier_id: 1 }]);
		expect(await tiers()).toEqual(before.slice(1));
		const { error, records } = await remove();
		expect(error?.message).toBe('EyeCloud Pro found no such record');
		expect(error?.description).toContain('Check the ID');
		expect(records).toEqual([]);
	});

	test('whose first answer was lost has succeeded', async () => {
		const fault = { kind: 'reset' } as const;
		await practice.simulator.addFault({ match: { method: 'DELETE' }, when: 'after', fault });
		const { error, records } = await remove();
		expect(error).toBeUndefined();
		expect(records).toEqual([{ deleted: true, pricetier_id: 1 }]);
		expect((await sent()).slice(0, 2)).toEqual([
			`DELETE /v2/2${TIERS}/1`,
			`DELETE /v2/2${TIERS}/1`,
		]);
	});

	test('without an ID it deletes nothing', async () => {
		const before = await tiers();
		for (const value of ['={{ undefined }}', '={{ "" }}', '..', '={{ " " }}']) {
			const { error } = await remove({ recordId: { __rl: true, mode: 'id', value } });
			expect(error?.message).toBe('The ID is not one that a record can have');
		}
		expect(await sent()).toEqual([]);
		expect(await tiers()).toEqual(before);
	});
});

describe('Dry Run', () => {
	const newTier = { tier_name: 'Staff', discount_percent: 10 };
	const path = `/v2/2${TIERS}`;
	test.each<[string, IDataObject, IDataObject]>([
		['create', { columns: mapped(newTier) }, { method: 'POST', path, body: newTier }],
		['createMany', { columns: mapped(newTier) }, { method: 'POST', path, body: [newTier] }],
		[
			'findOrCreate',
			{ columns: mapped(newTier), matchOn: ['tier_name'] },
			{ method: 'POST', path, body: newTier },
		],
		[
			'update',
			{ recordId: byId(3), columns: mapped(newTier) },
			{ method: 'PATCH', path: `${path}/3`, body: newTier },
		],
		['delete', { recordId: byId(3) }, { method: 'DELETE', path: `${path}/3` }],
	])(
		'of %s: the request, no token, and nothing is written',
		async (operation, parameters, request) => {
			// A token that there is not could not be shown.
			await practice.run('priceTier', 'count');
			const { oauthTokenData } = await practice.credential.getDecrypted();
			const token = String((oauthTokenData as IDataObject).access_token);
			expect(token.length).toBeGreaterThan(100);
			const before = await tiers();
			const options = { dryRun: true };
			const result = await practice.run('priceTier', operation, { ...parameters, options });
			expect(result.error).toBeUndefined();
			expect(result.records).toEqual([{ dryRun: true, ...request }]);
			expect(JSON.stringify(result.items)).not.toContain(token);
			expect(JSON.stringify(result.items)).not.toMatch(/bearer|authorization|eyJ/i);
			expect((await practice.received()).filter(({ method }) => method !== 'GET')).toEqual([]);
			expect(await tiers()).toEqual(before);
		},
	);

	test('refuses what could not be sent', async () => {
		const columns = mapped({ name_first: 'Ann', dob: '2001-02-30', phone: '12' });
		const { error } = await practice.run('patient', 'create', {
			columns,
			options: { dryRun: true },
		});
		expect(error?.message).toBe(
			"'Date of Birth' is not a date, e.g. 2000-01-31; 'Phone' is not a phone number of 10 digits, e.g. (512) 555-0100",
		);
	});
});
