// The shape of an operation: its fields, what it does, and what the editor shows of its output before anything has run
// (the build makes n8n's files of it: tools/outputSchemas.mjs). Implemented by one file an operation.
import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { Resource, Verb } from '../catalogue/resource';
import type { OperationRun } from '../parameters/run';
import type { DoneWork } from './idempotency';

interface OperationDescription {
	/** The value of the `operation` parameter; saved workflows depend on it. */
	value: string;
	/** Title Case, as the editor shows it. */
	displayName: string;
	/** The scope that it needs; it is offered exactly where the resource has one for this verb. */
	verb: Verb;
	/** Another one that it needs as well. */
	alsoVerb?: Verb;
	/** Sentence case, e.g. `Get many patients`. */
	action(resource: Resource): string;
	description(resource: Resource): string;
	/** What its items have, as far as that is known before it runs. */
	outputSchema(resource: Resource): SchemaProperties;
	/** Its parameters for one resource, without displayOptions; those are added where it is listed. */
	fields(resource: Resource): INodeProperties[];
	/** What has to be found out before the work for any item begins; for one item after the other. */
	prepare?(run: OperationRun): Promise<void>;
}

/** Does its work for each input item by itself. */
export interface ItemOperation extends OperationDescription {
	/** Several items at a time do no harm; what must not overlap then goes by the run's `itemOrder`. */
	isOverlapping?: true;
	/**
	 * Done again where an earlier try has left its outcome unknown, so it goes by `run.unknownBefore` where that does harm.
	 *
	 * @returns the records, in order; the node class pairs them with the input item
	 */
	execute(run: OperationRun): Promise<IDataObject[]>;
}

/** Does its work for all input items at once. */
export interface AllItemsOperation extends OperationDescription {
	/**
	 * @param runs of the items that are not done yet
	 * @param done to remember what is done now
	 * @returns paired items; failed ones only where the node continues on fail
	 */
	executeAll(runs: OperationRun[], done: DoneWork): Promise<INodeExecutionData[]>;
}

export type Operation = ItemOperation | AllItemsOperation;

/** What it needs a scope for. */
export function verbsOf({ verb, alsoVerb }: Operation): Verb[] {
	return alsoVerb ? [verb, alsoVerb] : [verb];
}

/** JSON Schema, as far as n8n's editor reads it. */
export type PropertySchema = { description?: string } & (
	| { type: 'string' | 'number' | 'boolean' }
	| { type: 'array'; items: PropertySchema }
	| { type: 'object'; properties: SchemaProperties }
);

export type SchemaProperties = Record<string, PropertySchema>;

const NOT_PUBLISHED = 'EyeCloud Pro does not publish this name';

/** The ID of a record; none where it is not even known what the records are. */
export function idProperty({ idFields, path, sortableFields }: Resource): SchemaProperties {
	if (path.length === 0) return {};
	const [name] = idFields;
	const isPublished = sortableFields.includes(name);
	return { [name]: { type: 'number', ...(!isPublished && { description: NOT_PUBLISHED }) } };
}

/** What a record has for certain: its ID, and what EyeCloud Pro publishes that a list can be sorted by. */
export function recordProperties(resource: Resource): SchemaProperties {
	const published = resource.sortableFields.map((name): [string, PropertySchema] => [
		name,
		{ type: 'string' },
	]);
	return { ...Object.fromEntries(published), ...idProperty(resource) };
}
