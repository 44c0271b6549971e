// Finds what is looked for in a list that is sorted by a field, by bisecting it: a few pages in place of all. It goes
// by the order that it sees, and reads the whole list where it sees none that it knows. Called by
// parameters/lookUp.ts and the list of From List. Rests on `overview.md`, "Sorting" and "Pagination".
import type { IDataObject } from 'n8n-workflow';

import type { Client } from './client';
import { sortRefusalIn } from './errors';
import type { Page } from './listReading';
import type { Order } from './orders';
import { LARGEST_PAGE, readPage, SMALLEST_PAGE, type PageRequest } from './page';
import { readList } from './pagination';

/** So many pages at a time, where several have to be read anyway. */
const PAGES_AT_ONCE = 8;

/** A boundary between two pages that does not hold still is looked at so often. */
const LOOKS_AT_BOUNDARY = 6;

/** Of lists that change, and of boundaries between pages. */
const SPARE_READS = 20;

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
	/** The place of the first one in the list, as far as is known. */
	start: number;
	records: IDataObject[];
	isBeginning: boolean;
	isEnd: boolean;
}

/** Between two stretches: what stands before and after it, and where it is. */
interface Gap {
	before?: IDataObject;
	after?: IDataObject;
	start: number;
	end: number;
}

/**
 * Why it misses nothing: what it has seen is a chain of stretches, each of which was whole in one answer. Two are
 * joined only where they have a record in common, and what lies between them is left out only where no order that
 * the list may be in has room for a wanted record there.
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
	seen.add(0, firstPage, largestPage);
	const looks = new Map<string, number>();
	for (let reads = 1; reads <= mostReads; ) {
		const gaps = seen.gaps();
		if (seen.orders.length === 0) return undefined;
		if (gaps.length === 0) return seen.records().filter(isWanted);
		const pages = gaps.slice(0, PAGES_AT_ONCE).map((gap) => {
			const size = largestPage;
			if (gap.end > gap.start) {
				const page = Math.floor((gap.start + gap.end - 1) / 2 / size) + 1;
				return { page, size };
			}
			const key = JSON.stringify([gap.before?.[idField], gap.after?.[idField]]);
			const times = (looks.get(key) ?? 0) + 1;
			looks.set(key, times);
			return times > LOOKS_AT_BOUNDARY ? undefined : pageAround(gap.start, times, size);
		});
		if (pages.includes(undefined)) return undefined;
		const answers = await Promise.all(
			pages.map(async (page) => ({ page, answer: await read(page!.page, page!.size) })),
		);
		for (const { page, answer } of answers) {
			seen.add((page!.page - 1) * page!.size, answer, page!.size);
		}
		reads += pages.length;
	}
	return undefined;
}

/** The smallest page with the records on both sides of a place, the more the oftener it was looked at. */
function pageAround(place: number, times: number, largestPage: number) {
	const margin = Math.min(2 ** times, largestPage / 2);
	for (let size = Math.min(SMALLEST_PAGE, largestPage); size < largestPage; size++) {
		const index = Math.floor(Math.max(0, place - margin) / size);
		if (Math.floor((place + margin - 1) / size) === index) return { page: index + 1, size };
	}
	return { page: Math.floor(place / largestPage) + 1, size: largestPage };
}

class SeenList {
	/** In the order of the list; no two have a record in common. */
	private stretches: Stretch[] = [];

	private totalCount = 0;

	/** By id, as it came last. */
	private readonly latest = new Map<unknown, IDataObject>();

	constructor(
		private readonly field: string,
		private readonly idField: string,
		/** In which the list may be. */
		public orders: readonly Order[],
	) {}

	add(start: number, { records, totalCount }: Page, pageSize: number): void {
		this.totalCount = totalCount;
		for (const record of records) this.latest.set(record[this.idField], record);
		this.judge(records);
		const isEnd = start + records.length >= totalCount || records.length < pageSize;
		let added: Stretch = { start, records, isBeginning: start === 0, isEnd };
		// It has become shorter than it was.
		if (records.length === 0) return;
		const others: Stretch[] = [];
		for (const stretch of this.stretches) {
			const joined = this.joined(stretch, added);
			if (joined) added = joined;
			else others.push(stretch);
		}
		this.stretches = [...others, added].sort((a, b) => a.start - b.start);
	}

	/** All that were seen, each once. */
	records(): IDataObject[] {
		const ids = this.stretches.flatMap(({ records }) =>
			records.map((record) => record[this.idField]),
		);
		return Array.from(new Set(ids), (id) => this.latest.get(id) as IDataObject);
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
		let before: Stretch | undefined;
		for (const stretch of this.stretches) {
			const start = before ? before.start + before.records.length : 0;
			const isGap = before !== undefined || !stretch.isBeginning;
			if (isGap) {
				const gap = { start, end: stretch.start, after: stretch.records[0] };
				gaps.push({ ...gap, before: before?.records.at(-1) });
			}
			before = stretch;
		}
		if (before && !before.isEnd) {
			// Where the list has become shorter, its end is looked at as a boundary is.
			const start = Math.min(before.start + before.records.length, this.totalCount);
			gaps.push({ start, end: this.totalCount, before: before.records.at(-1) });
		}
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
			records.every((record, index) => this.isAllowed(order, records[index - 1], record)),
		);
	}

	private isAllowed(order: Order, before?: IDataObject, after?: IDataObject): boolean {
		const [one, other] = [before?.[this.field], after?.[this.field]];
		return isEmpty(one) || isEmpty(other) || order.allows(one, other);
	}

	/** Both as one, where they have a record in common. What came later is how it is now. */
	private joined(known: Stretch, added: Stretch): Stretch | undefined {
		// One that was changed meanwhile stands elsewhere now.
		const placeKey = (record: IDataObject) =>
			JSON.stringify([record[this.idField], record[this.field]]);
		const places = new Map(known.records.map((record, place) => [placeKey(record), place]));
		const shared = added.records.flatMap((record) => places.get(placeKey(record)) ?? []);
		if (shared.length === 0) return undefined;
		shared.sort((a, b) => a - b);
		const [first, last] = [shared[0], shared[shared.length - 1]];
		const ids = new Set(added.records.map(({ [this.idField]: id }) => id));
		const isOther = (record: IDataObject) => !ids.has(record[this.idField]);
		const left = known.records.slice(0, first).filter(isOther);
		const right = known.records.slice(last + 1).filter(isOther);
		// What stood between them may be gone, and counts as seen.
		const middle = known.records.slice(first, last + 1).filter(isOther);
		return {
			start: added.start - left.length,
			records: [...left, ...middle, ...added.records, ...right],
			isBeginning: added.isBeginning || known.isBeginning,
			isEnd: added.isEnd || known.isEnd,
		};
	}
}

function isEmpty(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}
