// What has been read of a list so far, and whether it still holds: the bookkeeping of a complete list
// that changes while it is read. Used by pagination.ts.
import type { IDataObject } from 'n8n-workflow';

/** One page as it was read. */
export interface Page {
	records: IDataObject[];
	totalCount: number;
	totalPages: number;
}

/** A request for a page that is under way. */
export interface Reading {
	order: number;
	/** The shifts that were known when it was sent. */
	shifts: number;
	/** The lowest count that a request sent later has answered meanwhile. */
	lowestLater: number;
	/** It was sent more than once, so it came later than its turn. */
	wasRetried: boolean;
}

/** A page with when its records were first read, and last seen to be the same, in answers so far. */
type KeptPage = Page & { shifts: number; readAt: number; seenAt: number; wasRetried: boolean };

/**
 * Why the result is complete: if no record was deleted while the list was read, every record that was
 * read is still there. So when they are all different and as many as the API counts, they are all there
 * are; how many were added meanwhile, and where, does not matter. What was added at the end of the
 * list costs its last pages once more and nothing else.
 *
 * A shift ends that: the count fell, in the order of sending or of answering; or a page that was read
 * before does not begin any more as it did. Then nothing that was read before it counts. Without ids,
 * or for the first records alone, any change of the count is a shift.
 *
 * A deletion that an addition hides shows in no count. So pages are read from the last to the first: what
 * moves to the page before is then read a second time, not missed. Where a page came out of that turn,
 * the page before it is looked at once more; if it is still the same, nothing moved between the two.
 * What remains is a deletion and an addition both within the time of the requests that are under way
 * together.
 */
export class ListReading {
	private readonly pages: Array<KeptPage | undefined> = [];

	private readonly underWay = new Set<Reading>();

	private sent = 0;

	private shifts = 0;

	private answers = 0;

	private isFirstPageOld = false;

	/** By the first record's id: which page held it, since the last shift. */
	private readonly firstIds = new Map<unknown, number>();

	/** Answers with another number of records than their own count says, or that begin as another page. */
	contradictions = 0;

	/** The latest count of the list. */
	totalCount: number;

	constructor(
		firstPage: Page,
		private readonly pageSize: number,
		private readonly idField: string | undefined,
		private readonly limit = Number.POSITIVE_INFINITY,
		private readonly inFlight = 1,
	) {
		this.totalCount = firstPage.totalCount;
		this.pages[0] = { ...firstPage, shifts: 0, readAt: 0, seenAt: 0, wasRetried: false };
	}

	/** How many records there should be, as far as is known now. */
	private get expected(): number {
		const pages = Math.ceil(this.limit / this.pageSize);
		return Math.min(this.totalCount, pages * this.pageSize);
	}

	/** How many pages there should be. */
	get pageCount(): number {
		return Math.max(1, Math.ceil(this.expected / this.pageSize));
	}

	/** Indexes of the pages that were not read yet, or that do not hold any more. */
	missing(): number[] {
		const missing: number[] = [];
		const count = this.pageCount;
		this.pages.length = count;
		for (let index = 0; index < count; index++) {
			const page = this.pages[index];
			const wanted = Math.min(this.pageSize, this.expected - index * this.pageSize);
			if (page?.shifts !== this.shifts || page.records.length !== wanted) missing.push(index);
		}
		return missing;
	}

	/** Some time went by between the first page and the others, so its turn does not count any more. */
	doubtFirstPage(): void {
		this.isFirstPageOld = true;
	}

	/** Indexes of pages from which a record may have moved unseen to the one after: to be read again. */
	doubtful(): number[] {
		const doubtful: number[] = [];
		for (let index = 0; index + 1 < this.pages.length; index++) {
			const page = this.pages[index];
			const next = this.pages[index + 1];
			if (!page || !next) continue;
			// Read before all others by need: only time in between makes a difference.
			const isFirst = index === 0 && page.seenAt === 0;
			const blur = next.wasRetried ? 0 : this.inFlight;
			const isLate = isFirst ? this.isFirstPageOld : next.readAt > page.seenAt + blur;
			if (isLate) doubtful.push(index);
		}
		return doubtful;
	}

	begin(): Reading {
		const reading = {
			order: this.sent++,
			shifts: this.shifts,
			lowestLater: Number.POSITIVE_INFINITY,
			wasRetried: false,
		};
		this.underWay.add(reading);
		return reading;
	}

	/** @param page undefined where the request failed */
	end(reading: Reading, index: number, page?: Page): void {
		this.underWay.delete(reading);
		if (!page) return;
		const { totalCount } = page;
		for (const other of this.underWay) {
			const isEarlier = other.order < reading.order;
			if (isEarlier) other.lowestLater = Math.min(other.lowestLater, totalCount);
		}
		const isLess = totalCount < this.totalCount || totalCount > reading.lowestLater;
		const isOther = totalCount !== this.totalCount;
		const isGrowthHarmless = this.idField !== undefined && !Number.isFinite(this.limit);
		const known = this.pages[index];
		const isKnown = known !== undefined && known.shifts === this.shifts;
		if (isLess || (isOther && !isGrowthHarmless) || !this.goesOn(index, page)) this.startAgain();
		this.totalCount = totalCount;
		if (this.contradicts(index, page)) this.contradictions++;
		// What was under way during a shift may be from before or after it.
		const isValid = reading.shifts === this.shifts;
		const seenAt = ++this.answers;
		const { readAt, wasRetried } = isKnown ? known : { readAt: seenAt, ...reading };
		const shifts = isValid ? this.shifts : -1;
		this.pages[index] = { ...page, shifts, readAt, seenAt, wasRetried };
	}

	/** All records, once nothing is missing; undefined where they contradict each other. */
	complete(): IDataObject[] | undefined {
		const records = this.pages.flatMap((page) => page?.records ?? []);
		if (records.length !== this.expected || !this.areDifferent(records)) return undefined;
		return Number.isFinite(this.limit) ? records.slice(0, this.limit) : records;
	}

	/** Nothing that was read counts any more. */
	startAgain(): void {
		this.shifts++;
		this.firstIds.clear();
	}

	private contradicts(index: number, { records, totalCount }: Page): boolean {
		const wanted = Math.min(this.pageSize, Math.max(0, totalCount - index * this.pageSize));
		const firstId = this.idField === undefined ? undefined : records[0]?.[this.idField];
		const before = firstId === undefined ? index : (this.firstIds.get(firstId) ?? index);
		if (firstId !== undefined) this.firstIds.set(firstId, index);
		return records.length !== wanted || before !== index;
	}

	/** Whether the page still begins with what it held when it was read before. */
	private goesOn(index: number, { records }: Page): boolean {
		const known = this.pages[index];
		const { idField } = this;
		if (known?.shifts !== this.shifts || idField === undefined) return true;
		return known.records.every((record, at) => record[idField] === records[at]?.[idField]);
	}

	private areDifferent(records: IDataObject[]): boolean {
		const { idField } = this;
		if (idField === undefined) return true;
		const ids = new Set<unknown>();
		for (const record of records) ids.add(record[idField]);
		return ids.size === records.length;
	}
}
