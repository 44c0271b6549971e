// Create: one record from the fields that the user maps. Sent once, whatever happens; where the outcome is unknown, it can
// look in the list for what was sent.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { ApiError } from '../api/errors';
import { readList } from '../api/pagination';
import { inSentence } from '../catalogue/names';
import { bodyOf, columnsFields, columnsOptions, prepareHeadings } from '../parameters/columns';
import { describeRequest, dryRunOption, isDryRun } from '../parameters/dryRun';
import { filterQueries, isMatch } from '../parameters/matchSearch';
import { optionsField } from '../parameters/options';
import { outputOfWritten, toolOutputFields } from '../parameters/output';
import { parameterOf } from '../parameters/parameterValue';
import type { OperationRun } from '../parameters/run';
import { createOnce } from './createdByTools';
import { recordProperties, type ItemOperation } from './operation';
import { createdRecord } from './writeResult';

const lookWhetherItExistsOption: INodeProperties = {
	displayName: 'Look Whether It Exists',
	name: 'lookWhetherItExists',
	type: 'boolean',
	default: false,
	description:
		'Whether to look in EyeCloud Pro when it is unknown if the record was created, and to return it if it is there. A record that was there before with the same values counts as well. It is never sent again.',
};

export const create: ItemOperation = {
	value: 'create',
	displayName: 'Create',
	verb: 'create',
	action: (resource) => `Create ${inSentence(resource.displayName)}`,
	description: (resource) => `Create a new ${inSentence(resource.displayName)}`,
	outputSchema: recordProperties,
	fields: (resource) => [
		...columnsFields(resource),
		...toolOutputFields,
		optionsField([...columnsOptions, dryRunOption, lookWhetherItExistsOption]),
	],
	prepare: prepareHeadings,
	async execute(run) {
		const { resource } = run;
		const body = bodyOf(run);
		const request: ApiRequest = { method: 'POST', segments: resource.path, body };
		if (isDryRun(run)) return [describeRequest(run, request)];
		const shown = outputOfWritten(run);
		const readRecord = async (answer: Answer) => [await createdRecord(run, answer, body)];
		const { functions, itemIndex, unknownBefore } = run;
		const { name, displayName } = lookWhetherItExistsOption;
		const isLooking = parameterOf(functions, 'options', itemIndex)
			.property(name)
			.boolean(displayName, false);
		const sent = unknownBefore
			? Promise.reject(unknownBefore)
			: createOnce(run, request, readRecord);
		const [record] = await sent.catch(async (thrown: unknown) => {
			if (!isLooking) throw thrown;
			return [await recordSent(run, request, thrown)];
		});
		return [shown(record)];
	},
};

/**
 * The record that was sent with unknown outcome.
 *
 * @param thrown what the creation threw, now or in an earlier try
 * @throws the same where it is anything else, and ApiError `outcomeUnknown` where none is there, or several
 */
async function recordSent(
	run: OperationRun,
	{ body }: ApiRequest,
	thrown: unknown,
): Promise<IDataObject> {
	if (!(thrown instanceof ApiError) || thrown.kind !== 'outcomeUnknown') throw thrown;
	const sent = body as IDataObject;
	const missing = new Set<string>();
	const records = await recordsLike(run, sent, missing).catch((failed: unknown): never => {
		if (!(failed instanceof ApiError)) throw thrown;
		const why = ` Looking for it did not work: ${failed.message}.`;
		throw new ApiError(thrown.kind, thrown.message, {
			...thrown,
			description: `${thrown.description ?? ''}${why}`.trim(),
		});
	});
	if (records.length === 1) return records[0];
	const why =
		missing.size > 0
			? ` Records have no field ${Array.from(missing).join(', ')}, so that could not be compared.`
			: '';
	throw new ApiError(
		'outcomeUnknown',
		records.length === 0
			? 'EyeCloud Pro has no record with all of these values'
			: `EyeCloud Pro has ${records.length} records with all of these values`,
		{
			statusCode: thrown.statusCode,
			description:
				records.length === 0
					? `It did not say whether it created it.${why} A slow server may still bring it: look once more before you run this item again.`
					: "It did not say whether it created another one. Look with 'Get Many' which is the new one, and leave this item out when you run it again.",
		},
	);
}

/**
 * The records that equal what was sent, in the fields that records have; found by a filter, or in the whole list.
 *
 * @param missing gets the fields that were filtered by, and that none of the records has
 */
async function recordsLike(
	run: OperationRun,
	sent: IDataObject,
	missing: Set<string>,
): Promise<IDataObject[]> {
	const { client, resource } = run;
	const list = { segments: resource.path, idFields: resource.idFields };
	const names = Object.keys(sent).filter((name) => typeof sent[name] !== 'object');
	const given = names.filter((name) => Boolean(sent[name]));
	const queries = filterQueries(resource, { fields: given, body: sent });
	for (const query of queries.length > 0 ? queries : [{}]) {
		const records = await readList(client, { ...list, query });
		// A record must have the field that was filtered by, as the API may ignore the filter.
		const fields = names.filter((name) => {
			const isThere = records.some((record) => Object.hasOwn(record, name));
			if (name in query && !isThere && records.length > 0) missing.add(name);
			return name in query || isThere;
		});
		const alike = records.filter((record) => isMatch(run, { fields, body: sent }, record));
		if (alike.length > 0 && fields.length > 0) return alike;
	}
	return [];
}
