// The strategy for lists that can be sorted by the date of creation or of the last change: looks at the newest
// page, and walks on, page by page, from the last record that was handed on. Called by poll.ts.
import { ApiError } from '../api/errors';
import { LARGEST_PAGE } from '../api/page';
import { dated, type DatedRecord, type DateOrder } from './datedRecord';
import { readListPage, refuseContradiction, refuseShortPage } from './listPage';
import type { Memory } from './memory';
import { Recent, type RecentVersions } from './recent';
import type { PollResult, PollRun, StrategyHead, TriggerEvent } from './strategy';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** The practice's clock may be this far behind n8n's in UTC; nobody lives further west. */
const FURTHEST_WEST_MS = 12 * HOUR_MS;

/** How often within the overlap all of it is looked at, if that takes more than a page. */
const LOOKS_PER_OVERLAP = 4;

const SMALLEST_NEWEST = 0.4 * LARGEST_PAGE;

/** A page may be this much smaller, so that it begins with what was read before. */
const SMALLEST_WALKING_PAGE = 0.8 * LARGEST_PAGE;

export interface TailHead extends StrategyHead, DateOrder {
	strategy: 'tail';
	/** Every record from this date on is remembered, or new; null: every record. It never moves back. */
	floorMs: number | null;
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
 * What a new trigger begins with.
 *
 * @param first how many records there were a moment ago
 * @throws ApiError where the list can't be read
 */
export async function startTail(
	run: PollRun,
	{ order, first }: { order: DateOrder; first: number },
	memory: Memory,
): Promise<TailHead> {
	const { startFrom, startMs } = run.settings;
	const floorMs = startFrom === 'date' ? startMs : null;
	const head: TailHead = {
		...order,
		...{ strategy: 'tail', floorMs, count: first, lookedAtMs: 0, walk: null, recent: {} },
	};
	if (startFrom === 'now') return await new Tail(run, head, memory).start();
	return { ...head, walk: newWalk(floorMs === null ? 0 : -1, floorMs, run.client.clock.now()) };
}

/** @throws ApiError where the list can't be read */
export async function pollTail(
	run: PollRun,
	head: TailHead,
	memory: Memory,
): Promise<PollResult<TailHead>> {
	const tail = new Tail(run, head, memory);
	if (head.walk || !(await tail.lookAtNewest())) await tail.walkOn();
	return { events: tail.events, head: tail.result, undo: head };
}

class Tail {
	readonly events: TriggerEvent[] = [];

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
	async start(): Promise<TailHead> {
		const { entries, totalCount } = await readNewest(this.run, this.head, LARGEST_PAGE);
		refuseContradiction(this.head.count, totalCount);
		this.raiseFloor(entries);
		for (const entry of entries) if (entry.dateMs >= this.floorMs) this.remember(entry);
		Object.assign(this.head, { count: totalCount, lookedAtMs: this.nowMs });
		// More than a page came of late, as in an import. They are old news, but have to be known.
		if (!this.reaches(entries, LARGEST_PAGE, totalCount)) this.beginWalk(entries[0].dateMs);
		return this.result;
	}

	/** Looks at the newest page alone; false where that does not tell all, and a walk has begun. */
	async lookAtNewest(): Promise<boolean> {
		const wanted = this.memory.size + SMALLEST_NEWEST / 2;
		const pageSize = Math.min(LARGEST_PAGE, Math.max(SMALLEST_NEWEST, wanted));
		const { count } = this.head;
		const { entries, totalCount } = await readNewest(this.run, this.head, pageSize, count);
		this.hasRead = true;
		if (this.head.floorMs !== null) refuseUndated(entries, this.head.field);
		const fresh = entries.filter((entry) => this.isNews(entry));
		const isAll = this.reaches(entries, pageSize, totalCount);
		if (!isAll && !this.isProven(entries, fresh, totalCount)) {
			this.beginWalk(null);
			return false;
		}
		for (const entry of fresh.slice(0, this.run.settings.maximum)) this.handOn(entry);
		if (isAll) {
			this.head.lookedAtMs = this.nowMs;
			if (fresh.length <= this.run.settings.maximum) this.raiseFloor(entries);
		}
		this.head.count = totalCount;
		return true;
	}

	/** Reads from where the walk is, oldest first, as far as the time and the maximum allow. */
	async walkOn(): Promise<void> {
		const { time } = this.run;
		while (this.head.walk && !this.isFull && !(this.hasRead && time.isShort)) {
			const page = await this.nextPage(this.head.walk).catch((thrown: unknown) => {
				// The time is over; what was read before that counts.
				if (!time.signal.aborted || !this.hasRead) throw thrown;
			});
			this.hasRead = true;
			if (page) this.walkThrough(this.head.walk, page);
		}
	}

	private get isFull(): boolean {
		return this.events.length >= this.run.settings.maximum;
	}

