// How the API speaks of one resource, found out by at most three small GET requests: facts alone, no value of a
// record. Called by Check API.
import type { IDataObject } from 'n8n-workflow';

import { pageIn, refusalIn, type Answer } from '../api/answer';
import { isObject, type ApiError } from '../api/errors';
import { idFieldOf, SMALLEST_PAGE } from '../api/page';
import { requestValues } from '../api/redaction';
import { resources } from '../catalogue';
import type { Resource } from '../catalogue/resource';

/** Sends one GET below the practice, and answers whatever came, but for the rate limit, which it obeys. */
export type AnswerTo = (
	segments: readonly string[],
	query: Readonly<Record<string, string | number>>,
) => Promise<Answer>;

export type IdKind = 'integer' | 'large integer' | 'integer as text' | 'GUID' | 'text';

export interface Facts {
	/** Where the list was found, or looked for. */
	path: readonly string[];
	/** Why there are no other facts. */
	refusal?: { kind: 'scope' | 'missing' | 'refused' | 'unreadable'; statusCode: number };
	/** The names under which the answer has the records, from outside to inside. */
	wrapping?: string[];
	totalCount?: 'number' | 'text' | 'missing';
	idField?: string;
	idKind?: IdKind;
	/** What lists can be sorted by, as the API says. */
	sortable?: string[];
	/** True or false where it was tried on two records or more. */
	sortsById?: boolean;
	/** The field that is a date of creation, by its name. */
	dateField?: string;
	sortsByDate?: boolean;
	unknownFilter?: 'refused' | 'ignored';
	/** The fields by name: `text`, `number`, …, or the form of a date. */
	fields: Record<string, string>;
	/** Headers that tell of the rate limit. */
	rateLimitHeaders: string[];
	requests: number;
}

/** A field and a filter that no API has. The refusal tells what lists can be sorted by. */
const NO_SUCH = { sort: 'no_such_field', no_such_filter: '1' };

/** So many requests one resource may take. */
export const MOST_REQUESTS = 3;

/**
 * @param elsewhere paths to try where the resource's own is not there
 * @throws whatever `answerTo` throws
 */
export async function checkResource(
	answerTo: AnswerTo,
	resource: Resource,
	elsewhere: () => Promise<ReadonlyArray<readonly string[]>>,
): Promise<{ facts: Facts; grantedScopes?: string[] }> {
	const facts: Facts = { path: resource.path, fields: {}, rateLimitHeaders: [], requests: 0 };
	const ask: Ask = async (path, query) => {
		facts.requests++;
		const answer = await answerTo(path, { page: 1, page_size: SMALLEST_PAGE, ...query });
		noteHeaders(facts, answer);
		return { answer, error: refusalOf(answer, path, query) };
	};

	let asked = await ask(resource.path, NO_SUCH);
	for (const path of isMissing(asked.error) ? await elsewhere() : []) {
		if (!isMissing(asked.error) || facts.requests === MOST_REQUESTS) break;
		const other = await ask(path, NO_SUCH);
		if (!isMissing(other.error) && isOf(resource, other)) {
			facts.path = path;
			asked = other;
		}
	}
	const { error } = asked;
	// Some servers answer 500 to an unknown field, and work otherwise.
	const isBroken = Number(error?.statusCode) >= 500;
	if (error && error.kind !== 'refusedInput' && !isBroken) return refused(facts, error);
	noteSortable(facts, error);
	noteUnknownFilter(facts, error);
	// The unknown field was ignored, so the answer is the list.
	if (!error) noteList(facts, asked.answer, resource);

	const guess = facts.idField ?? idAmong(facts.sortable ?? resource.idFields, resource);
	const mayAsk = () => facts.requests < MOST_REQUESTS;
	const byId = guess && mayAsk() ? await ask(facts.path, { sort: `-${guess}` }) : undefined;
	if (byId?.error) {
		facts.sortsById = false;
		noteSortable(facts, byId.error);
	} else if (byId) {
		const records = noteList(facts, byId.answer, resource);
		if (guess && facts.idField === guess) facts.sortsById = isDescending(records, guess);
	}
	const hasList = !error || (byId && !byId.error);
	if (!hasList && mayAsk()) {
		const plain = await ask(facts.path, {});
		if (plain.error) return refused(facts, plain.error);
		noteList(facts, plain.answer, resource);
	}
	if (!facts.refusal) await noteDateOrder(facts, ask);
	return { facts };
}

