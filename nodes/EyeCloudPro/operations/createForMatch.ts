// Creates the record that an item matches on, and remembers it by the match: two items, or two tries, that mean the
// same record create one. Used by Find or Create and by Create or Update, after they have looked.
import type { IDataObject } from 'n8n-workflow';

import type { Answer } from '../api/answer';
import { shownField } from '../catalogue/fieldNames';
import { announceMaybeCreated } from '../parameters/concurrentCreates';
import type { Match } from '../parameters/matching';
import type { OperationRun } from '../parameters/run';
import { unknownBySame } from '../parameters/matchSearch';
import { createOnce } from './createdByTools';
import { isPossiblyDone } from './idempotency';
import { createdRecord } from './writeResult';

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
	const isWhole = Object.keys(body).some(has) || Object.keys(record).length > FEW_FIELDS;
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

/** The ID, and what was done. */
const FEW_FIELDS = 3;

/** After a creation that threw: forgotten, unless it may be done. */
export function noteNotCreated(run: OperationRun, { key }: Match, thrown: unknown): void {
	if (isPossiblyDone(thrown)) announceMaybeCreated(run, key);
	else delete run.createdByMatch[key];
}
