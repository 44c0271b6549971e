// What was read of a list since the moment of its first answer, and whether that is all of it. Used by pagination.ts,
// which says at its head why the proof holds.
import type { IDataObject } from 'n8n-workflow';

import { LARGEST_PAGE, type Page } from './page';

/** What tells a record from all others. */
export type Key = number | string | IDataObject;

export interface ListOrder {
	keyOf(record: IDataObject): Key;
	/** What the list is sorted by. */
	sortedBy?: (record: IDataObject) => Sortable | undefined;
	/** What every new record has more of than all others; undefined where that can't be told. */
	rankOf?: (record: IDataObject) => Sortable | undefined;
}

export type Sortable = number | bigint | string;

/** A number, also as text, or a time, as such; they can grow. */
export function sortable(value: unknown): Sortable | undefined {
	if (typeof value === 'number')
		return Math.abs(value) > Number.MAX_SAFE_INTEGER ? undefined : value;
	if (typeof value !== 'string') return undefined;
	if (/^\d+$/.test(value)) return BigInt(value);
	const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(time) ? value : time;
}

export function compared(one: Sortable = '', other: Sortable = ''): number {
	if (typeof one === 'string' && typeof other === 'string') return one.localeCompare(other);
	if (one < other) return -1;
	return one > other ? 1 : 0;
}

/** The count may rise by one record per ten answers; if it rises faster, deletions may be hidden among the additions. */
const MOST_CHANGES = 1 / 10;

export class ListReading {
	/** Records have no id of their own, or come in another order than was asked for. */
	isUnordered = false;

	/** A page shows the end of the list, or reaches its newest records. */
	isAtEnd = false;

	/** Different records that were there at the first moment, as far as that can be told. */
	private size = 0;

	private readonly shown = new Map<Key, IDataObject>();

	private readonly pages: Array<{ start: number; records: IDataObject[] }> = [];

	/** By the keys of the first answer's records, how many stood before each, where the newest comes first. */
	private readonly places: Map<Key, number>;

	private isDoubtful: boolean;

	private lastCount: number;

	/** Where the first page stands that shows a record of the first answer, and the first one that is not full. */
	private metAt = Infinity;

	private shortAt = Infinity;

	private textBefore = '';

	/**
	 * @param first the answer to whose moment all is compared
	 * @param isUp it is read from the first page to this answer, whose newest record comes first
	 */
	constructor(
		readonly first: Page,
		private readonly order: ListOrder,
		private readonly isUp = false,
	) {
		const { records, totalCount, isUncounted } = first;
		this.lastCount = totalCount;
		this.isDoubtful = Boolean(isUncounted);
		this.places = new Map(
			records.map((record, index) => [order.keyOf(record), totalCount - 1 - index]),
		);
		if (isUp) this.show(Infinity, [...records].reverse());
	}

	/**
	 * @param start how many records come before the page
	 * @param size how many should be on it
	 * @returns whether it has shown anything that no page before it had
	 */
	add(start: number, size: number, { records, totalCount, isUncounted }: Page): boolean {
		const { keyOf, rankOf, sortedBy } = this.order;
		// Ids that grow tell additions from all else.
		const isChanged = !rankOf && totalCount !== this.lastCount;
		this.isDoubtful ||= records.length > 0 && (Boolean(isUncounted) || isChanged);
		if (!isUncounted) this.lastCount = totalCount;
		if (records.length < size) [this.isAtEnd, this.shortAt] = [true, Math.min(this.shortAt, start)];
		const [lowest, highest] = [records[0], records.at(-1)].map((one) => one && sortedBy?.(one));
		this.isUnordered ||= this.isUp && compared(lowest, highest) > 0;
		for (const [index, record] of records.entries()) {
			const place = this.isUp ? this.places.get(keyOf(record)) : undefined;
			if (place !== undefined) [this.isAtEnd, this.metAt] = [true, Math.min(this.metAt, start)];
			// What stands elsewhere than the count says, or on two pages, has moved.
			this.isDoubtful ||=
				place === undefined ? this.shown.has(keyOf(record)) : place !== start + index;
		}
		const isNew = !this.isRepeated(records) && this.show(start, records);
		// A server that answers with all of it again knows no pages.
		if (start > 0 && !isNew && this.first.isDoubtful && size < LARGEST_PAGE) this.isAtEnd = true;
		return isNew;
	}

	/** So many records were read as all answers have counted, or the first ones, where no more are wanted. */
	isCounted(wanted = Infinity): boolean {
		const { totalCount } = this.first;
		const isCalm = this.lastCount - totalCount <= Math.max(1, this.pages.length * MOST_CHANGES);
		return !this.isDoubtful && isCalm && this.size === Math.min(totalCount, wanted);
	}

	/** Read upward, full pages lead to the first answer's records. Without a count, a page that is not full ends nothing. */
	get isJoined(): boolean {
		return this.isUp && !this.isUnordered && this.metAt <= this.shortAt && this.metAt < Infinity;
	}

	/** What a later answer counts beside new records was read; more new ones than it shows hide how many. */
	holdsAllOf({ records, totalCount, isUncounted }: Page): boolean {
		const added = records.filter((record) => !this.isOld(record)).length;
		return Boolean(isUncounted) || added === records.length || totalCount - added <= this.size;
	}

	/** At least as many were shown as the last answer has counted. */
	get isEnough(): boolean {
		return this.shown.size >= this.lastCount;
	}

	/** The count rises much faster than the list is read, so that no end is in sight. */
	get isRunningAway(): boolean {
		const most = 5 * Math.max(this.first.totalCount, this.shown.size) + LARGEST_PAGE;
		return this.pages.length > 10 && this.lastCount > most;
	}

	/** The first and the last record of each page: the same where nothing has moved. */
	edges(): string {
		return JSON.stringify(this.inOrder().map(({ records }) => [records[0], records.at(-1)]));
	}

	/** All records of the first moment that were read, each once, as their places have it. */
	all(): IDataObject[] {
		const records = new Map<Key, IDataObject>();
		for (const page of this.inOrder()) {
			for (const record of page.records) {
				if (this.isOld(record)) records.set(this.order.keyOf(record), record);
			}
		}
		return [...records.values()];
	}

	private isOld(record: IDataObject): boolean {
		const { keyOf, rankOf } = this.order;
		if (!rankOf || this.places.has(keyOf(record))) return true;
		return compared(rankOf(record), rankOf(this.first.records[0])) < 0;
	}

	/** Without an id, the page before it as it was: a server that knows no pages would be asked for ever. */
	private isRepeated(records: IDataObject[]): boolean {
		if (records.length === 0 || this.order.keyOf(records[0]) !== records[0]) return false;
		const text = JSON.stringify(records);
		const isSame = text === this.textBefore;
		this.textBefore = text;
		return isSame;
	}

	private inOrder() {
		return this.pages.sort((one, other) => one.start - other.start);
	}

	private show(start: number, records: IDataObject[]): boolean {
		const { keyOf, rankOf } = this.order;
		const { size: known } = this.shown;
		const own = new Set<Key>();
		this.pages.push({ start, records });
		for (const record of records) {
			const key = keyOf(record);
			const before = this.shown.get(key);
			const textOf = own.has(key) ? JSON.stringify : rankOf;
			// Another record has the same.
			const isOther = before && textOf && textOf(before) !== textOf(record);
			this.isUnordered ||= key === undefined || key === null || Boolean(isOther);
			if (!before && this.isOld(record)) this.size++;
			this.shown.set(key, record);
			own.add(key);
		}
		return this.shown.size > known;
	}
}
