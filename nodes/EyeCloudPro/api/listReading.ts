// What was read of a list in the order of its IDs, page by page, while it changes: whether that is all of it, and where
// something may be missing. Used by pagination.ts, which says at its head why that proves anything.
import type { IDataObject } from 'n8n-workflow';

import type { Page } from './page';

/** What a list is sorted by; another one for each record. */
export type Key = number | bigint | string;

export interface ListOrder {
	/** Never equal to anything where nothing tells records apart. */
	keyOf(record: IDataObject): Key;
	/** Whether a record was there at the moment of the first answer; undefined where that can't be told. */
	isOld?(record: IDataObject): boolean;
}

/** What one answer showed: all that stood from its first record to its last. */
interface Stretch {
	records: IDataObject[];
	from: Key;
	to: Key;
	/** How many records of the list came before it. */
	start: number;
	/** Nothing of the list comes after it. */
	isEnd: boolean;
	totalCount: number;
}

/** Where nobody has looked: after what one answer showed, and before what another one did. */
export interface Gap {
	left?: Stretch;
	right: Stretch;
}

export class ListReading {
	readonly counts: Counts;

	/** Keys came in another order than this one. */
	isUnsorted = false;

	/** The list was found empty, so that there is nothing that was there all the while. */
	private isGone = false;

	private readonly stretches: Stretch[];

	private readonly newest: Stretch;

	private latest?: Stretch;

	/** The list has no more records, where the latest answer says so by having none. */
	private length = Infinity;

	/** @param first the page of the newest records, the last one first */
	constructor(
		{ records, totalCount }: Page,
		private readonly order: ListOrder,
	) {
		this.counts = new Counts(totalCount, order.isOld !== undefined);
		// Something may stand before it, even where the count says otherwise.
		const start = Math.max(1, totalCount - records.length);
		this.newest = this.stretchOf([...records].reverse(), { start, isEnd: true, totalCount });
		this.stretches = [this.newest];
	}

	/** To be called as a page is asked for; what it returns takes the page, and says whether it is the first once more. */
	asking(start: number, size: number): (page: Page) => boolean {
		const count = this.counts.asking();
		return ({ records, totalCount }) => {
			count(totalCount, start + records.length);
			this.isGone ||= start + totalCount + records.length === 0 && this.newest.totalCount > 0;
			this.length = records.length > 0 ? Infinity : start;
			if (records.length === 0) return false;
			const isEnd = records.length < size && start + records.length >= totalCount;
			this.latest = this.stretchOf(records, { start, isEnd, totalCount });
			const isAgain =
				start > 0 &&
				this.stretches.some(({ start: other, from }) => other === 0 && from === this.latest?.from);
			this.stretches.push(this.latest);
			this.stretches.sort(inOrder);
			return isAgain;
		};
	}

	/** Pages were read up to those of the first answer. */
	get isRead(): boolean {
		const { newest } = this;
		return this.stretches.some((each) => each !== newest && (each.isEnd || each.to >= newest.from));
	}

	/** Where something may be missing, the likeliest first; nowhere where all of it is proven. */
	gaps(): Gap[] {
		const open = this.open();
		const isLikely = ({ left, right }: Gap) => right.totalCount < (left?.totalCount ?? 0);
		const likely = open.filter(isLikely);
		if (this.isRead && this.counts.isProof(this.size)) return likely;
		return [...likely, ...open.filter((gap) => !isLikely(gap))];
	}

	/** About how many records come before it, by the latest answer. */
	placeOf({ left }: Gap): number {
		if (!left || !this.latest) return 0;
		const { start, records, from, to } = this.latest;
		const [key, place] = to <= left.to ? [to, start + records.length] : [from, start];
		const expected = place + this.countBefore(left.to) - this.countBefore(key);
		return Math.max(0, Math.min(expected, this.length - 1));
	}

	/** All that was read, in order. */
	all(): IDataObject[] {
		const all: IDataObject[] = [];
		for (const part of this.parts()) {
			for (const record of part) all.push(record);
		}
		return all;
	}

