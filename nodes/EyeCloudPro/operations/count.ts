// Count: how many records match, by one request.
import { readPage, SMALLEST_PAGE } from '../api/page';
import { filterQuery, filtersField, ignoreEmptyFiltersOption } from '../parameters/filters';
import { tellIgnoredFilters } from '../parameters/ignoredFilters';
import type { ItemOperation } from './operation';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';

export const count: ItemOperation = {
	value: 'count',
	displayName: 'Count',
	verb: 'read',
	isOverlapping: true,
	action: (resource) => `Count ${inSentence(resource.displayNamePlural)}`,
	description: (resource) =>
		`Get the number of ${inSentence(resource.displayNamePlural)}, all or filtered`,
	fields: (resource) => [filtersField(resource), optionsField([ignoreEmptyFiltersOption])],
	async execute(run) {
		const query = filterQuery(run);
		const segments = run.resource.path;
		const page = { page: 1, pageSize: SMALLEST_PAGE };
		const { records, totalCount } = await readPage(run.client, { segments, query }, page);
		await tellIgnoredFilters(run, { query, records, total: totalCount });
		return [{ count: totalCount }];
	},
};
