// The catalogue written down once in the tests, from the published endpoints and scopes: a row for each resource, an
// entry for each operation, and what both together must send and answer. Nothing in here is taken from the
// node. Used by all tests that go through resources or operations.
import type { IDataObject } from 'n8n-workflow';

import type { ApiRecord } from '../simulator/start.ts';
import { automaticColumns as automatic, byId, mappedColumns as mapped } from './eyeCloudPro.ts';

export interface CatalogueRow {
	resource: string;
	/** After the practice. */
	path: string;
	idField: string;
	/** Those that there is a scope for, as in `create read`. */
	verbs: string;
	/** What the API takes as a new record, where it takes one. */
	newRecord?: IDataObject;
	/** What identifies that record, and the filter that finds it where one is documented. */
	match?: { on: string; filter?: string };
}

const newRecords: Record<string, Pick<CatalogueRow, 'newRecord' | 'match'>> = {
	patient: {
		newRecord: {
			...{ name_first: 'Ann', name_last: 'Lee' },
			...{ email: 'ann.lee@example.com', dob: '1990-01-02' },
		},
		match: { on: 'email', filter: 'email=ann.lee@example.com' },
	},
	appointment: {
		newRecord: { start_date: '2031-07-01T09:00:00', patient_id: 1001, store_id: 1 },
		match: { on: 'start_date' },
	},
	order: {
		newRecord: {
			...{ notes: 'By courier', patient_id: 1001, store_id: 1 },
			items: [{ item_type: 'frame', quantity: 1, unit_price: 120 }],
		},
		match: { on: 'notes' },
	},
	frame: {
		newRecord: { description: 'Half round', brand: 'Example', price: 99 },
		match: { on: 'description' },
	},
	priceTier: { newRecord: { tier_name: 'Staff' }, match: { on: 'tier_name' } },
};

/** A new resource is one more row, and an entry above where it can be created. */
export const catalogue: CatalogueRow[] = [
	['patient', '/patients', 'patient_id', 'create read'],
	['appointment', '/appointments', 'appt_id', 'create read'],
	['order', '/orders', 'order_id', 'create read'],
	['invoice', '/invoices', 'invoice_id', 'read'],
	['store', '/stores', 'store_id', 'read'],
	['employee', '/employees', 'employee_id', 'read'],
	['lens', '/pricebooks/lenses', 'lens_id', 'read'],
	['frame', '/pricebooks/frames', 'frame_id', 'create read update'],
	['contactLens', '/pricebooks/contactlenses', 'contactlens_id', 'read'],
	['professionalFee', '/pricebooks/proffees', 'proffee_id', 'read'],
	['merchandise', '/pricebooks/merchandise', 'merchandise_id', 'read'],
	['addOn', '/pricebooks/addons', 'addon_id', 'read'],
	['miscItem', '/pricebooks/misc', 'misc_id', 'read'],
	['tierPrice', '/pricebooks/tierprices', 'tierprice_id', 'read'],
	['priceTier', '/configurations/pricetiers', 'pricetier_id', 'create read update delete'],
].map(([resource, path, idField, verbs]) => ({
	...{ resource, path, idField, verbs },
	...newRecords[resource],
}));

export interface OperationCase {
	parameters: IDataObject;
	items?: IDataObject[];
	/** `METHOD /path?query` with plain commas in the query, in alphabetical order, since several may be under way at a time. */
	requests: string[];
	/** How requests begin that look for a record, where it is up to the node how it finds out. */
	searches?: string;
	/** Bodies of the requests that write, in order. */
	bodies: unknown[];
	output: unknown[];
}

interface OperationEntry {
	/** Those that it needs a scope for, as in `create update`. */
	verbs: string;
	/** What its form has, in its order. */
	form: string[];
	/** What there is under Options beside what all have. */
	options: string[];
	/** What it sends and answers for a resource. */
	example(of: Scene): OperationCase;
}

interface Scene extends CatalogueRow {
	newRecord: IDataObject;
	/** Of the list. */
	at: string;
	records: ApiRecord[];
	/** Of the first record. */
	id: unknown;
	recordId: IDataObject;
	/** A change of a record. */
	change: IDataObject;
	/** The parameters of whatever looks before it creates, and what it then sends. */
	matching: IDataObject;
	lookingFirst: Pick<OperationCase, 'requests' | 'searches'>;
}

const asTool = ['output', 'fields'];
const columns = ['columns', 'additionalFields', ...asTool, 'options'];
const writing = ['allowEmptyValues', 'dateOrder', 'dryRun'];

