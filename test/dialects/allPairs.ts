// A choice of combinations in which any two values of any two factors come together at least once: far
// fewer than all combinations, and the same for the same seed. Used by pairwise.test.ts.

import { seeded } from '../harness/random.ts';

export type Factors = Record<string, readonly string[]>;
export type Combination = Record<string, string>;

function pairKey(a: string, valueOfA: string, b: string, valueOfB: string): string {
	const [first, second] = [`${a}=${valueOfA}`, `${b}=${valueOfB}`].sort();
	return `${first}&${second}`;
}

export function pairsIn(combination: Combination): string[] {
	const names = Object.keys(combination);
	return names.flatMap((a, index) =>
		names.slice(index + 1).map((b) => pairKey(a, combination[a], b, combination[b])),
	);
}

function allPairKeys(factors: Factors): Set<string> {
	const names = Object.keys(factors);
	const keys = new Set<string>();
	for (const [index, a] of names.entries()) {
		for (const b of names.slice(index + 1)) {
			for (const left of factors[a]) {
				for (const right of factors[b]) keys.add(pairKey(a, left, b, right));
			}
		}
	}
	return keys;
}

/**
 * Begins each combination with a pair that is still missing, and gives every other factor the value that
 * brings the most missing pairs.
 */
export function allPairs(factors: Factors, seed: number): Combination[] {
	const random = seeded(seed);
	const shuffled = <T>(values: readonly T[]) =>
		values
			.map((value) => ({ value, place: random() }))
			.toSorted((a, b) => a.place - b.place)
			.map(({ value }) => value);
	const missing = allPairKeys(factors);
	const combinations: Combination[] = [];
	for (;;) {
		const [pair] = missing;
		if (pair === undefined) return combinations;
		const combination: Combination = Object.fromEntries(
			pair.split('&').map((part) => part.split('=')),
		) as Combination;
		for (const name of shuffled(Object.keys(factors))) {
			if (name in combination) continue;
			const chosen = Object.entries(combination);
			const gain = (value: string) =>
				chosen.filter(([other, taken]) => missing.has(pairKey(name, value, other, taken))).length;
			combination[name] = shuffled(factors[name]).reduce((best, value) =>
				gain(value) > gain(best) ? value : best,
			);
		}
		for (const key of pairsIn(combination)) missing.delete(key);
		combinations.push(combination);
	}
}
