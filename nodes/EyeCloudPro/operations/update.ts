// Update: the fields that the user maps, on one record; the others stay as they are.
import type { IDataObject } from 'n8n-workflow';

import { asId, isNothingDone, recordIn } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { CancelledError } from '../api/errors';
import { allowEmptyValuesOption, bodyOf, columnsFields } from '../parameters/columns';
import type { ItemOperation } from './operation';
import { inSentence, oneInSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { valuesOf } from '../parameters/matching';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { recordIdField, recordIdOf } from '../parameters/recordId';
import type { OperationRun } from '../parameters/run';
import type { Resource } from '../catalogue/resource';
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
		const { resource } = run;
		const request = updateOf(resource, recordIdOf(run), bodyOf(run));
		if (isDryRun(run)) return [describeRequest(run, request)];
		const shown = outputOfWritten(run);
		return await inTurn(run, request.segments, async () => [shown(await updated(run, request))]);
	},
};

/** The request that changes these fields of the record. */
export function updateOf(resource: Resource, id: string, body: IDataObject): ApiRequest {
	const method = resource.updateMethod ?? 'PATCH';
	return { method, segments: [...resource.path, id], body, isUpdate: true };
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
