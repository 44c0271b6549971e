// Update: the fields that the user maps, on one record; the others stay as they are.
import type { ApiRequest } from '../api/client';
import { recordIn } from '../api/records';
import { allowEmptyValuesOption, bodyOf, columnsFields } from '../parameters/columns';
import type { ItemOperation } from './operation';
import { inSentence, oneInSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { recordIdField, recordIdOf } from '../parameters/recordId';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';

export const update: ItemOperation = {
	value: 'update',
	displayName: 'Update',
	verb: 'update',
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
		const request: ApiRequest = { method: 'PATCH', segments, body: bodyOf(run) };
		if (isDryRun(run)) return [describeRequest(client, request)];
		const shown = outputOfWritten(run);
		const answer = await client.request(request);
		// Whether an update answers the record is not documented.
		const isEmpty = answer === undefined || answer === '' || answer === null;
		const record = recordIn(isEmpty ? await client.request({ method: 'GET', segments }) : answer);
		return [shown(record)];
	},
};
