// What comes out for a record: Simplify, or, for AI agents, Simplified, Raw or Selected Fields.
// Used by the operations that answer records.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { isObject } from '../api/errors';
import { idFieldOf } from '../api/page';
import { byUsefulness } from '../catalogue/fieldNames';
import type { Resource } from '../catalogue/resource';
import { parameterOf } from './parameterValue';
import { LIST_DEPENDS_ON } from './resourceChoice';
import { refusalOf, type OperationRun } from './run';

/** n8n's UX guidelines: at most ten fields. */
const MOST_FIELDS = 10;

const FIELDS_LABEL = 'Field Names or IDs';

/** Of the operations that write: a user gets the record as it is now, an agent no more than it needs. */
export const toolOutputFields: INodeProperties[] = [
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		displayOptions: { show: { '@tool': [true] } },
		options: [
			{
				name: 'Simplified',
				value: 'simplified',
				description: 'At most ten fields, the most useful first',
			},
			{ name: 'Raw', value: 'raw', description: 'Everything that EyeCloud Pro answers' },
			{
				name: 'Selected Fields',
				value: 'selected',
				description: 'The ID and the fields that you choose',
			},
		],
		default: 'simplified',
		description: 'How much of each record the agent gets to see',
	},
	{
		displayName: FIELDS_LABEL,
		name: 'fields',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getOutputFields', loadOptionsDependsOn: LIST_DEPENDS_ON },
		allowArbitraryValues: true,
		displayOptions: { show: { '@tool': [true], output: ['selected'] } },
		default: [],
		required: true,
		description:
			'The fields to return; the ID always comes with them. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
];

/** For a person; the trigger has it too. */
export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** n8n's UX guidelines: an AI agent chooses among three outputs where a user has Simplify. */
export const outputFields: INodeProperties[] = [
	{ ...simplifyField, displayOptions: { show: { '@tool': [false] } } },
	...toolOutputFields,
];

/**
 * The records as the user, or the agent, wants to see them.
 *
 * @throws NodeOperationError where it can't be told what the agent may see; it never gets more
 */
export function forOutput(records: IDataObject[], run: OperationRun): IDataObject[] {
	const { functions, itemIndex, resource, toolNotes } = run;
	const isTool = isAiTool(functions.getNode());
	const isSimplified =
		!isTool && parameterOf(functions, 'simplify', itemIndex).boolean('Simplify', false);
	const output = isTool ? outputForAgent(run) : isSimplified && 'simplified';
	const shown = output === 'selected' ? selectFields(records, run) : records;
	toolNotes.isOfRecords = isTool;
	return output === 'simplified' ? shown.map(simplifierFor(resource)) : shown;
}

/**
 * What makes a written record into what comes out. To be asked for before anything is sent: after an
 * error that only concerns the output, a model would write once more.
 *
 * @throws NodeOperationError where it can't be told what the agent may see
 */
export function outputOfWritten(run: OperationRun): (record: IDataObject) => IDataObject {
	const { functions, resource, toolNotes } = run;
	if (!isAiTool(functions.getNode())) return (record) => usefulFirst(record, resource);
	const output = outputForAgent(run);
	const names = output === 'selected' ? fieldNames(run) : [];
	return (record) => {
		toolNotes.isOfRecords = true;
		if (output === 'raw') return record;
		if (output === 'simplified') return simplifierFor(resource)(record);
		// Of one that another call has created, the ID alone is known.
		if (!toolNotes.isRepeated) toolNotes.missing = missingIn([record], names);
		// It is written by now: that no selected field is there is no reason to hide it.
		const done = ['created', 'updated'].filter((name) => record[name] === true);
		return { ...select(record, done), ...selectWithId(record, names, resource) };
	};
}

/**
 * The part of a body that the agent may see: what would be sent is the author's as well.
 *
 * @throws NodeOperationError as above
 */
export function bodyForOutput(run: OperationRun, body: IDataObject): IDataObject {
	if (!isAiTool(run.functions.getNode())) return body;
	const output = outputForAgent(run);
	if (output === 'raw') return body;
	return output === 'selected' ? select(body, fieldNames(run)) : simplifierFor(run.resource)(body);
}

const OUTPUTS = ['simplified', 'raw', 'selected'] as const;

function outputForAgent(run: OperationRun): (typeof OUTPUTS)[number] {
	const { value: chosen, isExpression } = parameterOf(run.functions, 'output', run.itemIndex);
	const isLeftOut = !isExpression && chosen === null;
	const output = isLeftOut ? 'simplified' : OUTPUTS.find((value) => value === chosen);
	if (output) return output;
	// An expression or the model may give anything, and the most must not be the answer to a slip.
	const description = `It must be one of ${OUTPUTS.join(', ')}.`;
	throw refusalOf(run, "'Output' has a value that it does not know", description);
}

function fieldNames({ functions, itemIndex }: OperationRun): string[] {
	const given = parameterOf(functions, 'fields', itemIndex);
	// A model that names none is told which there are.
	return given.isEmpty && given.isForModel ? [] : given.names(FIELDS_LABEL);
}

