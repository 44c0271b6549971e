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
import type { PollResult, PollRun, StrategyHead, TriggerEvent } from './strategy';
import { handoverOf, pollTail, startTail, type TailHead } from './tail';
import { pollSnapshot, startSnapshot, type SnapshotHead } from './snapshot';

export type TriggerEventName = 'created' | 'changed';

/** What n8n stores between polls. */
export interface Cursor extends IDataObject {
	/** What the strategy has found out so far. */
	head: StrategyHead;
	memory: PackedMemory;
	/** A hash of what is watched: another API, practice, resource, event or filter starts over. */
	watched: string;
	/** A hash of the filters' values, which an expression may give anew at each poll. */
	filters: string;
	/** Where n8n stores this apart from the execution: what is needed to undo the last delivery. */
	delivered?: Delivered;
}

/** What turns a cursor back into the one before this poll. */
export interface Before extends IDataObject {
	head: StrategyHead;
}

export interface Delivered extends IDataObject {
	/** As in `Before`; earlier versions had null where the poll was the first. */
	head: StrategyHead | null;
	atMs: number;
	/** The process that did it. */
	by: string;
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
	/** What it was before, or as the poll chose it to be. */
	before: Before;
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
	const isOfOldVersion = stored !== undefined && stored.memory === undefined;
	// Earlier versions took the API's address as it was typed.
	const isSame = [watched, watchedBy(run, event, writtenFilters, '/')].includes(
		stored?.watched ?? '',
	);
	if (stored && isSame) {
		refuseMovedFilters(stored, filters);
		const known = new Memory(stored.memory);
		const { events, head, memory, begun } = await inTime(run, goOn(run, event, stored.head, known));
		const cursor = { watched, filters, head, memory: memory.pack() };
		return { events, cursor, before: { head: begun ?? stored.head }, startedOver: false };
	}
	// A version before this one can't have handed on everything: what is there is old news then.
	const settings = isOfOldVersion ? { ...run.settings, startFrom: 'now' as const } : run.settings;
	const memory = new Memory();
	const { events, head, begun } = await inTime(run, start({ ...run, settings }, event, memory));
	const cursor = { watched, filters, head, memory: memory.pack() };
	return { events, cursor, before: { head: begun ?? head }, startedOver: stored !== undefined };
}

/** The cursor without what was handed on, but has not become an execution. */
export function takenBack(
	cursor: Cursor,
	before: Before,
	remembered: readonly Remembered[],
): Cursor {
	const { head } = before;
	// Prints of other fields, or of another strategy: n8n has kept nothing of that poll.
	if (head.strategy !== cursor.head.strategy || head.selection !== cursor.head.selection) {
		return { ...cursor, delivered: undefined };
	}
	const memory = new Memory(cursor.memory);
	memory.restore(remembered);
	return { ...cursor, head, memory: memory.pack(), delivered: undefined };
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
	addressEnd = '',
): string {
	const address = client.settings.apiBaseUrl + addressEnd;
	const { value, stateKey = '' } = resource;
	const filters = withoutEmpty(writtenFilters);
	return hashOf([address, client.settings.practiceId, value, stateKey, event, filters]);
}

/** A filter that was added and left empty, or a list of filters without one, filters nothing. */
function withoutEmpty(filters: unknown): unknown {
	if (typeof filters !== 'object' || filters === null) return filters ?? {};
	if (Array.isArray(filters)) return filters.map(withoutEmpty).filter((each) => !isNothing(each));
	const filled = Object.entries(filters)
		.map(
			([name, value]) => [name, typeof value === 'object' ? withoutEmpty(value) : value] as const,
		)
		.filter(([, value]) => !isNothing(value));
	return Object.fromEntries(filled);
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

interface GoneOn extends PollResult {
	memory: Memory;
}

async function goOn(
	run: PollRun,
	event: TriggerEventName,
	stored: StrategyHead,
	memory: Memory,
): Promise<GoneOn> {
	if (stored.strategy === 'snapshot') {
		return { ...(await pollSnapshot(run, stored as SnapshotHead, memory)), memory };
	}
	const head = stored as TailHead;
	// An empty list did not show whether its dates can be read.
	if (event === 'created' && head.count === 0 && memory.size === 0) {
		const look = await lookAtLatest(run);
		if (look.records.length > 0 && !creationDateIn(look)) {
			const settings = { ...run.settings, startFrom: 'everything' as const };
			return {
				...(await startSnapshot({ ...run, settings }, { look, isCompared: false }, memory)),
				memory,
			};
		}
	}
	const isChosenNow = event === 'changed' && needsComparison(run);
	// A tail that is still catching up (head.walk) finishes first; then the comparison takes over.
	if (!isChosenNow || head.walk) return { ...(await pollTail(run, head, memory)), memory };
	const look = await lookAtLatest(run);
	const handover = handoverOf(head, memory);
	const all = new Memory();
	return {
		...(await startSnapshot(run, { look, isCompared: true, handover }, all)),
		memory: all,
	};
}

async function start(run: PollRun, event: TriggerEventName, memory: Memory): Promise<PollResult> {
	const look = await lookAtLatest(run);
	const isByVersion = event === 'changed';
	const field = isByVersion ? updateDateIn(run, look) : creationDateIn(look);
	if (!field) return await startSnapshot(run, { look, isCompared: isByVersion }, memory);
	const order = { field, idField: look.id ?? '', isByVersion };
	return await startTail(run, { order, totalCount: look.totalCount }, memory);
}

/** The update date, if every record has one and no setting needs a comparison. */
function updateDateIn(run: PollRun, { records, update }: Latest): string | undefined {
	if (!update || needsComparison(run) || records.length === 0) return undefined;
	return records.every((record) => Number.isFinite(dateOf(record[update]))) ? update : undefined;
}

function creationDateIn({ records, creation }: Latest): string | undefined {
	if (!creation) return undefined;
	return records.map((record) => dateOf(record[creation])).every(isInOrder) ? creation : undefined;
}

function isInOrder(dateMs: number, index: number, dates: number[]): boolean {
	return Number.isFinite(dateMs) && (index === 0 || dates[index - 1] >= dateMs);
}

interface Sorts {
	creation?: string;
	update?: string;
	id?: string;
}

/** A few records, the latest first where the list can be sorted so. */
export type Latest = Sorts & Pick<Page, 'records' | 'totalCount'>;

async function lookAtLatest(run: PollRun): Promise<Latest> {
	const { client, resource, query } = run;
	const sorts = await sortsOf(run);
	const field = sorts.creation ?? sorts.id;
	const request = { segments: resource.path, query, sort: field && `-${field}` };
	const page = await readPage(client, request, { page: 1, pageSize: SMALLEST_PAGE });
	return { ...page, ...sorts };
}

/** What the list can be sorted by, as the API says itself; what is documented where it does not say. */
async function sortsOf({ client, resource }: PollRun): Promise<Sorts> {
	const discovered = await discoverSortableFields(client, resource.path);
	const sortable = discovered.length > 0 ? discovered : resource.sortableFields;
	return {
		creation: sortable.find((name) => CREATION_DATE.test(name)),
		update: sortable.find((name) => UPDATE_DATE.test(name)),
		id: resource.idFields.find((name) => sortable.includes(name)),
	};
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
