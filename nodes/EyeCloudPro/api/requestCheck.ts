// What can be sent at all. Called by the client before a request goes out.
import { ApiError } from './errors';

/** No record of an API is nested deeper; what writes it out as JSON would give up some way further. */
export const DEEPEST_LEVEL = 100;

/** n8n's HTTP client leaves fields of these names out without a word. */
const NEVER_SENT = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a field of this name can be sent. */
export function canBeSent(name: string): boolean {
	return !NEVER_SENT.has(name);
}

/**
 * @param sent the query and the body as they are to be sent
 * @throws ApiError `invalidInput` for what would get lost on the way: a field that can't be sent under its
 * name, or values in each other deeper than any record's are
 */
export function checkRequest(sent: unknown, levels = DEEPEST_LEVEL, seen = new Set()): void {
	if (!isAnyObject(sent) || seen.has(sent)) return;
	seen.add(sent);
	const name = Object.keys(sent).find((key) => !canBeSent(key));
	if (levels > 0 && name === undefined) {
		for (const value of Object.values(sent) as unknown[]) checkRequest(value, levels - 1, seen);
		return;
	}
	throw new ApiError(
		'invalidInput',
		name === undefined
			? 'The input holds objects in each other without an end'
			: `A field can't be sent under the name '${name}'`,
		{ description: 'Change the field or leave it out. Nothing was sent to EyeCloud Pro.' },
	);
}

/**
 * Whether values are in each other deeper than any record's are, as nobody can work with them. Asked of each answer
 * with all its records, so it makes nothing on the way.
 */
export function isNestedTooDeep(received: unknown, levels = DEEPEST_LEVEL): boolean {
	if (!isAnyObject(received)) return false;
	if (levels === 0) return true;
	if (Array.isArray(received)) return received.some((value) => isNestedTooDeep(value, levels - 1));
	const object = received as Record<string, unknown>;
	for (const key in object) {
		const value = object[key];
		// Most are plain, and a call for each of them takes longer than all else.
		if (isAnyObject(value) && isNestedTooDeep(value, levels - 1)) return true;
	}
	return false;
}

function isAnyObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}
