// Create Many: all input items in one atomic request, or in batches, each atomic.
import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { endsAtFailure } from '../aiTool';
import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { countsBySize } from '../api/bodySize';
import {
	columnsFields,
	columnsOptions,
	convertColumns,
	prepareHeadings,
	sentenceOf,
} from '../parameters/columns';
import { type AllItemsOperation, recordProperties } from './operation';
import type { OperationRun } from '../parameters/run';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputOfWritten, bodyForOutput, toolOutputFields } from '../parameters/output';
import { batchError, failedItems, refusalBy, someCanNotBeSent, type Refusal } from './refusedBatch';
import { groupedBy } from './groupedBy';
import { paired, type DoneWork } from './idempotency';
import { createOnce } from './createdByTools';
import { createdRecords } from './writeResult';
import { toNodeError } from '../nodeError';
import { parameterOf } from '../parameters/parameterValue';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';

/** The options of Create Many and of Create or Update. */
export const batchOptions: INodeProperties[] = [
	{
		displayName: 'Batch Size',
		name: 'batchSize',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'How many items to send in one request; 0 sends all that fit into 100 kB. Each request is created as a whole or not at all.',
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
];

export const createMany: AllItemsOperation = {
	value: 'createMany',
	displayName: 'Create Many',
	verb: 'create',
	action: (resource) => `Create many ${inSentence(resource.displayNamePlural)}`,
	description: (resource) =>
		`Create ${inSentence(resource.displayNamePlural)} from all input items in one request, or in several where they are large: each as a whole or not at all`,
	outputSchema: recordProperties,
	fields: (resource) => [
		...columnsFields(resource),
		...toolOutputFields,
		optionsField([...columnsOptions, ...batchOptions, dryRunOption]),
	],
	prepare: prepareHeadings,
	async executeAll(runs, done) {
		const output: INodeExecutionData[] = [];
		const chosen = batchesOf(runs, done).map((batch) => ({ ...batch, ...convert(batch.runs) }));
		const batches = chosen.flatMap(bySize);
		if (batches.length > chosen.length) showSplit(runs[0], batches.length);
		if (runs[0] && endsAtFailure(runs[0].functions)) refuseKnownBad(batches, done);
		for (const batch of batches) {
			const [first] = batch.runs;
			const result = await createBatch(batch, done, (records) =>
				records.map(outputOfWritten(first)),
			);
			const items =
				'items' in result ? result.items : failedItems(batch.runs, result.refusal, done);
			for (const item of items) output.push(item);
		}
		return output;
	},
};

export interface Batch {
	runs: OperationRun[];
	isDryRun: boolean;
	/** Why none of it can be sent. */
	error?: unknown;
}

export interface ConvertedBatch extends Batch {
	bodies: IDataObject[];
	/** What is wrong with single items. */
	wrong: Array<string[] | undefined>;
}

/** Refuses all batches where one holds a bad item, so that none is created before it is found. */
function refuseKnownBad(batches: ConvertedBatch[], done: DoneWork): void {
	for (const { runs, error } of batches) {
		if (error) throw batchError(runs, { error, named: new Map() }, done);
	}
	const all = batches
		.flatMap(({ runs, wrong }) => runs.map((run, place) => ({ run, wrong: wrong[place] })))
		.sort((a, b) => a.run.itemIndex - b.run.itemIndex);
	const named = namedIn(all.map(({ wrong }) => wrong));
	if (named.size === 0) return;
	const runs = all.map(({ run }) => run);
	throw batchError(runs, { error: someCanNotBeSent(), named }, done);
}

function namedIn(wrong: ConvertedBatch['wrong']): Refusal['named'] {
	const entries = wrong.flatMap((sentences, place) => (sentences ? [[place, sentences]] : []));
	return new Map(entries as Array<[number, string[]]>);
}

/** Items of one practice that are all to be sent, or all only to be shown; at most `batchSize` of them. */
export function batchesOf(runs: OperationRun[], done: DoneWork): Batch[] {
	const together = groupedBy(runs, (run) => {
		// What was sent together before, with unknown outcome, stays together.
		const sentWith = run.unknownBefore && done.itemsWith(run.itemIndex);
		const { client, resource } = run;
		return JSON.stringify([client.identity, resource.path, isOnlyShown(run), sentWith?.[0]]);
	});
	return Array.from(together.values(), intoBatches).flat();
}

function intoBatches(runs: OperationRun[]): Batch[] {
	const [{ functions, itemIndex, unknownBefore }] = runs;
	const isDryRun = isOnlyShown(runs[0]);
	if (unknownBefore && !isDryRun) return [{ runs, isDryRun, error: unknownBefore }];
	try {
		const chosen = parameterOf(functions, 'options', itemIndex).property('batchSize');
		const size = chosen.wholeNumber('Batch Size', 0) || runs.length;
		const count = Math.ceil(runs.length / size);
		return Array.from({ length: count }, (_, index) => {
			return { runs: runs.slice(index * size, (index + 1) * size), isDryRun };
		});
	} catch (error) {
		return [{ runs, isDryRun, error }];
	}
}

/** Splits a batch that is too large for one request. */
export function bySize(batch: ConvertedBatch): ConvertedBatch[] {
	if (batch.error) return [batch];
	let end = 0;
	return countsBySize(batch.bodies).map((count) => {
		const start = end;
		end += count;
		const [runs, bodies] = [batch.runs.slice(start, end), batch.bodies.slice(start, end)];
		return { ...batch, runs, bodies, wrong: batch.wrong.slice(start, end) };
	});
}

function showSplit({ functions }: OperationRun, requests: number): void {
	functions.addExecutionHints({
		location: 'outputPane',
		message: `The items were too large for one request, and went in ${requests}. Each was created as a whole or not at all.`,
	});
}

/** True also where Dry Run has no usable value: `convert` then says so, and nothing is sent. */
function isOnlyShown(run: OperationRun): boolean {
	try {
		return isDryRun(run);
	} catch {
		return true;
	}
}

/**
 * Creates a batch, or only shows the request in a dry run.
 *
 * @param shown turns the created records into the output, which is also what is remembered
 */
export async function createBatch(
	batch: ConvertedBatch,
	done: DoneWork,
	shown: (records: IDataObject[]) => IDataObject[],
): Promise<{ items: INodeExecutionData[] } | { refusal: Refusal }> {
	const { runs, bodies } = batch;
	const named = namedIn(batch.wrong);
	if (batch.error) return { refusal: { error: batch.error, named: new Map() } };
	if (named.size > 0) return { refusal: { error: someCanNotBeSent(), named } };
	const [{ functions, resource, itemIndex }] = runs;
	let key: string | undefined;
	try {
		const given = parameterOf(functions, 'options', itemIndex).property('bodyKey');
		const usual = given.value === '' ? '' : (resource.bodyKey ?? '');
		key = given.text('Body Key') ?? usual;
		const body = key ? { [key]: bodies } : bodies;
		const request: ApiRequest = { method: 'POST', segments: resource.path, body };
		const items = runs.map((run) => run.itemIndex);
		if (batch.isDryRun) {
			const pairedItem = items.map((item) => ({ item }));
			const shownBodies = bodies.map((one) => bodyForOutput(runs[0], one));
			const json = {
				...describeRequest(runs[0], { ...request, body: undefined }),
				body: key ? { [key]: shownBodies } : shownBodies,
			};
			return { items: [{ json, pairedItem }] };
		}
		const created = async (answer: Answer) => await createdRecords(runs[0], answer, bodies);
		const perform = async () => shown(await createOnce(runs[0], request, created, { bodies }));
		return { items: paired(items, await done.remember(items, runs[0], perform)) };
	} catch (error) {
		return { refusal: refusalBy(error, runs, { bodies, bodyKey: key ?? '' }) };
	}
}

function convert(batch: OperationRun[]): Pick<ConvertedBatch, 'bodies' | 'wrong'> {
	const converted = batch.map((run): { body: IDataObject; wrong?: string[] } => {
		try {
			isDryRun(run);
			outputOfWritten(run);
			const { body, unusable } = convertColumns(run);
			if (unusable.length > 0) return { body, wrong: unusable.map((one) => sentenceOf([one])) };
			return Object.keys(body).length > 0 ? { body } : { body, wrong: ['no field is filled in'] };
		} catch (thrown) {
			return { body: {}, wrong: [toNodeError(thrown, run.functions.getNode()).message] };
		}
	});
	const bodies = converted.map(({ body }) => body);
	return { bodies, wrong: converted.map(({ wrong }) => wrong) };
}
