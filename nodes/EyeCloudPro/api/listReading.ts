// The books of a list that is read page by page while it changes: whether it is complete, and where something may be
// missing. Used by pagination.ts, which says why that proves anything.
import type { IDataObject } from 'n8n-workflow';

/** One page as it was read. */
export interface Page {
	records: IDataObject[];
	totalCount: number;
	totalPages: number;
}

/** The place of what was added since: after all others. */
const BEYOND = Number.MAX_SAFE_INTEGER;

interface Expected {
	records: number;
	/** All pages are. */
	isFull: boolean;
	/** More of them may follow on the next page by the time that the last one is read. */
	isOpen: boolean;
}

export class ListReading {
	/** What each page held, in the order of the list. */
	private readonly parts: IDataObject[][] = [];

	/** Different ones alone; by what tells them apart, where in the list they stand. */
	private readonly records: IDataObject[] = [];

	private readonly places = new Map<unknown, number>();

	private readonly counts: number[] = [];

	private lowest: number;

	private highest: number;

	private hasRisen = false;

	private hasFallen = false;

	/** Gaps in front of which the list ended, the last time that somebody looked. */
	private readonly ends = new Set<number>();

	/**
	 * @param idField what tells records apart; undefined where nothing does, so that only their number counts
	 * @param isOld whether a record was there at the moment of the first answer, where records tell
	 */
	constructor(
		public idField: string | undefined,
		private readonly expected: Expected,
		firstCount: number,
		private readonly isOld?: (record: IDataObject) => boolean,
	) {
		this.lowest = firstCount;
		this.highest = firstCount;
	}

	/** To be called as a page is asked for; what it returns takes the page. */
	asking(index: number): (page: Page) => void {
		const { lowest, highest } = this;
		return ({ records, totalCount }) => {
			this.parts[index] = records;
			this.counts[index] = totalCount;
			this.hasRisen ||= totalCount > lowest;
			this.hasFallen ||= totalCount < highest;
			this.lowest = Math.min(this.lowest, totalCount);
			this.highest = Math.max(this.highest, totalCount);
		};
	}

	/**
	 * To be called after the last page.
	 *
	 * @returns the places that nobody has seen, by how many records stand before; none where nothing is missing
	 */
	gaps(): number[] {
		const likely = new Set<number>();
		const gaps = new Set<number>();
		for (const [index, part] of this.parts.entries()) {
			const old = part.filter((record) => this.isOld?.(record) ?? true);
			// What begins with something known goes on from there.
			const goesOn = index === 0 || (old.length > 0 && this.placeOf(old[0]) !== undefined);
			const isLikely = this.counts[index] < this.counts[index - 1];
			if (!goesOn) (isLikely ? likely : gaps).add(this.records.length);
			for (const record of old) this.add(record, this.records.length);
		}
		const { records, isOpen } = this.expected;
		if (isOpen && this.counts[this.counts.length - 1] > records) gaps.add(this.records.length);
		if (this.isProven) return [];
		const isSum = this.records.length === records;
		const all = [...likely, ...gaps];
		return isSum && this.isOld && !this.hasFallen
			? all.sort((one, other) => other - one).slice(0, 1)
			: all;
	}

	/**
	 * That the number went up and down is a sign that one may have come in among the old ones; and where it only
	 * went up, one may stand before the first answer, if no page overlaps with it.
	 */
	get isProven(): boolean {
		if (this.records.length !== this.expected.records) return false;
		if (!this.isOld) return this.lowest === this.highest;
		return !this.hasRisen || !(this.hasFallen || this.expected.isFull);
	}

	/**
	 * Takes a page on which a gap should be.
	 *
	 * @param start how many records of the list come before the page
	 * @returns where the gap is now; undefined once it is closed
	 */
	close(gap: number, { records, totalCount }: Page, start: number): number | undefined {
		const places = records.map((record) => this.placeOf(record));
		const before = places.reduce((last: number, place = gap, at) => (place < gap ? at : last), -1);
		const next = places.findIndex((place, at) => place !== undefined && at > before);
		if (before === -1 && start > 0) {
			const place = places[next] ?? BEYOND;
			const at = place === BEYOND ? start : start + next - place + gap;
			return Math.max(0, Math.min(start, totalCount, at));
		}
		const between = records.slice(before + 1, next === -1 ? undefined : next);
		for (const record of between) this.add(record, gap - 0.5);
		const isEnd = start + records.length >= totalCount;
		if (next !== -1 || (isEnd && this.ends.has(gap))) return undefined;
		if (isEnd) this.ends.add(gap);
		const last = (between.length > 0 ? undefined : places[before]) ?? gap - 0.5;
		return start + records.length + Math.floor(gap - 0.5 - last);
	}

	/** All that was read, in the order of the list. */
	all(): IDataObject[] {
		const place = (record: IDataObject) => this.placeOf(record) ?? 0;
		return this.records.sort((one, other) => place(one) - place(other));
	}

	private add(record: IDataObject, place: number): void {
		if (this.placeOf(record) !== undefined) return;
		this.places.set(this.idField === undefined ? record : record[this.idField], place);
		this.records.push(record);
	}

	/** Undefined for what is not known; beyond all others for what was added since. */
	private placeOf(record: IDataObject): number | undefined {
		if (this.isOld?.(record) === false) return BEYOND;
		return this.places.get(this.idField === undefined ? record : record[this.idField]);
	}
}
