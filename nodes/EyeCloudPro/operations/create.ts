// Create: one record from the fields that the user maps. Sent once, whatever happens.
import { recordIn } from '../api/client';
import { bodyOf, columnsField } from './columns';
import { inSentence, type Operation } from './operation';

export const create: Operation = {
	value: 'create',
	displayName: 'Create',
	verb: 'create',
	action: (resource) => `Create a ${inSentence(resource.displayName)}`,
	description: (resource) => `Create a new ${inSentence(resource.displayName)}`,
	fields: () => [columnsField()],
	async execute(run) {
		const body = await run.client.request({
			method: 'POST',
			segments: run.resource.path,
			body: bodyOf(run),
		});
		return [recordIn(body)];
	},
};
