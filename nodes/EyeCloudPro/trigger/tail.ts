// The strategy for lists that can be sorted by the date of creation or of the last change: looks at the newest
// page, and walks on, page by page, from the last record that was handed on. Called by poll.ts.
import { ApiError } from '../api/errors';
import { LARGEST_PAGE } from '../api/page';
import { dated, type DatedRecord, type DateOrder } from './datedRecord';
import { readListPage, refuseContradiction, refuseEarlyEnd, refuseShortPage } from './listPage';
import type { Memory } from './memory';
import { Recent, type RecentVersions } from './recent';
import type { Handover } from './snapshot';
import type { PollResult, PollRun, StrategyHead, TriggerEvent } from './strategy';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The practice's clock may be this far behind n8n's in UTC; nobody lives further west. */
const FURTHEST_WEST_MS = 12 * HOUR_MS;

/** The same for a clock ahead of it. */
const FURTHEST_EAST_MS = 14 * HOUR_MS;

/** How often within the overlap all of it is looked at, if that takes more than a page. */
const LOOKS_PER_OVERLAP = 4;

const SMALLEST_NEWEST = 0.4 * LARGEST_PAGE;

/** A page may be this much smaller, so that it begins with what was read before. */
const SMALLEST_WALKING_PAGE = 0.8 * LARGEST_PAGE;

export interface TailHead extends StrategyHead, DateOrder {
	strategy: 'tail';
	/** Every record from this date on is remembered, or new; null: every record. It never moves back. */
	floorMs: number | null;
	/** How many records there were. */
	count: number;
	/** When the last look at all records from the floor on began. */
	lookedAtMs: number;
	/** A look at all records from the floor on that is under way. */
	walk: Walk | null;
	recent: RecentVersions;
}

interface Walk {
	/** How many records come before the next one, as far as is known; -1: nobody knows. */
	position: number;
	/** By how many pages to go back where that is wrong. */
	stepBack: number;
	/** The last record that was looked at. */
	key: string;
	/** Its date; null: before all dates. */
	dateMs: number | null;
	startedAtMs: number;
	/** Records up to this date were there before the trigger was. */
	quietUntilMs: number | null;
}

/**
 * @param start how many records there were a moment ago
 * @throws ApiError where the list can't be read
 */
export async function startTail(
	run: PollRun,
	{ order, totalCount: earlier }: { order: DateOrder; totalCount: number },
	memory: Memory,
): Promise<PollResult<TailHead>> {
	const { startFrom, startMs } = run.settings;
	const { entries, totalCount } = await readNewest(run, order, LARGEST_PAGE);
	refuseContradiction(earlier, totalCount);
	const startedAtMs = run.client.clock.now();
	const start = { ...order, strategy: 'tail' as const, count: totalCount, recent: {} };
	if (startFrom !== 'now') {
		const isDated = startFrom === 'date';
		const [position, dateMs] = isDated ? [-1, startMs] : [0, null];
		const walk = { position, stepBack: 0, dateMs, key: '', startedAtMs, quietUntilMs: null };
		const head: TailHead = { ...start, floorMs: dateMs, lookedAtMs: 0, walk };
		return { ...(await pollTail(run, head, memory)), begun: head };
	}
	const tail = new Tail(
		run,
		{ ...start, floorMs: null, lookedAtMs: startedAtMs, walk: null },
		memory,
	);
	return await tail.begin(entries);
}

/** @throws ApiError where the list can't be read */
export async function pollTail(
	run: PollRun,
	head: TailHead,
	memory: Memory,
): Promise<PollResult<TailHead>> {
	const tail = new Tail(run, head, memory);
	return (await tail.lookAtNewest()) ?? (await tail.walkOn());
}

/** For the strategy that takes over: what this one has handed on. */
export function handoverOf({ field, floorMs, recent }: TailHead, memory: Memory): Handover {
	const versions: Handover['versions'] = {};
	for (const [key, print] of memory.entries()) {
		versions[key] = [readPrint(print).version, ...Object.keys(recent[key] ?? {})];
	}
	return { field, floorMs, versions, untilMs: null };
}

class Tail {
	private readonly events: TriggerEvent[] = [];

	private readonly head: TailHead;

	private readonly recent: Recent;

	private readonly nowMs: number;

	/** Whether the poll got on, so that it may end early. */
	private hasRead = false;

	constructor(
		private readonly run: PollRun,
		head: TailHead,
		private readonly memory: Memory,
	) {
		this.nowMs = run.client.clock.now();
		this.head = { ...head, walk: head.walk && { ...head.walk } };
		this.recent = new Recent(head.recent, this.nowMs);
		// Not at the end of a poll: what it has handed on may have to be taken back.
		for (const [key, print] of Array.from(memory.entries())) {
			if (readPrint(print).dateMs < this.floorMs) memory.delete(key);
		}
	}

	private get floorMs(): number {
		return this.head.floorMs ?? Number.NEGATIVE_INFINITY;
	}

