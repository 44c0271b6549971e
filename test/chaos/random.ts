// Pseudo-random numbers from a seed, so that a chaos run can be had again. Used by everything here that
// chooses; each part has its own stream, or the timing of one would change the choices of another.

/** One stream of choices; the same seed and name give the same choices. */
export class Random {
	private state: number;

	constructor(seed: number, stream: string) {
		this.state = seed | 0;
		for (const character of stream) {
			this.state = Math.imul(this.state ^ character.charCodeAt(0), 0x01000193);
		}
	}

	/** From 0 up to, but not including, 1. */
	next(): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
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
