// The names of fields that the API's refusals have told for a while: those that it requires, and those that it does
// not take. Noted by the client, for the editor's lists. Never a value.
import { ExpiringMap } from './expiringMap';
import type { RefusedParameter } from './refusals';

const MOST_NAMES = 500;

interface Learned {
	required: Set<string>;
	refused: Set<string>;
}

/** A scope, a setting or a version of the API may be another one in five minutes. */
const learned = new ExpiringMap<Learned>(5 * 60_000, 200);

/** @param method `GET` for a list's filters, `POST` for the fields of a new record */
export function learnFrom(
	refused: readonly RefusedParameter[],
	method: string,
	identity: string,
	segments: readonly string[],
): void {
	for (const { field, message } of refused) {
		const [, says] = /\bis (required|not allowed)$/.exec(message) ?? [];
		if (!field || !says) continue;
		const entry = whatIsKnown(identity, method, segments);
		const names = says === 'required' ? entry.required : entry.refused;
		if (names.size < MOST_NAMES) names.add(field);
		learned.set(keyOf(identity, method, segments), entry);
	}
}

/** The fields that the API said it does not take. */
export function refusedByApi(
	identity: string,
	method: 'GET' | 'POST',
	segments: readonly string[],
): Set<string> {
	return whatIsKnown(identity, method, segments).refused;
}

/** The fields that the API said a new record must have. */
export function requiredByApi(identity: string, segments: readonly string[]): Set<string> {
	return whatIsKnown(identity, 'POST', segments).required;
}

function whatIsKnown(identity: string, method: string, segments: readonly string[]): Learned {
	const known = learned.get(keyOf(identity, method, segments));
	return known ?? { required: new Set(), refused: new Set() };
}

function keyOf(identity: string, method: string, segments: readonly string[]): string {
	return JSON.stringify([identity, method, ...segments]);
}
