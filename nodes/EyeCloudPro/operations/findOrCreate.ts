// Find or Create: looks for the record first, and creates it only where there is none. What it creates is remembered by
// the match, as by Create or Update: two items, or two tries, that mean the same record create one.
import type { IDataObject } from 'n8n-workflow';

import type { Answer } from '../api/answer';
import { shownField } from '../catalogue/fieldNames';
import { inSentence } from '../catalogue/names';
import { bodyOf, columnsFields, columnsOptions, prepareHeadings } from '../parameters/columns';
import { createExclusively } from '../parameters/concurrentCreates';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';
import { matchFor, matchOnField, type Match } from '../parameters/matching';
import { MatchSearch, unknownBySame } from '../parameters/matchSearch';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import type { OperationRun } from '../parameters/run';
import { createOnce } from './createdByTools';
import { isPossiblyDone } from './idempotency';
import { recordProperties, type ItemOperation } from './operation';
import { createdRecord } from './writeResult';

export const findOrCreate: ItemOperation = {
	value: 'findOrCreate',
	displayName: 'Find or Create',
	verb: 'create',
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
		optionsField([...columnsOptions, dryRunOption]),
	],
	prepare: prepareHeadings,
	async execute(run) {
		const body = bodyOf(run);
		// Refuses what can't be sent before it is compared.
		run.client.endpointOf({ segments: run.resource.path, body });
		const match = matchFor(run, body);
		const shown = outputOfWritten(run);
		const { _created, ...record } = await run.itemOrder.runExclusive(
			run.itemIndex,
			match.key,
			async () => await findOrCreateOne(run, body, match),
		);
		// Without it, it is the description of a request.
		return [_created === undefined ? record : { ...shown(record), _created }];
	},
};

async function findOrCreateOne(
	run: OperationRun,
	body: IDataObject,
	match: Match,
): Promise<IDataObject> {
	// Two input items that mean the same new record create one.
	const known = isDryRun(run) ? undefined : run.createdByMatch[match.key]?.record;
	if (known) return { ...known, _created: false };

	const search = new MatchSearch(run, match);
	const found = await search.findMatch();
	if (found) return { ...found, _created: false };
	if (isDryRun(run)) {
		return describeRequest(run, { method: 'POST', segments: run.resource.path, body });
	}
	refuseUnknown(run, match);
	// Looked for several at a time, created one after the other, in the order of the input.
	await run.itemOrder.afterEarlierOf(run.itemIndex);
	return await createExclusively(run, async () => {
		const foundNow = await search.findMatchAgain();
		if (foundNow) return { ...foundNow, _created: false };
		const record = await createForMatch(run, body, match);
		return { ...record, _created: !run.toolNotes.isRepeated };
	});
}

/** @throws ApiError where it is unknown whether it was created before: a slow server may still bring it */
export function refuseUnknown(
	{ unknownBefore, createdByMatch }: OperationRun,
	{ key }: Match,
): void {
	if (unknownBefore) throw unknownBefore;
	if (createdByMatch[key]) throw unknownBySame();
}

/** @throws whatever the request throws; by the match it is remembered whether the record may be there */
export async function createForMatch(
	run: OperationRun,
	body: IDataObject,
	match: Match,
): Promise<IDataObject> {
	const request = { method: 'POST', segments: run.resource.path, body } as const;
	const read = async (answer: Answer) => [await createdRecord(run, answer, body)];
	run.createdByMatch[match.key] = {};
	const [record] = await createOnce(run, request, read, { matchKey: match.key }).catch(
		(thrown: unknown): never => {
			noteNotCreated(run, match, thrown);
			throw thrown;
		},
	);
	run.createdByMatch[match.key] = { record };
	tellOfLostFields(run, match, record);
	return record;
}

/** An API that drops a field it does not know would be asked to create the same record at each run. */
function tellOfLostFields(run: OperationRun, { fields, body }: Match, record: IDataObject): void {
	const has = (field: string) => Object.hasOwn(record, field);
	// An answer of an ID alone says nothing of the fields.
	const isWhole = Object.keys(body).some(has);
	const lost = isWhole ? fields.filter((field) => !has(field)) : [];
	const key = `lost ${lost.join()}`;
	if (lost.length === 0 || run.memory.has(key)) return;
	run.memory.set(key, true);
	const names = lost.map((field) => shownField(field, run.resource)).join(', ');
	run.functions.addExecutionHints({
		location: 'outputPane',
		message: `What was created came back without ${names}, which 'Match On' names, so the next run may not find it and create it again. Choose fields that Get Many shows without 'Simplify'.`,
	});
}

/** After a creation that threw: forgotten, unless it may be done. */
export function noteNotCreated(run: OperationRun, { key }: Match, thrown: unknown): void {
	if (!isPossiblyDone(thrown)) delete run.createdByMatch[key];
}
