// Pseudo-random numbers from a seed (mulberry32): what was found by chance can be had again. Used by the tests that
// choose, but for those of fast-check. Each part of a test has a stream of
// its own, or the timing of one would change the choices of another.

/** Numbers from 0 up to, but not including, 1; the same for the same seed. */
export function seeded(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** One stream of choices; the same seed and name give the same choices. */
export class Random {
	/** From 0 up to, but not including, 1. */
	readonly next: () => number;

	constructor(seed: number, stream: string) {
		let state = seed | 0;
		for (const character of stream) {
			state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
		}
		this.next = seeded(state);
	}

	/** A whole number; both ends can come. */
	whole(from: number, to: number): number {
		return from + Math.floor(this.next() * (to - from + 1));
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	/** Throws a RangeError for an empty list. */
	of<T>(choices: readonly T[]): T {
		if (choices.length === 0) throw new RangeError('There is nothing to choose from.');
		return choices[this.whole(0, choices.length - 1)];
	}

	/** One of the keys, by their weights. */
	weighted<T extends string>(weights: Record<T, number>): T {
		const entries = Object.entries(weights) as Array<[T, number]>;
		let rest = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
		return entries.find(([, weight]) => (rest -= weight) < 0)?.[0] ?? entries[0][0];
	}
}
