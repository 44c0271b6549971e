// The shape of an operation: its fields, and what it does. Implemented by one file an operation; the
// node class runs them without knowing any.
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import type { Client } from '../api/client';
import type { Resource, Verb } from '../resources/resource';

/** All that an operation gets to see while it runs for one input item. */
export interface OperationRun {
	functions: IExecuteFunctions;
	client: Client;
	resource: Resource;
	itemIndex: number;
	/** What this operation remembers from one input item to the next; gone with the execution. */
	memory: Map<string, unknown>;
}

interface OperationDescription {
	/** The value of the `operation` parameter; saved workflows depend on it. */
	value: string;
	/** Title Case, as the editor shows it. */
	displayName: string;
	/** The scope that it needs; it is offered exactly where the resource has one for this verb. */
	verb: Verb;
	/** Sentence case, e.g. `Get many patients`. */
	action(resource: Resource): string;
	description(resource: Resource): string;
	/** Its parameters for one resource, without displayOptions; those are added where it is listed. */
	fields(resource: Resource): INodeProperties[];
}

/** Does its work for each input item by itself. */
export interface ItemOperation extends OperationDescription {
	/** @returns the records, in order; the node class pairs them with the input item */
	execute(run: OperationRun): Promise<IDataObject[]>;
}

/** Does its work for all input items at once. */
export interface AllItemsOperation extends OperationDescription {
	/** @returns paired items; failed ones only where the node continues on fail */
	executeAll(runs: OperationRun[]): Promise<INodeExecutionData[]>;
}

export type Operation = ItemOperation | AllItemsOperation;

/** `Price Tiers` inside a sentence: `price tiers`. */
export function inSentence(displayName: string): string {
	return displayName.toLowerCase();
}

/** `Order` inside a sentence: `an order`. */
export function oneInSentence(displayName: string): string {
	const name = inSentence(displayName);
	return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