	private get size(): number {
		let size = 0;
		for (const { length } of this.parts()) size += length;
		return size;
	}

	private countBefore(key: Key): number {
		const { keyOf } = this.order;
		let count = 0;
		for (const part of this.parts()) {
			if (keyOf(part[part.length - 1]) < key) count += part.length;
			else return count + part.filter((record) => keyOf(record) < key).length;
		}
		return count;
	}

	private stretchOf(
		records: IDataObject[],
		place: Pick<Stretch, 'start' | 'isEnd' | 'totalCount'>,
	): Stretch {
		const { keyOf } = this.order;
		const from = keyOf(records[0]);
		let to = from;
		const others = [records[0]];
		for (let at = 1; at < records.length; at++) {
			const key = keyOf(records[at]);
			// A join may list one twice.
			const [one, other] = [records[at - 1], records[at]];
			if (key === to && JSON.stringify(one) === JSON.stringify(other)) continue;
			others.push(other);
			this.isUnsorted ||= !(key > to);
			to = key;
		}
		return { ...place, records: others, from, to };
	}

	/** Of each answer the records that none before it has shown. */
	private *parts(): Iterable<IDataObject[]> {
		const { keyOf, isOld } = this.order;
		let last: Key | undefined;
		for (const { records, from, to } of this.stretches) {
			const reached = last;
			const isNext = reached === undefined || from > reached;
			const others = isNext ? records : records.filter((record) => keyOf(record) > reached);
			// Below those of the first answer, all are old.
			const part =
				to < this.newest.from || !isOld ? others : others.filter((record) => isOld(record));
			if (part.length > 0) yield part;
			if (reached === undefined || to > reached) last = to;
		}
	}

	private open(): Gap[] {
		const gaps: Gap[] = [];
		if (this.isGone) return gaps;
		let left: Stretch | undefined;
		for (const right of this.stretches) {
			const isCovered = left && (left.isEnd || right.from <= left.to);
			if (right.start > 0 && !isCovered) gaps.push({ left, right });
			if (!left || right.to > left.to) left = right;
		}
		return gaps;
	}
}

/** Before what stood at the beginning of the list when it was read, there was nothing. */
function inOrder(one: Stretch, other: Stretch): number {
	if ((one.start === 0) !== (other.start === 0)) return one.start === 0 ? -1 : 1;
	if (one.from === other.from) return Number(one.isEnd) - Number(other.isEnd);
	return one.from < other.from ? -1 : 1;
}

/** Where the count changes with more of the answers, changes may well have hidden each other. */
const MOST_CHANGES = 1 / 10;

/** The numbers of records that answers say. */
export class Counts {
	private readonly different: Set<number>;

	private answers = 0;

	private lowest: number;

	private highest: number;

	private hasRisen = false;

	private hasFallen = false;

	private isSteady = true;

	/**
	 * @param first what the first answer says
	 * @param isGrowing whether what is added is known, so that it may be counted
	 */
	constructor(
		private readonly first: number,
		private readonly isGrowing: boolean,
	) {
		this.different = new Set([first]);
		this.lowest = first;
		this.highest = first;
	}

	/** To be called as a page is asked for: what was known by then, the answer to it comes after. */
	asking(): (count: number, shown: number) => void {
		const { lowest, highest } = this;
		return (count, shown) => {
			this.answers++;
			this.hasRisen ||= count > lowest;
			this.hasFallen ||= count < highest;
			this.lowest = Math.min(this.lowest, count);
			this.highest = Math.max(this.highest, count);
			this.different.add(count);
			const mustBeSame = !this.isGrowing || this.answers === 1;
			if (shown > count || (mustBeSame && count !== this.first)) this.isSteady = false;
		};
	}

	/** Whether so many old records are all of them. */
	isProof(size: number): boolean {
		const mostChanges = Math.max(1, this.answers * MOST_CHANGES);
		const isCalm = this.different.size - 1 <= mostChanges && !(this.hasRisen && this.hasFallen);
		return size === this.first && this.isSteady && isCalm;
	}
}
