// Get Access: what support asks for first, and no token in it.
import { fakeClock } from '../harness/fastTime.ts';
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { catalogue, operations, operationsFor, scopeFor } from '../harness/catalogue.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';

const practice = simulatedPractice({ tokenLifetimeSeconds: 1_800 });

async function getAccess(credential?: StoredCredential, options: IDataObject = {}) {
	const more = credential && { credential };
	const result = await practice.run('account', 'getAccess', { options }, more);
	const access = result.records[0] as {
		api: string;
		practice: IDataObject;
		token: { expires_at: string };
		scopes: string[] | null;
		allowed_operations: string[];
		forbidden_operations: Array<{ operation: string; missing_scope: string }>;
		rate_limits: Array<{ module: string; requests_per_minute: number; remaining_now: number }>;
	};
	return { ...result, access };
}

const { properties } = new EyeCloudPro().description;

/** What the editor calls a resource, or an operation. */
function shown(parameter: string, value: string): string {
	const lists = properties.filter(({ name }) => name === parameter);
	const options = lists.flatMap((list) => list.options as INodePropertyOptions[]);
	return options.find((option) => option.value === value)!.name;
}

/** Each operation, and the first of its scopes that is not among these. */
function judged(scopes: string[]) {
	return catalogue.flatMap((row) =>
		operationsFor(row).map((operation) => {
			const needed = operations[operation].verbs.split(' ').map((verb) => scopeFor(verb, row));
			const missing_scope = needed.find((scope) => !scopes.includes(scope));
			return {
				operation: `${shown('resource', row.resource)}: ${shown('operation', operation)}`,
				...(missing_scope && { missing_scope }),
			};
		}),
	);
}

test('everything is allowed: one request, which reads no patient', async () => {
	const { error, records, access } = await getAccess();
	expect(error).toBeUndefined();
	expect(records).toHaveLength(1);
	const asked = 'GET /v2/2/patients?dob=1800-01-01&page=1&page_size=5';
	expect((await practice.received()).map(requestLine)).toEqual([asked]);
	expect(access.api).toBe(practice.simulator.apiUrl);
	expect(access.practice).toEqual({ practice_client_id: '2', works: true });
	expect(access.scopes?.toSorted()).toEqual(practice.simulator.clients.group.scopes.toSorted());
	expect(access.forbidden_operations).toEqual([]);
});

test('says when the token ends', async () => {
	const beforeMs = Date.now();
	const { access } = await getAccess();
	const expiresMs = Date.parse(access.token.expires_at);
	expect(expiresMs).toBeGreaterThanOrEqual(beforeMs + 1_799_000);
	expect(expiresMs).toBeLessThanOrEqual(Date.now() + 1_801_000);
});

test('what is left of each rate limit, as far as this n8n spent it', async () => {
	for (let count = 0; count < 3; count++) await practice.run('lens', 'count');
	const { access } = await getAccess();
	const left = Object.fromEntries(
		access.rate_limits.map(({ module, remaining_now }) => [module, remaining_now]),
	);
	expect(left).toEqual({
		...Object.fromEntries(catalogue.map(({ path }) => [path.split('/')[1], 100])),
		...{ patients: 99, pricebooks: 97 },
	});
	for (const { requests_per_minute } of access.rate_limits) expect(requests_per_minute).toBe(100);
	await fakeClock.sleep(61_000);
	const later = (await getAccess()).access.rate_limits;
	expect(later.find(({ module }) => module === 'pricebooks')?.remaining_now).toBe(100);
});

test.each([
	[['read:patients', 'read:stores', 'create:configurations:pricetiers']],
	[['read:patients', 'create:pricebooks:frames', 'update:pricebooks:frames']],
	[['read:stores']],
])('what %j allow, and which scope the others lack', async (scopes) => {
	const { error, access } = await getAccess(await practice.credentialFor({ scopes }));
	expect(error).toBeUndefined();
	expect(access.scopes?.toSorted()).toEqual(scopes.toSorted());
	const all = judged(scopes);
	const byName = (a: { operation: string }, b: { operation: string }) =>
		a.operation < b.operation ? -1 : 1;
	expect(access.forbidden_operations.sort(byName)).toEqual(
		all.filter(({ missing_scope }) => missing_scope).sort(byName),
	);
	expect(access.allowed_operations.sort()).toEqual(
		all.flatMap(({ operation, missing_scope }) => (missing_scope ? [] : [operation])).sort(),
	);
	// Whether the practice works can't be told without.
	const mayRead = scopes.includes('read:patients');
	expect(access.practice).toMatchObject(
		mayRead
			? { works: true }
			: { works: null, reason: expect.stringContaining("lacks the scope 'read:patients'") },
	);
});

test('a resource that is at another path has its scope there, or the one that is published', async () => {
	const apiDifferences = JSON.stringify({
		store: { path: '/crm/shops' },
		frame: { path: '/crm/frames' },
		lens: { path: '/crm/lenses' },
	});
	const scopes = ['read:patients', 'read:crm:shops', 'read:pricebooks:lenses'];
	const credential = await practice.credentialFor({ scopes });
	credential.change({ apiDifferences });
	const { access } = await getAccess(credential);
	expect(access.allowed_operations).toContain('Store: Get Many');
	expect(access.allowed_operations).toContain('Lens: Get Many');
	expect(access.forbidden_operations).toContainEqual({
		operation: 'Frame: Get Many',
		missing_scope: 'read:crm:frames',
	});
});

test('a practice that the token may not read', async () => {
	const credential = await practice.credentialFor({ practiceIds: [2] });
	const { error, access } = await getAccess(credential, { practiceId: '123' });
	expect(error).toBeUndefined();
	expect(access.practice).toMatchObject({ practice_client_id: '123', works: false });
	expect(access.practice.reason).toContain('practice 123');
	expect(access.scopes).toContain('read:patients');
});

test('trouble is no answer', async () => {
	const fault = { kind: 'status', status: 500 } as const;
	await practice.simulator.addFault({ match: { times: 20 }, fault });
	expect((await getAccess()).error?.message).toContain('HTTP 500');
});

test('no token and no secret comes out', async () => {
	const { items } = await getAccess();
	const { oauthTokenData, clientSecret } = await practice.credential.getDecrypted();
	const token = String((oauthTokenData as IDataObject).access_token);
	expect(token.split('.')).toHaveLength(3);
	const text = JSON.stringify(items);
	for (const part of [...token.split('.'), String(clientSecret)]) expect(text).not.toContain(part);
});
