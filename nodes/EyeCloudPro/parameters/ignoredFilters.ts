// Whether a filter did anything: an API that ignores a parameter which it does not know hands on everybody. Told
// as a hint on the output, and refused as an AI tool's answer. Used by Get Many, Count and the editor's list of records.
import type { IDataObject } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { countList } from '../api/pagination';
import type { Resource } from '../catalogue/resource';
import { comparable, kindOf } from './matching';
import { refusalOf, type OperationRun } from './run';

export interface FilteredList {
	query: IDataObject;
	/** Those of them that were read. */
	records: readonly IDataObject[];
	/** How many match in all, where that is known. */
	total?: number;
}

/**
 * Looks at the records' own field. Where they have none of that name, how many there are without the filter is
 * asked for, once in an execution for each filter.
 *
 * @throws NodeOperationError for a tool: a model would take strangers for those that it looked for
 */
export async function tellIgnoredFilters(run: OperationRun, list: FilteredList): Promise<void> {
	const isForModel = isAiTool(run.functions.getNode());
	for (const name of Object.keys(list.query)) {
		const key = `filter ${run.client.identity} ${run.resource.path.join('/')} ${name}`;
		const known = run.memory.get(key) as boolean | undefined;
		if (list.records.length === 0 || (known && !isForModel)) continue;
		// Others that are under way need not ask as well, but each answer to a model is one that strangers may be in.
		run.memory.set(key, known ?? false);
		const isAsked = known === undefined || isForModel;
		const isIgnored =
			seenIn(run, list, name) ?? (known || (isAsked && (await countsTheSame(run, list, name))));
		if (!isIgnored) continue;
		run.memory.set(key, true);
		tell(run, name);
	}
}

/** Undefined where the records do not tell. */
function seenIn(run: OperationRun, { query, records }: FilteredList, name: string) {
	const place = { resource: run.resource, timeZone: run.functions.getTimezone() };
	const telling = records.filter(
		(record) =>
			Object.hasOwn(record, name) && record[name] !== undefined && typeof record[name] !== 'object',
	);
	if (telling.length === 0) return undefined;
	return !telling.every((record) => goesByFilter(record, name, query[name], place));
}

/** The API may search by part of a value, by one of several, and in another field than that of its name. */
export function goesByFilter(
	record: IDataObject,
	name: string,
	wanted: unknown,
	{ resource, timeZone }: { resource: Resource; timeZone: string },
): boolean {
	const kind = kindOf(resource, name);
	const alternatives = [wanted, ...String(wanted).split(',')];
	return alternatives.some((one) => {
		const compared = comparable(kind, one, timeZone);
		const marks = marksOf(String(one));
		return Object.entries(record).some(([field, value]) => {
			if (value === null || value === undefined || typeof value === 'object') return false;
			if (comparable(kind, value, timeZone) === compared) return true;
			if (field !== name) return false;
			const own = marksOf(String(value));
			return own.includes(marks) || (own.length > 0 && marks.includes(own));
		});
	});
}

/** Letters and digits alone. */
function marksOf(text: string): string {
	return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

async function countsTheSame(
	{ client, resource }: OperationRun,
	{ query, total }: FilteredList,
	name: string,
): Promise<boolean> {
	const others = Object.fromEntries(Object.entries(query).filter(([other]) => other !== name));
	const { path: segments, idFields } = resource;
	const count = async (by: IDataObject) =>
		(await countList(client, { segments, query: by, idFields })).totalCount;
	// The records are already read; a failed count must not fail the item.
	const without = await count(others).catch(() => undefined);
	const counted = total ?? (await count(query).catch(() => undefined));
	// One record alone may well be the one that was meant.
	return counted !== undefined && counted > 1 && counted === without;
}

function tell(run: OperationRun, name: string): void {
	const { functions, resource } = run;
	const label = resource.filters.find((filter) => filter.name === name)?.displayName ?? name;
	const message = `EyeCloud Pro seems to ignore the filter '${label}'`;
	if (isAiTool(functions.getNode())) {
		throw refusalOf(
			run,
			message,
			'What came does not go by it, and is not shown. Search by something else. Whoever made this tool has to check the name of the filter.',
		);
	}
	functions.addExecutionHints({
		location: 'outputPane',
		message: `${message}: what came does not go by it, and may be everything. Check the name of the filter before you use it.`,
	});
}
