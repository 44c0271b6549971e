// Create Many: all input items in one atomic request, or in batches, each atomic.
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { ApiRequest } from '../api/client';
import { ApiError } from '../api/errors';
import { recordsIn } from '../api/records';
import { columnsFields, convertColumns, sentenceOf } from '../parameters/columns';
import type { AllItemsOperation } from './operation';
import type { OperationRun } from '../parameters/run';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import {
	batchError,
	failedItems,
	namedByApi,
	someCanNotBeSent,
	type Refusal,
} from './refusedBatch';
import { oncePerExecution } from './retryMemory';
import { asText } from '../parameters/values';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';

export const createMany: AllItemsOperation = {
	value: 'createMany',
	displayName: 'Create Many',
	verb: 'create',
	action: (resource) => `Create many ${inSentence(resource.displayNamePlural)}`,
	description: (resource) =>
		`Create ${inSentence(resource.displayNamePlural)} from all input items in one request: all of them, or none`,
	fields: () => [
		...columnsFields,
		optionsField([
			{
				displayName: 'Batch Size',
				name: 'batchSize',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description:
					'How many items to send in one request; 0 sends all. Each batch is created as a whole or not at all.',
			},
			{
				displayName: 'Body Key',
				name: 'bodyKey',
				type: 'string',
				default: '',
				placeholder: 'e.g. patients',
				description:
					'The name under which the list of records is sent. Empty sends the list itself. EyeCloud Pro does not document which it wants.',
			},
			dryRunOption,
		]),
	],
	async executeAll(runs) {
		const output: INodeExecutionData[] = [];
		let recordsIn = 0;
		let batchesIn = 0;
		const batches = batchesOf(runs).map((batch) => ({ batch, ...convert(batch) }));
		if (!runs[0]?.functions.continueOnFail()) refuseKnownBad(runs, batches);
		for (const { batch, ...converted } of batches) {
			const result = await createBatch(batch, converted);
			if ('items' in result) {
				for (const item of result.items) output.push(item);
				batchesIn++;
				recordsIn += batch.length;
				continue;
			}
			const { functions } = batch[0];
			const isCancelled = functions.getExecutionCancelSignal()?.aborted;
			if (!functions.continueOnFail() || isCancelled) {
				throw batchError(batch, result.refusal, { batchesIn, recordsIn });
			}
			for (const item of failedItems(batch, result.refusal)) output.push(item);
		}
		return output;
	},
};

interface Converted {
	bodies: IDataObject[];
	/** What is wrong with single items, by their place in the batch. */
	named: Map<number, string[]>;
}

/** A bad item in the last batch is no reason to find the batches before it created. */
function refuseKnownBad(
	runs: OperationRun[],
	batches: Array<Converted & { batch: OperationRun[] }>,
): void {
	const named = new Map<number, string[]>();
	for (const { batch, named: inBatch } of batches) {
		for (const [index, messages] of inBatch) named.set(batch[index].itemIndex, messages);
	}
	if (named.size === 0) return;
	const inOrder = new Map(Array.from(named).sort(([a], [b]) => a - b));
	throw batchError(
		runs,
		{ error: someCanNotBeSent(), named: inOrder },
		{ batchesIn: 0, recordsIn: 0 },
	);
}

/** Items of one practice that are all to be sent, or all only to be shown; at most `batchSize` of them. */
function batchesOf(runs: OperationRun[]): OperationRun[][] {
	const together = new Map<string, OperationRun[]>();
	for (const run of runs) {
		const key = JSON.stringify([run.client.identity, isDryRun(run)]);
		const others = together.get(key) ?? [];
		others.push(run);
		together.set(key, others);
	}
	const batches: OperationRun[][] = [];
	for (const group of together.values()) {
		const { functions, itemIndex } = group[0];
		const chosen = Number(asText(functions.getNodeParameter('options.batchSize', itemIndex, 0)));
		const size = chosen >= 1 ? Math.floor(chosen) : group.length;
		for (let start = 0; start < group.length; start += size) {
			batches.push(group.slice(start, start + size));
		}
	}
	return batches;
}

async function createBatch(
	batch: OperationRun[],
	{ bodies, named }: Converted,
): Promise<{ items: INodeExecutionData[] } | { refusal: Refusal }> {
	if (named.size > 0) return { refusal: { error: someCanNotBeSent(), named } };
	const { functions, client, resource, itemIndex } = batch[0];
	const key = asText(functions.getNodeParameter('options.bodyKey', itemIndex, ''));
	if (key === undefined) return { refusal: { error: unusableBodyKey(), named } };
	const body = key ? { [key]: bodies } : bodies;
	const request: ApiRequest = { method: 'POST', segments: resource.path, body };
	try {
		if (isDryRun(batch[0])) {
			return { items: [{ json: describeRequest(client, request), pairedItem: pairOf(batch) }] };
		}
		const perform = async () => recordsOf(await client.request(request));
		const records = await oncePerExecution(batch[0], { request, perform });
		return { items: pairedRecords(batch, records) };
	} catch (error) {
		return { refusal: { error, named: namedByApi(error, batch) } };
	}
}

function unusableBodyKey(): ApiError {
	return new ApiError('invalidInput', "'Body Key' must be a text", {
		description: 'Nothing of this batch was sent to EyeCloud Pro.',
	});
}

function convert(batch: OperationRun[]): Converted {
	const named = new Map<number, string[]>();
	const bodies = batch.map((run, index) => {
		const { body, unusable } = convertColumns(run);
		if (unusable.length > 0) named.set(index, [sentenceOf(unusable)]);
		else if (Object.keys(body).length === 0) named.set(index, ['no field is filled in']);
		return body;
	});
	return { bodies, named };
}

/** @throws ApiError where the answer holds no list; the records have been created all the same */
function recordsOf(answer: unknown): IDataObject[] {
	const records = recordsIn(answer);
	if (records) return records;
	throw new ApiError('unreadable', 'EyeCloud Pro answered without the records', {
		description:
			'They were created, but there is no list of records to hand on. Look them up with Get Many instead of running this again.',
	});
}

/** One item a record, paired with the input item in the same place; with all where that can't be told. */
function pairedRecords(batch: OperationRun[], records: IDataObject[]): INodeExecutionData[] {
	return records.map((json, index) => ({
		json,
		pairedItem: records.length === batch.length ? { item: batch[index].itemIndex } : pairOf(batch),
	}));
}

function pairOf(batch: OperationRun[]) {
	return batch.map(({ itemIndex }) => ({ item: itemIndex }));
}
