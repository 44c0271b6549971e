// Get: one record by its id, picked from a list or typed.
import { recordIn } from '../api/client';
import { inSentence, type Operation } from './operation';
import { recordIdField, recordIdOf } from './recordId';
import { forOutput, simplifyField } from './simplify';

export const get: Operation = {
	value: 'get',
	displayName: 'Get',
	verb: 'read',
	action: (resource) => `Get a ${inSentence(resource.displayName)}`,
	description: (resource) => `Retrieve one ${inSentence(resource.displayName)} by its ID`,
	fields: (resource) => [recordIdField(resource), simplifyField],
	async execute(run) {
		const body = await run.client.request({
			method: 'GET',
			segments: [...run.resource.path, recordIdOf(run)],
		});
		return forOutput([recordIn(body)], run);
	},
};
