// Finds what is looked for in a list that is sorted by a field, by bisecting it: a few pages in place of all. It goes
// by the order that it sees, and reads the whole list where it sees none that it knows. Called by
// parameters/lookUp.ts and the list of From List. Rests on `overview.md`, "Sorting" and "Pagination".
import type { IDataObject } from 'n8n-workflow';

import type { Client } from './client';
import { sortRefusalIn } from './errors';
import type { Page } from './listReading';
import type { Order } from './collation';
import { LARGEST_PAGE, readPage, SMALLEST_PAGE, type PageRequest } from './page';
import { readList } from './pagination';

/** So many pages at a time, where several have to be read anyway. */
const PAGES_AT_ONCE = 8;

/** A list that changes more often is read as a whole, which has a proof of its own. */
const MOST_CHANGES = 5;

/** Of lists that change, and of boundaries between pages. */
const SPARE_READS = 20;

/** Between two that can't be compared there may be one that hides what the others tell. */
const FORMER_NEIGHBORS = [1, 2, 7];

export interface LookUp extends Omit<PageRequest, 'sort'> {
	/** That the list is to be sorted by. */
	field: string;
	idFields: readonly string[];
	isWanted(record: IDataObject): boolean;
	/** That the list may be in, the likeliest first. */
	orders: readonly Order[];
}

export interface FoundByLookUp {
	records: IDataObject[];
	/** The order made no sense, so that the whole list was read. */
	isWholeList: boolean;
}

/**
 * All records that are wanted, in the API's order. A record is missed only where it came, went or changed meanwhile.
 *
 * @throws ApiError where the list can't be sorted by the field, or whatever a page's request throws
 */
export async function lookUp(client: Client, request: LookUp): Promise<FoundByLookUp> {
	const records = await lookUpAlone(client, request);
	if (records) return { records, isWholeList: false };
	const { segments, query, field, idFields, isWanted } = request;
	const all = await readList(client, { segments, query, sort: field, idFields });
	return { records: all.filter(isWanted), isWholeList: true };
}

/**
 * The same, without ever reading the whole list.
 *
 * @param mostReads so many pages at most, where reading more is not worth it
 * @returns undefined where the order makes no sense, or more pages would have to be read
 */
export async function lookUpAlone(
	client: Client,
	request: LookUp,
	mostReads?: number,
): Promise<IDataObject[] | undefined> {
	const { segments, query } = request;
	const sorted = await firstSorted(client, request);
	if (!sorted) return undefined;
	const { sort } = sorted;
	const read = async (page: number, pageSize: number) =>
		await readPage(client, { segments, query, sort }, { page, pageSize });
	return await bisect(read, request, { ...sorted, largestPage: LARGEST_PAGE, mostReads });
}

/** Where the list can't be sorted by the id as well, records that are equal may change places: undefined. */
async function firstSorted(client: Client, { segments, query, field, idFields }: LookUp) {
	let candidates = idFields.includes(field) ? [''] : [...idFields];
	while (candidates.length > 0) {
		const [idField] = candidates;
		const sort = idField ? `${field},${idField}` : field;
		const page = { page: 1, pageSize: LARGEST_PAGE };
		const firstPage = await readPage(client, { segments, query, sort }, page).catch(
			(thrown: unknown) => {
				const { allowed } = sortRefusalIn(thrown);
				if (!allowed?.includes(field)) throw thrown;
				candidates = candidates.slice(1).filter((other) => allowed.includes(other));
				return undefined;
			},
		);
		if (firstPage) return { firstPage, sort, idField: idField || field };
	}
	return undefined;
}

/** Records that stood one after the other in one answer, or in several that have records in common. */
interface Stretch {
	/** The place of the first one in the list. */
	start: number;
	records: IDataObject[];
}

/** Between two stretches: what stands before and after it, and where it is. */
interface Gap {
	before?: IDataObject;
	after?: IDataObject;
	start: number;
	end: number;
}

/**
 * Why it misses nothing: what it has seen is a row of stretches, each of which was whole in one answer. Two are joined
 * only where they have a record in common, at the same place, and what lies between them is left out only where no
 * order that the list may be in has room for a wanted record there. Where an answer tells that the list has changed,
 * by its count or by a record that stands elsewhere, nothing counts that was seen before it.
 *
 * @param read a page of the sorted list
 * @returns undefined where the list is in none of the orders, or does not hold still
 */
export async function bisect(
	read: (page: number, pageSize: number) => Promise<Page>,
	{ field, isWanted, orders }: Pick<LookUp, 'field' | 'isWanted' | 'orders'>,
	{
		firstPage,
		idField,
		largestPage,
		mostReads = 2 * firstPage.totalPages + SPARE_READS,
	}: {
		firstPage: Page;
		idField: string;
		largestPage: number;
		mostReads?: number;
	},
): Promise<IDataObject[] | undefined> {
	const seen = new SeenList(field, idField, orders);
	seen.add(0, firstPage);
	for (let reads = 1; reads <= mostReads && seen.changes <= MOST_CHANGES; ) {
		const gaps = seen.gaps();
		if (seen.orders.length === 0) return undefined;
		if (gaps.length === 0) return seen.records().filter(isWanted);
		const pages = gaps.slice(0, PAGES_AT_ONCE).map(({ start, end }) => {
			if (start === end) return pageAround(start, largestPage);
			return { page: Math.floor((start + end - 1) / 2 / largestPage) + 1, size: largestPage };
		});
		const answers = await Promise.all(
			pages.map(async ({ page, size }) => ({ page, size, answer: await read(page, size) })),
		);
		for (const { page, size, answer } of answers) seen.add((page - 1) * size, answer);
		reads += pages.length;
	}
	return undefined;
}

