// What a refusal says, wherever servers of this kind put it: one sentence for each thing that is wrong, with the field
// and the record that it is about, and without any value. Called where errors are made. Rests on
// EyeCloud Pro's API documentation, "Error Handling"; what other validators and frameworks have is read as well.
import { redact, withoutQuotedInput, type RequestValues } from './redaction';

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

interface Detail {
	message: string;
	index?: number;
}

/** The words of a refusal, as they came. */
export interface RefusalText {
	message: string;
	details: Detail[];
}

/** The words for a status, which say nothing that the status does not. */
const STATUS_WORDS = /^(bad request|unprocessable (entity|content)|conflict|error|fail(ed)?)$/i;

/** A validator's own words, sent as text; other text more likely comes from a proxy in front of the API. */
const VALIDATION = /^("[^"<]+"|[\w[][\w.[\]]*) (is|are|must|does|has|contains|length|with)\b/;

/** A list of more findings is of use to nobody. */
const MOST_DETAILS = 1_000;

/** Nobody nests deeper what a person is to read. */
const DEEPEST = 3;

/** Where lists or maps of what is wrong stand. */
const PLACES = ['details', 'errors', 'issues', 'validation'];

/** Finds the words of a refusal in a body of any shape. */
export function readRefusal(body: unknown, level = 0): RefusalText {
	if (typeof body === 'string') return { message: VALIDATION.test(body) ? body : '', details: [] };
	const isDeeper = level < DEEPEST;
	if (Array.isArray(body) && body.length === 1 && isDeeper) return readRefusal(body[0], level + 1);
	if (!isObject(body)) return { message: '', details: [] };
	const { message, error, detail, data, status } = body;
	const inner: RefusalText =
		isObject(error) && isDeeper
			? readRefusal(error, level + 1)
			: { message: textOf(error), details: [] };
	// JSend says what is wrong in `data`.
	const isFail = /^fail/i.test(String(status));
	const lists = PLACES.map((place) => body[place]);
	lists.push(Array.isArray(message) ? message : undefined, isFail ? data : undefined);
	const details = lists.flatMap((list) => detailsIn(list));
	return {
		message: [message, detail, inner.message].map(textOf).find((text) => text !== '') ?? '',
		details: [...details, ...inner.details].slice(0, MOST_DETAILS),
	};
}

/**
 * Takes the words apart. The API joins several messages with a comma and no space ("Example of multiple validation
 * errors"), each beginning with a quoted field or, for dates, the bare one; a comma inside a pattern is never followed
 * by either.
 */
export function refusedParameters(
	{ message, details }: RefusalText,
	sent: RequestValues,
): RefusedParameter[] {
	const text = withoutQuotedInput(message);
	const parts = text ? text.split(/,(?="[^"]+" |[\w[][\w.[\]]* must )/) : [];
	const refused = parts.map((part) => refusedParameter(part, sent));
	const known = new Set(refused.map((parameter) => parameter.message));
	for (const detail of details) {
		const parameter = refusedParameter(withoutQuotedInput(detail.message), sent);
		if (known.has(parameter.message)) continue;
		refused.push({ ...parameter, recordIndex: detail.index ?? parameter.recordIndex });
	}
	return refused;
}

function refusedParameter(part: string, sent: RequestValues): RefusedParameter {
	const name = /^"([^"]+)"/.exec(part)?.[1] ?? /^([\w[][\w.[\]]*) must /.exec(part)?.[1] ?? '';
	const { field, recordIndex } = placeIn(name, part);
	// The pattern that the API quotes for `sort` holds the fields.
	const allowed = field === 'sort' ? /\(-\?\(([\w|]+)\)/.exec(part)?.[1].split('|') : undefined;
	if (allowed) return { field, message: '"sort" names a field that can\'t be sorted by', allowed };
	// The record is named by its number in the list, and its field, if any, by its own name.
	const bare = name === field ? part : part.replace(field ? name : /^\S+ /, () => field);
	const message = redact(bare, sent, field);
	// A name that is not shown is none to look a label up by.
	const isShown = message.startsWith(field) || message.startsWith(`"${field}"`);
	return { field: isShown ? field : '', message, recordIndex };
}

/** `[1].name_last`, `value[1]`, `patients[1].dob`, `patients.1.dob` or, as people count, `record 2`. */
function placeIn(name: string, part: string): { field: string; recordIndex?: number } {
	const indexed = /^(?:\w*\[(\d+)\]|(?:\w+\.)?(\d+)(?=\.))(?:\.(.+))?$/.exec(name);
	if (indexed) return { field: indexed[3] ?? '', recordIndex: Number(indexed[1] ?? indexed[2]) };
	const counted = /\brecord (\d+)\b/i.exec(part);
	return { field: name, recordIndex: counted ? Number(counted[1]) - 1 : undefined };
}

/** A list of texts or objects, or a map from the name of a field to one or several of them. */
function detailsIn(list: unknown, field = '', level = 0): Detail[] {
	if (isText(list)) return [{ message: about(field, list) }];
	if (level > DEEPEST || typeof list !== 'object' || list === null) return [];
	if (Array.isArray(list)) {
		return list.slice(0, MOST_DETAILS).flatMap((each) => detailsIn(each, field, level + 1));
	}
	const detail = list as Record<string, unknown>;
	const message = [detail.message, detail.msg, detail.detail, detail.defaultMessage].find(isText);
	if (message === undefined) {
		const entries = Object.entries(detail).slice(0, MOST_DETAILS);
		return entries.flatMap(([name, inner]) => detailsIn(inner, name, level + 1));
	}
	const { name, index } = placeOf(detail);
	return [{ message: about(name || field, message), index }];
}

/** Validators have the place as a text, a list of names, or a pointer such as `/1/email`. */
function placeOf(detail: Record<string, unknown>): { name: string; index?: number } {
	const { index, path, field, param, property, instancePath, source } = detail;
	const pointer = isObject(source) ? source.pointer : undefined;
	const place = [path, field, param, property, instancePath, pointer].find(
		(each) => isText(each) || Array.isArray(each),
	);
	const parts = Array.isArray(place) ? place.map(String) : String(place ?? '').split(/[./[\]]+/);
	const [number] = parts.filter((part) => /^\d+$/.test(part));
	const name = parts.filter((part) => part !== '' && !/^\d+$/.test(part)).at(-1) ?? '';
	if (typeof index === 'number') return { name, index };
	return { name, index: number === undefined ? undefined : Number(number) };
}

/** A field is named first, as the API's own messages do it. */
function about(field: string, message: string): string {
	const isNamed = !/^[\w-]+$/.test(field) || message.startsWith('"') || message.includes(field);
	return isNamed ? message : `"${field}" ${message}`;
}

function textOf(value: unknown): string {
	return typeof value === 'string' && !STATUS_WORDS.test(value.trim()) ? value : '';
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
