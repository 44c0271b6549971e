// Keeps what was sent out of what the API says about it. Called by the client.
import type { ApiRequest } from './client';
import { isObject } from './errors';

/** A text that nobody reads to its end; the API's longest are lists of what is wrong with each record. */
const LONGEST_MESSAGE = 50_000;
const MOST_DETAILS = 1_000;

/** Access tokens, and whatever else is as long without a space: nothing that people read. */
const TOKEN = /(?:Bearer\s+)?[\w.~+/=-]{40,}|Bearer\s+\S+/g;

/** Shorter values would take ordinary words out of the API's sentences. */
const isQuotable = (value: unknown): value is string =>
	typeof value === 'string' && value.length >= 3;

/**
 * The API's sentences about an input (`message`, and those in `details`), without the input itself, which
 * may be a patient's, and without the access token, which something in between may repeat.
 */
export function withoutSentValues(body: unknown, { query, body: sent }: ApiRequest): unknown {
	if (!isObject(body) || (body.message === undefined && body.details === undefined)) return body;
	const values = quotableIn([query, sent]);
	const clean = (text: string) => withoutValues(text.slice(0, LONGEST_MESSAGE), values);
	const cleanIn = (place: unknown): unknown => {
		if (typeof place === 'string') return clean(place);
		if (!isObject(place) || typeof place.message !== 'string') return place;
		return { ...place, message: clean(place.message) };
	};
	const { details } = body;
	const cleaned = Array.isArray(details) ? details.slice(0, MOST_DETAILS).map(cleanIn) : details;
	return { ...(cleanIn(body) as object), details: cleaned };
}

function withoutValues(text: string, values: ReadonlySet<string>): string {
	let cleaned = text;
	for (const value of values) {
		if (!cleaned.includes(value)) continue;
		const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
		cleaned = cleaned.replace(new RegExp(`(?<!\\w)${literal}(?!\\w)`, 'g'), '…');
	}
	return cleaned.replace(TOKEN, '…');
}

function quotableIn(sent: unknown): Set<string> {
	const values = new Set<string>();
	const collect = (value: unknown) => {
		if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
		else if (isQuotable(value)) values.add(value);
	};
	collect(sent);
	return values;
}
