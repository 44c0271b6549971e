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
 * name, or values in each other without an end
 */
export function checkRequest(sent: unknown): void {
	visitObjects(sent, (object, isTooDeep) => {
		if (isTooDeep) {
			throw new ApiError('invalidInput', 'The input holds objects in each other without an end', {
				description: `More than ${DEEPEST_LEVEL} levels can't be sent. Nothing was sent to EyeCloud Pro.`,
			});
		}
		const name = Object.keys(object).find((key) => !canBeSent(key));
		if (name === undefined) return;
		throw new ApiError('invalidInput', `A field can't be sent under the name '${name}'`, {
			description: 'Rename the field or leave it out. Nothing was sent to EyeCloud Pro.',
		});
	});
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

/**
 * Visits a value and all that is in it, each once, level by level, without recursion: a hostile one has more levels
 * than JavaScript has stack. Ends after the deepest level.
 */
function visitObjects(root: unknown, visit: (object: object, isTooDeep: boolean) => void): void {
	let level = new Set<object>(isAnyObject(root) ? [root] : []);
	for (let depth = 0; level.size > 0 && depth <= DEEPEST_LEVEL; depth++) {
		const next = new Set<object>();
		for (const object of level) {
			visit(object, depth === DEEPEST_LEVEL);
			for (const value of Object.values(object) as unknown[]) {
				if (isAnyObject(value)) next.add(value);
			}
		}
		level = next;
	}
}

function isAnyObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}
