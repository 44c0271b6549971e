// After a creation with unknown outcome: looks in the list for what was sent, and never sends it again. Used by
// Create, where its option is on.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { ApiRequest } from '../api/client';
import { discoverIdField } from '../api/discovery';
import { ApiError } from '../api/errors';
import { LARGEST_PAGE, readPage } from '../api/page';
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
 * @param thrown what the creation threw
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
		const why =
			failed instanceof ApiError ? ` Looking for it did not work: ${failed.message}.` : '';
		throw new ApiError(thrown.kind, thrown.message, {
			...thrown,
			description: `${thrown.description ?? ''}${why}`,
		});
	});
	if (records.length === 1) return records[0];
	throw new ApiError(
		'outcomeUnknown',
		records.length === 0
			? 'EyeCloud Pro does not have the record'
			: `EyeCloud Pro has ${records.length} records with what was sent`,
		{
			statusCode: thrown.statusCode,
			description:
				records.length === 0
					? 'It did not say whether it created it, and none of its records has what was sent. A slow server may still bring it: look once more before you run this item again.'
					: "It did not say whether it created another one. Look with 'Get Many' which is the new one, and leave this item out when you run it again.",
		},
	);
}

/** Those that have all that was sent, as far as they have its fields. */
async function recordsLike(run: OperationRun, sent: IDataObject): Promise<IDataObject[]> {
	const { client, resource } = run;
	const filters = resource.filters.filter(({ name }) => Object.hasOwn(sent, name));
	const [filter] = filters.filter(({ kind }) => kind !== 'email').concat(filters);
	const list = {
		segments: resource.path,
		query: filter ? { [filter.name]: sent[filter.name] } : {},
	};
	const sort = filter
		? undefined
		: `-${await discoverIdField(client, resource.path, resource.idFields)}`;
	const page = { page: 1, pageSize: LARGEST_PAGE };
	const { records } = await readPage(client, { ...list, sort }, page);
	return records.filter((record) => isLike(run, record, sent));
}

function isLike(run: OperationRun, record: IDataObject, sent: IDataObject): boolean {
	const timeZone = run.functions.getTimezone();
	const names = Object.keys(sent).filter(
		(name) => Object.hasOwn(record, name) && typeof sent[name] !== 'object',
	);
	return (
		names.length > 0 &&
		names.every((name) => {
			const kind = kindOf(run.resource, name);
			return comparable(kind, sent[name], timeZone) === comparable(kind, record[name], timeZone);
		})
	);
}
