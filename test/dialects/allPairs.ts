// A choice of combinations in which any two values of any two factors come together at least once: far fewer than all
// combinations, and the same for the same seed. Used by dialects.test.ts.
import { Random } from '../harness/random.ts';

export type Factors = Record<string, readonly string[]>;
export type Combination = Record<string, string>;

const pair = (...values: [string, string]) => values.sort().join('&');

/**
 * Begins each combination with a pair that is still missing, and gives every other factor, one after the other in any
 * order, the value that brings the most missing pairs.
 */
export function allPairs(factors: Factors, seed: number): Combination[] {
	const random = new Random(seed, 'pairs');
	const shuffled = <T>(values: readonly T[]) =>
		values
			.map((value) => ({ value, place: random.next() }))
			.toSorted((a, b) => a.place - b.place)
			.map(({ value }) => value);
	const all = Object.entries(factors).map(([name, values]) =>
		values.map((one) => `${name}=${one}`),
	);
	const missing = new Set(
		all.flatMap((values, index) => {
			const others = all.slice(index + 1).flat();
			return values.flatMap((one) => others.map((other) => pair(one, other)));
		}),
	);
	const combinations: Combination[] = [];
	for (const first of missing) {
		const taken = first.split('&');
		const isTaken = (values: string[]) => values.some((value) => taken.includes(value));
		for (const values of shuffled(all.filter((one) => !isTaken(one)))) {
			const gain = (value: string) => taken.filter((one) => missing.has(pair(value, one))).length;
			taken.push(shuffled(values).reduce((best, one) => (gain(one) > gain(best) ? one : best)));
		}
		for (const one of taken) for (const other of taken) missing.delete(pair(one, other));
		combinations.push(Object.fromEntries(taken.map((value) => value.split('='))) as Combination);
	}
	return combinations;
}