	private walkThrough(walk: Walk, { entries, start, totalCount, isEnd }: WalkedPage): void {
		const quietUntilMs = walk.quietUntilMs ?? Number.NEGATIVE_INFINITY;
		for (const [index, entry] of entries.entries()) {
			if (this.isNews(entry)) {
				if (entry.dateMs <= quietUntilMs) this.remember(entry);
				else if (this.isFull) return;
				else this.handOn(entry);
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
	 * The next records, the first of which was looked at before: what follows it is all that follows it. Undefined
	 * where that is not where the walk takes it to be; it then goes back by as much more each time.
	 */
	private async nextPage(walk: Walk): Promise<WalkedPage | undefined> {
		const { count } = this.head;
		const position = walk.position < 0 ? count : walk.position;
		const { page, pageSize } = pageFrom(position);
		const sort = sortBy(this.head, '');
		const { records, totalCount } = await readListPage(this.run, sort, { page, pageSize }, count);
		const entries = inOrder(dated(this.run, this.head, records), this.head.field);
		const start = (page - 1) * pageSize;
		if (start > 0 && !goesOn(entries, walk)) {
			const back = Math.min(start, totalCount) - walk.stepBack * LARGEST_PAGE;
			walk.position = Math.max(0, back);
			walk.stepBack = Math.max(1, 2 * walk.stepBack);
			return undefined;
		}
		walk.stepBack = 0;
		// The count may be too low, so that a full page is not the last, whatever is counted.
		const isEnd = entries.length < pageSize;
		if (isEnd && start + entries.length < totalCount - 1) {
			// Fewer than are counted: there must be nothing behind them.
			const next = await readListPage(this.run, sort, { page: page + 1, pageSize }, count);
			if (next.records.length > 0) refuseShortPage(page, 0);
		}
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
	private reaches(newest: DatedRecord[], pageSize: number, totalCount: number): boolean {
		// A full page has others before it, whatever is counted; one that lacks some has, too.
		const isWhole = newest.length < pageSize && newest.length >= totalCount - 1;
		return isWhole || newest.length === 0 || newest[0].dateMs < this.floorMs;
	}

	/** Whether there is no sign of others than those on the newest page. */
	private isProven(newest: DatedRecord[], fresh: DatedRecord[], totalCount: number): boolean {
		const [oldest] = newest;
		const isKnown = this.memory.has(oldest.key) && !this.isNews(oldest);
		const isCounted = totalCount <= this.head.count + fresh.length;
		const isDue =
			this.nowMs - this.head.lookedAtMs >= this.run.settings.overlapMs / LOOKS_PER_OVERLAP;
		return isKnown && isCounted && !isDue && fresh.length <= this.run.settings.maximum;
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
		const lateMs = this.run.settings.overlapMs + (entries.some(({ isDay }) => isDay) ? DAY_MS : 0);
		// What comes behind a walk while it is under way is seen by the next one.
		const seenAtMs = this.head.walk?.startedAtMs ?? this.nowMs;
		const floorMs = Math.min(newestMs, seenAtMs - FURTHEST_WEST_MS) - lateMs;
		if (floorMs > this.floorMs) this.head.floorMs = floorMs;
	}

	private beginWalk(quietUntilMs: number | null): void {
		const { count, floorMs } = this.head;
		const position = floorMs === null ? 0 : Math.max(0, count - this.memory.size);
		this.head.walk = { ...newWalk(position, floorMs, this.nowMs), quietUntilMs };
	}

	get result(): TailHead {
		return { ...this.head, recent: this.recent.pack() };
	}
}

function newWalk(position: number, dateMs: number | null, startedAtMs: number): Walk {
	return { position, stepBack: 0, key: '', dateMs, startedAtMs, quietUntilMs: null };
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

/** @throws ApiError where the API does not sort, so that a page may be any */
function inOrder(entries: DatedRecord[], field: string): DatedRecord[] {
	let newestMs = Number.NEGATIVE_INFINITY;
	for (const { dateMs } of entries) {
		if (!Number.isFinite(dateMs)) continue;
		// Zones, and clocks that are set back, put dates out of order by less than a day.
		if (dateMs < newestMs - DAY_MS) {
			throw new ApiError('inconsistent', `The list is not in the order of '${field}'`, {
				description:
					"EyeCloud Pro was asked to sort it. Nothing was handed on, as the trigger can't tell which records are new. If each poll says so, use Get Many in a scheduled workflow in its place.",
			});
		}
		newestMs = Math.max(newestMs, dateMs);
	}
	return entries;
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
	const entries = inOrder(dated(run, order, records.reverse()), order.field);
	return { entries, totalCount };
}

function sortBy({ field, idField }: DateOrder, sign: string): string {
	const fields = [field, idField].filter((name) => name !== '');
	return fields.map((name) => sign + name).join();
}
