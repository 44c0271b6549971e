// Takes the API's validation messages apart: which parameter, and what about it.
// Called where errors are made. Rests on `overview.md`, "Error Handling".
import { unescaped, withoutQuotedInput, redact, type RequestValues } from './redaction';

/** One thing that the API's validation said. */
export interface RefusedParameter {
	/** The API's name, e.g. `phone`; empty if none is named. */
	field: string;
	/** The API's sentence, without any value. */
	message: string;
	/** For `sort`: the fields that the API accepts. */
	allowed?: string[];
	/** In a bulk request: which of the records it is about, from 0, where that can be read. */
	recordIndex?: number;
}

/** A list of more findings is of use to nobody. */
const MOST_DETAILS = 1_000;

/**
 * The API joins several messages with a comma and no space ("Example of multiple validation errors"),
 * each beginning with a quoted field or, for dates, the bare one; a comma inside a pattern is never
 * followed by either. The shape of `details` is not published: a list of texts, or of objects with a
 * `message` and an `index`, is understood, anything else is left alone.
 */
export function refusedParameters(
	message: string,
	details: unknown,
	sent: RequestValues,
): RefusedParameter[] {
	const text = withoutQuotedInput(unescaped(message));
	const parts = text ? text.split(/,(?="[^"]+" |[\w[][\w.[\]]* must )/) : [];
	const refused = parts.map((part) => refusedParameter(part, sent));
	const known = new Set(refused.map((parameter) => parameter.message));
	for (const detail of Array.isArray(details) ? details.slice(0, MOST_DETAILS) : []) {
		const parameter = fromDetail(detail, sent);
		if (parameter && !known.has(parameter.message)) refused.push(parameter);
	}
	return refused;
}

function refusedParameter(part: string, sent: RequestValues): RefusedParameter {
	const name = /^"([^"]+)"/.exec(part)?.[1] ?? /^([\w[][\w.[\]]*) must /.exec(part)?.[1] ?? '';
	const { field, recordIndex } = placeOf(name, part);
	const allowed = field === 'sort' ? sortableFields(part) : undefined;
	if (allowed) return { field, message: '"sort" names a field that can\'t be sorted by', allowed };
	// The record is named by its number in the list, and its field, if any, by its own name.
	const bare = name === field ? part : part.replace(field ? name : /^\S+ /, () => field);
	const message = redact(bare, sent, field);
	// A name that is not shown is none to look a label up by.
	const isShown = message.startsWith(field) || message.startsWith(`"${field}"`);
	return { field: isShown ? field : '', message, recordIndex };
}

function fromDetail(detail: unknown, sent: RequestValues): RefusedParameter | undefined {
	if (typeof detail === 'string') {
		return refusedParameter(withoutQuotedInput(unescaped(detail)), sent);
	}
	if (typeof detail !== 'object' || detail === null) return undefined;
	const { message, index } = detail as { message?: unknown; index?: unknown };
	if (typeof message !== 'string') return undefined;
	const parameter = refusedParameter(withoutQuotedInput(unescaped(message)), sent);
	return typeof index === 'number' ? { ...parameter, recordIndex: index } : parameter;
}

/** `[1].name_last`, `value[1]`, `patients[1].dob`, `patients.1.dob` or, as people count, `record 2`. */
function placeOf(name: string, part: string): { field: string; recordIndex?: number } {
	const indexed = /^(?:\w*\[(\d+)\]|(?:\w+\.)?(\d+)(?=\.))(?:\.(.+))?$/.exec(name);
	if (indexed) return { field: indexed[3] ?? '', recordIndex: Number(indexed[1] ?? indexed[2]) };
	const counted = /\brecord (\d+)\b/i.exec(part);
	return { field: name, recordIndex: counted ? Number(counted[1]) - 1 : undefined };
}

/** The fields in the pattern that the API quotes for `sort`, or undefined if it quotes none. */
function sortableFields(part: string): string[] | undefined {
	const alternatives = /\(-\?\(([\w|]+)\)/.exec(part)?.[1];
	return alternatives?.split('|');
}
