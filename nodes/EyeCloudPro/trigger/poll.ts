// One poll: from what n8n has stored to the records that are handed on, and what is to be stored. Called by the trigger
// node.
//
// Two strategies. Where the list can be sorted by a date that shows every new or changed record, its newest end is read
// (tail.ts): one request a poll. Any other list is read whole and compared (snapshot.ts). Both remember a short hash of each
// record by its key.
// The first poll remembers what is there, and hands on none of it unless `Start From` says so.
// Cursor. What is stored is the head of a strategy, which says where it was, and its memory. It moves on with what is handed
// on and not with time: what is more than `Maximum per Poll`, or took too long, comes at the next poll.
// Overlap. A record may appear late, dated before others. So all records dated within the overlap are read again, and those
// that are remembered are not handed on again.
// Delivery. n8n stores the cursor with the execution, or just before it. What did not become an execution is taken back, and
// handed on by the next poll (delivery.ts).
// Failures. A request is tried again by the client. A poll that throws stores nothing, so that the next one begins where it
// did. A list that has lost most of its records is a wrong answer until a second poll sees the same (listPage.ts); a record
// is deleted when several looks have not seen it; a version that was replaced minutes ago is that of a replica (recent.ts).
import type { IDataObject } from 'n8n-workflow';

import { discoverSortableFields } from '../api/discovery';
import { ApiError, CancelledError } from '../api/errors';
import { readPage, SMALLEST_PAGE, type Page } from '../api/page';
import { byUsefulness, isMetadata } from '../catalogue/fieldNames';
import { dateOf } from './datedRecord';
import { isNothing } from '../parameters/parameterValue';
import { hashOf } from './fingerprint';
import { Memory, type PackedMemory, type Remembered } from './memory';
import { startSnapshot, WholeListPoll, type SnapshotHead } from './snapshot';
import type { PollResult, PollRun, TriggerEvent } from './strategy';
import { pollTail, startTail, type TailHead } from './tail';

export type TriggerEventName = 'created' | 'changed';

/** What a strategy has found out so far. */
export type Head = TailHead | SnapshotHead;

/** What n8n stores between polls. */
export interface Cursor extends IDataObject {
	head: Head;
	memory: PackedMemory;
	/** A hash of what is watched: another API, practice, resource, event or filter starts over. */
	watched: string;
	/** A hash of the filters' values, which an expression may give anew at each poll. */
	filters: string;
	/** Where n8n stores this apart from the execution: how to undo the last delivery, and which process it was. */
	delivered?: Undo & { atMs: number; by: string };
}

/** What makes the next poll hand on again what this one did: a head, and what was remembered of the records before. */
export interface Undo extends IDataObject {
	head: Head;
	remembered: Remembered[];
}

/** What a date of creation may be called; only `create_date` is documented. */
const CREATION_DATE = /^(creat(e|ed|ion)(_date|_at|_on)?|date_created)$/;

/** What a date of the last change may be called; nothing is documented. */
const UPDATE_DATE =
	/^((last_)?(update|updated|modified)(_date|_at|_on)?|modify_date|date_(updated|modified))$/;

export interface Polled {
	events: TriggerEvent[];
	cursor: Cursor;
	/** See `Undo`. */
	undo: Head;
	startedOver: boolean;
}

/**
 * @param stored what the poll before has left, after what was lost of it has been taken back; undefined for the first
 * @param writtenFilters the filters as they are written, expressions as such
 * @throws ApiError where the list can't be read; the cursor then stays as it was
 */
export async function poll(
	run: PollRun,
	{ event, writtenFilters }: { event: TriggerEventName; writtenFilters: unknown },
	stored: Cursor | undefined,
): Promise<Polled> {
	const watched = watchedBy(run, event, writtenFilters);
	const filters = hashOf(run.query);
	// A date does not tell what has to be compared from now on.
	const isOutgrown =
		stored?.head.strategy === 'tail' && event === 'changed' && needsComparison(run);
	const known = stored?.watched === watched && !isOutgrown ? stored : undefined;
	if (known) refuseMovedFilters(known, filters);
	const memory = new Memory(known?.memory);
	const resumed = async (): Promise<PollResult<Head>> => {
		const head = await headFor(run, event, known?.head, memory);
		if (head.strategy === 'tail') return await pollTail(run, head, memory);
		return await new WholeListPoll(run, head, memory).poll();
	};
	const { events, head, undo } = await inTime(run, resumed());
	const cursor = { watched, filters, head, memory: memory.pack() };
	return { events, cursor, undo, startedOver: stored !== undefined && !known };
}

/** Where to go on, or to begin. */
async function headFor(
	run: PollRun,
	event: TriggerEventName,
	known: Head | undefined,
	memory: Memory,
): Promise<Head> {
	if (!known) return await start(run, event, memory);
	const isOfEmptyList = known.count === 0 && memory.size === 0 && typeof known.floorMs !== 'number';
	if (!isOfEmptyList) return known;
	// An empty list does not show what it can be sorted by; whatever is there by now is new.
	const settings = { ...run.settings, startFrom: 'everything' as const };
	return await start({ ...run, settings }, event, memory);
}

async function start(run: PollRun, event: TriggerEventName, memory: Memory): Promise<Head> {
	const first = await lookAtLatest(run);
	const isByVersion = event === 'changed';
	const field = isByVersion ? updateDateIn(run, first) : creationDateIn(first);
	if (!field) return startSnapshot(run, first, isByVersion);
	const order = { field, idField: first.id ?? '', isByVersion };
	return await startTail(run, { order, first: first.totalCount }, memory);
}

