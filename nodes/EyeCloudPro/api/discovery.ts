// What the API publishes nowhere and the node finds out at run time: the fields of a resource's
// records, what their id is called, those that a list can be sorted by, and those that it can't be filtered by. Called
// by the editor's methods, headings, searches for a match, what comes out of writes, and polls. Keeps names and types,
// and of values only those that many records share (seenValues.ts).
import type { Client } from './client';
import { ApiError, sortRefusalIn } from './errors';
import { ExpiringMap } from './expiringMap';
import { refusedByApi } from './learnedRefusals';
import { readPage, SMALLEST_PAGE } from './page';
import { canBeSent } from './requestCheck';
import { seenValues } from './seenValues';

export type DiscoveredType =
	| 'text'
	| 'number'
	| 'boolean'
	| 'date'
	| 'dateTime'
	| 'object'
	| 'array';

export interface DiscoveredField {
	name: string;
	/** Undefined where every record that was looked at had nothing in it. */
	type?: DiscoveredType;
	/** Of an object: the names of the plain fields in it. */
	inner?: string[];
	/** The values that many records share, where there are few of them. */
	values?: string[];
}

/** How long an answer is believed. */
export const CACHED_MS = 5 * 60_000;

/** A refusal is asked about again sooner: the user may have just had a scope granted. */
const REFUSAL_BELIEVED_MS = 60_000;

/** A form with more fields is of use to nobody. */
const MOST_FIELDS = 500;

/** A few records more tell which fields there are, and take no more requests. */
const SAMPLE = 50;

/** No address is as long as that of all fields. */
const MOST_FILTERS = 100;

/**
 * A field that no API sorts by: asking for it is answered 400 with the pattern of those that can be
 * sorted by (the documentation's example of several validation errors), and no data is read.
 */
const NO_SUCH_FIELD = 'no_such_field';

const answers = new ExpiringMap<Promise<unknown>>(CACHED_MS, 200);

/**
 * The fields of a few records. One request in five minutes for a resource, credential and practice,
 * however many ask.
 *
 * @throws ApiError where the list can't be read, e.g. without its scope
 */
export async function discoverFields(
	client: Client,
	segments: readonly string[],
): Promise<DiscoveredField[]> {
	return await believed(['fields', client.asker, ...segments], async () => {
		const request = { segments, query: {} };
		const { records } = await readPage(client, request, { page: 1, pageSize: SAMPLE });
		const values = new Map<string, unknown[]>();
		for (const record of records) {
			for (const [name, value] of Object.entries(record)) {
				const known = values.get(name);
				if (known) known.push(value);
				else if (canBeSent(name) && values.size < MOST_FIELDS) values.set(name, [value]);
			}
		}
		return Array.from(values, ([name, all]) => fieldOf(name, all));
	});
}

function fieldOf(name: string, values: unknown[]): DiscoveredField {
	const type = commonType(values.map(typeOf));
	const objects = type === 'object' ? values.filter((value) => typeOf(value) === 'object') : [];
	const inner = new Set(objects.flatMap((value) => plainNames(value as object)));
	return {
		...{ name, type },
		...(inner.size > 0 && { inner: Array.from(inner) }),
		...(type === 'text' && { values: seenValues(name, values) }),
	};
}

/** Any text where one of them is none but a text; a time where one of them shows a time of day. */
function commonType(types: Array<DiscoveredType | undefined>): DiscoveredType | undefined {
	const found = new Set(types);
	const general = (['text', 'dateTime'] as const).find((type) => found.has(type));
	return general ?? types.find((type) => type !== undefined);
}

function plainNames(value: object): string[] {
	return Object.entries(value).flatMap(([name, inner]) =>
		typeof inner === 'object' && inner !== null ? [] : [name],
	);
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
	return await believed(['sort', client.asker, ...segments], async () => {
		const request = { segments, query: {}, sort: NO_SUCH_FIELD };
		return await readPage(client, request, { page: 1, pageSize: SMALLEST_PAGE }).then(
			() => [],
			(thrown: unknown) => sortRefusalIn(thrown).allowed ?? [],
		);
	});
}

/**
 * Those of the names that the API refuses as a filter of the list. All are asked about at once, together with a sort
 * that it refuses anyway, so that no data is read. An API that tells its first finding alone names one of them at most.
 *
 * @throws ApiError where the API can't be asked
 */
export async function discoverRefusedFilters(
	client: Client,
	segments: readonly string[],
	names: readonly string[],
): Promise<Set<string>> {
	await believed(['filters', client.asker, ...segments], async () => {
		const query = Object.fromEntries(names.slice(0, MOST_FILTERS).map((name) => [name, '1']));
		const request = { segments, query, sort: NO_SUCH_FIELD };
		await readPage(client, request, { page: 1, pageSize: SMALLEST_PAGE }).catch(
			(thrown: unknown) => {
				if (!(thrown instanceof ApiError && thrown.kind === 'refusedInput')) throw thrown;
			},
		);
	});
	// The client remembers what it is refused, whoever asks.
	return refusedByApi(client.identity, 'GET', segments);
}

/** What is believed for as long: the records of a short list to choose from. */
export async function discoverShortList<T>(
	client: Client,
	segments: readonly string[],
	ask: () => Promise<T>,
): Promise<T> {
	return await believed(['list', client.asker, ...segments], ask);
}

/** Where these say no, they go on saying it. Whatever else did not work may work at n8n's next try, a moment later. */
function believedMsOf(thrown: unknown): number {
	const isLasting =
		thrown instanceof ApiError && ['notAllowed', 'notFound', 'noSuchPath'].includes(thrown.kind);
	return isLasting ? REFUSAL_BELIEVED_MS : 0;
}

/** The answer that is still believed, the one that is being asked for, or a new one. */
async function believed<T>(key: string[], ask: () => Promise<T>): Promise<T> {
	const name = JSON.stringify(key);
	const known = answers.get(name);
	if (known) return (await known) as T;
	const answer = ask();
	answers.set(name, answer);
	answer.catch((thrown: unknown) => {
		if (answers.get(name) === answer) answers.set(name, answer, believedMsOf(thrown));
	});
	return await answer;
}

function typeOf(value: unknown): DiscoveredType | undefined {
	if (value === null || value === undefined) return undefined;
	if (Array.isArray(value)) return 'array';
	if (typeof value !== 'string') return typeof value as DiscoveredType;
	const written = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(?:Z|[+-][\d:]+)?)?$/.exec(value);
	if (!written) return 'text';
	// Midnight in UTC is how many APIs write a day.
	return written[1] && !/^T[0:.]+(Z|[+-]00:?00)$/.test(written[1]) ? 'dateTime' : 'date';
}
