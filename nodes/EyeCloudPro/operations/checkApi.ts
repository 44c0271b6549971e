// Check API: where EyeCloud Pro is otherwise than this node expects, found out by reading a little of each
// resource. For the owner of a real credential, once; nothing is changed.
import type { IDataObject } from 'n8n-workflow';

import type { Client } from '../api/client';
import { optionsField } from '../parameters/options';
import { differencesOf } from '../parameters/resourceChoice';
import type { ItemOperation } from './operation';
import { checkCatalogue, itemsOf } from './catalogueCheck';
import { reportColumns } from './checkReport';

export const checkApi: ItemOperation = {
	value: 'checkApi',
	displayName: 'Check API',
	verb: 'access',
	action: () => 'Check API',
	description: () =>
		'Find out where EyeCloud Pro is otherwise than this node expects, by at most three small requests for each resource; nothing is changed',
	outputSchema: () => reportColumns,
	fields: () => [optionsField()],
	async execute({ client, memory }) {
		// Items of the same practice are answered alike.
		const key = `checked ${client.identity}`;
		const items = (memory.get(key) as IDataObject[] | undefined) ?? (await check(client));
		memory.set(key, items);
		return items;
	},
};

async function check(client: Client): Promise<IDataObject[]> {
	const whole = await checkCatalogue(
		async (segments, query) => await client.answerTo({ segments, query }),
		differencesOf(client),
		async () => (await client.token.claims()).scopes,
	);
	return itemsOf(whole);
}
