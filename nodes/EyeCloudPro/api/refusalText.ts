// What a refusal says, wherever servers of this kind put it: the documented `message`, or what other validators and
// frameworks have. Called where errors are made.

/** The words for a status, which say nothing that the status does not. */
const STATUS_WORDS = /^(bad request|unprocessable (entity|content)|conflict|error|fail(ed)?)$/i;

/** A validator's own words, sent as text; any other text is of something in front, rather. */
const VALIDATION = /^("[^"<]+"|[\w[][\w.[\]]*) (is|are|must|does|has|contains|length|with)\b/;

const MOST_DETAILS = 1_000;

/** Nobody nests deeper what a person is to read. */
const DEEPEST = 3;

/** Where lists or maps of what is wrong stand. */
const PLACES = ['details', 'errors', 'issues', 'validation'];

/**
 * @param body of any shape
 * @returns `details` as `refusedParameters` reads them
 */
export function readRefusal(body: unknown, level = 0): { message: string; details: unknown[] } {
	if (typeof body === 'string') return { message: VALIDATION.test(body) ? body : '', details: [] };
	const isDeeper = level < DEEPEST;
	if (Array.isArray(body) && body.length === 1 && isDeeper) return readRefusal(body[0], level + 1);
	if (!isObject(body)) return { message: '', details: [] };
	const { message, error, detail, data } = body;
	const isInner = isObject(error) && isDeeper;
	const inner = isInner ? readRefusal(error, level + 1) : { message: text(error), details: [] };
	const own = [text(message), text(detail), inner.message].find((each) => each !== '');
	const lists = [...PLACES.map((place) => body[place]), Array.isArray(message) ? message : []];
	const found = lists.flatMap((list) => detailsIn(list));
	// JSend says what is wrong in `data`.
	const isFail = typeof body.status === 'string' && /^fail/i.test(body.status);
	return {
		message: own ?? '',
		details: [...found, ...inner.details, ...(isFail ? detailsIn(data) : [])].slice(
			0,
			MOST_DETAILS,
		),
	};
}

function text(value: unknown): string {
	return typeof value === 'string' && !STATUS_WORDS.test(value.trim()) ? value : '';
}

interface Detail {
	message: string;
	index?: number;
}

/** A list of texts or objects, or a map from the name of a field to one or several of them. */
function detailsIn(list: unknown, field = '', level = 0): Detail[] {
	if (typeof list === 'string') return [{ message: about(field, list) }];
	if (level > DEEPEST) return [];
	if (Array.isArray(list)) {
		return list.slice(0, MOST_DETAILS).flatMap((each) => detailsIn(each, field, level + 1));
	}
	if (!isObject(list)) return [];
	const message = [list.message, list.msg, list.detail, list.defaultMessage].find(isText);
	if (message === undefined) {
		const entries = Object.entries(list).slice(0, MOST_DETAILS);
		return entries.flatMap(([name, inner]) =>
			isText(inner) || typeof inner === 'object' ? detailsIn(inner, name, level + 1) : [],
		);
	}
	const { name, index } = placeOf(list);
	return [{ message: about(name || field, message), ...(index !== undefined && { index }) }];
}

/** Validators have the place as a text, a list of names, or a pointer such as `/1/email`. */
function placeOf(detail: Record<string, unknown>): { name: string; index?: number } {
	const { index, path, field, param, property, instancePath, source } = detail;
	const pointer = isObject(source) ? source.pointer : undefined;
	const place = [path, field, param, property, instancePath, pointer].find(
		(each) => isText(each) || Array.isArray(each),
	);
	const parts = Array.isArray(place) ? place.map(String) : String(place ?? '').split(/[./[\]]+/);
	const names = parts.filter((part) => part !== '' && !/^\d+$/.test(part));
	const number = parts.find((part) => /^\d+$/.test(part));
	const known = typeof index === 'number' ? index : number && Number(number);
	return { name: names.at(-1) ?? '', ...(typeof known === 'number' && { index: known }) };
}

/** A field is named first, as the API's own messages do it. */
function about(field: string, message: string): string {
	const isNamed = !/^[\w-]+$/.test(field) || message.startsWith('"') || message.includes(field);
	return isNamed ? message : `"${field}" ${message}`;
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
