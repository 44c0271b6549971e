// What is remembered of records between polls: for each key a short text, which a strategy chooses. Made by
// poll.ts from what n8n has stored, read and written by the strategies.
import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import { encodeKeys, sortedKeys, decodeKeys } from './keySet';

/** n8n stores it with the workflow, and reads and writes it whole. */
export const MOST_BYTES = 6_000_000;

export interface PackedMemory extends IDataObject {
	keys: string;
	/** In the order of the keys, with commas between; empty where all are empty. */
	prints: string;
}

/** What was remembered before something was handed on; null: nothing. */
export type Remembered = [key: string, print: string | null];

/** The print of each record, by its key. */
export class Memory extends Map<string, string> {
	constructor(packed: PackedMemory = { keys: '', prints: '' }) {
		super();
		const prints = packed.prints === '' ? [] : packed.prints.split(',');
		for (const [index, key] of decodeKeys(packed.keys).entries())
			this.set(key, prints[index] ?? '');
	}

	/** @throws ApiError where it is more than n8n should store */
	pack(): PackedMemory {
		const order = sortedKeys(this.keys());
		const prints = order.map((key) => this.get(key) ?? '');
		const isEmpty = prints.every((print) => print === '');
		const packed = { keys: encodeKeys(order), prints: isEmpty ? '' : prints.join() };
		const bytes = packed.keys.length + packed.prints.length;
		refuseTooLarge(
			bytes,
			`${this.size} records`,
			"Narrow the list down with 'Filters', shorten 'Overlap', or choose fewer fields under 'Field Names or IDs to Watch'.",
		);
		return packed;
	}
}

/** Of a record's key, about. */
export const KEY_BYTES = 4;

/** @throws ApiError where it is more than n8n should store with the workflow */
export function refuseTooLarge(bytes: number, what: string, description: string): void {
	if (bytes <= MOST_BYTES) return;
	const [size, most] = [bytes, MOST_BYTES].map((each) => `${(each / 1_000_000).toFixed(1)} MB`);
	const message = `There are ${what}: ${size} to remember, and ${most} can be stored`;
	throw new ApiError('invalidInput', message, { description });
}
