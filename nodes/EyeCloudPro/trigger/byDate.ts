// The strategy for lists that can be sorted by the date of creation or of the last change: looks at the
// newest records, and walks on from where it was when there are many. Called by poll.ts.
import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import { LARGEST_PAGE } from '../api/page';
import { DateWalk, readNewest, type DatedRecord, type DateOrder } from './dateOrder';
import { packKeys, unpackKeys } from './packedKeys';
import type { PollResult, PollRun, TriggerEvent } from './strategy';

/** So many of the newest records are always known, whatever their dates: clocks may be off. */
const ALWAYS_KNOWN = 50;

/** n8n stores the cursor with the workflow. */
const MOST_KNOWN = 100_000;

/** How often within the overlap all of it is looked at, if that takes more than a page. */
const LOOKS_PER_OVERLAP = 4;

const DAY_MS = 24 * 60 * 60_000;

export interface DateCursor extends IDataObject, DateOrder {
	strategy: 'date';
	/** Every record from this date on is known, or new; null: every record of the list. */
	sinceMs: number | null;
	known: string;
	/** Records up to this date were there before the trigger was; null: none that are to come. */
	quietUntilMs: number | null;
	/** Not all records from `sinceMs` on have been looked at yet. */
	isBehind: boolean;
	/** How many records come before `sinceMs`, about; -1 if nobody knows. */
	position: number;
	/** How many there were when all from `sinceMs` on had been looked at, and when; -1: not yet. */
	totalCount: number;
	lookedAtMs: number;
}

/** @throws ApiError where the list can't be read */
export async function startByDate(run: PollRun, order: DateOrder): Promise<PollResult<DateCursor>> {
	const { startFrom, startMs, overlapMs } = run.settings;
	const start: DateCursor = {
		...order,
		strategy: 'date',
		sinceMs: null,
		known: packKeys([]),
		quietUntilMs: null,
		isBehind: true,
		position: 0,
		totalCount: -1,
		lookedAtMs: 0,
	};
	if (startFrom === 'everything') return await walk(run, start);
	if (startFrom === 'date') return await walk(run, { ...start, sinceMs: startMs, position: -1 });
	const { newest, totalCount } = await readNewest(run, order, 2 * ALWAYS_KNOWN);
	const nowMs = newest.length > 0 ? newest[0].dateMs : Number.NEGATIVE_INFINITY;
	const sinceMs = Number.isFinite(nowMs) ? nowMs - overlapMs : null;
	const cursor: DateCursor = { ...start, sinceMs };
	if (reaches(newest, cursor, totalCount)) {
		const completeMs = completeFrom(newest, cursor, totalCount);
		const looked = { handled: newest, left: [], totalCount, completeMs };
		return { events: [], cursor: settled(run, cursor, looked) };
	}
	// More than a page came of late, as in an import. They are old news, but have to be known.
	const position = totalCount - newest.length;
	return await walk(run, { ...cursor, position, quietUntilMs: nowMs });
}

/** @throws ApiError where the list can't be read */
export async function pollByDate(
	run: PollRun,
	cursor: DateCursor,
): Promise<PollResult<DateCursor>> {
	if (cursor.isBehind) return await walk(run, cursor);
	const known = new Set(unpackKeys(cursor.known));
	const pageSize = Math.min(LARGEST_PAGE, Math.max(2 * ALWAYS_KNOWN, known.size + ALWAYS_KNOWN));
	const { newest, totalCount } = await readNewest(run, cursor, pageSize);
	const sinceMs = cursor.sinceMs ?? Number.NEGATIVE_INFINITY;
	const isFresh = ({ key, dateMs }: DatedRecord) => dateMs >= sinceMs && !known.has(key);
	const fresh = newest.filter(isFresh).reverse();
	if (reaches(newest, cursor, totalCount)) {
		const { events, handled, left } = handOn(run, newest, fresh);
		const completeMs = completeFrom(newest, cursor, totalCount);
		const next = settled(run, cursor, { handled, left, totalCount, completeMs });
		return { events, cursor: next };
	}
	const isKnownBelow = known.has(newest[newest.length - 1]?.key);
	const isCounted = totalCount <= cursor.totalCount + fresh.length;
	if (!isKnownBelow || !isCounted || fresh.length > run.settings.maximum || isDue(run, cursor)) {
		return await walk(run, cursor);
	}
	for (const { key } of fresh) known.add(key);
	const events = fresh.map(({ record }) => ({ record }));
	return { events, cursor: { ...cursor, known: packKnown(known), totalCount } };
}

/**
 * Whether it is time to look at all records from the cursor's date on, though their count gives no sign
 * of new ones among them: as many or more could have been deleted.
 */
function isDue({ client, settings }: PollRun, { lookedAtMs }: DateCursor): boolean {
	return client.clock.now() - lookedAtMs >= settings.overlapMs / LOOKS_PER_OVERLAP;
}

/** Whether all records from the cursor's date on are among the newest ones. */
function reaches(newest: DatedRecord[], { sinceMs }: DateCursor, totalCount: number): boolean {
	if (newest.length >= totalCount) return true;
	const oldest = newest.at(-1);
	return oldest !== undefined && sinceMs !== null && oldest.dateMs < sinceMs;
}

