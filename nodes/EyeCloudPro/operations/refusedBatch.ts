// A batch of Create Many that was not created: which of its input items were the reason, and how a
// user reads it. Used by Create Many and by Create or Update.
import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INodeExecutionData,
	type JsonObject,
} from 'n8n-workflow';

import { endsAtFailure } from '../aiTool';
import { ApiError } from '../api/errors';
import { bodyKeyWanted, recordsMeant } from '../api/refusedRecords';
import { sentenceOf, shortened, toNodeError } from '../nodeError';
import type { OperationRun } from '../parameters/run';
import { groupedBy } from './groupedBy';
import type { DoneWork } from './idempotency';

/** Nobody reads more reasons than this. */
const MOST_NAMED = 20;

/** Why a batch was not created, and what is known of single items: by their place in the batch. */
export interface Refusal {
	error: unknown;
	named: Map<number, string[]>;
	/** What to do, where it is known better than from the error alone. */
	advice?: string;
}

export function someCanNotBeSent(): ApiError {
	return new ApiError('invalidInput', "Some items can't be sent", {
		description:
			'Correct these items and run it again. Nothing of this batch was sent to EyeCloud Pro.',
	});
}

/** What the API's refusal of a batch says about its items, and what is to be done. */
export function refusalBy(
	error: unknown,
	batch: OperationRun[],
	{ bodies, bodyKey }: { bodies: IDataObject[]; bodyKey: string },
): Refusal {
	const refused = error instanceof ApiError ? error.refused : [];
	const wanted = bodyKeyWanted(refused, bodyKey, bodies);
	if (wanted !== undefined) return { error, named: new Map(), advice: adviceOn(wanted) };
	const sentences = new Map<number, Set<string>>();
	for (const each of refused) {
		const sentence = sentenceOf(each, batch[0].resource);
		for (const place of recordsMeant(each, bodies)) {
			const own = sentences.get(place) ?? new Set();
			sentences.set(place, own.add(sentence));
		}
	}
	const inOrder = Array.from(sentences).sort(([a], [b]) => a - b);
	const named = new Map(inOrder.map(([place, own]) => [place, Array.from(own)]));
	const isUntold = refused.length > 0 && named.size === 0 && batch.length > 1;
	const advice = `EyeCloud Pro does not say which of the ${batch.length} items it means, and they do not tell. Nothing of this batch was created. Set a smaller 'Batch Size' to find out.`;
	return { error, named, ...(isUntold && { advice }) };
}

function adviceOn(bodyKey: string | null): string {
	if (bodyKey === '') {
		return "EyeCloud Pro takes the list itself: leave the option 'Body Key' empty. Nothing was created.";
	}
	const name = bodyKey === null ? ' to its name, e.g. patients' : ` to ${bodyKey}`;
	return `EyeCloud Pro takes the list under a name: set the option 'Body Key'${name}. Nothing was created.`;
}

/** How it reads: what happened, each reason with its items, and what to do. */
function toldOf(batch: OperationRun[], { error: thrown, named, advice }: Refusal) {
	const { functions, resource } = batch[0];
	const error = toNodeError(thrown, functions.getNode(), { resource });
	const isUnknown = thrown instanceof ApiError && thrown.kind === 'outcomeUnknown';
	const size = batch.length;
	const reasons = namedLines(batch, named);
	if (named.size > 0) {
		const were = named.size === 1 ? 'was' : 'were';
		return {
			message: `${named.size} of ${size} items ${were} refused, so none of the ${size} was created`,
			reasons,
			advice: advice ?? 'Correct these items and run it again.',
		};
	}
	const records = size === 1 ? 'record' : 'records';
	const message = isUnknown
		? `It is unknown whether EyeCloud Pro created the ${size} ${records} of this batch`
		: error.message;
	return { message, reasons, advice: advice ?? error.description ?? '' };
}

/** About all of the batch, with what was created before it. */
export function batchError(
	batch: OperationRun[],
	refusal: Refusal,
	done: DoneWork,
): NodeApiError | NodeOperationError {
	const [{ functions, itemIndex }] = batch;
	const { message, reasons, advice } = toldOf(batch, refusal);
	const place = refusal.named.size > 0 ? '' : placeOf(batch);
	const last = [advice, place, createdBefore(done)].filter(Boolean).join(' ');
	const [own] = batch.length === 1 ? refusal.named.values() : [];
	const shown = own ? shortened(capitalized(own.join('; '))) : message;
	// n8n shows a description as HTML.
	const description = shortened([...(own ? [] : reasons), last].join('<br>'));
	return new NodeApiError(functions.getNode(), { message: shown } as JsonObject, {
		...{ message: shown, description },
		itemIndex: batch.length === 1 ? itemIndex : undefined,
	});
}

function capitalized(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The items that must be left out of a new start. */
function createdBefore(done: DoneWork): string {
	const created = Array.from(done.all(), ({ items }) => items)
		.flat()
		.sort((a, b) => a - b);
	if (created.length === 0) return '';
	return `Created before it, and in EyeCloud Pro already: ${created.length} of the items, ${rangesOf(created)}.`;
}

/** As people count: from 1. */
function rangesOf(items: number[]): string {
	const ranges: Array<[number, number]> = [];
	for (const item of items) {
		const last = ranges[ranges.length - 1];
		if (last?.[1] === item - 1) last[1] = item;
		else ranges.push([item, item]);
	}
	return ranges
		.map(([from, to]) => (from === to ? `${from + 1}` : `${from + 1} to ${to + 1}`))
		.join(', ');
}

/** Which batch it was, where there are several. */
function placeOf(batch: OperationRun[]): string {
	if (batch.length === batch[0].functions.getInputData().length) return '';
	const [first, last] = [batch[0], batch[batch.length - 1]].map(({ itemIndex }) => itemIndex + 1);
	return `It was the batch from item ${first} to item ${last}.`;
}

/** Each reason once, with its items: all rows of a table may have the same one. */
function namedLines(batch: OperationRun[], named: Refusal['named']): string[] {
	const told = Array.from(named, ([index, messages]) =>
		messages.map((message) => ({ message, item: batch[index].itemIndex })),
	).flat();
	const reasons = Array.from(groupedBy(told, ({ message }) => message));
	const lines = reasons.slice(0, MOST_NAMED).map(([message, same]) => {
		const items = same.map(({ item }) => item);
		return `${items.length === 1 ? 'Item' : 'Items'} ${rangesOf(items)}: ${message}`;
	});
	const more = reasons.length - lines.length;
	return more > 0 ? [...lines, `And ${more} more`] : lines;
}

/**
 * One failed item for each of the batch.
 *
 * @throws NodeApiError about all of them where that ends the node
 */
export function failedItems(
	batch: OperationRun[],
	refusal: Refusal,
	done: DoneWork,
): INodeExecutionData[] {
	if (endsAtFailure(batch[0].functions)) throw batchError(batch, refusal, done);
	const { message, reasons, advice } = toldOf(batch, refusal);
	const description = shortened([...reasons, advice].join('. '));
	return batch.map(({ itemIndex }, index) => {
		const own = refusal.named.get(index);
		const error = own ? shortened(`Not created: ${own.join(', ')}`) : message;
		return {
			json: { error, message: own ? advice : description },
			pairedItem: { item: itemIndex },
		};
	});
}
