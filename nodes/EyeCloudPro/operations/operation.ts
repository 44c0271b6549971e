// The shape of an operation: its fields, and what it does for one input item.
// Implemented by one file an operation; the node class runs them without knowing any.
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { Client } from '../api/client';
import type { Resource, Verb } from '../resources/resource';

/** All that an operation gets to see while it runs for one input item. */
export interface OperationRun {
	functions: IExecuteFunctions;
	client: Client;
	resource: Resource;
	itemIndex: number;
}

export interface Operation {
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
	/** @returns the records, in order; the node class pairs them with the input item */
	execute(run: OperationRun): Promise<IDataObject[]>;
}

/** `Price Tiers` inside a sentence: `price tiers`. */
export function inSentence(displayName: string): string {
	return displayName.toLowerCase();
}
