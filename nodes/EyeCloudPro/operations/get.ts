// Get: one record by its id, picked from a list or typed.
import { recordAskedFor } from '../api/answer';
import { sameRecord } from './oneRecord';
import { type ItemOperation, recordProperties } from './operation';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { forOutput, outputFields } from '../parameters/output';
import { recordIdField, recordIdOf } from '../parameters/recordId';

export const get: ItemOperation = {
	value: 'get',
	displayName: 'Get',
	verb: 'read',
	isOverlapping: true,
	action: (resource) => `Get ${inSentence(resource.displayName)}`,
	description: (resource) => `Retrieve one ${inSentence(resource.displayName)} by its ID`,
	outputSchema: recordProperties,
	fields: (resource) => [recordIdField(resource), ...outputFields, optionsField()],
	async execute(run) {
		const id = recordIdOf(run);
		const segments = [...run.resource.path, id];
		const { body } = await run.client.request({ method: 'GET', segments });
		return forOutput([sameRecord(run, recordAskedFor(body), id)], run);
	},
};
