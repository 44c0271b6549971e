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
	return {
		data: { data: record },
		bare: record,
		list: { data: [record] },
		named: { data: { [singular]: record } },
		statusNamed: { status: 'OK', message: 'The request was successful', [singular]: record },
	}[shape];
}

export function list(
	{ list: shape, totalCount }: Dialect,
	records: ApiRecord[],
	pagination: { total_count: number },
	{ plural }: Names,
) {
	const count = totalCount === 'text' ? String(pagination.total_count) : pagination.total_count;
	const rest = { pagination: { ...pagination, total_count: count } };
	return {
		data: { data: records, ...rest },
		named: { data: { [plural]: records }, ...rest },
		namedOnly: { [plural]: records, ...rest },
	}[shape];
}

export function createdOne(shape: Dialect['created'], record: ApiRecord, names: Names): Answer {
	const id = record[names.idName];
	if (shape === 'empty') return { status: 201 };
	if (shape === 'noContent') return { status: 204 };
	if (shape === 'id') return { status: 201, body: { [names.idName]: id } };
	if (shape === 'location') {
		return {
			status: 201,
			headers: { Location: `${names.path}/${encodeURIComponent(String(id))}` },
		};
	}
	return { status: 201, body: oneRecord(shape, record, names) };
}

export function createdBulk(
	shape: Dialect['bulkCreated'],
	records: ApiRecord[],
	{ idName, plural }: Names,
): Answer {
	const body = {
		data: { data: records },
		bare: records,
		named: { data: { [plural]: records } },
		ids: { data: { ids: records.map((record) => record[idName]) } },
		count: { count: records.length },
		empty: undefined,
	}[shape];
	return { status: 201, body };
}