/** The date from which on every record is among the newest ones. */
function completeFrom(newest: DatedRecord[], { sinceMs }: DateCursor, totalCount: number): number {
	if (newest.length >= totalCount) return Number.NEGATIVE_INFINITY;
	const dates = newest.map(({ dateMs }) => dateMs);
	// Others of the very same date as the last may be on the next page.
	const whole = dates.filter((dateMs) => dateMs > dates[dates.length - 1]);
	return whole.at(-1) ?? sinceMs ?? Number.NEGATIVE_INFINITY;
}

/** Reads from where everything is known, oldest first, as far as the time and the maximum allow. */
async function walk(run: PollRun, cursor: DateCursor): Promise<PollResult<DateCursor>> {
	const fromMs = cursor.sinceMs ?? Number.NEGATIVE_INFINITY;
	const quietUntilMs = cursor.quietUntilMs ?? Number.NEGATIVE_INFINITY;
	const known = new Set(unpackKeys(cursor.known));
	const path = new DateWalk(run, cursor, fromMs);
	await path.begin(cursor.position);
	const read: DatedRecord[] = [];
	const fresh: DatedRecord[] = [];
	let isAtEnd = false;
	while (
		!isAtEnd &&
		fresh.length < run.settings.maximum &&
		!(read.length > 0 && run.time.isShort)
	) {
		const entries = await path.next().catch((thrown: unknown): DatedRecord[] => {
			// The time is over; what was read before that counts.
			if (run.time.signal.aborted && read.length > 0) return [];
			throw thrown;
		});
		isAtEnd = entries === undefined;
		for (const entry of entries ?? []) {
			read.push(entry);
			if (entry.dateMs > quietUntilMs && !known.has(entry.key)) fresh.push(entry);
		}
	}
	fresh.sort((a, b) => a.dateMs - b.dateMs);
	const { events, handled, left } = handOn(run, read, fresh);
	const isDone = isAtEnd && left.length === 0;
	const totalCount = isAtEnd ? path.totalCount : path.position;
	const next = settled(run, cursor, { handled, left, totalCount, completeMs: fromMs });
	const quiet = isDone ? null : cursor.quietUntilMs;
	return { events, cursor: { ...next, isBehind: !isDone, quietUntilMs: quiet } };
}

/** What a look at the list, from some date on, came to. */
interface Looked {
	handled: DatedRecord[];
	/** New ones that the next poll hands on, oldest first. */
	left: DatedRecord[];
	/** How many records there are in the list, up to the last one that was read. */
	totalCount: number;
	/** From this date on every record was read. */
	completeMs: number;
}

/** The oldest of the new ones, at most so many as the user wants at once. */
function handOn({ settings }: PollRun, read: DatedRecord[], fresh: DatedRecord[]) {
	const left = fresh.slice(settings.maximum);
	const isLeft = new Set(left);
	const events = fresh.slice(0, settings.maximum).map(({ record }): TriggerEvent => ({ record }));
	return { events, left, handled: read.filter((entry) => !isLeft.has(entry)) };
}

/**
 * Where the next poll begins: the overlap before the newest record, or further back, so that enough of
 * them are known; never after one that is left for it.
 */
function settled(run: PollRun, cursor: DateCursor, looked: Looked): DateCursor {
	const { handled, left, totalCount, completeMs } = looked;
	const dates = handled.map(({ dateMs }) => dateMs).sort((a, b) => a - b);
	const newestMs = dates.at(-1) ?? completeMs;
	const enoughMs = dates.at(-ALWAYS_KNOWN) ?? completeMs;
	const overlappedMs = newestMs - overlapFor(dates, run.settings.overlapMs);
	const wantedMs = Math.min(overlappedMs, enoughMs, left[0]?.dateMs ?? newestMs);
	const sinceMs = Math.max(completeMs, wantedMs);
	const isKept = ({ dateMs }: DatedRecord) => dateMs >= sinceMs;
	const kept = handled.filter(isKept);
	return {
		...cursor,
		sinceMs: Number.isFinite(sinceMs) ? sinceMs : null,
		known: packKnown(kept.map(({ key }) => key)),
		isBehind: false,
		position: totalCount - kept.length - left.filter(isKept).length,
		totalCount: left.length > 0 ? -1 : totalCount,
		lookedAtMs: run.client.clock.now(),
	};
}

/** Days without a time of day overlap by a day at least. */
function overlapFor(dates: number[], overlapMs: number): number {
	const isDaily = dates.every((dateMs) => dateMs % DAY_MS === 0);
	return isDaily ? Math.max(overlapMs, DAY_MS) : overlapMs;
}

/** @throws ApiError where they are more than a cursor can hold */
function packKnown(keys: Iterable<string>): string {
	const all = Array.from(keys);
	if (all.length <= MOST_KNOWN) return packKeys(all);
	throw new ApiError('invalidInput', 'Too many records share the time of the overlap', {
		description: `${all.length} would have to be remembered, and ${MOST_KNOWN} can be. Shorten the option 'Overlap'.`,
	});
}
