// One poll: chooses the strategy, goes on from the cursor, or starts over where it is for something
// else. Called by the trigger node.
import type { IDataObject } from 'n8n-workflow';

import { discoverSortableFields } from '../api/discovery';
import { ApiError, CancelledError } from '../api/errors';
import { readPage, SMALLEST_PAGE, type Page } from '../api/page';
import { byUsefulness, isMetadata } from '../catalogue/fieldNames';
import { dateOf } from './datedRecord';
import { isNothing } from '../parameters/read';
import { hashOf } from './fingerprint';
import { Memory, type PackedMemory, type Remembered } from './memory';
import { REPLICA_LAG_MS } from './recent';
import type { PollResult, PollRun, StrategyHead, TriggerEvent } from './strategy';
import { pollTail, startTail, versionsIn, type TailHead } from './tail';
import { pollSnapshot, startSnapshot, type SnapshotHead } from './snapshot';

export type TriggerEventName = 'created' | 'changed';

/** What one strategy has found out so far. */
interface Knowledge extends IDataObject {
	head: StrategyHead;
	memory: PackedMemory;
}

/** What n8n stores between polls. */
export interface Cursor extends IDataObject, Knowledge {
	/** A hash of what is watched: another API, practice, resource, event or filter starts over. */
	watched: string;
	/** A hash of the filters' values, which an expression may give anew at each poll. */
	filters: string;
	/** Where fields are chosen only now: the comparison that takes over when it knows all records. */
	successor?: Knowledge;
	/** Where n8n stores this apart from the execution: what it is without what was handed on at last. */
	delivered?: Delivered;
}

/** What makes of a cursor the one before it. */
export interface Before extends IDataObject {
	head: StrategyHead;
	/** Where it was of another strategy, or for other fields. */
	memory?: PackedMemory;
}

export interface Delivered extends IDataObject {
	/** As in `Before`; null where the poll was the first. */
	head: StrategyHead | null;
	memory?: PackedMemory;
	atMs: number;
	/** The process that did it. */
	by: string;
	remembered: Remembered[];
}

/** The names that a date of creation may have, the likeliest first; only `create_date` is documented. */
const CREATION_DATES = [
	'create_date',
	'created_date',
	'date_created',
	'creation_date',
	'created_at',
	'created_on',
	'created',
];

/** The names that a date of the last change may have; none is documented. */
const UPDATE_DATES = [
	'update_date',
	'updated_date',
	'date_updated',
	'updated_at',
	'updated_on',
	'modified_date',
	'modify_date',
	'date_modified',
	'modified_at',
	'modified_on',
	'last_update',
	'last_updated',
	'last_update_date',
	'last_modified',
	'last_modified_date',
];

export interface Polled {
	events: TriggerEvent[];
	cursor: Cursor;
	/** What it was before; undefined where it began with this poll. */
	before: Before | undefined;
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
		const memory = new Memory(stored.memory);
		const { events, ...knowledge } = await inTime(run, goOn(run, event, stored, memory));
		// Prints of other fields, or of another strategy, can't stand beside those that are there.
		const isOther = (['strategy', 'selection'] as const).some(
			(name) => knowledge.head[name] !== stored.head[name],
		);
		const before = { head: stored.head, ...(isOther && { memory: stored.memory }) };
		return { events, cursor: { ...knowledge, watched, filters }, before, startedOver: false };
	}
	// A version before this one can't have handed on everything: what is there is old news then.
	const settings = isOfOldVersion ? { ...run.settings, startFrom: 'now' as const } : run.settings;
	const memory = new Memory();
	const { events, head } = await inTime(run, start({ ...run, settings }, event, memory));
	const cursor = { watched, filters, head, memory: memory.pack() };
	return { events, cursor, before: undefined, startedOver: stored !== undefined };
}

