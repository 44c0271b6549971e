// Keeps what the user sent out of what the API says about it. Called by the client.
import type { ApiRequest } from './client';
import { isObject } from './errors';

/** Shorter values would take ordinary words out of the API's sentences. */
const isQuotable = (value: unknown): value is string =>
	typeof value === 'string' && value.length >= 3;

/** The API's sentence about an input, without the input itself: it may be a patient's. */
export function withoutSentValues(body: unknown, { query, body: sent }: ApiRequest): unknown {
	if (!isObject(body) || typeof body.message !== 'string') return body;
	let { message } = body as { message: string };
	const remove = (value: unknown) => {
		if (typeof value === 'object' && value !== null) Object.values(value).forEach(remove);
		else if (isQuotable(value) && message.includes(value)) {
			const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
			message = message.replace(new RegExp(`(?<!\\w)${literal}(?!\\w)`, 'g'), '…');
		}
	};
	remove([query, sent]);
	return { ...body, message };
}