function refused(facts: Facts, error: ApiError): { facts: Facts; grantedScopes?: string[] } {
	facts.refusal = { kind: kindOf(error), statusCode: error.statusCode ?? 0 };
	return { facts, grantedScopes: error.grantedScopes };
}

function noteSortable(facts: Facts, error: ApiError | undefined): void {
	const refusal = error?.refused.find(({ field }) => field === 'sort');
	facts.sortable ??= refusal?.allowed?.filter(isName);
}

interface Asked {
	answer: Answer;
	error?: ApiError;
}

type Ask = (path: readonly string[], query: Readonly<Record<string, string>>) => Promise<Asked>;

/** Uses a request that is left, where its answer tells something new. */
async function noteDateOrder(facts: Facts, ask: Ask): Promise<void> {
	const { sortable, fields } = facts;
	facts.dateField = [...(sortable ?? []), ...Object.keys(fields)].find((name) =>
		/creat/i.test(name),
	);
	const field = facts.dateField;
	if (!field) return;
	if (sortable && !sortable.includes(field)) facts.sortsByDate = false;
	if (facts.requests >= MOST_REQUESTS || facts.sortsByDate === false) return;
	const { no_such_filter } = NO_SUCH;
	const sort = `-${field}`;
	const { answer, error } = await ask(
		facts.path,
		facts.unknownFilter ? { sort } : { sort, no_such_filter },
	);
	if (!error) {
		facts.unknownFilter ??= 'ignored';
		facts.sortsByDate = isDescending(pageIn(answer.body).records ?? [], field);
		return;
	}
	const names = error.refused.map((refused) => refused.field);
	if (names.includes('sort')) facts.sortsByDate = false;
	noteUnknownFilter(facts, error);
}

/** A refusal of the sort alone leaves it open: not every server says all that is wrong. */
function noteUnknownFilter(facts: Facts, error: ApiError | undefined): void {
	if (!error) facts.unknownFilter ??= 'ignored';
	else if (error.refused.some(({ field }) => field === 'no_such_filter')) {
		facts.unknownFilter = 'refused';
	}
}

function noteHeaders({ rateLimitHeaders }: Facts, { headers }: Answer): void {
	for (const name of Object.keys(headers)) {
		const isNew = /^(x-)?rate-?limit|^retry-after$/i.test(name) && !rateLimitHeaders.includes(name);
		if (isNew) rateLimitHeaders.push(name.toLowerCase());
	}
}

function refusalOf(
	answer: Answer,
	path: readonly string[],
	query: Readonly<Record<string, string>>,
): ApiError | undefined {
	const asked = { practiceId: '', path: `/${path.join('/')}`, isOneRecord: false };
	return refusalIn(answer, { ...asked, sent: requestValues(query) })?.error;
}

function isMissing(error: ApiError | undefined): boolean {
	return error?.statusCode === 404;
}

function kindOf(error: ApiError): NonNullable<Facts['refusal']>['kind'] {
	if (isMissing(error)) return 'missing';
	if (error.grantedScopes) return 'scope';
	return error.kind === 'unreadable' ? 'unreadable' : 'refused';
}

/** Whether a list at another path is this resource: its ID comes first, or it has several of its known fields. */
function isOf(resource: Resource, { answer, error }: Asked): boolean {
	const sortable = error?.refused.find(({ field }) => field === 'sort')?.allowed ?? [];
	const names = Object.keys(pageIn(answer.body).records?.[0] ?? {});
	const known = new Set([...resource.fields, ...resource.filters].map(({ name }) => name));
	const [idField] = resource.idFields;
	const isNamed = sortable[0] === idField || names[0] === idField;
	return isNamed || [...sortable, ...names].filter((name) => known.has(name)).length > 1;
}

/** What the list tells. No value of a record is kept. */
function noteList(facts: Facts, answer: Answer, resource: Resource): IDataObject[] {
	const { records } = pageIn(answer.body);
	if (!records) {
		facts.refusal = { kind: 'unreadable', statusCode: answer.statusCode };
		return [];
	}
	facts.wrapping = wrappingOf(answer.body)?.filter(isName);
	facts.totalCount = countTypeOf(answer.body);
	for (const record of records) {
		for (const [name, value] of Object.entries(record).filter(([each]) => isName(each))) {
			const kind = kindOfValue(value);
			const known = facts.fields[name];
			if (kind !== undefined && (known === undefined || known === 'empty')) {
				facts.fields[name] = kind;
			}
		}
	}
	const idField = idFieldIn(records, resource);
	facts.idField = idField ?? idAmong(facts.sortable ?? [], resource);
	if (idField) facts.idKind = idKindOf(records.map((record) => record[idField]));
	if (facts.idField && facts.sortable?.includes(facts.idField) === false) facts.sortsById = false;
	return records;
}

