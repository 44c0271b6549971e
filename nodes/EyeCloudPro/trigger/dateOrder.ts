// A list in the order of a date: its newest page, and a walk from some date on that loses no record,
// however the list changes meanwhile. Used by byDate.ts.
import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import type { Page } from '../api/listReading';
import { LARGEST_PAGE, readPage } from '../api/page';
import { keyOf, type PollRun } from './strategy';

/** A record with its place in the order. */
export interface DatedRecord {
	/** Tells it from all others; for changes, from its earlier versions too. */
	key: string;
	/** Milliseconds since the epoch, as if the API's clock was in UTC; -Infinity where it has no date. */
	dateMs: number;
	record: IDataObject;
}

export interface DateOrder {
	/** The field that the list is sorted by. */
	field: string;
	/** What records of the same date are sorted by, empty where the API can't. */
	idField: string;
	/** Whether a record counts as another one once its date is another. */
	isByVersion: boolean;
}

/** A page may be this much smaller, so that it begins with what was read before. */
const SMALLEST_WALKING_PAGE = 200;

/** How often a walk may look for its place again, further back each time. */
const MOST_STEPS_BACK = 20;

/** The time that the API wrote, e.g. `2020-11-15T09:30:00` or `2020-11-15`; -Infinity if it is none. */
export function dateOf(value: unknown): number {
	const text = typeof value === 'string' ? value.trim().replace(' ', 'T') : '';
	if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return Number.NEGATIVE_INFINITY;
	// Without an offset it is the practice's local time: only the order and the distance matter.
	const hasOffset = text.length <= 10 || /(Z|[+-]\d{2}:?\d{2})$/i.test(text);
	const dateMs = Date.parse(hasOffset ? text : `${text}Z`);
	return Number.isNaN(dateMs) ? Number.NEGATIVE_INFINITY : dateMs;
}

export function datedRecords(run: PollRun, order: DateOrder, records: IDataObject[]) {
	return records.map((record): DatedRecord => {
		const dateMs = dateOf(record[order.field]);
		const key = keyOf(record, run.resource);
		return { key: order.isByVersion ? `${key}@${dateMs.toString(36)}` : key, dateMs, record };
	});
}

/** The newest records, newest first, and how many there are in all. */
export async function readNewest(
	run: PollRun,
	order: DateOrder,
	pageSize: number,
): Promise<{ newest: DatedRecord[]; totalCount: number }> {
	const sort = [order.field, order.idField].filter(Boolean).map((field) => `-${field}`);
	const page = await read(run, sort.join(), { page: 1, pageSize });
	const newest = datedRecords(run, order, page.records);
	const isWhole = page.totalCount <= page.records.length;
	if (!isWhole && newest.some(({ dateMs }) => !Number.isFinite(dateMs))) throw undated(order.field);
	return { newest, totalCount: page.totalCount };
}

/**
 * Reads the list from a date on, oldest first, page by page. Each page begins with a record that was
 * read already: what follows it then is all that follows it, whatever was added, deleted or moved.
 */
export class DateWalk {
	/** How many records come before the next one, as far as is known. */
	position = 0;

	totalCount = Number.POSITIVE_INFINITY;

	private readonly seen = new Set<string>();

	private firstPage: DatedRecord[] | undefined;

	/** @param fromMs -Infinity for the whole list */
	constructor(
		private readonly run: PollRun,
		private readonly order: DateOrder,
		private readonly fromMs: number,
	) {}

	/**
	 * Looks for the last page that begins before the date, first around the guess, then by halves.
	 *
	 * @param guess how many records may come before the date; -1 if nobody knows
	 */
	async begin(guess: number): Promise<void> {
		const isWhole = !Number.isFinite(this.fromMs);
		let probe = isWhole || guess < 0 ? 1 : Math.floor(guess / LARGEST_PAGE) + 1;
		let before = 0;
		let after = Number.POSITIVE_INFINITY;
		let [step, isBracketed] = [1, guess < 0];
		let entries: DatedRecord[] = [];
		do {
			const probed = await this.page(probe, LARGEST_PAGE);
			const pages = Math.max(1, Math.ceil(this.totalCount / LARGEST_PAGE));
			const isBefore = probe === 1 || (probed[0]?.dateMs ?? this.fromMs) < this.fromMs;
			if (isBefore) [before, entries] = [probe, probed];
			else after = probe;
			isBracketed ||= isBefore ? Number.isFinite(after) : before > 0;
			after = Math.min(after, pages + 1);
			const near = isBefore ? before + step : after - step;
			const next = isBracketed ? Math.floor((before + after) / 2) : near;
			probe = Math.max(before + 1, Math.min(after - 1, next));
			step *= 2;
		} while (!isWhole && before + 1 < after && !(before > 0 && holds(entries, this.fromMs)));
		this.position = (before - 1) * LARGEST_PAGE + entries.length;
		this.firstPage = entries;
	}

	/** The next records from the date on, oldest first; undefined at the end of the list. */
	async next(): Promise<DatedRecord[] | undefined> {
		if (this.firstPage) {
			const entries = this.firstPage;
			this.firstPage = undefined;
			return this.take(entries);
		}
		if (this.position >= this.totalCount) return undefined;
		for (let stepsBack = 0; stepsBack < MOST_STEPS_BACK; stepsBack++) {
			const { page, pageSize } = pageFrom(this.position);
			const entries = await this.page(page, pageSize);
			const start = (page - 1) * pageSize;
			if (start === 0 || entries.some(({ key }) => this.seen.has(key))) {
				this.position = start + entries.length;
				return this.take(entries);
			}
			this.position = Math.max(0, Math.min(start, this.totalCount) - stepsBack * LARGEST_PAGE);
		}
		throw new ApiError('inconsistent', 'The list kept changing while it was read', {
			description: 'Nothing was handed on. The next poll begins where this one did.',
		});
	}

	private take(entries: DatedRecord[]): DatedRecord[] {
		const fresh = entries.filter(({ key, dateMs }) => dateMs >= this.fromMs && !this.seen.has(key));
		for (const { key } of entries) this.seen.add(key);
		return fresh;
	}

	private async page(page: number, pageSize: number): Promise<DatedRecord[]> {
		const sort = [this.order.field, this.order.idField].filter(Boolean).join();
		const { records, totalCount } = await read(this.run, sort, { page, pageSize });
		this.totalCount = totalCount;
		const entries = datedRecords(this.run, this.order, records);
		const last = entries.at(-1)?.dateMs ?? 0;
		// Undated records come first or not at all; at the end, new ones could hide behind them.
		if (Number.isFinite(entries[0]?.dateMs) && !Number.isFinite(last))
			throw undated(this.order.field);
		return entries;
	}
}

/** Whether the date is within these, so that the page after them begins too late. */
function holds(entries: DatedRecord[], fromMs: number): boolean {
	const last = entries.at(-1);
	return last !== undefined && last.dateMs >= fromMs;
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

async function read(
	{ client, resource, query, time }: PollRun,
	sort: string,
	place: { page: number; pageSize: number },
): Promise<Page> {
	const request = { segments: resource.path, query, sort };
	return await time.measured(async () => await readPage(client, request, place));
}

function undated(field: string): ApiError {
	return new ApiError('unreadable', `Records came without a date in '${field}'`, {
		description:
			"EyeCloud Pro sorts them to where new ones are looked for, so some could be missed. Narrow the list down with 'Filters', or contact EyeCloud Pro support.",
	});
}
