// After a creation with unknown outcome: looks in the list for what was sent, and never sends it again. Used by
// Create, where its option is on.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { ApiRequest } from '../api/client';
import { ApiError } from '../api/errors';
import { readList } from '../api/pagination';
import { comparable, kindOf } from '../parameters/matching';
import { read } from '../parameters/read';
import type { OperationRun } from '../parameters/run';

export const lookWhetherItExistsOption: INodeProperties = {
	displayName: 'Look Whether It Exists',
	name: 'lookWhetherItExists',
	type: 'boolean',
	default: false,
	description:
		'Whether to look in EyeCloud Pro when it is unknown if the record was created, and to return it if it is there. A record that was there before with the same values counts as well. It is never sent again.',
};

/** @throws NodeOperationError for what is neither yes nor no, before anything is sent */
export function isToBeLookedFor({ functions, itemIndex }: OperationRun): boolean {
	const { name, displayName } = lookWhetherItExistsOption;
	return read(functions, 'options', itemIndex).at(name).boolean(displayName, false);
}

/**
 * The record that was sent with unknown outcome.
 *
 * @param thrown what the creation threw, now or in an earlier try
 * @throws the same where it is anything else, and ApiError `outcomeUnknown` where none is there, or several
 */
export async function recordSent(
	run: OperationRun,
	{ body }: ApiRequest,
	thrown: unknown,
): Promise<IDataObject> {
	if (!(thrown instanceof ApiError) || thrown.kind !== 'outcomeUnknown') throw thrown;
	const sent = body as IDataObject;
	const records = await recordsLike(run, sent).catch((failed: unknown): never => {
		if (!(failed instanceof ApiError)) throw failed;
		const why = ` Looking for it did not work: ${failed.message}.`;
		throw new ApiError(thrown.kind, thrown.message, {
			...thrown,
			description: `${thrown.description ?? ''}${why}`.trim(),
		});
	});
	if (records.length === 1) return records[0];
	throw new ApiError(
		'outcomeUnknown',
		records.length === 0
			? 'EyeCloud Pro has no record with all of these values'
			: `EyeCloud Pro has ${records.length} records with all of these values`,
		{
			statusCode: thrown.statusCode,
			description:
				records.length === 0
					? 'It did not say whether it created it. A slow server may still bring it: look once more before you run this item again.'
					: "It did not say whether it created another one. Look with 'Get Many' which is the new one, and leave this item out when you run it again.",
		},
	);
}

/** The records that equal what was sent, in the fields that records have; found by a filter, or in the whole list. */
async function recordsLike(run: OperationRun, sent: IDataObject): Promise<IDataObject[]> {
	const { client, resource } = run;
	const list = { segments: resource.path, idFields: resource.idFields };
	for (const query of queriesFor(run, sent)) {
		const records = await readList(client, { ...list, query });
		// A record must have the field that was filtered by, as the API may ignore the filter.
		const known = Object.keys(sent).filter((name) => {
			return name in query || records.some((record) => Object.hasOwn(record, name));
		});
		const alike = records.filter((record) => isLike(run, { record, sent, known }));
		if (alike.length > 0) return alike;
	}
	return [];
}

/** Whether the API's email filter minds case is not documented, so any other filter is better. */
function queriesFor({ resource }: OperationRun, sent: IDataObject): IDataObject[] {
	const filters = resource.filters.filter(({ name }) => Boolean(sent[name]));
	const exact = filters.find(({ kind }) => kind !== 'email');
	if (exact) return [{ [exact.name]: sent[exact.name] }];
	const [email] = filters;
	if (!email) return [{}];
	const value = String(sent[email.name]);
	return Array.from(new Set([value, value.toLowerCase()]), (each) => ({ [email.name]: each }));
}

function isLike(
	run: OperationRun,
	{ record, sent, known }: { record: IDataObject; sent: IDataObject; known: string[] },
): boolean {
	const timeZone = run.functions.getTimezone();
	const names = known.filter((name) => typeof sent[name] !== 'object');
	return (
		names.length > 0 &&
		names.every((name) => {
			const kind = kindOf(run.resource, name);
			const own = Object.hasOwn(record, name) ? record[name] : undefined;
			return comparable(kind, sent[name], timeZone) === comparable(kind, own, timeZone);
		})
	);
}
