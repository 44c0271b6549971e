// What the API does for a request that may be made: list, get, create, change, delete. Called by
// api.ts once it knows the resource and that the caller may.
import type { ApiRecord, BodyWrapping, ResolvedOptions } from './contract.ts';
import { apiError } from './errors.ts';
import type { Collection } from './practices.ts';
import { validatedChanges, validatedId, validatedNew, validatedQuery } from './validation.ts';

export interface Answer {
	status: number;
	body?: unknown;
	headers?: Record<string, string>;
}

export interface Task {
	method: string;
	/** The id in the path, as it came. */
	id?: string;
	query: unknown;
	body: unknown;
	collection: Collection;
	options: ResolvedOptions;
}

/** Methods by whether the path has an id, and the action that their scope is for. */
const actions = {
	collection: { GET: 'read', POST: 'create' },
	record: { GET: 'read', PATCH: 'update', DELETE: 'delete' },
} as const;

export type Action = 'read' | 'create' | 'update' | 'delete';

/** The actions that a path takes, by method. */
export function actionsAt(hasId: boolean): Partial<Record<string, Action>> {
	return hasId ? actions.record : actions.collection;
}

/** Does the work. Throws an ApiError with what the API answers when it can't. */
export function work(task: Task): Answer {
	const { method, id, collection } = task;
	if (id === undefined) return method === 'POST' ? create(task) : list(task);
	const recordId = validatedId(collection.resource, id);
	const record = collection.get(recordId);
	if (!record) throw apiError(404, `${collection.resource.idField} ${recordId} not found`);
	if (method === 'DELETE') {
		collection.delete(recordId);
		return { status: 204 };
	}
	if (method === 'PATCH') {
		collection.change(recordId, validatedChanges(collection.resource, task.body));
	}
	return { status: 200, body: wrapped(record, task.options.recordBody) };
}

function list({ collection, query }: Task): Answer {
	const request = validatedQuery(collection.resource, query);
	const { records, totalCount } = collection.list(request);
	const pagination = {
		page: request.page,
		page_size: request.pageSize,
		total_pages: Math.ceil(totalCount / request.pageSize),
		total_count: totalCount,
		// Undefined, and so not in the JSON, unless the request had it.
		sort: request.sort,
	};
	return { status: 200, body: { data: records, pagination } };
}

function create({ collection, body, options }: Task): Answer {
	const values = validatedNew(collection.resource, body, options.bulkKey);
	const created = collection.add(Array.isArray(values) ? values : [values]);
	const answered = Array.isArray(values) ? created : created[0];
	return { status: 201, body: wrapped(answered, options.createdBody) };
}

function wrapped(content: ApiRecord | ApiRecord[], wrapping: BodyWrapping): unknown {
	return wrapping === 'data' ? { data: content } : content;
}
