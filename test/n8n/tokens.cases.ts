// What becomes of a token that has expired, by the n8n that this is run in: it is renewed in whatever words it is
// refused. Called by realN8n.test.ts and in the oldest n8n.
import { setTimeout as wait } from 'node:timers/promises';
import { mappedColumns } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const count = { resource: 'priceTier', operation: 'count' };
const columns = mappedColumns({ tier_name: 'Staff', discount_percent: 10 });
const create = { resource: 'priceTier', operation: 'create', columns };

export function tokensCases(rig: () => Rig): void {
	it.each(['json401', 'html401', 'json400', 'json403', 'json500'] as const)(
		'renews an expired token that is answered %s, and does the work once',
		async (expiredToken) => {
			const { simulator, saveCredential, run } = rig();
			await simulator.configure({ tokenLifetimeSeconds: 1, dialect: { expiredToken } });
			const [creating, counting] = [1, 2].map(
				async () => await saveCredential(simulator.clients.practice),
			);
			for (const credential of [await creating, await counting]) {
				expect((await run(count, { credential })).error).toBeUndefined();
			}
			await wait(1_100);
			await simulator.configure({ tokenLifetimeSeconds: 3_600 });
			const created = await run(create, { credential: await creating });
			expect(created.error?.message).toBeUndefined();
			// It is renewed before the write, so none is refused.
			const posts = await simulator.received({ method: 'POST' });
			expect(posts.map(({ outcome }) => outcome)).toEqual([201]);
			const tiers = await simulator.records(2, '/configurations/pricetiers');
			const counted = await run(count, { credential: await counting });
			expect(counted.items.map(({ json }) => json)).toEqual([{ count: tiers.length }]);
		},
	);
}
