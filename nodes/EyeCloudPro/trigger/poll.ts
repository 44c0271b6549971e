// One poll: chooses the strategy, goes on from the cursor, or starts over where it is for something
// else. Called by the trigger node.
import type { IDataObject } from 'n8n-workflow';

import { discoverSortableFields } from '../api/discovery';
import { ApiError, CancelledError } from '../api/errors';
import { readPage, SMALLEST_PAGE } from '../api/page';
import { pollByComparison, startByComparison, type ComparisonCursor } from './byComparison';
import { pollByDate, startByDate, type DateCursor } from './byDate';
import { pollByIds, startByIds, type IdsCursor } from './byIds';
import { dateOf } from './dateOrder';
import { hashOf } from './fingerprint';
import type { PollResult, PollRun, StrategyCursor, TriggerEvent } from './strategy';

export type TriggerEventName = 'created' | 'changed';

/** What n8n stores between polls. */
export interface Cursor extends IDataObject {
	/** A hash of what is watched: another resource, practice or filter starts over. */
	watched: string;
	strategy: StrategyCursor;
	/** Where n8n stores this apart from the execution: what came before, should n8n have died in between. */
	handedOn?: { atMs: number; by: string; before: StrategyCursor | null };
}

/** Tells this process from the one before it; n8n's workers have one each. */
const THIS_PROCESS = Math.random().toString(36).slice(2);

/**
 * How long after records were handed on a new process hands them on again. Without durable cursors n8n
 * stores the cursor first and the execution a moment later, and may die between the two. Another process
 * that comes later than this follows one that lived on.
 */
const DOUBTED_MS = 10 * 60_000;

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

/**
 * @param stored what the poll before has left; undefined for the first
 * @throws ApiError where the list can't be read; the cursor then stays as it was
 */
export async function poll(
	run: PollRun,
	event: TriggerEventName,
	stored: Cursor | undefined,
): Promise<{ events: TriggerEvent[]; cursor: Cursor; startedOver: boolean }> {
	const watched = watchedBy(run, event);
	const isSame = stored?.watched === watched;
	const before = isSame ? believed(stored, run.client.clock.now()) : null;
	const result = await inTime(run, before ? goOn(run, before) : start(run, event));
	return {
		events: result.events,
		cursor: { watched, strategy: result.cursor },
		startedOver: stored !== undefined && !isSame,
	};
}

/** The cursor for n8n to store before the execution that it hands the records to. */
export function stillInDoubt(cursor: Cursor, stored: Cursor | undefined, nowMs: number): Cursor {
	const before = stored?.watched === cursor.watched ? believed(stored, nowMs) : null;
	return { ...cursor, handedOn: { atMs: nowMs, by: THIS_PROCESS, before } };
}

function believed({ strategy, handedOn }: Cursor, nowMs: number): StrategyCursor | null {
	if (!handedOn || handedOn.by === THIS_PROCESS) return strategy;
	return nowMs - handedOn.atMs < DOUBTED_MS ? handedOn.before : strategy;
}

/** The latest records, for a person who builds the workflow; as many as the API's smallest page has. */
export async function latest(run: PollRun, event: TriggerEventName): Promise<TriggerEvent[]> {
	const { creation, id } = await sortsOf(run);
	const records = await newestRecords(run, creation ?? id);
	return records.map((record) =>
		event === 'changed' ? { record, change: 'created' } : { record },
	);
}

/** Of everything that says which records are watched for what; the values stay out of the cursor. */
function watchedBy(run: PollRun, event: TriggerEventName): string {
	const { client, resource, query } = run;
	const isCompared = event === 'changed' && needsComparison(run);
	const { value, variant } = resource;
	// A variant has other records, or other ids for them.
	const what = variant === undefined ? value : [value, variant];
	return hashOf([client.identity, what, query, event, isCompared]);
}

/** An update date alone tells neither which field changed nor that a record is gone. */
function needsComparison({ settings }: PollRun): boolean {
	const { watch, ignore, includeDeleted } = settings;
	return watch.length > 0 || ignore.length > 0 || includeDeleted;
}

async function goOn(run: PollRun, cursor: StrategyCursor): Promise<PollResult> {
	switch (cursor.strategy) {
		case 'date':
			return await pollByDate(run, cursor as DateCursor);
		case 'ids':
			return await pollByIds(run, cursor as IdsCursor);
		default:
			return await pollByComparison(run, cursor as ComparisonCursor);
	}
}

async function start(run: PollRun, event: TriggerEventName): Promise<PollResult> {
	const sorts = await sortsOf(run);
	const { creation, update, id = '' } = sorts;
	if (event === 'changed') {
		const isEnough =
			update && !needsComparison(run) && (await isSetFromTheStart(run, update, sorts));
		if (!isEnough) return await startByComparison(run);
		return await startByDate(run, { field: update, idField: id, isByVersion: true });
	}
	const isDated = creation && (await newestDates(run, creation, creation)).every(isInOrder);
	if (!isDated) return await startByIds(run, { idField: id });
	return await startByDate(run, { field: creation, idField: id, isByVersion: false });
}

/** Whether new records have the update date too; where it comes with the first change, they would be missed. */
async function isSetFromTheStart(
	run: PollRun,
	update: string,
	{ creation, id }: Sorts,
): Promise<boolean> {
	const dates = await newestDates(run, update, creation ?? id);
	return dates.length > 0 && dates.every(Number.isFinite);
}

async function newestDates(run: PollRun, field: string, sortedBy?: string): Promise<number[]> {
	const records = await newestRecords(run, sortedBy);
	return records.map((record) => dateOf(record[field]));
}

async function newestRecords({ client, resource, query }: PollRun, sortedBy?: string) {
	const sort = sortedBy && `-${sortedBy}`;
	const page = { page: 1, pageSize: SMALLEST_PAGE };
	return (await readPage(client, { segments: resource.path, query, sort }, page)).records;
}

function isInOrder(dateMs: number, index: number, dates: number[]): boolean {
	return Number.isFinite(dateMs) && (index === 0 || dates[index - 1] >= dateMs);
}

interface Sorts {
	creation?: string;
	update?: string;
	id?: string;
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
async function inTime<T>({ time, client }: PollRun, work: Promise<T>): Promise<T> {
	return await work.catch((thrown: unknown): never => {
		if (!(thrown instanceof CancelledError) || !time.signal.aborted) throw thrown;
		const limit = client.settings.requestsPerMinute;
		throw new ApiError('rateLimited', 'The time that n8n gives a poll was over too soon', {
			description: `Nothing is lost, the next poll begins where this one did. The list is long, EyeCloud Pro is slow, or its limit of ${limit} requests a minute is used up by other workflows: poll less often, or narrow the list down with 'Filters'.`,
		});
	});
}
