// Creates the record that an item matches on, and remembers it by the match: two items, or two tries, that mean the
// same record create one. Used by Find or Create and by Create or Update, after they have looked.
import type { IDataObject } from 'n8n-workflow';

import type { Answer } from '../api/answer';
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
	return record;
}

/** After a creation that threw: forgotten, unless it may be done. */
export function noteNotCreated(run: OperationRun, { key }: Match, thrown: unknown): void {
	if (isPossiblyDone(thrown)) announceMaybeCreated(run, key);
	else delete run.createdByMatch[key];
}
