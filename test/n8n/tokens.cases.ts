// What becomes of secrets and tokens on their way, by the n8n that this is run in: an expired token is renewed in
// whatever words it is refused, and nothing goes out by plain http. Called by realN8n.test.ts and in the oldest n8n.
import { setTimeout as wait } from 'node:timers/promises';
import { listen } from '../harness/ports.ts';
import { credentialData, mappedColumns } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const count = { resource: 'priceTier', operation: 'count' };
const create = {
	resource: 'priceTier',
	operation: 'create',
	columns: mappedColumns({ tier_name: 'Staff', discount_percent: 10 }),
};

export function tokensCases(rig: () => Rig): void {
	it.each(['json401', 'html401', 'json400', 'json403', 'json500'] as const)(
		'renews an expired token that is answered %s, and does the work once',
		async (expiredToken) => {
			const { simulator, saveCredential, run } = rig();
			const used = async () => {
				await simulator.configure({ tokenLifetimeSeconds: 1, dialect: { expiredToken } });
				const credential = await saveCredential(simulator.clients.practice);
				expect((await run(count, { credential })).error).toBeUndefined();
				await wait(1_100);
				await simulator.configure({ tokenLifetimeSeconds: 3_600 });
				return credential;
			};
			const created = await run(create, { credential: await used() });
			expect(created.error?.message).toBeUndefined();
			const tiers = await simulator.records(2, '/configurations/pricetiers');
			expect(tiers.filter(({ tier_name }) => tier_name === 'Staff')).toHaveLength(1);
			// It is renewed before the write, so none is refused.
			const posts = await simulator.received({ method: 'POST' });
			expect(posts.map(({ outcome }) => outcome)).toEqual([201]);
			const counted = await run(count, { credential: await used() });
			expect(counted.items.map(({ json }) => json)).toEqual([{ count: tiers.length }]);
		},
	);

	it.each([
		['authServerUrl', 'Auth Server URL'],
		['apiBaseUrl', 'API Base URL'],
	])(
		'sends nothing by plain http to the %s, with a token in hand or without',
		async (field, name) => {
			const { n8n, simulator, run } = rig();
			const server = await listen(200, { access_token: 'x.y.z', token_type: 'Bearer' });
			try {
				// Another name of this machine than those that count as such.
				const elsewhere = server.address.replace('127.0.0.1', '0.0.0.0');
				const { practice } = simulator.clients;
				const data = credentialData(simulator, practice, { requestsPerMinute: 1_000 });
				const open = await n8n.createCredential('Open', { ...data, [field]: elsewhere });
				const credential = await n8n.createCredential('Opened later', data);
				expect((await run(count, { credential })).error).toBeUndefined();
				await n8n.updateCredential(credential, { ...data, [field]: elsewhere });
				for (const each of [open, credential]) {
					expect((await run(count, { credential: each })).error?.message).toBe(
						`The '${name}' in the credential is not an https address`,
					);
				}
				expect(server.received).toEqual([]);
			} finally {
				server.close();
			}
		},
	);
}
