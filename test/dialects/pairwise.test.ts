// Dialects together: any two values of any two switches, and any value with any operation, at least once.
// The whole table, each value by itself, is table.test.ts.
import { credentialsWithExpiredTokens, practiceForCells, runCell } from './runCells.ts';

import type { StoredCredential } from '../harness/storedCredential.ts';
import { switchNames, valuesOf, type Dialect } from '../simulator/dialect.ts';
import { allPairs, pairsIn, type Factors } from './allPairs.ts';
import { cells } from './cells.ts';

/** Another one puts them together otherwise: `EYECLOUDPRO_SEED=13`. */
const SEED = Number(process.env.EYECLOUDPRO_SEED ?? 12);

/** With these, nothing but a sentence comes out: the table has them, each by itself. */
const leavesNothing = ['inFront', 'missingPath'];

const factors: Factors = {
	operation: Object.keys(cells),
	replicaLagMs: ['0', '200'],
	...Object.fromEntries(
		switchNames
			.filter((name) => !leavesNothing.includes(name))
			.map((name) => [name, valuesOf(name)]),
	),
};
const combinations = allPairs(factors, SEED);
const practice = practiceForCells();
let credentials: Map<string, StoredCredential>;

beforeAll(async () => {
	const expired = combinations.flatMap(({ expiredToken }, index) =>
		expiredToken === 'json401' ? [] : [String(index)],
	);
	credentials = await credentialsWithExpiredTokens(practice, expired);
});

test('any two values come together, and the same way each time', () => {
	const together = new Set(combinations.flatMap(pairsIn));
	const names = Object.keys(factors);
	const expected = names.flatMap((a, index) =>
		names.slice(index + 1).map((b) => factors[a].length * factors[b].length),
	);
	expect(together.size).toBe(expected.reduce((sum, count) => sum + count, 0));
	expect(allPairs(factors, SEED)).toEqual(combinations);
	expect(allPairs(factors, SEED + 1)).not.toEqual(combinations);
});

test.each(combinations.map((combination, index) => ({ ...combination, index })))(
	'$index: $operation',
	async ({ operation, replicaLagMs, index, ...dialect }: Record<string, string | number>) => {
		const variant = {
			name: 'together',
			dialect: { ...dialect, replicaLagMs: Number(replicaLagMs) } as Partial<Dialect>,
			differences: { priceTier: { updateMethod: dialect.updateMethod } },
		};
		const credential = credentials.get(String(index));
		const outcome = await runCell(practice, variant, String(operation), credential);
		expect({ ...outcome, dialect }).toEqual({ cameOut: outcome.cameOut, broken: [], dialect });
	},
);
