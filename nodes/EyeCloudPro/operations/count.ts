// Count: how many records match, by one request.
import { countList } from '../api/page';
import { filterQuery, filtersField } from './filters';
import { inSentence, type ItemOperation } from './operation';
import { optionsField } from './options';

export const count: ItemOperation = {
	value: 'count',
	displayName: 'Count',
	verb: 'read',
	action: (resource) => `Count ${inSentence(resource.displayNamePlural)}`,
	description: (resource) =>
		`Get the number of ${inSentence(resource.displayNamePlural)}, all or filtered`,
	fields: (resource) => [filtersField(resource), optionsField()],
	async execute(run) {
		const query = filterQuery(run);
		return [{ count: await countList(run.client, { segments: run.resource.path, query }) }];
	},
};
