// Update: the fields that the user maps, on one record; the others stay as they are.
import type { IDataObject } from 'n8n-workflow';

import { asId, isNothingDone, recordIn } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { ApiError, CancelledError } from '../api/errors';
import { allowEmptyValuesOption, bodyOf, columnsFields } from '../parameters/columns';
import type { ItemOperation } from './operation';
import { inSentence, oneInSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { valuesOf } from '../parameters/matching';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { recordIdField, recordIdOf } from '../parameters/recordId';
import type { OperationRun } from '../parameters/run';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';
import { forgetCreated } from './createdByTools';
import { doneTo, inTurn, nothingDone } from './written';

export const update: ItemOperation = {
	value: 'update',
	displayName: 'Update',
	verb: 'update',
	isOverlapping: true,
	isRepeatable: true,
	action: (resource) => `Update ${oneInSentence(resource.displayName)}`,
	description: (resource) => `Change fields of one ${inSentence(resource.displayName)}`,
	fields: (resource) => [
		recordIdField(resource),
		...columnsFields,
		...toolOutputFields,
		optionsField([allowEmptyValuesOption, dryRunOption]),
	],
	async execute(run) {
		const request = await updateOf(run, recordIdOf(run), bodyOf(run));
		if (isDryRun(run)) return [describeRequest(run, request)];
		const shown = outputOfWritten(run);
		return await inTurn(run, request.segments, async () => [shown(await updated(run, request))]);
	},
};

/**
 * The request that changes these fields of the record. PUT replaces a record, so all of it is sent as it is now.
 *
 * @throws ApiError where the record has to be read for it, and can't be
 */
export async function updateOf(
	{ client, resource }: OperationRun,
	id: string,
	changes: IDataObject,
): Promise<ApiRequest> {
	const segments = [...resource.path, id];
	const method = resource.updateMethod ?? 'PATCH';
	if (method !== 'PUT') return { method, segments, body: changes, isUpdate: true };
	const record = recordIn(await client.request({ method: 'GET', segments }));
	if (record) return { method, segments, body: { ...record, ...changes }, isUpdate: true };
	throw new ApiError('unreadable', 'The record can not be read, so it was not changed', {
		description:
			"'API Differences' says that PUT changes a record. PUT replaces all of it, and what is in it now is not known.",
	});
}

/**
 * Sends it.
 *
 * @throws ApiError `notFound` where the API says that it changed nothing, and the record is otherwise
 */
export async function updated(run: OperationRun, request: ApiRequest): Promise<IDataObject> {
	const answer = await run.client.request(request);
	forgetCreated(run);
	const record = recordIn(answer) ?? (await readBack(run, request.segments));
	if (isNothingDone(answer) && !isAsSent(run, record, request.body as IDataObject)) {
		throw nothingDone('changed');
	}
	return record;
}

/** Databases count a record that had these values before as one that was not changed. */
function isAsSent(run: OperationRun, record: IDataObject, sent: IDataObject): boolean {
	const names = Object.keys(sent);
	const [now, wanted] = [record, sent].map((each) => valuesOf(run, names, each));
	return now.every((value, index) => value === wanted[index]);
}

/** Whether an update answers the record is not documented. It is made, whatever becomes of looking at it. */
async function readBack(run: OperationRun, segments: readonly string[]): Promise<IDataObject> {
	const id = asId(segments[segments.length - 1]);
	const answer = await run.client.request({ method: 'GET', segments }).catch((thrown: unknown) => {
		if (thrown instanceof CancelledError) throw thrown;
		return undefined;
	});
	return recordIn(answer) ?? (await doneTo(run, 'updated', id));
}