	/** Remembers what is there, where the trigger starts from now. */
	async begin(newest: DatedRecord[]): Promise<PollResult<TailHead>> {
		this.raiseFloor(newest);
		for (const entry of newest) if (entry.dateMs >= this.floorMs) this.remember(entry);
		const isAll = this.reaches(newest, LARGEST_PAGE);
		// More than a page came of late, as in an import. They are old news, but have to be known.
		if (!isAll) this.head.walk = this.newWalk(newest[0].dateMs);
		const begun = this.result().head;
		return { ...(isAll ? this.result() : await this.walkOn()), begun };
	}

	/** Looks at the newest page alone; undefined where that does not tell all. */
	async lookAtNewest(): Promise<PollResult<TailHead> | undefined> {
		if (this.head.walk) return undefined;
		const wanted = this.memory.size + SMALLEST_NEWEST / 2;
		const pageSize = Math.min(LARGEST_PAGE, Math.max(SMALLEST_NEWEST, wanted));
		const { entries, totalCount } = await readNewest(
			this.run,
			this.head,
			pageSize,
			this.head.count,
		);
		this.hasRead = true;
		if (this.head.floorMs !== null) refuseUndated(entries, this.head.field);
		const fresh = entries.filter((entry) => this.isNews(entry));
		const isAll = this.reaches(entries, pageSize);
		if (!isAll && !this.isProven(entries, fresh, totalCount)) {
			this.head.walk = this.newWalk(null);
			return undefined;
		}
		for (const entry of fresh.slice(0, this.run.settings.maximum)) this.handOn(entry);
		if (isAll) {
			this.head.lookedAtMs = this.nowMs;
			if (fresh.length <= this.run.settings.maximum) this.raiseFloor(entries);
		}
		this.head.count = totalCount;
		return this.result();
	}

	/** Reads from where the walk is, oldest first, as far as the time and the maximum allow. */
	async walkOn(): Promise<PollResult<TailHead>> {
		const { settings, time } = this.run;
		while (
			this.head.walk &&
			!(this.hasRead && time.isShort) &&
			this.events.length < settings.maximum
		) {
			const page = await this.nextPage(this.head.walk).catch((thrown: unknown) => {
				// The time is over; what was read before that counts.
				if (time.signal.aborted && this.hasRead) return undefined;
				throw thrown;
			});
			this.hasRead = true;
			if (page === undefined) break;
			if (page) this.walkThrough(this.head.walk, page);
		}
		return this.result();
	}

	private walkThrough(walk: Walk, { entries, start, totalCount, isEnd }: WalkedPage): void {
		const quietUntilMs = walk.quietUntilMs ?? Number.NEGATIVE_INFINITY;
		for (const [index, entry] of entries.entries()) {
			if (this.isNews(entry)) {
				if (entry.dateMs <= quietUntilMs) this.remember(entry);
				else if (this.events.length < this.run.settings.maximum) this.handOn(entry);
				else return;
			}
			walk.position = start + index + 1;
			walk.key = entry.key;
			walk.dateMs = Number.isFinite(entry.dateMs) ? entry.dateMs : walk.dateMs;
		}
		this.head.count = totalCount;
		this.raiseFloor(entries);
		if (!isEnd) return;
		this.head.lookedAtMs = walk.startedAtMs;
		this.head.walk = null;
	}

	/**
	 * The next records, the first of which was looked at before: what follows it is all that follows it. False
	 * where that is not where the walk takes it to be; it then goes back by as much more each time.
	 */
	private async nextPage(walk: Walk): Promise<WalkedPage | false> {
		const { count } = this.head;
		const position = walk.position < 0 ? count : walk.position;
		const { page, pageSize } = pageFrom(position);
		const place = { page, pageSize };
		const { records, totalCount } = await readListPage(
			this.run,
			sortBy(this.head, ''),
			place,
			count,
		);
		const entries = dated(this.run, this.head, records);
		const start = (page - 1) * pageSize;
		if (start > 0 && !goesOn(entries, walk)) {
			const back = Math.min(start, totalCount) - walk.stepBack * LARGEST_PAGE;
			walk.position = Math.max(0, back);
			walk.stepBack = Math.max(1, 2 * walk.stepBack);
			return false;
		}
		walk.stepBack = 0;
		// The count may be too low, so that a full page is not the last, whatever is counted.
		const isEnd = entries.length < pageSize;
		if (isEnd) refuseEarlyEnd(this.run, page, totalCount - start - entries.length);
		return { entries, start, totalCount, isEnd };
	}

	private isNews({ key, dateMs, version }: DatedRecord): boolean {
		if (dateMs < this.floorMs) return false;
		const known = this.memory.get(key);
		if (known === undefined) return true;
		const before = readPrint(known);
		if (before.version === version || this.recent.versionsOf(key).includes(version)) return false;
		// An older version than the one of a moment ago is that of a replica.
		return !(dateMs < before.dateMs && this.recent.has(key));
	}

	private handOn(entry: DatedRecord): void {
		const before = this.memory.get(entry.key);
		this.events.push({ key: entry.key, before: before ?? null, record: entry.record });
		if (this.head.isByVersion) {
			this.recent.replaced(entry.key, before === undefined ? '' : readPrint(before).version);
		}
		this.remember(entry);
	}

