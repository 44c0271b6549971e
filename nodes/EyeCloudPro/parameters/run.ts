// All that an operation gets to see while it runs for one input item. Used by the operations, and by what
// reads their parameters.
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import type { Resource } from '../catalogue/resource';

export interface OperationRun {
	functions: IExecuteFunctions;
	client: Client;
	resource: Resource;
	itemIndex: number;
	/** What this operation remembers from one input item to the next; gone with the execution. */
	memory: Map<string, unknown>;
}
