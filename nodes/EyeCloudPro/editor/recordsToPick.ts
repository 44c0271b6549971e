// The records of a short list by name, for a column that holds the ID of one of them: the stores of a practice, the
// people who work there. Called by resourceMapping.ts.
import type { INodePropertyOptions } from 'n8n-workflow';

import type { Client } from '../api/client';
import { discoverShortList } from '../api/discovery';
import { idFieldOf, LARGEST_PAGE, readPage } from '../api/page';
import type { Resource } from '../catalogue/resource';
import { resourceOf } from '../parameters/resourceChoice';
import { listItem } from './listSearch';

/** Undefined where they are too many for a list, or can't be read, e.g. without the scope. */
export async function recordsToPick(
	client: Client,
	known: Resource,
): Promise<INodePropertyOptions[] | undefined> {
	if (!known.isShortList) return undefined;
	const resource = resourceOf(client, known);
	const { path: segments, idFields } = resource;
	return await discoverShortList(client, segments, async () => {
		const page = { page: 1, pageSize: LARGEST_PAGE };
		const { records, totalPages } = await readPage(client, { segments, query: {} }, page);
		if (totalPages > 1) return undefined;
		const options = records.flatMap((record): INodePropertyOptions[] => {
			const idField = idFieldOf(record, idFields);
			if (idField === undefined) return [];
			// As the API has it: a number is no text.
			return [{ name: listItem(record, resource).name, value: record[idField] as string | number }];
		});
		return options.sort((a, b) => a.name.localeCompare(b.name));
	}).catch(() => undefined);
}
