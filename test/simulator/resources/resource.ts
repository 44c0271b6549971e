// What a resource of the API is: its path, scopes, fields and records. Each resource is one entry
// of this shape in the files beside this one.
import Joi, { type Schema, type ObjectSchema } from 'joi';
import type { ApiRecord, NewField } from '../contract.ts';
import type { Pick } from '../pick.ts';

/** What the records of a practice are made from. */
export interface PracticeFacts {
	practiceId: number;
	seed: number;
	patients: number;
	/** How large the practice is beside practice 2; all counts but the patients' go with it. */
	size: number;
}

/** A query parameter of a list request, and which records it lets through. */
export interface Filter {
	schema: Schema;
	passes: (record: ApiRecord, value: unknown) => boolean;
}

export interface Resource {
	/** After `/v2/{client_id}`; also what its scopes are named after. */
	path: string;
	idField: string;
	/** What an id is like. Default: an integer. */
	idSchema?: Schema;
	/** The actions for which there is a scope, and with it a method. */
	actions: ReadonlyArray<'read' | 'create' | 'update' | 'delete'>;
	sortable: readonly string[];
	filters: Record<string, Filter>;
	/** Of a create request; an update takes the same fields, none of them required. */
	body?: ObjectSchema;
	count: (facts: PracticeFacts) => number;
	generate: (index: number, pick: Pick, facts: PracticeFacts) => ApiRecord;
	/** The record as stored, from a valid body: with its id and what the API fills in itself. */
	create: (id: number, values: ApiRecord) => ApiRecord;
}

/** The scope for an action, as in `read:pricebooks:lenses` for `/pricebooks/lenses`. */
export function scopeFor(action: string, resource: Resource): string {
	return `${action}${resource.path.replaceAll('/', ':')}`;
}

/** The resource with one more field, which may be sent and, if so wanted, sorted by. */
export function withField(resource: Resource, { name, value, sortable }: NewField): Resource {
	const complete = (record: ApiRecord) => ({ ...record, [name]: record[name] ?? value });
	return {
		...resource,
		sortable: sortable ? [...resource.sortable, name] : resource.sortable,
		body: resource.body?.append({ [name]: schemaLike(value) }),
		generate: (index, pick, facts) => complete(resource.generate(index, pick, facts)),
		create: (id, values) => complete(resource.create(id, values)),
	};
}

function schemaLike(value: unknown): Schema {
	if (typeof value === 'number') return Joi.number();
	if (typeof value === 'boolean') return Joi.boolean();
	return typeof value === 'string' ? Joi.string() : Joi.any();
}