/** @throws NodeOperationError where not one of the names is a field; it lists those that there are */
function selectFields(records: IDataObject[], run: OperationRun): IDataObject[] {
	const { resource, toolNotes } = run;
	const names = fieldNames(run);
	const missing = missingIn(records, names);
	if (records.length === 0 || missing.length < names.length) {
		toolNotes.missing = missing;
		return records.map((record) => selectWithId(record, names, resource));
	}
	const known = new Set(records.flatMap((record) => Object.keys(record)));
	const description = `Fields that there are: ${Array.from(known).join(', ')}.`;
	throw refusalOf(run, `'${FIELDS_LABEL}' names no field of the records`, description);
}

/** Names that none of the records has. */
function missingIn(records: IDataObject[], names: string[]): string[] {
	if (records.length === 0) return [];
	const missing = new Set(names);
	for (const record of records) {
		for (const name of Object.keys(select(record, Array.from(missing)))) missing.delete(name);
		if (missing.size === 0) break;
	}
	return Array.from(missing);
}

/** Whose fields they are is known, though only some were selected. */
function selectWithId(record: IDataObject, names: string[], resource: Resource): IDataObject {
	const id = idFieldOf(record, resource.idFields);
	const isMissing = id !== undefined && !names.includes(id);
	return { ...(isMissing && { [id]: record[id] }), ...select(record, names) };
}

/**
 * At most ten fields: the id and the catalogue's first, then the record's other plain ones, the most useful first, then
 * those of nested objects, as `address_city`. Lists and what people write freely are left out.
 */
export function simplifierFor(resource: Resource): (record: IDataObject) => IDataObject {
	// What goods are called is no free text.
	const isOfGoods = resource.path[0] === 'pricebooks';
	// The records of a list have the same fields, and there may be very many of them.
	let last: { key: string; names: string[] } | undefined;
	return (record) => {
		const plain = flatten(record);
		const isKept = (name: string) =>
			resource.simplifiedFields.includes(name) ||
			resource.idFields.includes(name) ||
			!(isFreeText(name, plain.get(name)) || (!isOfGoods && DESCRIPTION.test(name)));
		const own = Array.from(plain.keys()).filter((name) => Object.hasOwn(record, name));
		const nested = Array.from(plain.keys()).filter((name) => !Object.hasOwn(record, name));
		const key = own.join();
		if (last?.key !== key) last = { key, names: inUsefulOrder(own, resource) };
		const names = [...last.names, ...nested].filter(isKept).slice(0, MOST_FIELDS);
		return Object.fromEntries(names.map((name) => [name, plain.get(name)])) as IDataObject;
	};
}

/** All of a record, with the fields that people look for in the first columns of n8n's table. */
function usefulFirst(record: IDataObject, resource: Resource): IDataObject {
	const names = inUsefulOrder(Object.keys(record), resource);
	return Object.fromEntries(names.map((name) => [name, record[name]])) as IDataObject;
}

/** The id and the catalogue's first, then as the editor's lists have them. */
function inUsefulOrder(names: string[], resource: Resource): string[] {
	const id = resource.idFields.find((name) => names.includes(name));
	const first = [...(id === undefined ? [] : [id]), ...resource.simplifiedFields];
	const known = first.filter((name) => names.includes(name));
	return Array.from(new Set([...known, ...byUsefulness(names, resource)]));
}

/** Fields in which people write whatever they want, by the words that such fields are called by. */
const FREE_TEXT =
	/((^|_)(internal|texts?)|allerg(y|ies)|comments?|complaints?|details?|diagnos[ie]s|explanations?|feedback|findings?|histor(y|ies)|instructions?|memos?|messages?|narrative|notes?|observations?|reasons?|remarks?|summar(y|ies)|symptoms?)(_|\d|$)/i;

const DESCRIPTION = /(^|_)descr(iption)?(_|$)/i;

/** No name, address or label is longer. */
const LONGEST_LABEL = 100;

function isFreeText(name: string, value: unknown): boolean {
	if (FREE_TEXT.test(name.replace(/(?<=[a-z])(?=[A-Z])/g, '_'))) return true;
	return typeof value === 'string' && (value.length > LONGEST_LABEL || value.includes('\n'));
}

/** The plain fields by name, those of the record before those of the objects in it. */
function flatten(record: IDataObject): Map<string, unknown> {
	const plain = new Map<string, unknown>();
	for (const [name, value] of Object.entries(record)) {
		if (isPlain(value)) plain.set(name, value);
	}
	for (const [name, value] of Object.entries(record)) {
		if (!isObject(value)) continue;
		for (const [inner, innerValue] of Object.entries(value)) {
			const path = `${name}_${inner}`;
			if (isPlain(innerValue) && !plain.has(path)) plain.set(path, innerValue);
		}
	}
	return plain;
}

function isPlain(value: unknown): boolean {
	return typeof value !== 'object' || value === null;
}

/** The named fields that the record has; nested ones by their flattened name as well. */
function select(record: IDataObject, names: string[]): IDataObject {
	const plain = flatten(record);
	const entries = names
		.filter((name) => Object.hasOwn(record, name) || plain.has(name))
		.map((name) => [name, Object.hasOwn(record, name) ? record[name] : plain.get(name)]);
	return Object.fromEntries(entries) as IDataObject;
}