/** The cursor without what was handed on, but has not become an execution. */
export function takenBack(
	cursor: Cursor,
	before: Before,
	remembered: readonly Remembered[],
): Cursor {
	const { head } = before;
	if (before.memory) return { ...cursor, head, memory: before.memory, delivered: undefined };
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

interface Gone extends Knowledge {
	events: TriggerEvent[];
	successor?: Knowledge;
}

async function goOn(
	run: PollRun,
	event: TriggerEventName,
	stored: Cursor,
	memory: Memory,
): Promise<Gone> {
	if (stored.head.strategy === 'snapshot') {
		const { events, head } = await pollSnapshot(run, stored.head as SnapshotHead, memory);
		return { events, head, memory: memory.pack() };
	}
	const isReady = stored.successor && (stored.successor.head as SnapshotHead).baseline === null;
	const tailHead = stored.head as TailHead;
	// Only a look at all that is recent tells that nothing is left for the one that takes over.
	const before = isReady ? { ...tailHead, lookedAtMs: 0 } : tailHead;
	const { events, head } = await pollTail(run, before, memory);
	const tail = { events, head, memory: memory.pack() };
	if (event === 'created' || !needsComparison(run)) return tail;
	const isBehind = head.walk !== null || events.length >= run.settings.maximum;
	if (isBehind) return { ...tail, successor: stored.successor };
	return await comparedFromNowOn(run, tail, stored.successor);
}

/**
 * Fields are chosen, or deleted records wanted, only now: until all records are known by their fields, the
 * date tells of changes as before.
 */
async function comparedFromNowOn(
	run: PollRun,
	tail: Gone,
	successor: Knowledge | undefined,
): Promise<Gone> {
	const memory = new Memory(successor?.memory);
	const known = successor?.head as SnapshotHead | undefined;
	// What a replica did not show to the one has been shown to the other by then.
	const isSeen = known && (tail.head as TailHead).lookedAtMs >= known.lookedAtMs + REPLICA_LAG_MS;
	if (known?.baseline === null && !isSeen) return { ...tail, successor };
	if (known?.baseline === null) {
		const versions = versionsIn(new Memory(tail.memory));
		const untilMs = run.client.clock.now() + REPLICA_LAG_MS;
		const head: SnapshotHead = { ...known, delivered: { versions, untilMs } };
		return { events: tail.events, head, memory: memory.pack() };
	}
	const settings = { ...run.settings, startFrom: 'now' as const };
	const look = async () =>
		known
			? await pollSnapshot(run, known, memory)
			: await startSnapshot(
					{ ...run, settings },
					{ look: await lookAtLatest(run), isCompared: true },
					memory,
				);
	const result = await look().catch((thrown: unknown) => {
		// What the date has told counts where there was no time for more.
		if (thrown instanceof CancelledError) return undefined;
		throw thrown;
	});
	if (!result) return { ...tail, successor };
	return { ...tail, successor: { head: result.head, memory: memory.pack() } };
}

async function start(run: PollRun, event: TriggerEventName, memory: Memory): Promise<PollResult> {
	const look = await lookAtLatest(run);
	const isByVersion = event === 'changed';
	const field = isByVersion ? updateDateIn(run, look) : creationDateIn(look);
	if (!field) return await startSnapshot(run, { look, isCompared: isByVersion }, memory);
	const order = { field, idField: look.id ?? '', isByVersion };
	return await startTail(run, { order, totalCount: look.totalCount }, memory);
}

/** The date that tells of all changes; new records must have it too, and nobody wants to know more. */
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
	const first = (names: readonly string[]) => names.find((name) => sortable.includes(name));
	return {
		creation: first(CREATION_DATES),
		update: first(UPDATE_DATES),
		id: first(resource.idFields),
	};
}

/** What the strategy answers; a sentence where n8n's time for a poll is over before there is anything. */
async function inTime<T>({ client }: PollRun, work: Promise<T>): Promise<T> {
	return await work.catch((thrown: unknown): never => {
		if (!(thrown instanceof CancelledError)) throw thrown;
		const limit = client.settings.requestsPerMinute;
		throw new ApiError('rateLimited', 'The time that n8n gives a poll was over too soon', {
			description: `Nothing is lost, the next poll begins where this one did. EyeCloud Pro is slow, or its limit of ${limit} requests a minute is used up by other workflows: poll less often, or narrow the list down with 'Filters'.`,
		});
	});
}