	private remember({ key, dateMs, version }: DatedRecord): void {
		const date = Number.isFinite(dateMs) ? dateMs.toString(36) : '';
		this.memory.set(key, version ? `${date}:${version}` : date);
	}

	/** Whether all records from the floor on are among these. */
	private reaches(newest: DatedRecord[], pageSize: number): boolean {
		// A full page has others before it, whatever is counted.
		return newest.length < pageSize || newest[0].dateMs < this.floorMs;
	}

	/** Whether there is no sign of others than those on the newest page. */
	private isProven(newest: DatedRecord[], fresh: DatedRecord[], totalCount: number): boolean {
		const [oldest] = newest;
		const isKnown = this.memory.has(oldest.key) && !this.isNews(oldest);
		// Where all of the page is dated ahead, changes are below it.
		const isAhead = this.head.isByVersion && oldest.dateMs > this.nowMs + FURTHEST_EAST_MS;
		const isCounted = totalCount <= this.head.count + fresh.length;
		const isDue =
			this.nowMs - this.head.lookedAtMs >= this.run.settings.overlapMs / LOOKS_PER_OVERLAP;
		return isKnown && !isAhead && isCounted && !isDue && fresh.length <= this.run.settings.maximum;
	}

	/**
	 * What comes later is dated after the newest record, or after now, wherever the practice is, less what
	 * it may be late. Records that are dated ahead say nothing about it.
	 */
	private raiseFloor(entries: DatedRecord[]): void {
		const newestMs = entries.reduce(
			(newest, { dateMs }) => (Number.isFinite(dateMs) ? Math.max(newest, dateMs) : newest),
			Number.NEGATIVE_INFINITY,
		);
		const lateMs = this.run.settings.overlapMs + (entries.every(({ isDay }) => isDay) ? DAY_MS : 0);
		// What comes behind a walk while it is under way is seen by the next one.
		const seenAtMs = this.head.walk?.startedAtMs ?? this.nowMs;
		const floorMs = Math.min(newestMs, seenAtMs - FURTHEST_WEST_MS) - lateMs;
		if (floorMs > this.floorMs) this.head.floorMs = floorMs;
	}

	private newWalk(quietUntilMs: number | null): Walk {
		const { count, floorMs } = this.head;
		const position = floorMs === null ? 0 : Math.max(0, count - this.memory.size);
		return {
			position,
			stepBack: 0,
			key: '',
			dateMs: floorMs,
			startedAtMs: this.nowMs,
			quietUntilMs,
		};
	}

	private result(): PollResult<TailHead> {
		const { walk } = this.head;
		const head = { ...this.head, walk: walk && { ...walk }, recent: this.recent.pack() };
		return { events: this.events, head };
	}
}

interface WalkedPage {
	/** Oldest first. */
	entries: DatedRecord[];
	/** How many records come before them. */
	start: number;
	totalCount: number;
	isEnd: boolean;
}

/** @throws ApiError where nothing says any more which records are new */
function refuseUndated(newest: DatedRecord[], field: string): void {
	if (newest.length === 0 || newest.some(({ dateMs }) => Number.isFinite(dateMs))) return;
	throw new ApiError('inconsistent', `The newest records have no '${field}' that can be read`, {
		description:
			'It told this trigger which records are new. Nothing was handed on. Put a new EyeCloud Pro Trigger in its place: it compares the records instead.',
	});
}

function readPrint(print: string): { dateMs: number; version: string } {
	const [date, version = ''] = print.split(':');
	return { dateMs: date === '' ? Number.POSITIVE_INFINITY : parseInt(date, 36), version };
}

function goesOn(entries: DatedRecord[], { key, dateMs }: Walk): boolean {
	if (entries.length === 0) return false;
	if (dateMs === null || entries[0].dateMs < dateMs) return true;
	return key !== '' && entries.some((entry) => entry.key === key);
}

/** The page that holds the record before the position, and as many as possible from there on. */
function pageFrom(position: number): { page: number; pageSize: number } {
	if (position === 0) return { page: 1, pageSize: LARGEST_PAGE };
	let best = { page: 1, pageSize: LARGEST_PAGE, ahead: -1 };
	for (let pageSize = LARGEST_PAGE; pageSize >= SMALLEST_WALKING_PAGE; pageSize--) {
		const page = Math.floor((position - 1) / pageSize) + 1;
		const ahead = page * pageSize - position;
		if (ahead > best.ahead) best = { page, pageSize, ahead };
	}
	return best;
}

/** Oldest first; @throws ApiError where the server puts fewer records on a page than it should */
async function readNewest(run: PollRun, order: DateOrder, pageSize: number, count?: number) {
	const place = { page: 1, pageSize };
	const { records, totalCount } = await readListPage(run, sortBy(order, '-'), place, count);
	refuseShortPage(1, records.length, Math.min(pageSize, totalCount));
	return { entries: dated(run, order, records.reverse()), totalCount };
}

function sortBy({ field, idField }: DateOrder, sign: string): string {
	const fields = [field, idField].filter((name) => name !== '');
	return fields.map((name) => sign + name).join();
}
