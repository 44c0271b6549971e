// The books of a list in the order of its ids that is read page by page while it changes: whether it is complete, and
// where something may be missing. Used by pagination.ts, which says why that proves anything.
import type { IDataObject } from 'n8n-workflow';

/** One page as it was read. */
export interface Page {
	records: IDataObject[];
	totalCount: number;
	totalPages: number;
}

/** What a list is sorted by; another one for each record. */
export type Key = number | bigint | string;

/** What one answer showed: all that stood from its first record to its last. */
interface Stretch {
	from: Key;
	to: Key;
	/** How many records of the list came before it. */
	start: number;
	length: number;
	totalCount: number;
}

/** Where nobody has looked: after what one answer showed, and before what another one did. */
export interface Gap {
	left?: Stretch;
	right: Stretch;
}

export class ListReading {
	private readonly records = new Map<Key, IDataObject>();

	private readonly stretches: Stretch[] = [];

	private lowest: number;

	private highest: number;

	private hasRisen = false;

	private hasFallen = false;

	/** Keys came in another order than this one. */
	isUnsorted = false;

	/**
	 * @param keyOf what the list is sorted by
	 * @param expected how many records there are to be, and whether they fill all pages
	 * @param isOld whether a record was there at the moment of the first answer, where that can be told
	 */
	constructor(
		private readonly keyOf: (record: IDataObject) => Key,
		private readonly expected: { count: number; isFull: boolean },
		private readonly isOld?: (record: IDataObject) => boolean,
	) {
		this.lowest = expected.count;
		this.highest = expected.count;
	}

	get size(): number {
		return this.records.size;
	}

	/** To be called as a page is asked for; what it returns takes the page, and how many records come before it. */
	asking(): (page: Page, start: number) => void {
		const { lowest, highest } = this;
		return ({ records, totalCount }, start) => {
			this.hasRisen ||= totalCount > lowest;
			this.hasFallen ||= totalCount < highest;
			this.lowest = Math.min(this.lowest, totalCount);
			this.highest = Math.max(this.highest, totalCount);
			const { length } = records;
			const keys = records.map((record) => this.keyOf(record));
			this.isUnsorted ||= keys.some((key, at) => at > 0 && !(key > keys[at - 1]));
			for (const [at, record] of records.entries()) {
				if (this.isOld?.(record) ?? true) this.records.set(keys[at], record);
			}
			if (length === 0) return;
			this.stretches.push({ from: keys[0], to: keys[length - 1], start, length, totalCount });
		};
	}

	/**
	 * That the number went up and down is a sign that one may have come in among the old ones; and where it only
	 * went up, one may stand before the first answer, if no page overlaps with it.
	 */
	get isProven(): boolean {
		if (this.size !== this.expected.count) return false;
		if (!this.isOld) return this.lowest === this.highest;
		return !this.hasRisen || !(this.hasFallen || this.expected.isFull);
	}

	/** Where something may be missing, the likeliest first; nowhere where that is proven. */
	gaps(): Gap[] {
		if (this.isProven) return [];
		const isLikely = ({ left, right }: Gap) => Number(right.totalCount < (left?.totalCount ?? 0));
		const gaps = this.open().sort((one, other) => isLikely(other) - isLikely(one));
		const isSum = this.isOld && this.size === this.expected.count && !this.hasFallen;
		return isSum ? gaps.filter(({ right }) => right === this.stretches[0]) : gaps;
	}

	/** @returns what is left of it now; undefined where it is closed */
	leftOf({ left, right }: Gap): Gap | undefined {
		return this.open().find(
			(gap) => gap.right.from <= right.from && (!left || (gap.left && gap.left.to >= left.to)),
		);
	}

	/** About how many records come before it, by the latest answer. */
	placeOf({ left, right }: Gap): number {
		const { from, to, start, length } = this.stretches[this.stretches.length - 1];
		if (!left) return 0;
		const isRight = from > left.to;
		let between = 0;
		for (const key of this.records.keys()) {
			if (isRight ? key >= right.from && key < from : key > to && key <= left.to) between++;
		}
		return Math.max(0, isRight ? start - between : start + length + between);
	}

	/** All that was read, in order. */
	all(): IDataObject[] {
		const entries = [...this.records].sort(([one], [other]) => (one < other ? -1 : 1));
		return entries.map(([, record]) => record);
	}

	private open(): Gap[] {
		const gaps: Gap[] = [];
		const rank = ({ start, from }: Stretch) => ({ isFirst: start === 0, from });
		const sorted = [...this.stretches].sort((one, other) => {
			const [a, b] = [rank(one), rank(other)];
			return a.isFirst === b.isFirst ? (a.from < b.from ? -1 : 1) : a.isFirst ? -1 : 1;
		});
		let left: Stretch | undefined;
		for (const right of sorted) {
			const isEnd = left && left.start + left.length >= left.totalCount;
			if (right.start > 0 && !isEnd && !(left && right.from <= left.to)) gaps.push({ left, right });
			if (!left || right.to > left.to) left = right;
		}
		return gaps;
	}
}
