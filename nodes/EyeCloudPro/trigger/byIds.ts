// The strategy for new records where a list can't be sorted by its creation date: remembers every id.
// Called by poll.ts.
import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import { LARGEST_PAGE, readPage } from '../api/page';
import { readList } from '../api/pagination';
import { inSentence } from '../catalogue/names';
import type { Resource } from '../catalogue/resource';
import { packKeys, unpackKeys } from './packedKeys';
import { keyOf, type PollResult, type PollRun } from './strategy';

/** n8n stores the cursor with the workflow; an id costs two or three characters. */
export const MOST_IDS = 100_000;

/**
 * How long the newest page and the count may speak for the whole list. They are silent only where as
 * many records were deleted as were added further down, under ids that don't grow with time.
 */
const WHOLE_LIST_EVERY_MS = 60 * 60_000;

/** The newest records are enough as long as few come. */
const NEWEST = 50;

export interface IdsCursor extends IDataObject {
	strategy: 'ids';
	/** What the list is sorted by, empty where it can't be sorted by an id. */
	idField: string;
	keys: string;
	readWholeAtMs: number;
}

/** @throws ApiError where the list is too long, or can't be read */
export async function startByIds(
	run: PollRun,
	{ idField }: { idField: string },
): Promise<PollResult<IdsCursor>> {
	const cursor: IdsCursor = { strategy: 'ids', idField, keys: packKeys([]), readWholeAtMs: 0 };
	if (run.settings.startFrom === 'everything') return await pollByIds(run, cursor);
	const records = await readWhole(run);
	return { events: [], cursor: { ...cursor, ...remember(run, records.map(keyIn(run))) } };
}

/** @throws ApiError where the list is too long, or can't be read */
export async function pollByIds(run: PollRun, cursor: IdsCursor): Promise<PollResult<IdsCursor>> {
	const known = new Set(unpackKeys(cursor.keys));
	const fresh = await newestAlone(run, cursor, known);
	if (fresh) {
		const events = fresh.slice(0, run.settings.maximum).map((record) => ({ record }));
		for (const { record } of events) known.add(keyOf(record, run.resource));
		const isDone = events.length === fresh.length;
		const readWholeAtMs = isDone ? cursor.readWholeAtMs : 0;
		return { events, cursor: { ...cursor, keys: packKeys(known), readWholeAtMs } };
	}
	const records = await readWhole(run);
	const all = records.filter((record) => !known.has(keyOf(record, run.resource)));
	const events = all.slice(0, run.settings.maximum).map((record) => ({ record }));
	const left = new Set(all.slice(events.length).map(keyIn(run)));
	const keys = records.map(keyIn(run)).filter((key) => !left.has(key));
	const readWholeAtMs = left.size > 0 ? 0 : run.client.clock.now();
	return { events, cursor: { ...cursor, keys: packKeys(keys), readWholeAtMs } };
}

/** The new records, where the newest page and the count show that there can be no others. */
async function newestAlone(
	run: PollRun,
	{ idField, readWholeAtMs }: IdsCursor,
	known: Set<string>,
): Promise<IDataObject[] | undefined> {
	const { client, resource, query } = run;
	const isRecent = client.clock.now() - readWholeAtMs < WHOLE_LIST_EVERY_MS;
	if (idField === '' || known.size <= LARGEST_PAGE || !isRecent) return undefined;
	const page = await run.time.measured(
		async () =>
			await readPage(
				client,
				{ segments: resource.path, query, sort: `-${idField}` },
				{ page: 1, pageSize: NEWEST },
			),
	);
	const fresh = page.records.filter((record) => !known.has(keyOf(record, resource)));
	return known.size + fresh.length === page.totalCount ? fresh.reverse() : undefined;
}

async function readWhole({ client, resource, query }: PollRun): Promise<IDataObject[]> {
	const { path: segments, idFields } = resource;
	const records = await readList(client, { segments, query, idFields });
	if (records.length > MOST_IDS) throw tooMany(records.length, resource);
	return records;
}

function remember(run: PollRun, keys: string[]) {
	return { keys: packKeys(keys), readWholeAtMs: run.client.clock.now() };
}

function keyIn({ resource }: PollRun) {
	return (record: IDataObject) => keyOf(record, resource);
}

function tooMany(count: number, { displayNamePlural }: Resource): ApiError {
	return new ApiError(
		'invalidInput',
		`There are ${count} ${inSentence(displayNamePlural)}, and at most ${MOST_IDS} can be told apart`,
		{
			description:
				"EyeCloud Pro does not sort this list by a creation date, so each record has to be remembered. Narrow them down with 'Filters'.",
		},
	);
}
