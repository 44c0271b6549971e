// A token past its own `exp` is renewed: before a write, and after any refusal that its expiry explains, whatever
// status and words the API has for it. Nothing is created twice for it, and nothing is told to be unknown.
import { fakeClock } from '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { json, pageOf, startHostileApi } from '../hostile/hostileApi.ts';
import {
	automatic,
	byId,
	mapped,
	requestLine,
	simulatedPractice,
} from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();

const tier: IDataObject = { columns: mapped({ tier_name: 'Staff', discount_percent: 10 }) };
const operations: Record<string, IDataObject> = {
	getAll: { returnAll: true },
	count: {},
	get: { recordId: byId(1) },
	create: tier,
	createMany: tier,
	findOrCreate: { ...tier, matchOn: ['tier_name'] },
	upsert: { ...tier, matchOn: ['tier_name'] },
	update: { ...tier, recordId: byId(1) },
	delete: { recordId: byId(1) },
};

/** Real time, by which tokens are valid. */
const passed = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

describe.each(['json401', 'html401', 'json400', 'json403', 'json500'] as const)(
	'an expired token is answered %s',
	(expiredToken) => {
		test('each operation does its work once', async () => {
			await practice.simulator.configure({ tokenLifetimeSeconds: 1, dialect: { expiredToken } });
			await practice.run('priceTier', 'count');
			await passed(1_100);
			// The new one lives longer than any of this takes; each operation begins with the expired one.
			await practice.simulator.configure({ tokenLifetimeSeconds: 3_600 });
			const expired = practice.credential.copy();
			for (const [operation, parameters] of Object.entries(operations)) {
				fakeClock.reset();
				await practice.simulator.reset({ data: true });
				const before = await practice.simulator.records(2, '/configurations/pricetiers');
				const { error } = await practice.run('priceTier', operation, parameters, {
					credential: expired.copy(),
				});
				expect({ operation, message: error?.message }).toEqual({ operation, message: undefined });
				expect(fakeClock.slept).toEqual([]);
				const after = await practice.simulator.records(2, '/configurations/pricetiers');
				const change = after.length - before.length;
				const wanted = /create|upsert/i.test(operation) ? 1 : operation === 'delete' ? -1 : 0;
				expect({ operation, change }).toEqual({ operation, change: wanted });
				const writes = (await practice.received()).filter(({ method }) => method !== 'GET');
				expect(writes.map(({ outcome }) => outcome).filter((status) => status !== 401)).toEqual(
					writes.slice(0, 1).map(() => expect.any(Number)),
				);
			}
		});
	},
);

test('several requests at a time: the last to be refused finds the token renewed, and is sent again', async () => {
	const { simulator } = practice;
	const api = await startHostileApi();
	try {
		await simulator.configure({ tokenLifetimeSeconds: 1 });
		const credential = api.credentialFor(simulator, await simulator.createClient());
		api.answer((_, response) => json(response, pageOf([], 0)));
		await practice.run('patient', 'count', {}, { credential });
		await passed(1_100);
		await simulator.configure({ tokenLifetimeSeconds: 3_600 });
		const tokens = new Set<string>();
		let later: Array<() => void> = [];
		api.answer(({ headers: { authorization = '' } }, response) => {
			tokens.add(authorization);
			const refuse = () => json(response, { code: 400, message: 'Unauthorized' }, 400);
			const [expired] = tokens;
			if (authorization !== expired) {
				json(response, pageOf([{ patient_id: 1, email: 'a@example.com' }], 1));
				for (const each of later.splice(0)) each();
			} else if (later.length === 0 && tokens.size === 1 && !isRefused) {
				isRefused = true;
				refuse();
			} else later.push(refuse);
		});
		let isRefused = false;
		const items = [1, 2, 3].map((n) => ({ email: `new${n}@example.com` }));
		const parameters = { columns: automatic, matchOn: ['email'], options: { dryRun: true } };
		const { error } = await practice.run('patient', 'findOrCreate', parameters, {
			...{ credential, items },
		});
		expect(error).toBeUndefined();
		expect(tokens.size).toBe(2);
		later = [];
	} finally {
		await api.close();
	}
});

test('a refusal that no expiry explains is not asked again', async () => {
	await practice.simulator.configure({ dialect: { expiredToken: 'json400' } });
	await practice.run('patient', 'count');
	await practice.simulator.reset();
	const { error } = await practice.run('patient', 'getAll', {
		filters: { custom: { parameter: [{ name: 'nonsense', value: 'x' }] } },
	});
	expect(error?.message).toContain('"nonsense" is not allowed');
	expect((await practice.received()).map(requestLine)).toHaveLength(1);
});

test('tokens that live shorter than the time ahead are not renewed for every write', async () => {
	await practice.simulator.configure({ tokenLifetimeSeconds: 20 });
	const items = Array.from({ length: 6 }, (_, index) => ({ n: index }));
	const columns = mapped({ tier_name: '={{ "T" + $json.n }}', discount_percent: 1 });
	const { error, records } = await practice.run('priceTier', 'create', { columns }, { items });
	expect(error).toBeUndefined();
	expect(records).toHaveLength(6);
	expect(practice.credential.renewals).toBeLessThanOrEqual(2);
});

test('where the auth server is out of order, a token that still holds is used', async () => {
	await practice.simulator.configure({ tokenLifetimeSeconds: 20 });
	await practice.run('priceTier', 'count');
	await practice.simulator.addTokenFault({ status: 503, body: {}, times: 100 });
	expect((await practice.run('priceTier', 'create', tier)).error).toBeUndefined();
});
