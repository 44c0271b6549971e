// A token that has expired is renewed, whatever status and words the API has for it: before a write, and after a
// refusal. Its expiry is known by its own `exp` or by what n8n noted; where neither is there, a refusal without a
// reason has it renewed once. Nothing is created twice for it. Each way to tell it meets each operation in
// test/dialects.
import '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { hostileApi, json, pageOf } from '../hostile/hostileApi.ts';
import { listen, type Listener } from '../harness/ports.ts';
import { mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();
const api = hostileApi();
let auth: Listener;
/** Seconds, where the auth server says how long a token lives. */
let livesFor: number | undefined;

/** An auth server whose tokens are no JWTs, and an API of which nothing is fixed. */
beforeAll(async () => {
	auth = await listen(200, () => ({
		...{ access_token: `opaque-${auth.received.length}`, token_type: 'Bearer' },
		...(livesFor !== undefined && { expires_in: livesFor }),
	}));
});
beforeEach(() => {
	auth.received.length = 0;
	livesFor = undefined;
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => auth.close());

const tier: IDataObject = { columns: mapped({ tier_name: 'Staff', discount_percent: 10 }) };

/** Two hours later by this machine's clock: a token of an hour has expired. */
function later() {
	const realNow = Date.now;
	jest.spyOn(Date, 'now').mockImplementation(() => realNow() + 2 * 3_600_000);
}

/** With a token that n8n holds already. */
async function useOpaqueToken(changes: IDataObject = {}) {
	api.use(practice.credential);
	practice.credential.change({ authServerUrl: auth.address, ...changes } as never);
	api.answer((_, response) => json(response, pageOf([], 0)));
	await practice.run('patient', 'count');
}

const withoutReason: Array<[number, unknown]> = [
	[400, { code: 400, message: 'Unauthorized' }],
	[403, { code: 403, message: 'Forbidden' }],
	[500, { code: 500, message: 'Internal Server Error' }],
	[200, { status: 'ERROR', error: { statusCode: 401 } }],
];

describe('a token that says nothing of itself', () => {
	test.each<[string, number, unknown, RegExp | undefined, tokens: number, sent: number]>([
		...withoutReason.map(([status, body]) => ['count', status, body, undefined, 2, 2] as const),
		['create', 403, { code: 403, message: 'Forbidden' }, undefined, 2, 2],
		['create', 500, { code: 500 }, /^It is unknown whether/, 1, 1],
		['count', 400, { message: '"tier_name" is required' }, /is required/, 1, 1],
		['count', 403, { required_scope: 'read:stores' }, /lacks the scope/, 1, 1],
		['count', 403, { message: 'You may not access client_id 2' }, /practice 2/, 1, 1],
	] as never)('%s, refused by %i %j', async (operation, status, body, words, tokens, sent) => {
		await useOpaqueToken();
		api.answer(({ headers: { authorization }, method }, response) => {
			if (authorization === 'Bearer opaque-1') json(response, body, status);
			else json(response, method === 'GET' ? pageOf([], 0) : { data: { price_tier_id: 7 } });
		});
		const parameters = operation === 'create' ? tier : {};
		const { error } = await practice.run('priceTier', operation, parameters);
		if (words) expect(error?.message).toMatch(words);
		else expect(error).toBeUndefined();
		expect([auth.received.length, api.received.length]).toEqual([tokens, sent]);
	});

	test('whose end n8n has noted: a write goes out with a new one', async () => {
		livesFor = 3_600;
		await useOpaqueToken();
		later();
		api.answer((_, response) => json(response, { data: { price_tier_id: 7 } }));
		expect((await practice.run('priceTier', 'create', tier)).error).toBeUndefined();
		expect([auth.received.length, api.received.length]).toEqual([2, 1]);
	});
});

test.each([false, true])(
	'one that ends in the middle of a list; another process has renewed it: %s',
	async (isRenewedElsewhere) => {
		await useOpaqueToken({ requestsPerMinute: 1_000 });
		const other = { access_token: 'opaque-other', token_type: 'Bearer' };
		api.answer(({ nth, query, headers: { authorization } }, response) => {
			if (nth === 12 && isRenewedElsewhere)
				practice.credential.change({ oauthTokenData: other as never });
			if (nth >= 12 && authorization === 'Bearer opaque-1') {
				return json(response, { code: 403, message: 'Forbidden' }, 403);
			}
			const [page, size] = [Number(query.get('page')), Number(query.get('page_size'))];
			const sign = String(query.get('sort')).includes('-') ? -1 : 1;
			const records = Array.from(
				{ length: Math.min(size, 10_000 - (page - 1) * size) },
				(_, at) => {
					const nth = (page - 1) * size + at + 1;
					return { patient_id: sign > 0 ? nth : 10_001 - nth };
				},
			);
			json(response, pageOf(records, 10_000));
		});
		const parameters = { returnAll: true, simplify: false };
		const { error, records } = await practice.run('patient', 'getAll', parameters);
		expect(error).toBeUndefined();
		expect(records).toHaveLength(10_000);
		expect(auth.received).toHaveLength(isRenewedElsewhere ? 1 : 2);
	},
);

test('a write goes out with a token that holds, by its own exp', async () => {
	await practice.simulator.configure({ dialect: { expiredToken: 'json400' } });
	await practice.run('priceTier', 'count');
	await practice.simulator.configure({ tokenLifetimeSeconds: 86_400 });
	await practice.simulator.expireTokens();
	later();
	expect((await practice.run('priceTier', 'create', tier)).error).toBeUndefined();
	expect((await practice.received()).map(({ outcome }) => outcome)).not.toContain(400);
});

describe('tokens that live shorter than the time ahead', () => {
	beforeEach(async () => await practice.simulator.configure({ tokenLifetimeSeconds: 20 }));

	test('are not renewed for every write', async () => {
		const items = Array.from({ length: 6 }, (_, n) => ({ n }));
		const columns = mapped({ tier_name: '={{ "T" + $json.n }}', discount_percent: 1 });
		const { records } = await practice.run('priceTier', 'create', { columns }, { items });
		expect(records).toHaveLength(6);
		expect(practice.credential.renewals).toBeLessThanOrEqual(2);
	});

	test('are used as long as they hold where the auth server is out of order', async () => {
		await practice.run('priceTier', 'count');
		await practice.simulator.addTokenFault({ status: 503, body: {}, times: 100 });
		expect((await practice.run('priceTier', 'create', tier)).error).toBeUndefined();
	});
});
