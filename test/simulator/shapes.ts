// How results are wrapped, in each dialect. Used by work.ts with records as the caller is to read them.
import type { ApiRecord } from './contract.ts';
import type { Dialect } from './dialect.ts';

export interface Answer {
	status: number;
	/** A text is sent as HTML, anything else as JSON. */
	body?: unknown;
	headers?: Record<string, string>;
}

/** What a resource and its records are called where they are wrapped by name. */
export interface Names {
	/** `patients` of `/patients`. */
	plural: string;
	/** `patient` of `/patients`. */
	singular: string;
	idName: string;
	/** As requests have it, with the practice. */
	path: string;
}

export function namesOf(path: string, idName: string): Names {
	const plural = path.split('/').at(-1) ?? '';
	return { plural, singular: plural.replace(/(s)es$|s$/, '$1'), idName, path };
}

export function oneRecord(shape: Dialect['oneRecord'], record: ApiRecord, { singular }: Names) {
	switch (shape) {
		case 'data':
			return { data: record };
		case 'bare':
			return record;
		case 'list':
			return { data: [record] };
		case 'named':
			return { data: { [singular]: record } };
		case 'statusNamed':
			return { status: 'OK', message: 'The request was successful', [singular]: record };
	}
}

export function list(
	{ list: shape, totalCount }: Dialect,
	records: ApiRecord[],
	pagination: { total_count: number },
	{ plural }: Names,
) {
	const count = totalCount === 'text' ? String(pagination.total_count) : pagination.total_count;
	const rest = { pagination: { ...pagination, total_count: count } };
	switch (shape) {
		case 'data':
			return { data: records, ...rest };
		case 'named':
			return { data: { [plural]: records }, ...rest };
		case 'namedOnly':
			return { [plural]: records, ...rest };
	}
}

export function createdOne(shape: Dialect['created'], record: ApiRecord, names: Names): Answer {
	const id = record[names.idName];
	switch (shape) {
		case 'id':
			return { status: 201, body: { [names.idName]: id } };
		case 'location':
			return {
				status: 201,
				headers: { Location: `${names.path}/${encodeURIComponent(String(id))}` },
			};
		case 'empty':
			return { status: 201 };
		case 'noContent':
			return { status: 204 };
		default:
			return { status: 201, body: oneRecord(shape, record, names) };
	}
}

export function createdBulk(
	shape: Dialect['bulkCreated'],
	records: ApiRecord[],
	{ idName, plural }: Names,
): Answer {
	const status = 201;
	switch (shape) {
		case 'data':
			return { status, body: { data: records } };
		case 'bare':
			return { status, body: records };
		case 'named':
			return { status, body: { data: { [plural]: records } } };
		case 'ids':
			return { status, body: { data: { ids: records.map((record) => record[idName]) } } };
		case 'count':
			return { status, body: { count: records.length } };
		case 'empty':
			return { status };
	}
}
