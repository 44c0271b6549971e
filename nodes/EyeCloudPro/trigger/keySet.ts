// Sets of record keys as short text, for the cursor. Used by the strategies.

/** Whole numbers cost two or three characters each: the distance to the one before, in base 36. */
const NUMBERS = 'n';
const TEXTS = 't';

/** In a fixed order: numbers by size, texts by their characters. */
export function sortedKeys(keys: Iterable<string>): string[] {
	const all = Array.from(keys);
	return all.every(isNumber)
		? all.sort((a, b) => Number(a) - Number(b))
		: all.sort((a, b) => (a < b ? -1 : 1));
}

export function encodeKeys(keys: Iterable<string>): string {
	const sorted = sortedKeys(keys);
	if (!sorted.every(isNumber)) return TEXTS + JSON.stringify(sorted);
	let previous = 0;
	const distances = sorted.map((key) => {
		const distance = Number(key) - previous;
		previous = Number(key);
		return distance.toString(36);
	});
	return NUMBERS + distances.join(',');
}

/** In the order in which `sortedKeys` has them. */
export function decodeKeys(packed: string): string[] {
	if (packed.startsWith(TEXTS)) return JSON.parse(packed.slice(1)) as string[];
	if (packed.length <= 1) return [];
	let previous = 0;
	return packed
		.slice(1)
		.split(',')
		.map((distance) => {
			previous += parseInt(distance, 36);
			return String(previous);
		});
}

function isNumber(key: string): boolean {
	return /^(0|[1-9]\d{0,14})$/.test(key);
}
