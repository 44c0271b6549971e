// Create: one record from the fields that the user maps. Sent once, whatever happens.
import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { bodyOf, columnsFields, columnsOptions, prepareHeadings } from '../parameters/columns';
import type { ItemOperation } from './operation';
import { recordProperties } from './outputSchema';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { isToBeLookedFor, lookWhetherItExistsOption, recordSent } from './lookWhetherItExists';
import { createOnce } from './createdByTools';
import { createdRecord } from './writeResult';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';

export const create: ItemOperation = {
	value: 'create',
	displayName: 'Create',
	verb: 'create',
	// Never sent again: an earlier try is looked for, or its unknown outcome told once more.
	isRepeatable: true,
	action: (resource) => `Create ${inSentence(resource.displayName)}`,
	description: (resource) => `Create a new ${inSentence(resource.displayName)}`,
	outputSchema: recordProperties,
	fields: (resource) => [
		...columnsFields(resource),
		...toolOutputFields,
		optionsField([...columnsOptions, dryRunOption, lookWhetherItExistsOption]),
	],
	prepare: prepareHeadings,
	async execute(run) {
		const { resource } = run;
		const body = bodyOf(run);
		const request: ApiRequest = { method: 'POST', segments: resource.path, body };
		if (isDryRun(run)) return [describeRequest(run, request)];
		const shown = outputOfWritten(run);
		const read = async (answer: Answer) => [await createdRecord(run, answer, body)];
		const isToBeLooked = isToBeLookedFor(run);
		const { unknownBefore } = run;
		const sent = unknownBefore ? Promise.reject(unknownBefore) : createOnce(run, request, read);
		const [record] = await sent.catch(async (thrown: unknown) => {
			if (!isToBeLooked) throw thrown;
			return [await recordSent(run, request, thrown)];
		});
		return [shown(record)];
	},
};
