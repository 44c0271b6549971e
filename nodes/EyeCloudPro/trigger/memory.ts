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

export class Memory {
	private readonly prints = new Map<string, string>();

	/** The packed keys, as long as they are still these, in the order of the map. */
	private packedKeys: string | undefined;

	constructor(packed?: PackedMemory) {
		if (!packed) return;
		const prints = packed.prints === '' ? [] : packed.prints.split(',');
		for (const [index, key] of decodeKeys(packed.keys).entries()) {
			this.prints.set(key, prints[index] ?? '');
		}
		this.packedKeys = packed.keys;
	}

	get size(): number {
		return this.prints.size;
	}

	has(key: string): boolean {
		return this.prints.has(key);
	}

	get(key: string): string | undefined {
		return this.prints.get(key);
	}

	set(key: string, print: string): void {
		if (!this.prints.has(key)) this.packedKeys = undefined;
		this.prints.set(key, print);
	}

	delete(key: string): void {
		if (this.prints.delete(key)) this.packedKeys = undefined;
	}

	entries(): IterableIterator<[string, string]> {
		return this.prints.entries();
	}

	keys(): IterableIterator<string> {
		return this.prints.keys();
	}

	/** @throws ApiError where it is more than n8n should store */
	pack(): PackedMemory {
		const isInOrder = this.packedKeys !== undefined;
		const order = isInOrder ? undefined : sortedKeys(this.prints.keys());
		const keys = this.packedKeys ?? encodeKeys(order ?? []);
		const prints = order?.map((key) => this.prints.get(key)) ?? Array.from(this.prints.values());
		const isEmpty = prints.every((print) => print === '');
		const packed = { keys, prints: isEmpty ? '' : prints.join() };
		const bytes = packed.keys.length + packed.prints.length;
		if (bytes > MOST_BYTES) throw tooLarge(bytes, this.size);
		return packed;
	}
}

/** How many bytes a record with so many fields to compare costs, about. */
export function bytesOf(fieldDigits: number): number {
	return 4 + fieldDigits;
}

export function inMegabytes(bytes: number): string {
	return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function tooLarge(bytes: number, count: number): ApiError {
	return new ApiError(
		'invalidInput',
		`What has to be remembered of ${count} records is ${inMegabytes(bytes)}, and ${inMegabytes(MOST_BYTES)} can be stored`,
		{
			description:
				"n8n stores it with the workflow. Narrow the list down with 'Filters', shorten 'Overlap', or choose fewer fields under 'Field Names or IDs to Watch'.",
		},
	);
}
