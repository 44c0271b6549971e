// Get Access: what support asks for first, and no token in it.
import { fakeClock } from '../harness/fastTime.ts';
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { catalogue, operationsFor } from '../harness/catalogue.ts';
import type { StoredCredential } from '../harness/storedCredential.ts';

const practice = simulatedPractice({ tokenLifetimeSeconds: 1_800 });

const choices = new EyeCloudPro().description.properties
	.filter(({ name }) => name === 'operation')
	.flatMap(({ options }) => options as INodePropertyOptions[]);

/** As the answer names them: what these verbs allow. */
function operationsOf(resource: string, verbs: string): string[] {
	return operationsFor({ verbs }).map((operation) => {
		return `${resource}: ${choices.find(({ value }) => value === operation)?.name}`;
	});
}

async function getAccess(credential?: StoredCredential, options: IDataObject = {}) {
	const more = credential && { credential };
	const result = await practice.run('account', 'getAccess', { options }, more);
	const access = result.records[0] as {
		practice: IDataObject;
		token: { expires_at: string };
		scopes: string[] | null;
		allowed_operations: string[];
		forbidden_operations: Array<{ operation: string; missing_scope: string }>;
		rate_limits: Array<{ module: string; requests_per_minute: number; remaining_now: number }>;
	};
	return { ...result, access };
}

test('everything is allowed: one request, which reads no patient, and no secret comes out', async () => {
	const beforeMs = Date.now();
	const { error, items, access } = await getAccess();
	expect(error).toBeUndefined();
	const asked = 'GET /v2/2/patients?dob=1800-01-01&page=1&page_size=5';
	expect((await practice.received()).map(requestLine)).toEqual([asked]);
	expect(access).toMatchObject({
		...{ api: practice.simulator.apiUrl, forbidden_operations: [] },
		practice: { practice_client_id: '2', works: true },
	});
	const lifetimeMs = Date.parse(access.token.expires_at) - beforeMs;
	expect(Math.abs(lifetimeMs - 1_800_000)).toBeLessThan(60_000);
	const { oauthTokenData, clientSecret } = await practice.credential.getDecrypted();
	const token = String((oauthTokenData as IDataObject).access_token).split('.');
	expect(token).toHaveLength(3);
	for (const part of [...token, String(clientSecret)]) {
		expect(JSON.stringify(items)).not.toContain(part);
	}
});

test('what is left of each rate limit, as far as this n8n spent it', async () => {
	for (let count = 0; count < 3; count++) await practice.run('lens', 'count');
	const limits = async () =>
		Object.fromEntries(
			(await getAccess()).access.rate_limits.map(({ module, ...limit }) => [module, limit]),
		);
	expect(await limits()).toMatchObject({
		stores: { requests_per_minute: 100, remaining_now: 100 },
		patients: { requests_per_minute: 100, remaining_now: 99 },
		pricebooks: { requests_per_minute: 100, remaining_now: 97 },
	});
	await fakeClock.sleep(61_000);
	expect((await limits()).pricebooks.remaining_now).toBe(100);
});

test.each<[string[], allowed: string[], missing: Record<string, string>, practice: object]>([
	[
		['read:patients', 'create:pricebooks:frames', 'update:pricebooks:frames'],
		[...operationsOf('Frame', 'create update'), ...operationsOf('Patient', 'read')],
		{
			'Price Tier: Create or Update': 'create:configurations:pricetiers',
			'Frame: Get': 'read:pricebooks:frames',
		},
		{ works: true },
	],
	[
		['read:stores', 'create:configurations:pricetiers'],
		[...operationsOf('Price Tier', 'create'), ...operationsOf('Store', 'read')],
		{ 'Price Tier: Create or Update': 'update:configurations:pricetiers' },
		// Whether the practice works can't be told without.
		{ works: null, reason: expect.stringContaining("lacks the scope 'read:patients'") },
	],
])('what %j allow, and which scope others lack', async (scopes, allowed, missing, inPractice) => {
	const { access } = await getAccess(await practice.credentialFor({ scopes }));
	expect(access.scopes?.toSorted()).toEqual(scopes.toSorted());
	expect(access.allowed_operations.toSorted()).toEqual(allowed.toSorted());
	const forbidden = Object.entries(missing).map(([operation, missing_scope]) => {
		return { operation, missing_scope };
	});
	expect(access.forbidden_operations).toEqual(expect.arrayContaining(forbidden));
	const all = catalogue.flatMap(operationsFor);
	expect(access.forbidden_operations).toHaveLength(all.length - allowed.length);
	expect(access.practice).toMatchObject(inPractice);
});

test('a resource that is at another path has its scope there, or the one that is published', async () => {
	const paths = { store: '/crm/shops', frame: '/crm/frames', lens: '/crm/lenses' };
	const differences = Object.entries(paths).map(([resource, path]) => [resource, { path }]);
	const scopes = ['read:patients', 'read:crm:shops', 'read:pricebooks:lenses'];
	const credential = await practice.credentialFor({ scopes });
	credential.change({ apiDifferences: JSON.stringify(Object.fromEntries(differences)) });
	const { access } = await getAccess(credential);
	expect(access.allowed_operations).toEqual(
		expect.arrayContaining(['Store: Get Many', 'Lens: Get Many']),
	);
	expect(access.forbidden_operations).toContainEqual({
		...{ operation: 'Frame: Get Many', missing_scope: 'read:crm:frames' },
	});
});

test('a practice that the token may not read is told; other trouble is no answer', async () => {
	const credential = await practice.credentialFor({ practiceIds: [2] });
	const { access } = await getAccess(credential, { practiceId: '123' });
	expect(access.practice).toMatchObject({
		...{ practice_client_id: '123', works: false, reason: expect.stringContaining('practice 123') },
	});
	const fault = { kind: 'status', status: 500 } as const;
	await practice.simulator.addFault({ match: { times: 20 }, fault });
	expect((await getAccess()).error?.message).toContain('HTTP 500');
});
