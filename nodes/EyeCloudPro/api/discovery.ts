// What the API publishes nowhere and the node finds out at run time: the fields of a resource's
// records, what their id is called, and those that a list can be sorted by. Called by the editor's methods. Keeps names and
// types, never a value.
import { systemClock } from './clock';
import type { Client } from './client';
import { CancelledError, sortRefusalIn } from './errors';
import { readPage, SMALLEST_PAGE } from './page';
import { canBeSent } from './requestCheck';

export type DiscoveredType = 'text' | 'number' | 'boolean' | 'date' | 'object' | 'array';

export interface DiscoveredField {
	name: string;
	/** Undefined where every record that was looked at had nothing in it. */
	type?: DiscoveredType;
}

/** How long an answer is believed. */
export const CACHED_MS = 5 * 60_000;

/** A refusal is asked about again sooner: the user may have just had a scope granted. */
const REFUSAL_BELIEVED_MS = 60_000;

const MOST_ENTRIES = 200;

/** A form with more fields is of use to nobody. */
const MOST_FIELDS = 500;

/**
 * A field that no API sorts by: asking for it is answered 400 with the pattern of those that can be
 * sorted by (`overview.md`, the example of several validation errors), and no data is read.
 */
const NO_SUCH_FIELD = 'no_such_field';

interface Entry {
	answer: Promise<unknown>;
	untilMs: number;
}

const entries = new Map<string, Entry>();

/**
 * The fields of a few records. One request in five minutes for a resource, OAuth client and practice,
 * however many ask.
 *
 * @throws ApiError where the list can't be read, e.g. without its scope
 */
export async function discoverFields(
	client: Client,
	segments: readonly string[],
): Promise<DiscoveredField[]> {
	return await believed(['fields', client.identity, ...segments], async () => {
		const { records } = await readPage(
			client,
			{ segments, query: {} },
			{ page: 1, pageSize: SMALLEST_PAGE },
		);
		const types = new Map<string, DiscoveredType | undefined>();
		for (const record of records) {
			for (const [name, value] of Object.entries(record)) {
				if (!canBeSent(name) || types.size >= MOST_FIELDS) continue;
				types.set(name, types.get(name) ?? typeOf(value));
			}
		}
		return Array.from(types, ([name, type]) => ({ name, type }));
	});
}

/**
 * What the id of these records is called: the first of the candidates that they have, or the likeliest where
 * they can't be looked at. Where there is one candidate alone, nothing is asked.
 */
export async function discoverIdField(
	client: Client,
	segments: readonly string[],
	candidates: readonly [string, ...string[]],
): Promise<string> {
	const [likeliest] = candidates;
	if (candidates.length === 1) return likeliest;
	const fields = await discoverFields(client, segments).catch(() => []);
	return candidates.find((name) => fields.some((field) => field.name === name)) ?? likeliest;
}

/**
 * The fields that a list can be sorted by, as the API names them; empty where it names none.
 *
 * @throws ApiError where the API can't be asked
 */
export async function discoverSortableFields(
	client: Client,
	segments: readonly string[],
): Promise<string[]> {
	return await believed(['sort', client.identity, ...segments], async () => {
		const request = { segments, query: {}, sort: NO_SUCH_FIELD };
		return await readPage(client, request, { page: 1, pageSize: SMALLEST_PAGE }).then(
			() => [],
			(thrown: unknown) => sortRefusalIn(thrown).allowed ?? [],
		);
	});
}

/** The answer that is still believed, the one that is being asked for, or a new one. */
async function believed<T>(key: string[], ask: () => Promise<T>): Promise<T> {
	const name = JSON.stringify(key);
	const nowMs = systemClock.elapsedMs();
	const known = entries.get(name);
	if (known && known.untilMs > nowMs) return (await known.answer) as T;

	for (const [other, { untilMs }] of entries) {
		if (untilMs <= nowMs || entries.size >= MOST_ENTRIES) entries.delete(other);
	}
	const entry: Entry = { answer: ask(), untilMs: nowMs + CACHED_MS };
	entries.set(name, entry);
	entry.answer.catch((thrown: unknown) => {
		// That somebody had no more time says nothing to who asks next.
		const believedMs = thrown instanceof CancelledError ? 0 : REFUSAL_BELIEVED_MS;
		entry.untilMs = systemClock.elapsedMs() + believedMs;
	});
	return (await entry.answer) as T;
}

function typeOf(value: unknown): DiscoveredType | undefined {
	if (value === null || value === undefined) return undefined;
	if (Array.isArray(value)) return 'array';
	if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'object') {
		return typeof value as DiscoveredType;
	}
	return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-][\d:]+)?)?$/.test(String(value)) ? 'date' : 'text';
}