/**
 * The latest records, for a person who builds the workflow; as many as the API's smallest page has. Where records are
 * going to be compared, the first of them shows what a change looks like, and each says that it is a sample.
 */
export async function latest(run: PollRun, event: TriggerEventName): Promise<TriggerEvent[]> {
	const look = await lookAtLatest(run);
	const isCompared = event === 'changed' && updateDateIn(run, look) === undefined;
	return look.records.map((record, index): TriggerEvent => {
		const found = { key: '', before: null, record };
		if (!isCompared) return found;
		return index === 0
			? { ...found, isSample: true, change: 'changed', changedFields: sampleOfChange(run, record) }
			: { ...found, isSample: true, change: 'created' };
	});
}

/** A field that may well change: of those to watch, or the most useful that is neither an ID nor a date of the API's own. */
function sampleOfChange({ resource, settings }: PollRun, record: IDataObject): string[] {
	const names = Object.keys(record).filter((name) => !settings.ignore.includes(name));
	const watched = names.filter((name) => settings.watch.includes(name));
	if (watched.length > 0) return watched.slice(0, 1);
	const own = names.filter((name) => !resource.idFields.includes(name) && !isMetadata(name));
	return byUsefulness(own, resource).slice(0, 1);
}

/** Of everything that says which records are watched for what; no value stays in the cursor. */
function watchedBy(
	{ client, resource }: PollRun,
	event: TriggerEventName,
	writtenFilters: unknown,
): string {
	const { apiBaseUrl, practiceId } = client.settings;
	const { value, stateKey = '' } = resource;
	const filters = withoutEmpty(writtenFilters ?? {});
	return hashOf([apiBaseUrl, practiceId, value, stateKey, event, filters]);
}

/** A filter that was added and left empty, or a list of filters without one, filters nothing. */
function withoutEmpty(filters: unknown): unknown {
	if (typeof filters !== 'object' || filters === null) return filters;
	const each = Object.entries(filters).map(([name, value]) => [name, withoutEmpty(value)] as const);
	return Object.fromEntries(each.filter(([, value]) => !isNothing(value)));
}

/** @throws ApiError where other records come into view that can't be told from new ones */
function refuseMovedFilters({ head, filters: before }: Cursor, filters: string): void {
	if (head.strategy === 'tail' || filters === before) return;
	throw new ApiError(
		'invalidInput',
		'The value of a filter is not what it was at the poll before',
		{
			description:
				"An expression in 'Filters' gives another value now. EyeCloud Pro can't sort this list by a date, so what came into view by that can't be told from what is new. Give the filter a fixed value, and sort out the rest in the workflow.",
		},
	);
}

/** An update date alone tells neither which field changed nor that a record is gone. */
function needsComparison({ settings }: PollRun): boolean {
	const { watch, ignore, includeDeleted } = settings;
	return watch.length > 0 || ignore.length > 0 || includeDeleted;
}

/** The update date, if every record has one and no setting needs a comparison. */
function updateDateIn(run: PollRun, { records, update }: Latest): string | undefined {
	if (!update || needsComparison(run) || records.length === 0) return undefined;
	return records.every((record) => Number.isFinite(dateOf(record[update]))) ? update : undefined;
}

function creationDateIn({ records, creation }: Latest): string | undefined {
	if (!creation) return undefined;
	const dates = records.map((record) => dateOf(record[creation]));
	const isInOrder = (dateMs: number, at: number) => at === 0 || dates[at - 1] >= dateMs;
	return dates.every(Number.isFinite) && dates.every(isInOrder) ? creation : undefined;
}

/** A few records, the latest first where the list can be sorted so, and the dates and the id that it can be sorted by. */
interface Latest extends Page {
	creation?: string;
	update?: string;
	id?: string;
}

async function lookAtLatest({ client, resource, query }: PollRun): Promise<Latest> {
	const discovered = await discoverSortableFields(client, resource.path);
	// What is documented, where the API does not say it.
	const sortable = discovered.length > 0 ? discovered : resource.sortableFields;
	const creation = sortable.find((name) => CREATION_DATE.test(name));
	const update = sortable.find((name) => UPDATE_DATE.test(name));
	const id = resource.idFields.find((name) => sortable.includes(name));
	const field = creation ?? id;
	const request = { segments: resource.path, query, sort: field && `-${field}` };
	const page = await readPage(client, request, { page: 1, pageSize: SMALLEST_PAGE });
	return { ...page, creation, update, id };
}

/** What the strategy answers; a sentence where the API refuses, or n8n's time for a poll is over too soon. */
async function inTime<T>({ client }: PollRun, work: Promise<T>): Promise<T> {
	return await work.catch((thrown: unknown): never => {
		// A poll has no input that a user could correct.
		if (thrown instanceof ApiError && thrown.kind === 'refusedInput') {
			const description =
				"Nothing was handed on, and the next poll begins where this one did. If it is refused each time, check 'Filters'.";
			throw new ApiError(thrown.kind, thrown.message, { ...thrown, description });
		}
		if (!(thrown instanceof CancelledError)) throw thrown;
		const limit = client.settings.requestsPerMinute;
		throw new ApiError('rateLimited', 'The time that n8n gives a poll was over too soon', {
			description: `Nothing is lost, the next poll begins where this one did. EyeCloud Pro is slow, or its limit of ${limit} requests a minute is used up by other workflows: poll less often, or narrow the list down with 'Filters'.`,
		});
	});
}
