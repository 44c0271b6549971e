// Takes the API's validation messages apart: which parameter, and what about it.
// Called where errors are made. Rests on `overview.md`, "Error Handling".

/** One thing that the API's validation said. */
export interface RefusedParameter {
	/** The API's name, e.g. `phone`; empty if none is named. */
	field: string;
	/** The API's sentence, without the value that it quotes. */
	message: string;
	/** For `sort`: the fields that the API accepts. */
	allowed?: string[];
	/** In a bulk request: which of the records it is about, from 0, where that can be read. */
	recordIndex?: number;
}

/**
 * The API joins several messages with a comma and no space ("Example of multiple validation errors"),
 * each beginning with a quoted field or, for dates, the bare one; a comma inside a pattern is never
 * followed by either. The shape of `details` is not published: a list of texts, or of objects with a
 * `message` and an `index`, is understood, anything else is left alone.
 */
export function refusedParameters(message: string, details?: unknown): RefusedParameter[] {
	const parts = message ? withoutValues(message).split(/,(?="[^"]+" |[\w[][\w.[\]]* must )/) : [];
	const refused = parts.map(refusedParameter);
	const known = new Set(refused.map((parameter) => parameter.message));
	for (const detail of Array.isArray(details) ? details : []) {
		const parameter = fromDetail(detail);
		if (parameter && !known.has(parameter.message)) refused.push(parameter);
	}
	return refused;
}

function refusedParameter(part: string): RefusedParameter {
	const name = /^"([^"]+)"/.exec(part)?.[1] ?? /^([\w[][\w.[\]]*) must /.exec(part)?.[1] ?? '';
	const { field, recordIndex } = placeOf(name, part);
	const allowed = field === 'sort' ? sortableFields(part) : undefined;
	if (allowed) return { field, message: '"sort" names a field that can\'t be sorted by', allowed };
	const bare = name === field ? part : part.replace(name, field);
	return { field, message: bare, recordIndex };
}

function fromDetail(detail: unknown): RefusedParameter | undefined {
	if (typeof detail === 'string') return refusedParameter(withoutValues(detail));
	if (typeof detail !== 'object' || detail === null) return undefined;
	const { message, index } = detail as { message?: unknown; index?: unknown };
	if (typeof message !== 'string') return undefined;
	const parameter = refusedParameter(withoutValues(message));
	return typeof index === 'number' ? { ...parameter, recordIndex: index } : parameter;
}

/** `[1].name_last`, `value[1]`, `patients[1].dob` or, counted as people count, `record 2`. */
function placeOf(name: string, part: string): { field: string; recordIndex?: number } {
	const indexed = /^\w*\[(\d+)\](?:\.(.+))?$/.exec(name);
	if (indexed) return { field: indexed[2] ?? '', recordIndex: Number(indexed[1]) };
	const counted = /\brecord (\d+)\b/i.exec(part);
	return { field: name, recordIndex: counted ? Number(counted[1]) - 1 : undefined };
}

/** The fields in the pattern that the API quotes for `sort`, or undefined if it quotes none. */
function sortableFields(part: string): string[] | undefined {
	const alternatives = /\(-\?\(([\w|]+)\)/.exec(part)?.[1];
	return alternatives?.split('|');
}

const QUOTE = ' with value "';
const END_OF_QUOTE = /" (?=fails to match the |matches the inverted )/g;

/**
 * Joi quotes what it was given (`with value "…" fails to match …`); it may be a patient's, and hold
 * whatever would take the message apart in the wrong place.
 */
export function withoutValues(part: string): string {
	const kept: string[] = [];
	let from = 0;
	for (;;) {
		const start = part.indexOf(QUOTE, from);
		END_OF_QUOTE.lastIndex = start + QUOTE.length;
		const end = start < 0 ? null : END_OF_QUOTE.exec(part);
		if (!end) return kept.join('') + part.slice(from);
		kept.push(part.slice(from, start), ' ');
		from = end.index + 2;
	}
}
