// What the API accepts in queries, ids and bodies. Joi's own messages, all of them, joined with a
// comma: that is how the published messages read. Used by work.ts.
import Joi from 'joi';
import type { ApiRecord } from './contract.ts';
import { apiError } from './errors.ts';
import type { ListRequest } from './practices.ts';
import type { Resource } from './resources/resource.ts';

interface Rules {
	query: Joi.ObjectSchema;
	one?: Joi.Schema;
	many?: Joi.Schema;
	changes?: Joi.Schema;
}

const known = new WeakMap<Resource, Rules>();

/** Joi schemas are slow to make, so a resource's are made once. */
function rulesOf(resource: Resource): Rules {
	let rules = known.get(resource);
	if (!rules) {
		rules = makeRules(resource);
		known.set(resource, rules);
	}
	return rules;
}

function makeRules({ sortable, filters, body }: Resource): Rules {
	const fields = sortable.join('|');
	// The parentheses stand where the published pattern has them, around the dollar sign too.
	const sort = new RegExp(`^(-?(${fields})(,-?(${fields}))*$)`);
	// The order of the keys is the order of the messages.
	const query = Joi.object({
		...Object.fromEntries(Object.entries(filters).map(([name, { schema }]) => [name, schema])),
		page: Joi.number().integer().min(1).default(1),
		page_size: Joi.number().integer().min(5).max(250).default(10),
		sort: Joi.string().pattern(sort),
	});
	if (!body) return { query };
	const optional = Object.keys(body.describe().keys);
	return {
		query,
		one: body.required(),
		many: Joi.array().items(body).min(1),
		changes: body
			.fork(optional, (field) => field.optional())
			.min(1)
			.required(),
	};
}

function validated<T>(schema: Joi.Schema, value: unknown): T {
	const result = schema.validate(value, { abortEarly: false });
	if (!result.error) return result.value as T;
	throw apiError(400, result.error.details.map(({ message }) => message).join(','));
}

/** Throws the API's 400 with every complaint in one message. */
export function validatedQuery(resource: Resource, query: unknown): ListRequest {
	const value = validated<{ page: number; page_size: number; sort?: string }>(
		rulesOf(resource).query,
		query,
	);
	const { page, page_size: pageSize, sort, ...filters } = value;
	return { page, pageSize, sort, filters };
}

/** The id in a path. */
export function validatedId(resource: Resource, segment: string): number {
	const schema = Joi.object({ [resource.idField]: Joi.number().integer() });
	return validated<Record<string, number>>(schema, { [resource.idField]: segment })[
		resource.idField
	];
}

/**
 * One record, or several: those are accepted all or not at all.
 *
 * @param bulkKey the name that a list of several must have; empty where the body is the list
 */
export function validatedNew(
	resource: Resource,
	body: unknown,
	bulkKey: string,
): ApiRecord | ApiRecord[] {
	const { one, many } = rulesOf(resource) as Required<Rules>;
	if (bulkKey === '') return validated(Array.isArray(body) ? many : one, body);
	const isBulk = typeof body === 'object' && body !== null && Object.hasOwn(body, bulkKey);
	if (!isBulk) return validated(one, body);
	return validated<Record<string, ApiRecord[]>>(Joi.object({ [bulkKey]: many }), body)[bulkKey];
}

export function validatedChanges(resource: Resource, body: unknown): ApiRecord {
	return validated(rulesOf(resource).changes as Joi.Schema, body);
}
