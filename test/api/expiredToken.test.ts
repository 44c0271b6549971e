// A token that has expired is renewed, whatever status and words the API has for it: before a write, and after a
// refusal. Its expiry is known by its own `exp` or by what n8n noted; where neither is there, a refusal without a
// reason has it renewed once. Nothing is created twice for it.
import { fakeClock } from '../harness/fastTime.ts';

import type { IDataObject } from 'n8n-workflow';

import { json, pageOf, startHostileApi, type HostileApi } from '../hostile/hostileApi.ts';
import { listen } from '../harness/ports.ts';
import { automatic, byId, mapped, simulatedPractice } from '../harness/simulatedPractice.ts';

const practice = simulatedPractice();
let api: HostileApi;

beforeAll(async () => {
	api = await startHostileApi();
});
afterAll(async () => await api.close());
afterEach(() => jest.restoreAllMocks());

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

/** Two hours later by this machine's clock: a token of an hour has expired, one of a day has not. */
async function expire() {
	await practice.simulator.configure({ tokenLifetimeSeconds: 86_400 });
	await practice.simulator.expireTokens();
	const realNow = Date.now;
	jest.spyOn(Date, 'now').mockImplementation(() => realNow() + 2 * 3_600_000);
}

test.each(['json401', 'html401', 'json400', 'json403', 'json500'] as const)(
	'an expired token is answered %s: each operation does its work once',
	async (expiredToken) => {
		await practice.simulator.configure({ dialect: { expiredToken } });
		await practice.run('priceTier', 'count');
		await expire();
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
			expect(writes.length).toBeLessThanOrEqual(1);
		}
	},
);

test.each(['count', 'create'])(
	'%s: an expired token that is told with status 200 is renewed',
	async (operation) => {
		const credential = api.credentialFor(practice.simulator, practice.simulator.clients.practice);
		api.answer((_, response) => json(response, pageOf([], 0)));
		await practice.run('patient', 'count', {}, { credential });
		await expire();
		const [expired] = Array.from(api.tokens).slice(-1);
		api.answer(({ headers: { authorization = '' } }, response) => {
			const refusal = { status: 'ERROR', message: 'Unauthorized', error: { statusCode: 401 } };
			const isOver = authorization.endsWith(expired);
			json(
				response,
				isOver ? refusal : operation === 'count' ? pageOf([], 0) : { data: { id: 1 } },
			);
		});
		const { error } = await practice.run('priceTier', operation, operations[operation], {
			credential,
		});
		expect(error).toBeUndefined();
	},
);

test('several requests at a time: the last to be refused finds the token renewed, and is sent again', async () => {
	const credential = api.credentialFor(practice.simulator, await practice.simulator.createClient());
	api.answer((_, response) => json(response, pageOf([], 0)));
	await practice.run('patient', 'count', {}, { credential });
	await expire();
	const tokens = new Set<string>();
	const later: Array<() => void> = [];
	let isRefused = false;
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
	const items = [1, 2, 3].map((n) => ({ email: `new${n}@example.com` }));
	const parameters = { columns: automatic, matchOn: ['email'], options: { dryRun: true } };
	const { error } = await practice.run('patient', 'findOrCreate', parameters, {
		...{ credential, items },
	});
	expect(error).toBeUndefined();
	expect(tokens.size).toBe(2);
});

describe('a token that says nothing of itself', () => {
	/** An auth server whose tokens are no JWTs, and an API that takes another one from now on. */
	async function opaque(
		status: number,
		body: unknown,
		operation: string,
		expiresIn?: number,
		isForEver = false,
	) {
		const auth = await listen(200, () => ({
			access_token: `opaque-${auth.received.length}`,
			token_type: 'Bearer',
			...(expiresIn !== undefined && { expires_in: expiresIn }),
		}));
		const credential = api.credentialFor(practice.simulator, practice.simulator.clients.practice);
		credential.change({ authServerUrl: auth.address });
		api.answer((_, response) => json(response, pageOf([], 0)));
		await practice.run('patient', 'count', {}, { credential });
		if (expiresIn !== undefined) await expire();
		api.answer(({ headers: { authorization }, method }, response) => {
			if (isForEver || authorization === 'Bearer opaque-1') json(response, body, status);
			else json(response, method === 'GET' ? pageOf([], 0) : { data: { price_tier_id: 7 } });
		});
		const result = await practice.run('priceTier', operation, operations[operation], {
			credential,
		});
		auth.close();
		return { ...result, tokenRequests: auth.received.length, sent: api.received.length };
	}

	const unexplained: Array<[number, unknown]> = [
		[400, { code: 400, message: 'Unauthorized' }],
		[403, { code: 403, message: 'Forbidden' }],
		[500, { code: 500, message: 'Internal Server Error' }],
		[200, { status: 'ERROR', error: { statusCode: 401 } }],
	];

	test.each(unexplained)('a read that is refused by %i and no reason', async (status, body) => {
		const { error, tokenRequests, sent } = await opaque(status, body, 'count');
		expect(error).toBeUndefined();
		expect([tokenRequests, sent]).toEqual([2, 2]);
	});

	test('a server that is out of order for long is asked six times, the try with a new token included', async () => {
		const { error, sent } = await opaque(503, {}, 'count', undefined, true);
		expect(error?.message).toMatch(/HTTP 503/);
		expect(sent).toBe(6);
	});

	test('a write that is refused so, but not one that may have been done', async () => {
		const refused = await opaque(403, { code: 403, message: 'Forbidden' }, 'create');
		expect([refused.error, refused.tokenRequests, refused.sent]).toEqual([undefined, 2, 2]);
		const unknown = await opaque(500, { code: 500 }, 'create');
		expect(unknown.error?.message).toMatch(/^It is unknown whether/);
		expect([unknown.tokenRequests, unknown.sent]).toEqual([1, 1]);
	});

	test('whose end n8n has noted: a write goes out with a new one', async () => {
		const { error, tokenRequests, sent } = await opaque(500, {}, 'create', 3_600);
		expect(error).toBeUndefined();
		expect([tokenRequests, sent]).toEqual([2, 1]);
	});

	test.each<[number, unknown, RegExp]>([
		[400, { message: '"tier_name" is required' }, /'Tier Name \(tier_name\)' is required/],
		[403, { required_scope: 'read:stores', available_scopes: [] }, /lacks the scope/],
		[403, { message: 'You are not authorized to access client_id 2' }, /practice 2/],
	])('%i with a reason: %j is no matter of the token', async (status, body, words) => {
		const { error, tokenRequests, sent } = await opaque(status, body, 'count');
		expect(error?.message).toMatch(words);
		expect([tokenRequests, sent]).toEqual([1, 1]);
	});
});

