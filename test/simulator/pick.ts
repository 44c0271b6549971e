// Choices that depend on nothing but the seed, the collection and the record's index, so that a
// practice looks the same today and in a year. Used by the resources to generate records.
//
// faker makes the pools of names, streets and companies once; records are put together from them.
// Asking faker for each field of 100,000 patients would take a minute.
import { faker } from '@faker-js/faker/locale/en';

const referenceDate = Date.UTC(2025, 5, 30);
const dayMs = 86_400_000;

/** A pool of `size` different values, the same for everybody with the same seed. */
function pool<T>(seed: number, size: number, make: () => T): T[] {
	faker.seed(seed);
	return faker.helpers.uniqueArray(make, size);
}

function makePools(seed: number) {
	return {
		firstNames: pool(seed, 600, () => faker.person.firstName()),
		lastNames: pool(seed + 1, 400, () => faker.person.lastName()),
		streets: pool(seed + 2, 300, () => faker.location.street()),
		cities: pool(seed + 3, 40, () => faker.location.city()),
		companies: pool(seed + 4, 60, () => faker.company.name()),
		words: pool(seed + 5, 80, () => `${faker.commerce.productAdjective()} ${faker.color.human()}`),
	};
}

let pools: { seed: number; values: ReturnType<typeof makePools> } | undefined;

export class Pick {
	private state: number;
	private readonly pools: ReturnType<typeof makePools>;

	constructor(seed: number, collection: string, index: number) {
		if (pools?.seed !== seed) pools = { seed, values: makePools(seed) };
		this.pools = pools.values;
		this.state = mixed(mixed(seed) ^ hash(collection) ^ Math.imul(index + 1, 0x9e3779b1));
	}

	/** A number from 0 up to, but without, 1. */
	fraction(): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		return mixed(this.state) / 2 ** 32;
	}

	/** A whole number, both ends included. */
	whole(from: number, to: number): number {
		return from + Math.floor(this.fraction() * (to - from + 1));
	}

	of<T>(values: readonly T[]): T {
		return values[this.whole(0, values.length - 1)];
	}

	chance(probability: number): boolean {
		return this.fraction() < probability;
	}

	/** A price in dollars with two decimals. */
	price(from: number, to: number): number {
		return this.whole(from * 20, to * 20) / 20;
	}

	/** A day as `YYYY-MM-DD`, so many days from the fixed day that the practices live in. */
	day(fromDays: number, toDays: number): string {
		const ms = referenceDate + this.whole(fromDays, toDays) * dayMs;
		return new Date(ms).toISOString().slice(0, 10);
	}

	firstName = () => this.of(this.pools.firstNames);

	lastName = () => this.of(this.pools.lastNames);

	company = () => this.of(this.pools.companies);

	words = () => this.of(this.pools.words);

	address() {
		return {
			street: `${this.whole(100, 9899)} ${this.of(this.pools.streets)}`,
			city: this.of(this.pools.cities),
			state: this.of(['TX', 'OK', 'NM', 'LA', 'AR']),
			zip: String(this.whole(70001, 79999)),
		};
	}

	/** Ten digits with the exchange that is kept for fiction, 555. */
	phone(): string {
		return `${this.of(['214', '512', '713', '806', '915'])}555${this.whole(1000, 9999)}`;
	}

	/** On a domain that can never belong to anybody; the number keeps addresses apart. */
	email(first: string, last: string, number: number): string {
		const name = `${first}.${last}`.toLowerCase().replace(/[^a-z.]/g, '');
		return `${name}${number}@example.${this.of(['com', 'org', 'net'])}`;
	}
}

function mixed(value: number): number {
	let mix = value | 0;
	mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
	mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
	return (mix ^ (mix >>> 16)) >>> 0;
}

function hash(text: string): number {
	let sum = 0;
	for (const character of text) sum = (Math.imul(sum, 31) + character.charCodeAt(0)) | 0;
	return sum;
}
