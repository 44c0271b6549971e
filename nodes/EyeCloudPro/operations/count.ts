// Count: how many records match, by one request; by more where they are looked up, or the API's count can't be
// believed.
import { countList } from '../api/pagination';
import {
	filtered,
	filterQuery,
	filtersField,
	ignoreEmptyFiltersOption,
} from '../parameters/filters';
import { tellIgnoredFilters } from '../parameters/ignoredFilters';
import { lookedUp, lookUpField, lookUpRules } from '../parameters/lookUp';
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
	outputSchema: () => ({ count: { type: 'number' } }),
	fields: (resource) => [
		lookUpField,
		filtersField(resource, { isBesideLookUp: true }),
		optionsField([ignoreEmptyFiltersOption]),
	],
	async execute(run) {
		const lookUp = lookUpRules(run);
		const query = filterQuery(run, lookUp);
		if (lookUp.rules.length > 0) {
			const records = await filtered(run, lookedUp(run, lookUp.rules, { query }));
			await tellIgnoredFilters(run, { query, records });
			return [{ count: records.length }];
		}
		const { path: segments, idFields } = run.resource;
		const list = countList(run.client, { segments, query, idFields });
		const { records, totalCount } = await filtered(run, list);
		await tellIgnoredFilters(run, { query, records, total: totalCount });
		return [{ count: totalCount }];
	},
};
