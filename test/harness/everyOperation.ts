// What each operation sends and answers for a resource of the API, from the table in the published
// endpoints alone: nothing in here is taken from the node. Called by catalogue.test.ts and
// addedResource.test.ts.
import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';
import { automatic, byId, mapped } from './simulatedPractice.ts';

export interface CatalogueRow {
	resource: string;
	/** After the practice. */
	path: string;
	idField: string;
	/** Which of its names the ID has is not sure, so Delete looks at a few records before it names it. */
	isIdNameUnsure?: boolean;
	/** Those that there is a scope for, as in `create read`. */
	verbs: string;
	/** What the API takes as a new record, where it takes one. */
	newRecord?: IDataObject;
	/** What identifies that record, and the filter that finds it where one is documented. */
	match?: { on: string; filter?: string };
}

export interface OperationCase {
	operation: string;
	/** Those that it needs a scope for, as in `create update`. */
	verb: string;
	parameters: IDataObject;
	items?: IDataObject[];
	/** `METHOD /path?query`, in alphabetical order, since pages come several at a time. */
	requests: string[];
	/** Bodies of the requests that write, in order. */
	bodies: unknown[];
	output: unknown[];
}

/** Every operation that the row's verbs allow, over the records that there are now. */
export function casesFor(row: CatalogueRow, records: ApiRecord[]): OperationCase[] {
	const { path, idField, newRecord = {}, match } = row;
	const at = `/v2/2${path}`;
	const [first] = records;
	const recordId = byId(first[idField]);
	const created = expect.objectContaining({ ...newRecord, [idField]: expect.any(Number) });
	const change = Object.fromEntries(Object.entries(newRecord).slice(0, 1));
	// Without a filter, the whole list is looked through: the last page, and those before it from the first on.
	const pages = match?.filter ? 1 : Math.ceil(records.length / 250);
	const search = Array.from({ length: pages }, (_, page) => {
		const filter = match?.filter ? `${match.filter}&` : '';
		const place = page === 0 ? `page=1&page_size=250&sort=-` : `page=${page}&page_size=250&sort=`;
		return `GET ${at}?${filter}${place}${idField}`;
	});
	const cases: OperationCase[] = [
		{
			...{ operation: 'getAll', verb: 'read', bodies: [] },
			parameters: { returnAll: false, limit: 5, simplify: false },
			requests: [`GET ${at}?page=1&page_size=5&sort=${idField}`],
			output: records.slice(0, 5),
		},
		{
			...{ operation: 'get', verb: 'read', bodies: [] },
			parameters: { recordId, simplify: false },
			requests: [`GET ${at}/${first[idField]}`],
			output: [first],
		},
		{
			...{ operation: 'count', verb: 'read', bodies: [], parameters: {} },
			requests: [`GET ${at}?page=1&page_size=5`],
			output: [{ count: records.length }],
		},
		{
			...{ operation: 'create', verb: 'create' },
			parameters: { columns: mapped(newRecord) },
			requests: [`POST ${at}`],
			bodies: [newRecord],
			output: [created],
		},
		{
			...{ operation: 'createMany', verb: 'create' },
			parameters: { columns: automatic },
			items: [newRecord, newRecord],
			requests: [`POST ${at}`],
			bodies: [[newRecord, newRecord]],
			output: [created, created],
		},
		{
			...{ operation: 'findOrCreate', verb: 'create' },
			parameters: { columns: mapped(newRecord), matchOn: [match?.on ?? ''] },
			requests: [...search, `POST ${at}`],
			bodies: [newRecord],
			output: [expect.objectContaining({ ...newRecord, _created: true })],
		},
		{
			...{ operation: 'upsert', verb: 'create update' },
			parameters: { columns: mapped(newRecord), matchOn: [match?.on ?? ''] },
			requests: [...search, `POST ${at}`],
			bodies: [newRecord],
			output: [expect.objectContaining({ ...newRecord, _action: 'created' })],
		},
		{
			...{ operation: 'update', verb: 'update' },
			parameters: { recordId, columns: mapped(change) },
			requests: [`PATCH ${at}/${first[idField]}`],
			bodies: [change],
			output: [{ ...first, ...change }],
		},
		{
			...{ operation: 'delete', verb: 'delete', bodies: [], parameters: { recordId } },
			requests: [
				`DELETE ${at}/${first[idField]}`,
				...(row.isIdNameUnsure ? [`GET ${at}?page=1&page_size=50`] : []),
			],
			output: [{ deleted: true, [idField]: first[idField] }],
		},
	];
	const verbs = row.verbs.split(' ');
	return cases.filter(({ verb }) => verb.split(' ').every((each) => verbs.includes(each)));
}