test.each([400, 403])(
	'one of unknown end that ends in the middle of a list, told by %i: those under way wait for the new one',
	async (status) => {
		const { tokens, run } = await endingInList(status);
		const { error, records } = await run();
		expect(error).toBeUndefined();
		expect(records).toHaveLength(10_000);
		expect(tokens()).toBe(2);
	},
);

test('one that another process has renewed in the middle of a list: all go on with the stored one', async () => {
	const other = { access_token: 'opaque-other', token_type: 'Bearer' };
	const { tokens, run } = await endingInList(403, other);
	const { error, records } = await run();
	expect(error).toBeUndefined();
	expect(records).toHaveLength(10_000);
	expect(tokens()).toBe(1);
});

/** A list of 40 pages during which the first token ends; `other` is then stored, as another process would. */
async function endingInList(status: number, other?: IDataObject) {
	const auth = await listen(200, () => ({
		access_token: `opaque-${auth.received.length}`,
		token_type: 'Bearer',
	}));
	const credential = api.credentialFor(practice.simulator, practice.simulator.clients.practice);
	credential.change({ authServerUrl: auth.address, requestsPerMinute: 1_000 });
	api.answer(({ nth, url, headers: { authorization } }, response) => {
		if (nth === 12 && other) credential.change({ oauthTokenData: other as never });
		if (nth >= 12 && authorization === 'Bearer opaque-1') {
			return json(response, { code: status, message: 'Forbidden' }, status);
		}
		const { searchParams } = new URL(url ?? '', 'http://localhost');
		const [page, size] = [Number(searchParams.get('page')), Number(searchParams.get('page_size'))];
		const isDown = String(searchParams.get('sort')).includes('-');
		const ids = Array.from({ length: size }, (_, index) => (page - 1) * size + index + 1);
		const inList = ids.filter((id) => id <= 10_000);
		json(
			response,
			pageOf(
				inList.map((id) => ({ patient_id: isDown ? 10_001 - id : id })),
				10_000,
			),
		);
	});
	const parameters = { returnAll: true, simplify: false };
	return {
		tokens: () => auth.received.length,
		run: async () => {
			const result = await practice.run('patient', 'getAll', parameters, { credential });
			auth.close();
			return result;
		},
	};
}

test('Check API asks with a token that holds, as it takes a refusal for an answer', async () => {
	await practice.simulator.configure({ dialect: { expiredToken: 'json400' } });
	await practice.run('priceTier', 'count');
	await expire();
	const { error, records } = await practice.run('account', 'checkApi');
	expect(error).toBeUndefined();
	expect(records[0].as_expected).toBe(true);
});

test('a token that another process has renewed meanwhile is used', async () => {
	const client = await practice.simulator.createClient();
	const credential = api.credentialFor(practice.simulator, client);
	const elsewhere = api.credentialFor(practice.simulator, client);
	api.answer((_, response) => json(response, pageOf([], 0)));
	await practice.run('patient', 'count', {}, { credential });
	await expire();
	await practice.run('patient', 'count', {}, { credential: elsewhere });
	const { oauthTokenData } = await elsewhere.getDecrypted();
	api.answer(({ nth }, response) => {
		credential.change({ oauthTokenData });
		if (nth > 1) json(response, pageOf([], 0));
		else json(response, { code: 403, message: 'Forbidden' }, 403);
	});
	const { error } = await practice.run('patient', 'count', {}, { credential });
	expect(error).toBeUndefined();
	expect(credential.renewals).toBe(1);
});

test('a refusal that no expiry explains is not asked again', async () => {
	await practice.simulator.configure({ dialect: { expiredToken: 'json400' } });
	await practice.run('patient', 'count');
	await practice.simulator.reset();
	const { error } = await practice.run('patient', 'getAll', {
		filters: { custom: { parameter: [{ name: 'nonsense', value: 'x' }] } },
	});
	expect(error?.message).toContain("'Nonsense (nonsense)' is not allowed");
	expect(await practice.received()).toHaveLength(1);
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
