// Short hashes that tell whether a record, and which of its fields, changed, without keeping a value.
// Used by the strategies.
import type { IDataObject } from 'n8n-workflow';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 36 bits for a record: two different ones look the same once in 69 billion. */
const RECORD_DIGITS = 6;

/** 18 bits for a field, which only name what changed. */
const FIELD_DIGITS = 3;

/** What stands for a field that a record does not have; no hash holds a dot. */
const NO_FIELD = '...';

/** One hash for the record, as far as the fields go, then one for each of the fields. */
export function fingerprintOf(record: IDataObject, fields: readonly string[]): string {
	const texts = fields.map((field) => canonical(record[field]));
	const hashes = texts.map((text) =>
		text === undefined ? NO_FIELD : digitsOf(text, FIELD_DIGITS),
	);
	return digitsOf(JSON.stringify(texts), RECORD_DIGITS) + hashes.join('');
}

/** How long a fingerprint for so many fields is, in characters. */
export function fingerprintLength(fieldCount: number): number {
	return RECORD_DIGITS + FIELD_DIGITS * fieldCount;
}

/** The hash of the field at this position; undefined where the record did not have it. */
export function fieldHash(fingerprint: string, position: number): string | undefined {
	const start = fingerprintLength(position);
	const hash = fingerprint.slice(start, start + FIELD_DIGITS);
	return hash === NO_FIELD || hash === '' ? undefined : hash;
}

/** A hash of the whole record, whatever the order of its fields. */
export function hashOf(value: unknown): string {
	return digitsOf(canonical(value) ?? '', 8);
}

/** JSON with the names of objects in order, so that equal values are equal texts. */
function canonical(value: unknown): string | undefined {
	return JSON.stringify(value, (_, inner: unknown) => {
		if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
		return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
	});
}

/** Up to 10 digits of 6 bits each, from two 32-bit hashes of the text. */
function digitsOf(text: string, count: number): string {
	// FNV-1a, twice with different starts, then each mixed until every bit depends on every other.
	let first = 0x811c9dc5;
	let second = 0x9e3779b9;
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		first = Math.imul(first ^ code, 0x01000193);
		second = Math.imul(second ^ code, 0x85ebca6b);
	}
	const words = [mixed(first ^ text.length), mixed(second ^ first)];
	let digits = '';
	for (let index = 0; index < count; index++) {
		digits += DIGITS[(words[index % 2] >>> (6 * Math.floor(index / 2))) & 63];
	}
	return digits;
}

function mixed(word: number): number {
	let bits = word;
	bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}
