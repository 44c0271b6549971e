// Runs an operation for the input items: each failed one becomes an error item, or ends the node, and what
// an earlier try has done comes out as it did then. Called by the node class.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { endsAtFailure } from '../aiTool';
import { ApiError } from '../api/errors';
import type { Resource } from '../catalogue/resource';
import { toNodeError } from '../nodeError';
import { isDryRun } from '../parameters/dryRun';
import type { OperationRun } from '../parameters/run';
import { paired, placeOf, writes, type DoneWork } from './idempotency';
import type { ItemOrder } from './itemOrder';
import type { AllItemsOperation, ItemOperation } from './operation';

export interface Items {
	functions: IExecuteFunctions;
	resource: Resource;
	/** @throws whatever the item's own parameters or its credential throw */
	runFor: (itemIndex: number) => Promise<OperationRun>;
	done: DoneWork;
	itemOrder: ItemOrder;
}

/** Each item by itself, several at a time where that does no harm; the output is in the order of the input. */
export async function executeEach(
	items: Items,
	operation: ItemOperation,
): Promise<INodeExecutionData[]> {
	const { functions, done, itemOrder } = items;
	const output: INodeExecutionData[][] = functions.getInputData().map(() => []);
	for (const item of await doneBefore(items)) output[firstItemOf(item)].push(item);
	for (const itemIndex of output.keys()) {
		if (done.has(itemIndex)) continue;
		await itemOrder.waitForSlot(operation.isOverlapping ?? false);
		// Parameters are read one item after the other, which keeps the items in order.
		const run = await preparedRun(items, operation, itemIndex).catch((thrown: unknown) => ({
			thrown,
		}));
		if (itemOrder.isStopped) break;
		itemOrder.begin(itemIndex, async () => {
			try {
				if ('thrown' in run) throw run.thrown;
				const isSent = writes(operation) && !isDryRun(run);
				const records = isSent
					? await done.remember([itemIndex], run, async () => await operation.execute(run))
					: await operation.execute(run);
				output[itemIndex] = paired([itemIndex], records);
			} catch (thrown) {
				output[itemIndex] = [failedItem(items, thrown, itemIndex)];
			}
		});
	}
	await itemOrder.end();
	return output.flat();
}

/** What earlier tries have done; a failed item for each that they have done elsewhere. */
async function doneBefore(items: Items): Promise<INodeExecutionData[]> {
	const output: INodeExecutionData[] = [];
	// Without what was done: the Retry that leaves it out is of no use here.
	const own = { ...items, done: undefined };
	for (const { items: together, records, place } of items.done.all()) {
		let isElsewhere = false;
		for (const itemIndex of together) {
			const run = await items.runFor(itemIndex).catch(() => undefined);
			isElsewhere ||= run !== undefined && place !== undefined && placeOf(run) !== place;
		}
		const told = isElsewhere
			? together.map((itemIndex) => failedItem(own, doneElsewhere(), itemIndex))
			: paired(together, records);
		for (const item of told) output.push(item);
	}
	return output;
}

function doneElsewhere(): ApiError {
	return new ApiError('invalidInput', 'The item was done in another practice or list before', {
		description:
			'An earlier try of this execution did it where the practice or the path said so then. Nothing was sent for it now. Set both as they were, or start the workflow anew.',
	});
}

async function preparedRun(
	{ runFor }: Items,
	{ prepare }: ItemOperation | AllItemsOperation,
	itemIndex: number,
): Promise<OperationRun> {
	const run = await runFor(itemIndex);
	await prepare?.(run);
	return run;
}

/** All items together; the output is in the order of the input. */
export async function executeAll(
	items: Items,
	operation: AllItemsOperation,
): Promise<INodeExecutionData[]> {
	const { functions, done, itemOrder } = items;
	const output = await doneBefore(items);
	const runs: OperationRun[] = [];
	for (let itemIndex = 0; itemIndex < functions.getInputData().length; itemIndex++) {
		if (done.has(itemIndex)) continue;
		try {
			runs.push(await preparedRun(items, operation, itemIndex));
		} catch (thrown) {
			output.push(failedItem(items, thrown, itemIndex));
		}
	}
	try {
		for (const item of await operation.executeAll(runs, done)) output.push(item);
	} finally {
		await itemOrder.end();
	}
	return output.sort((a, b) => firstItemOf(a) - firstItemOf(b));
}

function firstItemOf({ pairedItem }: INodeExecutionData): number {
	const [first] = Array.isArray(pairedItem) ? pairedItem : [pairedItem];
	return typeof first === 'object' ? first.item : (first ?? 0);
}

/**
 * The item that tells of a failure.
 *
 * @throws NodeOperationError or NodeApiError where the node does not continue, or the user stopped it
 */
export function failedItem(
	{ functions, resource, done }: Partial<Items> & Pick<Items, 'functions'>,
	thrown: unknown,
	itemIndex: number,
): INodeExecutionData {
	const error = toNodeError(thrown, functions.getNode(), { resource, itemIndex });
	if (endsAtFailure(functions)) {
		const created = done?.countCreated() ?? 0;
		// Whoever corrects the item and starts the workflow anew would create the others twice.
		if (created > 0) {
			error.description = `${error.description ?? ''} Items created before this one: ${created}. Leave them out when you start the workflow anew; the 'Retry' of this execution leaves them out by itself.`;
		}
		throw error;
	}
	return {
		// These two names alone let every n8n send the item to the error output where there is one.
		json: { error: error.message, message: error.description ?? '' },
		pairedItem: { item: itemIndex },
	};
}