/** A new operation is one more entry. */
export const operations: Record<string, OperationEntry> = {
	getAll: {
		verbs: 'read',
		form: ['returnAll', 'limit', 'simplify', ...asTool, 'lookup', 'filters', 'options', 'sort'],
		options: ['ignoreEmptyFilters'],
		example: ({ at, idField, records }) => ({
			parameters: { returnAll: false, limit: 5, simplify: false },
			requests: [`GET ${at}?page=1&page_size=5&sort=${idField}`],
			bodies: [],
			output: records.slice(0, 5),
		}),
	},
	get: {
		verbs: 'read',
		form: ['recordId', 'simplify', ...asTool, 'options'],
		options: [],
		example: ({ at, id, recordId, records }) => ({
			parameters: { recordId, simplify: false },
			requests: [`GET ${at}/${id}`],
			bodies: [],
			output: [records[0]],
		}),
	},
	count: {
		verbs: 'read',
		form: ['lookup', 'filters', 'options'],
		options: ['ignoreEmptyFilters'],
		example: ({ at, records }) => ({
			parameters: {},
			requests: [`GET ${at}?page=1&page_size=5`],
			bodies: [],
			output: [{ count: records.length }],
		}),
	},
	findOrCreate: {
		verbs: 'create',
		form: ['matchOn', ...columns],
		options: writing,
		example: ({ matching, lookingFirst, newRecord }) => ({
			...lookingFirst,
			parameters: matching,
			bodies: [newRecord],
			output: [expect.objectContaining({ ...newRecord, _created: true })],
		}),
	},
	upsert: {
		verbs: 'create update',
		form: ['matchOn', ...columns],
		options: ['batchSize', 'bodyKey', 'showValues', ...writing],
		example: ({ matching, lookingFirst, newRecord }) => ({
			...lookingFirst,
			parameters: matching,
			bodies: [newRecord],
			output: [expect.objectContaining({ ...newRecord, _action: 'created' })],
		}),
	},
	create: {
		verbs: 'create',
		form: columns,
		options: ['lookWhetherItExists', ...writing],
		example: ({ at, newRecord, idField }) => ({
			parameters: { columns: mapped(newRecord) },
			requests: [`POST ${at}`],
			bodies: [newRecord],
			output: [expect.objectContaining({ ...newRecord, [idField]: expect.anything() })],
		}),
	},
	createMany: {
		verbs: 'create',
		form: columns,
		options: ['batchSize', 'bodyKey', ...writing],
		example: ({ at, newRecord, idField }) => {
			const created = expect.objectContaining({ ...newRecord, [idField]: expect.anything() });
			// Of what is not documented, a few records tell the types.
			const types = at.endsWith('/patients') ? [] : [`GET ${at}?page=1&page_size=50`];
			return {
				parameters: { columns: automatic },
				items: [newRecord, newRecord],
				requests: [...types, `POST ${at}`],
				bodies: [[newRecord, newRecord]],
				output: [created, created],
			};
		},
	},
	update: {
		verbs: 'update',
		form: ['recordId', ...columns],
		options: writing,
		example: ({ at, id, recordId, change, records }) => ({
			parameters: { recordId, columns: mapped(change) },
			requests: [`PATCH ${at}/${id}`],
			bodies: [change],
			output: [{ ...records[0], ...change }],
		}),
	},
	delete: {
		verbs: 'delete',
		form: ['recordId', 'options'],
		options: ['dryRun'],
		example: ({ at, id, recordId, idField }) => ({
			parameters: { recordId },
			// Which of its names the ID has is not sure, so a few records are looked at.
			requests: [`DELETE ${at}/${id}`, `GET ${at}?page=1&page_size=50`],
			bodies: [],
			output: [{ deleted: true, [idField]: id }],
		}),
	},
};

/** Those of Account, which has no records. */
export const accountOperations = ['checkApi', 'getAccess'];

/** Whatever the verbs of a resource allow. */
export function operationsFor({ verbs }: Pick<CatalogueRow, 'verbs'>): string[] {
	const granted = verbs.split(' ');
	return Object.keys(operations).filter((operation) =>
		operations[operation].verbs.split(' ').every((verb) => granted.includes(verb)),
	);
}

/** The scope that EyeCloud Pro publishes for a verb: named after the path. */
export function scopeFor(verb: string, { path }: Pick<CatalogueRow, 'path'>): string {
	return `${verb}${path.replaceAll('/', ':')}`;
}

/** What the operation sends and answers for the row's resource, over the records that there are now. */
export function caseFor(operation: string, row: CatalogueRow, records: ApiRecord[]): OperationCase {
	const { path, idField, newRecord = {}, match } = row;
	const at = `/v2/2${path}`;
	const id = records[0][idField];
	const page = `page=1&page_size=250&sort=-${idField}`;
	const byFilter = match?.filter && [`GET ${at}?${match.filter}&${page}`];
	return operations[operation].example({
		...{ ...row, newRecord, at, records, id },
		recordId: byId(id),
		change: Object.fromEntries(Object.entries(newRecord).slice(0, 1)),
		lookingFirst: {
			requests: [...(byFilter || []), `POST ${at}`],
			// The filter may mind case, so the list is looked up as well.
			searches: `GET ${at}?${byFilter ? 'page=' : ''}`,
		},
		matching: { columns: mapped(newRecord), matchOn: [match?.on ?? ''] },
	});
}

/** Of what was received, what the case names. */
export function withoutSearch(lines: string[], { searches }: OperationCase): string[] {
	return searches ? lines.filter((line) => !line.startsWith(searches)) : lines;
}
