// Update and Delete: what is sent, what is left as it was, and that no other record is taken for the one that was meant.
import { byId, mapped, requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject } from 'n8n-workflow';

const TIERS = '/configurations/pricetiers';
const practice = simulatedPractice();

const tiers = async () => await practice.simulator.records(2, TIERS);
const sent = async () => (await practice.received()).map(requestLine);
const staff = mapped({ tier_name: 'Staff' });
const update = async (columns: IDataObject, more = {}) =>
	await practice.run('priceTier', 'update', { recordId: byId(2), columns, ...more });
const answer = async (method: string, status: number, body?: unknown) =>
	await practice.simulator.addFault({
		...{ match: { method, times: 9 }, when: 'after', fault: { kind: 'status', status, body } },
	});
const usePut = () => {
	const differences = { priceTier: { updateMethod: 'PUT' } };
	practice.credential.change({ apiDifferences: JSON.stringify(differences) });
};

test('the ID of the record is left out, and another one refused', async () => {
	await update(mapped({ pricetier_id: '2', price_tier_id: 2, tier_name: 'Staff' }));
	expect((await practice.received()).map(({ body }) => body)).toEqual([{ tier_name: 'Staff' }]);
	await practice.simulator.reset();
	for (const values of [{ pricetier_id: 3, tier_name: 'Staff' }, { pricetier_id: 2 }]) {
		const { error } = await update(mapped(values));
		expect(error?.message).toBe("'pricetier_id' can't be changed");
	}
	for (const name of ['pricetier_id', 'price_tier_id', 'id']) {
		const { error } = await update(staff, { additionalFields: { field: [{ name, value: '77' }] } });
		expect(error?.message).toBe(`'${name}' can't be changed`);
	}
	expect(await sent()).toEqual([]);
});

test('a record that was picked in one practice is not changed in another', async () => {
	const recordId = { __rl: true, mode: 'list', value: '2', cachedResultName: 'Staff (2)' };
	const items = [2, 123, 2].map((practiceId) => ({ practiceId }));
	const options = { practiceId: '={{ $json.practiceId }}' };
	const more = { items, onError: 'continueRegularOutput' } as const;
	const parameters = { recordId, columns: staff, options };
	const { records } = await practice.run('priceTier', 'update', parameters, more);
	const told = expect.stringMatching(/^A record picked 'From List' is not used for several/);
	expect(records.map(({ error }) => error)).toEqual([undefined, told, undefined]);
	expect(new Set(await sent())).toEqual(new Set([`PATCH /v2/2${TIERS}/2`]));
});

test('an answer without a record: it is read, and changed all the same where it can not be', async () => {
	await answer('PATCH', 204);
	expect((await update(staff)).records).toMatchObject([{ pricetier_id: 2, tier_name: 'Staff' }]);
	expect(await sent()).toEqual([`PATCH /v2/2${TIERS}/2`, `GET /v2/2${TIERS}/2`]);
	await answer('GET', 403);
	const { error, records } = await update(staff);
	expect([error, records]).toEqual([undefined, [{ updated: true, pricetier_id: 2 }]]);
});

test.each([
	['PATCH', 'PATCH'],
	['PUT', 'PUT'],
	['PUT', 'GET'],
])('another record in an update by %s, answered to %s, is not handed on', async (method, asked) => {
	if (method === 'PUT') usePut();
	const before = await tiers();
	await answer(asked, 200, { data: { pricetier_id: 3, tier_name: 'Other' } });
	const { error, records } = await update(staff);
	expect(error?.message).toMatch(/^EyeCloud Pro answered with another record than/);
	expect(records).toEqual([]);
	if (asked === 'GET') expect(await tiers()).toEqual(before);
});

test('by PUT the whole record goes, but for what the API fills in itself and does not take', async () => {
	usePut();
	await practice.simulator.configure({ dialect: { updateMethod: 'PUT' } });
	const before = (await tiers())[1];
	expect((await update(staff)).records).toEqual([{ ...before, tier_name: 'Staff' }]);
	const bodies = (await practice.received('PUT')).map(({ body }) => Object.keys(body as object));
	expect(bodies[0]).toEqual(Object.keys(before));
	expect(bodies.at(-1)).not.toContain('pricetier_id');
	// What is refused for its value is not left out: the field would be emptied.
	const { error } = await update(mapped({ discount_percent: 500 }));
	expect(error?.message).toMatch(/'Discount Percent \(discount_percent\)' must be less than/);
	expect((await tiers())[1]).toEqual({ ...before, tier_name: 'Staff' });
});

test('a record that is deleted answers so; a second time, that there is none', async () => {
	const before = await tiers();
	const remove = async () => await practice.run('priceTier', 'delete', { recordId: byId(1) });
	expect((await remove()).records).toEqual([{ deleted: true, pricetier_id: 1 }]);
	expect(await tiers()).toEqual(before.slice(1));
	const { error, records } = await remove();
	expect(error?.message).toBe('EyeCloud Pro found no such record');
	expect(error?.description).toContain('Check the ID');
	expect(records).toEqual([]);
});

test('after a deletion of unknown outcome, a Retry deletes no other record', async () => {
	const before = await tiers();
	await answer('DELETE', 500);
	const { retry } = await practice.run('priceTier', 'delete', { recordId: byId(1) });
	await practice.simulator.clearFaults();
	const parameters = { resource: 'priceTier', operation: 'delete', recordId: byId(2) };
	const { error } = await retry({ parameters });
	expect(error?.message).toBe('The item was sent for another record before');
	expect(await tiers()).toEqual(before.slice(1));
});
