// Short hashes that tell whether a record, and which of its fields, changed, without keeping a value.
// Used by the strategies.

const { imul } = Math;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 24 bits for a field: a change of it is missed once in 16 million. */
export const FIELD_DIGITS = 4;

/** What stands for a field without a value, be it absent, null or an empty text; no hash holds a dot. */
export const EMPTY = '....';

/** What stands for a field that nobody has looked at yet. */
export const UNKNOWN = '~~~~';

/** The hash of a field's value. */
export function fieldHash(value: unknown): string {
	if (value === undefined || value === null || value === '') return EMPTY;
	return digitsOf(canonical(value) ?? '', FIELD_DIGITS);
}

/** A hash of the whole value, whatever the order of the fields in it. */
export function hashOf(value: unknown): string {
	return digitsOf(canonical(value) ?? '', 8);
}

/** JSON with the names of objects in order, so that equal values are equal texts. */
function canonical(value: unknown): string | undefined {
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	return JSON.stringify(value, (_, inner: unknown) => {
		if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
		return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
	});
}

/** Up to 10 digits of 6 bits each, an even number of them, from two 32-bit hashes of the text. */
function digitsOf(text: string, count: number): string {
	// FNV-1a, twice with different starts, then each mixed until every bit depends on every other.
	let first = 0x811c9dc5;
	let second = 0x9e3779b9;
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		first = imul(first ^ code, 0x01000193);
		second = imul(second ^ code, 0x85ebca6b);
	}
	let one = mixed(first ^ text.length);
	let other = mixed(second ^ one);
	let digits = '';
	for (let index = 0; index < count; index += 2) {
		digits += DIGITS[one & 63] + DIGITS[other & 63];
		one >>>= 6;
		other >>>= 6;
	}
	return digits;
}

function mixed(word: number): number {
	let bits = word;
	bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
	bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}
