// A choice of combinations in which any two values of any two factors come together at least once: far fewer than all
// combinations, and the same for the same seed. Used by dialects.test.ts.
import { seeded } from '../harness/random.ts';

export type Factors = Record<string, readonly string[]>;
export type Combination = Record<string, string>;

/** All pairs of values in it, as texts. */
export function pairsIn(combination: Combination): string[] {
	const values = Object.entries(combination).map(([name, value]) => `${name}=${value}`);
	return values.flatMap((one, index) => values.slice(index + 1).map((other) => pair(one, other)));
}

function pair(...values: [string, string]): string {
	return values.sort().join('&');
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
	const all = Object.entries(factors).map(([name, values]) =>
		values.map((value) => `${name}=${value}`),
	);
	const missing = new Set(
		all.flatMap((values, index) =>
			all
				.slice(index + 1)
				.flatMap((others) => values.flatMap((one) => others.map((other) => pair(one, other)))),
		),
	);
	const combinations: Combination[] = [];
	for (;;) {
		const [first] = missing;
		if (first === undefined) return combinations;
		const parts = first.split('&').map((part) => part.split('=') as [string, string]);
		const combination: Combination = Object.fromEntries(parts);
		for (const name of shuffled(Object.keys(factors))) {
			if (name in combination) continue;
			const taken = Object.entries(combination).map(([other, value]) => `${other}=${value}`);
			const gain = (value: string) =>
				taken.filter((one) => missing.has(pair(`${name}=${value}`, one))).length;
			combination[name] = shuffled(factors[name]).reduce((best, value) =>
				gain(value) > gain(best) ? value : best,
			);
		}
		for (const key of pairsIn(combination)) missing.delete(key);
		combinations.push(combination);
	}
}
