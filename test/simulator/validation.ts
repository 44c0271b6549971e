// What the API accepts in queries, ids and bodies. Joi's own messages, all of them, joined with a
// comma: that is how the published messages read. Used by work.ts.
import Joi from 'joi';
import type { ApiRecord } from './contract.ts';
import type { Dialect } from './dialect.ts';
import { apiError } from './errors.ts';
import type { ListRequest } from './practices.ts';
import type { Resource } from './resources.ts';

type Rules = ReturnType<typeof makeRules>;

/** Joi schemas are slow to make, so a resource's are made once. */
const known = new WeakMap<Resource, Rules>();

function rulesOf(resource: Resource): Rules {
	const rules = known.get(resource) ?? makeRules(resource);
	known.set(resource, rules);
	return rules;
}

function makeRules({ sortable, filters, body = Joi.object() }: Resource) {
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
	const names = Object.keys((body.describe().keys as object | undefined) ?? {});
	const changes = body.fork(names, (field) => field.optional()).min(1);
	const many = Joi.array().items(body).min(1);
	return { query, one: body.required(), many, changes: changes.required() };
}

function validated<T>(schema: Joi.Schema, value: unknown, options: Joi.ValidationOptions = {}): T {
	const result = schema.validate(value, { abortEarly: false, ...options });
	if (!result.error) return result.value as T;
	throw apiError(400, result.error.details.map(({ message }) => message).join(','));
}

/** Throws the API's 400 with every complaint in one message. */
export function validatedQuery(
	resource: Resource,
	query: unknown,
	{ unknownParameter }: Dialect,
): ListRequest {
	const options = { stripUnknown: unknownParameter === 'ignored' };
	type Query = { page: number; page_size: number; sort?: string };
	const value = validated<Query>(rulesOf(resource).query, query, options);
	const { page, page_size: pageSize, sort, ...filters } = value;
	return { page, pageSize, sort, filters };
}

/** The id in a path, as the wire has it. */
export function validatedId({ idField, idSchema }: Resource, segment: string): unknown {
	const schema = Joi.object({ [idField]: idSchema ?? Joi.number().integer() });
	return validated<Record<string, unknown>>(schema, { [idField]: segment })[idField];
}

/**
 * One record, or several: those are accepted all or not at all.
 *
 * @param plural what a list of them is called where it has a name
 */
export function validatedNew(
	resource: Resource,
	body: unknown,
	dialect: Dialect,
	plural: string,
): { isBulk: boolean; records: ApiRecord[] } {
	const { one, many } = rulesOf(resource);
	const { bulkBody, unknownField } = dialect;
	const dropping = { stripUnknown: unknownField === 'dropped' };
	const refusing = { ...dropping, ...refusalOptions(dialect) };
	const single = () => ({ isBulk: false, records: [validated<ApiRecord>(one, body, dropping)] });
	const bulk = (records: ApiRecord[]) => ({ isBulk: true, records });

	if (bulkBody === 'named' || bulkBody === 'records') {
		const key = bulkBody === 'named' ? plural : bulkBody;
		const named = Joi.object({ [key]: many.required() });
		const isBulk = isObject(body) && Object.values(body).some(isListOfRecords);
		// A list under any other name is an attempt at a bulk, unless it is a field of a record.
		if (!isBulk || Object.keys(body as object).length > 1) return single();
		return bulk(validated<Record<string, ApiRecord[]>>(named, body, refusing)[key]);
	}
	const takesBoth = bulkBody === 'list';
	if (takesBoth && !Array.isArray(body)) return single();
	const isVague = takesBoth && dialect.bulkRefused === 'alternatives';
	const schema = isVague ? Joi.alternatives().try(one, many) : many;
	if (dialect.bulkRefused !== 'body') return bulk(validated<ApiRecord[]>(schema, body, refusing));
	// The name that its messages begin with is that of the whole request's body.
	const whole = Joi.object({ body: schema });
	return bulk(validated<{ body: ApiRecord[] }>(whole, { body }, refusing).body);
}

/** Joi's own switches, which make its messages name more or less. */
function refusalOptions({ bulkRefused }: Dialect): Joi.ValidationOptions {
	if (bulkRefused === 'key') return { errors: { label: 'key' } };
	return bulkRefused === 'first' ? { abortEarly: true } : {};
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfRecords(value: unknown): boolean {
	return Array.isArray(value) && value.every(isObject);
}

export function validatedChanges(
	resource: Resource,
	body: unknown,
	{ unknownField }: Dialect,
): ApiRecord {
	const stripUnknown = unknownField === 'dropped';
	return validated(rulesOf(resource).changes, body, { stripUnknown });
}
