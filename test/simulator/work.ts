// What the API does for a request that may be made: list, get, create, change, delete. Called by
// api.ts once it knows the resource and that the caller may.
import type { ApiRecord } from './contract.ts';
import type { Dialect } from './dialect.ts';
import { missingRecord } from './errors.ts';
import type { Collection } from './practices.ts';
import type { Action } from './resources.ts';
import { createdBulk, createdOne, list, namesOf, oneRecord, type Answer } from './shapes.ts';
import { validatedChanges, validatedId, validatedNew, validatedQuery } from './validation.ts';
import type { Wording } from './wording.ts';

export interface Task {
	method: string;
	/** The id in the path, as it came. */
	id?: string;
	/** The path of the collection, as it came. */
	path: string;
	query: unknown;
	body: unknown;
	collection: Collection;
	wording: Wording;
	dialect: Dialect;
}

/** The actions that a path takes, by method. */
export function actionsAt(
	hasId: boolean,
	{ updateMethod }: Dialect,
): Partial<Record<string, Action>> {
	if (!hasId) return { GET: 'read', POST: 'create' };
	return { GET: 'read', [updateMethod]: 'update', DELETE: 'delete' };
}

/** Does the work. Throws an ApiError with what the API answers when it can't. */
export function work(task: Task): Answer {
	const { method, id, collection, wording, dialect } = task;
	if (id === undefined) return method === 'POST' ? create(task) : answerList(task);
	const wireId = validatedId(wording.resource, id);
	const recordId = wording.readId(wireId);
	const lagMs = method === 'GET' ? dialect.replicaLagMs : 0;
	const record = collection.get(recordId, lagMs);
	if (!record) throw missingRecord(dialect, `${wording.resource.idField} ${String(wireId)}`);
	if (method === 'DELETE') {
		collection.delete(recordId);
		return { status: 204 };
	}
	if (method === dialect.updateMethod) {
		const changes = validatedChanges(wording.resource, task.body, dialect);
		collection.change(recordId, wording.read(changes));
	}
	return { status: 200, body: oneRecord(dialect.oneRecord, wording.write(record), names(task)) };
}

function names({ wording, path }: Task) {
	return namesOf(path, wording.resource.idField);
}

function answerList(task: Task): Answer {
	const { collection, query, wording, dialect } = task;
	const request = validatedQuery(wording.resource, query, dialect);
	const { records, totalCount } = collection.list({
		...request,
		filters: wording.readFilters(request.filters),
		sort: wording.readSort(request.sort),
		value: (record, field) => wording.value(record, field),
		lagMs: dialect.replicaLagMs,
	});
	const pagination = {
		page: request.page,
		page_size: request.pageSize,
		total_pages: Math.ceil(totalCount / request.pageSize),
		total_count: totalCount,
		// Undefined, and so not in the JSON, unless the request had it.
		sort: request.sort,
	};
	const shown = records.map((record) => wording.write(record));
	return { status: 200, body: list(dialect, shown, pagination, names(task)) };
}

function create(task: Task): Answer {
	const { collection, body, wording, dialect } = task;
	const { isBulk, records } = validatedNew(wording.resource, body, dialect, names(task).plural);
	const created = collection.add(records.map((record) => wording.read(record)));
	const shown: ApiRecord[] = created.map((record) => wording.write(record));
	return isBulk
		? createdBulk(dialect.bulkCreated, shown, names(task))
		: createdOne(dialect.created, shown[0], names(task));
}
