// Check API: where EyeCloud Pro is otherwise than this node expects, found out by reading a little of each
// resource. For the owner of a real credential, once; nothing is changed.
import type { IDataObject } from 'n8n-workflow';

import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { resources } from '../catalogue';
import { withDifferences, type Differences } from '../catalogue/differences';
import type { Resource } from '../catalogue/resource';
import { scopeNames, unknownPaths } from '../catalogue/scopes';
import { optionsField } from '../parameters/options';
import { differencesOf } from '../parameters/resourceChoice';
import {
	differencesFound,
	itemOf,
	reportColumns,
	reportItem,
	summaryOf,
	type Checked,
} from './checkReport';
import type { ItemOperation } from './operation';
import { checkResource, type AnswerTo } from './resourceCheck';

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
		const known = memory.get(key) as IDataObject[] | undefined;
		const items = known ?? (await checkCatalogue(client, differencesOf(client)));
		memory.set(key, items);
		return items;
	},
};

/**
 * What all come to, one item for each resource, and the report.
 *
 * @param differences what is known to differ already
 * @throws what ends every request alike, such as a wrong secret
 */
async function checkCatalogue(client: Client, differences: Differences): Promise<IDataObject[]> {
	const answerTo: AnswerTo = async (segments, query) => await client.answerTo({ segments, query });
	// As far as the token tells by then.
	const scopesNow = async () => (await client.token.claims()).scopes;
	const checked: Checked[] = [];
	let told: readonly string[] | undefined;
	for (const known of resources) {
		const resource = withDifferences(known, differences);
		const scopes = (await scopesNow()) ?? told;
		const names = scopeNames(resource, 'read');
		if (scopes && !names.some((name) => scopes.includes(name))) {
			checked.push({ resource, unchecked: `The credential lacks the scope '${names[0]}'.` });
			continue;
		}
		// Where nothing has answered so far, nothing will.
		const hasAnswered = checked.some(({ facts }) => facts);
		const others = async () => elsewhere(known, (await scopesNow()) ?? told);
		const outcome = await checkResource(answerTo, resource, others).catch((thrown: unknown) => {
			const isAlone = thrown instanceof ApiError && thrown.kind === 'unreachable';
			if (hasAnswered && isAlone) return { unchecked: `${thrown.message}.` };
			throw thrown;
		});
		if ('grantedScopes' in outcome) told ??= outcome.grantedScopes;
		checked.push({ resource, ...outcome });
	}
	const found = differencesFound(checked, differences);
	const moved = resources.map((resource) => withDifferences(resource, found));
	const unknown = unknownPaths((await scopesNow()) ?? told ?? [], moved);
	const isDifferent = JSON.stringify(found) !== JSON.stringify(differences);
	const summary = summaryOf(checked, isDifferent ? found : undefined, unknown);
	const report = { api_differences: found, unknown_paths: unknown };
	return [summary, ...checked.map(itemOf), reportItem(checked, report, summary.as_expected)];
}

/** Where a resource may be instead: under its name as people write it, or at a path that only a scope speaks of. */
function elsewhere(
	{ path, displayNamePlural }: Resource,
	scopes: readonly string[] = [],
): string[][] {
	const words = displayNamePlural.toLowerCase().split(/\W+/);
	const names = words.length > 1 ? [words.join('-'), words.join('_')] : [];
	const spelled = names.filter((name) => name !== path.at(-1));
	const spoken = unknownPaths(scopes, resources).filter(({ verbs }) => verbs.includes('read'));
	return [
		...spelled.map((name) => [...path.slice(0, -1), name]),
		...spoken.map((unknown) => unknown.path.slice(1).split('/')),
	];
}
