// What the API's refusals have told for a while: the fields that it requires, and those that it does not take. Noted
// by the client, for the editor's lists. Names alone, never a value.
import { systemClock } from './clock';
import type { RefusedParameter } from './refusals';

/** How long it is believed: a scope, a setting or a version of the API may be another one by then. */
const BELIEVED_MS = 5 * 60_000;

const MOST_ENTRIES = 200;
const MOST_NAMES = 500;

interface Learned {
	required: Set<string>;
	refused: Set<string>;
	untilMs: number;
}

const entries = new Map<string, Learned>();

/** @param method `GET` for a list's filters, `POST` for the fields of a new record */
export function learnFrom(
	refused: readonly RefusedParameter[],
	method: string,
	identity: string,
	segments: readonly string[],
): void {
	for (const { field, message } of refused) {
		const about = /\bis required$/.test(message)
			? 'required'
			: /\bis not allowed$/.test(message)
				? 'refused'
				: undefined;
		if (!field || !about) continue;
		const names = entryFor(identity, method, segments)[about];
		if (names.size < MOST_NAMES) names.add(field);
	}
}

/** The fields that the API said it does not take. */
export function refusedByApi(
	identity: string,
	method: 'GET' | 'POST',
	segments: readonly string[],
): Set<string> {
	return known(identity, method, segments)?.refused ?? new Set();
}

/** The fields that the API said a new record must have. */
export function requiredByApi(identity: string, segments: readonly string[]): Set<string> {
	return known(identity, 'POST', segments)?.required ?? new Set();
}

function known(identity: string, method: string, segments: readonly string[]): Learned | undefined {
	const learned = entries.get(keyOf(identity, method, segments));
	return learned && learned.untilMs > systemClock.elapsedMs() ? learned : undefined;
}

function entryFor(identity: string, method: string, segments: readonly string[]): Learned {
	const nowMs = systemClock.elapsedMs();
	const entry = known(identity, method, segments) ?? {
		...{ required: new Set<string>(), refused: new Set<string>() },
		untilMs: 0,
	};
	for (const [other, { untilMs }] of entries) {
		if (untilMs <= nowMs || entries.size >= MOST_ENTRIES) entries.delete(other);
	}
	entry.untilMs = nowMs + BELIEVED_MS;
	entries.set(keyOf(identity, method, segments), entry);
	return entry;
}

function keyOf(identity: string, method: string, segments: readonly string[]): string {
	return JSON.stringify([identity, method, ...segments]);
}