/** The smallest page with records on both sides of a place. */
function pageAround(place: number, largestPage: number): { page: number; size: number } {
	let size = Math.min(SMALLEST_PAGE, largestPage);
	while (place % size === 0 && size < largestPage) size++;
	return { page: Math.floor(place / size) + 1, size };
}

class SeenList {
	/** In the order of the list; none begins where another one ends but for what is to be looked at. */
	private stretches: Stretch[] = [];

	private totalCount?: number;

	/** Of each record that was seen, where it stood. */
	private places = new Map<unknown, number>();

	/** How often the list was another one than before. */
	changes = 0;

	constructor(
		private readonly field: string,
		private readonly idField: string,
		/** In which the list may be. */
		public orders: readonly Order[],
	) {}

	add(start: number, { records, totalCount }: Page): void {
		this.judge(records);
		const isMoved = records.some((record, index) => {
			const place = this.places.get(record[this.idField]);
			return place !== undefined && place !== start + index;
		});
		const isOther = this.totalCount !== undefined && totalCount !== this.totalCount;
		let added: Stretch = { start, records };
		const joined = this.stretches.filter((stretch) => overlap(stretch, added));
		const areSame = joined.every((stretch) => this.agree(stretch, added));
		if (isMoved || isOther || !areSame) {
			this.changes++;
			this.stretches = [];
			this.places = new Map();
		} else {
			for (const stretch of joined) added = together(stretch, added);
			this.stretches = this.stretches.filter((stretch) => !joined.includes(stretch));
		}
		this.totalCount = totalCount;
		for (const [index, record] of records.entries()) {
			this.places.set(record[this.idField], start + index);
		}
		if (records.length > 0) this.stretches.push(added);
		this.stretches.sort((a, b) => a.start - b.start);
	}

	/** All that were seen. */
	records(): IDataObject[] {
		return this.stretches.flatMap(({ records }) => records);
	}

	/** Where a wanted record may be that was not seen: by the likeliest order, and by the others after it. */
	gaps(): Gap[] {
		const gaps = this.allGaps();
		this.orders = this.orders.filter((order) =>
			gaps.every(({ before, after }) => this.isAllowed(order, before, after)),
		);
		for (const order of this.orders) {
			const open = gaps.filter((gap) => this.mayHold(order, gap));
			if (open.length > 0) return open;
		}
		return [];
	}

	private allGaps(): Gap[] {
		const gaps: Gap[] = [];
		const { totalCount = 0 } = this;
		let start = 0;
		let before: IDataObject | undefined;
		for (const stretch of this.stretches) {
			const [after] = stretch.records;
			if (before || stretch.start > 0) gaps.push({ before, after, start, end: stretch.start });
			start = stretch.start + stretch.records.length;
			before = stretch.records.at(-1);
		}
		if (start < totalCount) gaps.push({ before, start, end: totalCount });
		return gaps;
	}

	private mayHold(order: Order, { before, after }: Gap): boolean {
		const [least, most] = [before?.[this.field], after?.[this.field]];
		// Empty values stand at one end or at both; what is beyond them is empty too.
		if (before && isEmpty(least) && this.isFilledBefore(before)) return false;
		if (after && isEmpty(most) && this.isFilledAfter(after)) return false;
		return order.mayHold(isEmpty(least) ? undefined : least, isEmpty(most) ? undefined : most);
	}

	private isFilledBefore(record: IDataObject): boolean {
		return this.isFilledUntil(
			record,
			this.stretches.flatMap(({ records }) => records),
		);
	}

	private isFilledAfter(record: IDataObject): boolean {
		return this.isFilledUntil(record, this.stretches.flatMap(({ records }) => records).reverse());
	}

	private isFilledUntil(record: IDataObject, all: IDataObject[]): boolean {
		const isEither = (one: IDataObject) => one === record || !isEmpty(one[this.field]);
		return all.find(isEither) !== record;
	}

	/** Leaves the orders in which these may stand one after the other. */
	private judge(records: IDataObject[]): void {
		this.orders = this.orders.filter((order) =>
			records.every((record, index) =>
				FORMER_NEIGHBORS.every((back) => this.isAllowed(order, records[index - back], record)),
			),
		);
	}

	private isAllowed(order: Order, before?: IDataObject, after?: IDataObject): boolean {
		const [one, other] = [before?.[this.field], after?.[this.field]];
		return isEmpty(one) || isEmpty(other) || order.allows(one, other);
	}

	/** Whether both have the same records where both have seen the list. */
	private agree(known: Stretch, added: Stretch): boolean {
		return added.records.every((record, index) => {
			const other = known.records[added.start + index - known.start];
			const isSame =
				other?.[this.idField] === record[this.idField] && other[this.field] === record[this.field];
			return other === undefined || isSame;
		});
	}
}

function endOf({ start, records }: Stretch): number {
	return start + records.length;
}

function overlap(one: Stretch, other: Stretch): boolean {
	return one.start < endOf(other) && other.start < endOf(one);
}

function together(one: Stretch, other: Stretch): Stretch {
	const [first, second] = one.start <= other.start ? [one, other] : [other, one];
	const more = second.records.slice(endOf(first) - second.start);
	return { start: first.start, records: [...first.records, ...more] };
}

function isEmpty(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}
