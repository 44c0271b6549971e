// Update: the fields that the user maps, on one record; the others stay as they are.
import type { IDataObject } from 'n8n-workflow';

import { asId, recordIn } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { CancelledError } from '../api/errors';
import { allowEmptyValuesOption, bodyOf, columnsFields } from '../parameters/columns';
import type { ItemOperation } from './operation';
import { inSentence, oneInSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { recordIdField, recordIdOf } from '../parameters/recordId';
import type { OperationRun } from '../parameters/run';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';
import { doneTo, inTurn } from './written';

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
		const { client, resource } = run;
		const segments = [...resource.path, recordIdOf(run)];
		const request: ApiRequest = {
			method: resource.updateMethod ?? 'PATCH',
			segments,
			body: bodyOf(run),
			isUpdate: true,
		};
		if (isDryRun(run)) return [describeRequest(client, request)];
		const shown = outputOfWritten(run);
		return await inTurn(run, segments, async () => {
			const record = recordIn(await client.request(request)) ?? (await readBack(run, segments));
			return [shown(record)];
		});
	},
};

/** Whether an update answers the record is not documented. It is made, whatever becomes of looking at it. */
async function readBack(run: OperationRun, segments: string[]): Promise<IDataObject> {
	const id = asId(segments[segments.length - 1]);
	const answer = await run.client.request({ method: 'GET', segments }).catch((thrown: unknown) => {
		if (thrown instanceof CancelledError) throw thrown;
		return undefined;
	});
	return recordIn(answer) ?? (await doneTo(run, 'updated', id));
}