/** The name among these that the ID of this resource usually has. */
function idAmong(names: readonly string[], { idFields, displayName }: Resource) {
	const own = `${displayName.toLowerCase().replace(/\W+/g, '_')}_id`;
	return [...idFields, 'id', own, 'guid', 'uuid'].find((name) => names.includes(name));
}

/** The usual name, or the first field where it can be no other resource's ID. */
function idFieldIn(records: IDataObject[], resource: Resource): string | undefined {
	const names = Object.keys(records[0] ?? {});
	const usual = idFieldOf(records[0] ?? {}, resource.idFields) ?? idAmong(names, resource);
	const [first] = names;
	const isAnothers = resources.some(
		({ value, idFields: [name] }) => value !== resource.value && name === first,
	);
	const isLikely = first !== undefined && /id$/i.test(first) && !isAnothers;
	const idField = usual ?? (isLikely ? first : undefined);
	return idField && isId(idField, records) ? idField : undefined;
}

/** A plain value that differs from record to record. */
function isId(name: string, records: IDataObject[]): boolean {
	const values = records.map((record) => record[name]);
	const arePlain = values.every((value) => typeof value === 'string' || typeof value === 'number');
	return isName(name) && arePlain && new Set(values).size === records.length;
}

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

function idKindOf(ids: unknown[]): IdKind {
	if (ids.every((id) => typeof id === 'number')) {
		return ids.every((id) => id < 2 ** 31) ? 'integer' : 'large integer';
	}
	const texts = ids.map(String);
	if (texts.every((text) => GUID.test(text))) return 'GUID';
	return texts.every((text) => /^\d+$/.test(text)) ? 'integer as text' : 'text';
}

/** Where in a body the list is: its names from outside to inside; empty where the body is the list. */
function wrappingOf(body: unknown, depth = 0): string[] | undefined {
	if (Array.isArray(body)) return [];
	if (!isObject(body) || depth === 3) return undefined;
	for (const [name, inner] of Object.entries(body)) {
		const rest = wrappingOf(inner, depth + 1);
		if (rest) return [name, ...rest];
	}
	return undefined;
}

function countTypeOf(body: unknown): Facts['totalCount'] {
	const outer = isObject(body) ? body : {};
	const pagination = isObject(outer.pagination) ? outer.pagination : outer;
	const count = pagination.total_count;
	if (typeof count === 'number') return 'number';
	return typeof count === 'string' ? 'text' : 'missing';
}

/** Undefined where there are fewer than two different values. */
function isDescending(records: IDataObject[], field: string): boolean | undefined {
	const values = records.map((record) => record[field]);
	if (new Set(values).size < 2) return undefined;
	return values.every((value, index) => {
		const before = values[index - 1];
		if (index === 0 || value === null || before === null) return true;
		return typeof value === 'number' && typeof before === 'number'
			? before >= value
			: String(before) >= String(value);
	});
}

/** What kind of value it is, and for a date its form; never the value. */
function kindOfValue(value: unknown): string | undefined {
	if (value === null || value === undefined) return 'empty';
	if (Array.isArray(value)) return 'list';
	return typeof value === 'string' ? (formOfDate(value) ?? 'text') : typeof value;
}

const DATE = /^\d{4}-\d{2}-\d{2}(?:([T ])(\d{2}:\d{2})(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** `YYYY-MM-DDTHH:mm:ss.SSSZ`; undefined for what is no date. */
function formOfDate(text: string): string | undefined {
	const match = DATE.exec(text);
	if (!match) return /^\d{1,2}[/.]\d{1,2}[/.]\d{4}$/.test(text) ? 'date with slashes' : undefined;
	const [, between, time, second, fraction = '', zone = ''] = match;
	if (!time) return 'YYYY-MM-DD';
	const seconds = second ? `:ss${fraction && `.${'S'.repeat(fraction.length - 1)}`}` : '';
	return `YYYY-MM-DD${between}HH:mm${seconds}${zone === 'Z' ? 'Z' : zone && '±hh:mm'}`;
}

/** Whether it looks like the name of a field. Any other text may be a person's. */
function isName(text: string): boolean {
	return /^[A-Za-z_]\w{0,63}$/.test(text);
}
