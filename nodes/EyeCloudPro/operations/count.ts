// Count: how many records match, by one request.
import { countList } from '../api/page';
import { filterQuery, filtersField, ignoreEmptyFiltersOption } from '../parameters/filters';
import type { ItemOperation } from './operation';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';

export const count: ItemOperation = {
	value: 'count',
	displayName: 'Count',
	verb: 'read',
	action: (resource) => `Count ${inSentence(resource.displayNamePlural)}`,
	description: (resource) =>
		`Get the number of ${inSentence(resource.displayNamePlural)}, all or filtered`,
	fields: (resource) => [filtersField(resource), optionsField([ignoreEmptyFiltersOption])],
	async execute(run) {
		const query = filterQuery(run);
		return [{ count: await countList(run.client, { segments: run.resource.path, query }) }];
	},
};
