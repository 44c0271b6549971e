// All that an operation gets to see while it runs for one input item. Used by the operations, and by what
// reads their parameters.
import { NodeOperationError, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import type { ApiError } from '../api/errors';
import type { Resource } from '../catalogue/resource';
import type { ToolNotes } from './toolAnswer';

/** By what Find or Create matches on: the record that it created, or nothing where that is unknown. */
export type CreatedByMatch = Record<string, { record?: IDataObject }>;

/** What all tries of a run of the node have changed or deleted. */
export interface Written {
	/** By record: the last item that has written it. */
	by: Record<string, number>;
	/** By item: the record that it was sent for. */
	record: Record<number, string>;
}

/** Of a run's items, several of which may be worked on at a time. */
export interface ItemOrder {
	runExclusive<T>(itemIndex: number, key: string, work: () => Promise<T>): Promise<T>;
	afterEarlierOf(itemIndex: number): Promise<void>;
	atEnd(ending: () => void): void;
}

export interface OperationRun {
	functions: IExecuteFunctions;
	client: Client;
	resource: Resource;
	itemIndex: number;
	/** Which items wait for which. */
	itemOrder: ItemOrder;
	/** What this operation remembers from one input item to the next; gone with the execution. */
	memory: Map<string, unknown>;
	/** What all tries of this run of the node have created. */
	createdByMatch: CreatedByMatch;
	written: Written;
	/** An earlier try has left it unknown whether this item's work is done. */
	unknownBefore?: ApiError;
	/** Read once, as an expression may say otherwise each time. */
	isDryRun?: boolean;
	/** What an AI agent is told of the answer as a whole; the operation adds to it. */
	toolNotes: ToolNotes;
}

/** What a user reads where the work of an item is refused. */
export function refusalOf(
	{ functions, itemIndex }: OperationRun,
	message: string,
	description: string,
): NodeOperationError {
	return new NodeOperationError(functions.getNode(), message, { itemIndex, description });
}
