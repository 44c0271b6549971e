// Find or Create: looks for the record first, and creates it only where there is none.
import type { IDataObject } from 'n8n-workflow';

import { bodyOf, columnsFields, columnsOptions, prepareHeadings } from '../parameters/columns';
import { createExclusively } from '../parameters/concurrentCreates';
import { matchFor, matchOnField, type Match } from '../parameters/matching';
import { MatchSearch } from '../parameters/matchSearch';
import type { ItemOperation } from './operation';
import { recordProperties } from './outputSchema';
import type { OperationRun } from '../parameters/run';
import { inSentence } from '../catalogue/names';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { createForMatch, refuseUnknown } from './createForMatch';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';

export const findOrCreate: ItemOperation = {
	value: 'findOrCreate',
	displayName: 'Find or Create',
	verb: 'create',
	isRepeatable: true,
	isOverlapping: true,
	action: (resource) => `Find or create ${inSentence(resource.displayName)}`,
	description: (resource) =>
		`Look for one ${inSentence(resource.displayName)} by the fields you choose, and create it if there is none`,
	outputSchema: (resource) => ({
		...recordProperties(resource),
		_created: { type: 'boolean' },
	}),
	fields: (resource) => [
		matchOnField,
		...columnsFields(resource),
		...toolOutputFields,
		optionsField([...columnsOptions, dryRunOption]),
	],
	prepare: prepareHeadings,
	async execute(run) {
		const body = bodyOf(run);
		// Refuses what can't be sent before it is compared.
		run.client.endpointOf({ segments: run.resource.path, body });
		const match = matchFor(run, body);
		const shown = outputOfWritten(run);
		const { _created, ...record } = await run.itemOrder.runExclusive(
			run.itemIndex,
			match.key,
			async () => await findOrCreateOne(run, body, match),
		);
		// Without it, it is the description of a request.
		return [_created === undefined ? record : { ...shown(record), _created }];
	},
};

async function findOrCreateOne(
	run: OperationRun,
	body: IDataObject,
	match: Match,
): Promise<IDataObject> {
	// Two input items that mean the same new record create one.
	const known = isDryRun(run) ? undefined : run.createdByMatch[match.key]?.record;
	if (known) return { ...known, _created: false };

	const search = new MatchSearch(run, match);
	const found = await search.findMatch();
	if (found) return { ...found, _created: false };
	if (isDryRun(run)) {
		return describeRequest(run, { method: 'POST', segments: run.resource.path, body });
	}
	refuseUnknown(run, match);
	// Looked for several at a time, created one after the other, in the order of the input.
	await run.itemOrder.afterEarlierOf(run.itemIndex);
	return await createExclusively(run, async () => {
		const foundNow = await search.findMatchAgain();
		if (foundNow) return { ...foundNow, _created: false };
		const record = await createForMatch(run, body, match);
		return { ...record, _created: !run.toolNotes.isRepeated };
	});
}
