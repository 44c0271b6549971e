// Find or Create: looks for the record first, and creates it only where there is none.
import type { IDataObject } from 'n8n-workflow';

import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import {
	allowEmptyValuesOption,
	bodyOf,
	columnsFields,
	prepareHeadings,
} from '../parameters/columns';
import { createExclusively, announceMaybeCreated } from '../parameters/concurrentCreates';
import { matchFor, matchOnField, type Match } from '../parameters/matching';
import { Search, unknownBySame } from '../parameters/search';
import type { ItemOperation } from './operation';
import { recordProperties } from './outputSchema';
import type { OperationRun } from '../parameters/run';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { isPossiblyDone } from './idempotency';
import { createOnce } from './createdByTools';
import { createdRecord } from './writeResult';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';

export const findOrCreate: ItemOperation = {
	value: 'findOrCreate',
	displayName: 'Find or Create',
	verb: 'create',
	isRepeatable: true,
	isOverlapping: true,
	action: (resource) => `Find or create ${inSentence(resource.displayName)}`,
	description: (resource) =>
		`Look for one ${inSentence(resource.displayName)} by the fields you choose, and create it if there is none`,
	outputSchema: (resource) => ({
		...recordProperties(resource),
		_created: { type: 'boolean' },
	}),
	fields: (resource) => [
		matchOnField,
		...columnsFields(resource),
		...toolOutputFields,
		optionsField([allowEmptyValuesOption, dryRunOption]),
	],
	prepare: prepareHeadings,
	async execute(run) {
		const request: ApiRequest = {
			method: 'POST',
			segments: run.resource.path,
			body: bodyOf(run),
		};
		// Refuses what can't be sent before it is compared.
		run.client.endpointOf(request);
		const match = matchFor(run, request.body as IDataObject);
		const shown = outputOfWritten(run);
		const { _created, ...record } = await run.itemOrder.runExclusive(
			run.itemIndex,
			match.key,
			async () => await findOrCreateOne(run, request, match),
		);
		// Without it, it is the description of a request.
		return [_created === undefined ? record : { ...shown(record), _created }];
	},
};

async function findOrCreateOne(
	run: OperationRun,
	request: ApiRequest,
	match: Match,
): Promise<IDataObject> {
	// Two input items that mean the same new record create one.
	const known = isDryRun(run) ? undefined : run.createdByMatch[match.key];
	if (known?.record) return { ...known.record, _created: false };

	const search = new Search(run, match);
	try {
		const found = await search.findMatch();
		if (found) return { ...found, _created: false };
		if (isDryRun(run)) return describeRequest(run, request);
		// A slow server may still bring it.
		if (run.unknownBefore) throw run.unknownBefore;
		if (known) throw unknownBySame();
		// Looked for several at a time, created one after the other, in the order of the input.
		await run.itemOrder.afterEarlierOf(run.itemIndex);
		return await createExclusively(run, async () => {
			const foundNow = await search.findMatchAgain();
			if (foundNow) return { ...foundNow, _created: false };
			return await createOne(run, request, match);
		});
	} finally {
		search.end();
	}
}

async function createOne(
	run: OperationRun,
	request: ApiRequest,
	match: Match,
): Promise<IDataObject> {
	run.createdByMatch[match.key] = {};
	const body = request.body as IDataObject;
	const read = async (answer: Answer) => [await createdRecord(run, answer, body)];
	const [record] = await createOnce(run, request, read, { matchKey: match.key }).catch(
		(thrown: unknown): never => {
			if (isPossiblyDone(thrown)) announceMaybeCreated(run, match.key);
			else delete run.createdByMatch[match.key];
			throw thrown;
		},
	);
	run.createdByMatch[match.key] = { record };
	return { ...record, _created: !run.toolNotes.isRepeated };
}
