// Finds what is looked for in a list that is sorted by a field, by bisecting it: a few pages in place of all. It goes
// by the order that it sees, and reads the whole list where it sees none that it knows. Called by
// parameters/lookUp.ts and the list of From List. Rests on `overview.md`, "Sorting" and "Pagination".
import type { IDataObject } from 'n8n-workflow';

import type { Client } from './client';
import { sortRefusalIn } from './errors';
import type { Order } from './collation';
import { LARGEST_PAGE, readPage, SMALLEST_PAGE, type Page, type PageRequest } from './page';
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
	/** At most so many, the first ones of the list; all if undefined. */
	limit?: number;
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
	const { segments, query, field, idFields, isWanted, limit } = request;
	const all = await readList(client, { segments, query, sort: field, idFields });
	return { records: all.filter(isWanted).slice(0, limit), isWholeList: true };
}

/**
 * The same, without ever reading the whole list.
 *
 * @param mostReads so many pages at most, where reading more is not worth it; told how many there are
 * @returns undefined where the order makes no sense, or more pages would have to be read
 */
export async function lookUpAlone(
	client: Client,
	request: LookUp,
	mostReads?: (firstPage: Page) => number,
): Promise<IDataObject[] | undefined> {
	const { segments, query } = request;
	const sorted = await firstSorted(client, request);
	if (!sorted) return undefined;
	const most = mostReads?.(sorted.firstPage);
	if (sorted.firstPage.isDoubtful) return undefined;
	const { sort } = sorted;
	const read = async (page: number, pageSize: number) =>
		await readPage(client, { segments, query, sort }, { page, pageSize });
	const { records, totalCount } = sorted.firstPage;
	// The server may keep its pages smaller than was asked for.
	const isShort = records.length >= SMALLEST_PAGE && records.length < totalCount;
	const largestPage = isShort ? Math.min(LARGEST_PAGE, records.length) : LARGEST_PAGE;
	return await bisect(read, request, {
		...sorted,
		largestPage,
		mostReads: most,
	});
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
	/** Where in it the wanted ones are likely to begin and to end: from 0 to 1, or outside. */
	place?: [number, number];
	/** How often a likely place in it was not a good one. */
	tries?: number;
}

/**
 * Why it misses nothing: what it has seen is a row of stretches, each of which was whole in one answer. Two are joined
 * only where they have a record in common, at the same place, and what lies between them is left out only where no
 * order that the list may be in has room for a wanted record there; with a limit, what lies behind so many. Where an answer tells that the list has changed,
 * by its count or by a record that stands elsewhere, nothing counts that was seen before it.
 *
 * @param read a page of the sorted list
 * @returns undefined where the list is in none of the orders, or does not hold still
 */
export async function bisect(
	read: (page: number, pageSize: number) => Promise<Page>,
	{ field, isWanted, orders, limit }: Pick<LookUp, 'field' | 'isWanted' | 'orders' | 'limit'>,
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
	let tried: Gap[] = [];
	for (let reads = 1; reads <= mostReads && seen.changes <= MOST_CHANGES; ) {
		const gaps = seen.gaps(isWanted, limit);
		if (seen.orders.length === 0) return undefined;
		if (gaps.length === 0) return seen.records().filter(isWanted).slice(0, limit);
		const isFirstAlone = limit !== undefined;
		tried = gaps.slice(0, isFirstAlone ? 1 : PAGES_AT_ONCE).map((gap) => {
			const within = tried.find(({ start, end }) => start <= gap.start && gap.end <= end);
			const isWide = within && gap.end - gap.start > (within.end - within.start) / 2;
			return { ...gap, tries: isWide ? (within.tries ?? 0) + 1 : 0 };
		});
		const pages = tried
			.flatMap((gap) => pagesIn(gap, largestPage, isFirstAlone))
			.slice(0, PAGES_AT_ONCE);
		const answers = await Promise.all(
			pages.map(async ({ page, size }) => ({ page, size, answer: await read(page, size) })),
		);
		for (const { page, size, answer } of answers) seen.add((page - 1) * size, answer);
		reads += pages.length;
	}
	return undefined;
}

/** A page of the list, at whatever size puts it where it is wanted. */
interface Piece {
	page: number;
	size: number;
	start: number;
	end: number;
}

/** Where to look next. What was read is read on by pages that have a record in common with it. */
function pagesIn(
	{ start, end, after, place, tries = 0 }: Gap,
	size: number,
	isFirstAlone: boolean,
): Piece[] {
	const isElsewhere = !place || place[1] < 0 || place[0] >= 1;
	// Where it is not to be expected, it may be among what comes last.
	if (isElsewhere && !after && end - start > size) return [pieceBefore(end, size)];
	const middle = (start + end) / 2;
	// Away from what is known, twice as far each time, but not beyond the middle.
	const away = size * (2 ** tries - 1);
	const inside = (at: number) =>
		at < middle
			? Math.max(at, Math.min(start + away, middle))
			: Math.min(at, Math.max(end - away, middle));
	const [least, most] = isElsewhere ? [0.5, 0.5] : place;
	const [from, to] = [Math.max(0, least), Math.min(1, most)].map((part) =>
		inside(start + part * (end - start)),
	);
	const whole = pieceOver(start - 1, end + 1, size);
	if (whole) return [whole];
	const [first, last] = [pieceAfter(start, size), pieceBefore(end, size)];
	const isAtStart = (from + to) / 2 < first.end - size / 4;
	const isAtEnd = (from + to) / 2 > last.start + size / 4;
	if (to - from < size * ONE_PAGE_PART) {
		return [isAtStart ? first : isAtEnd ? last : pieceAround((from + to) / 2, size)];
	}
	const pieces: Piece[] = [];
	if (from >= first.end) pieces.push(pieceAround(from, size));
	else {
		// All that follows is likely to be wanted.
		for (let piece = first; piece.start < to; piece = pieceAfter(piece.end, size)) {
			pieces.push(piece);
			if (isFirstAlone || pieces.length === PAGES_AT_ONCE || piece.end >= end) break;
		}
	}
	const reached = pieces[pieces.length - 1].end;
	if (!isFirstAlone && reached < end) {
		const other = to <= last.start ? pieceAround(to, size) : last;
		if (other.start >= reached) pieces.push(other);
	}
	return pieces;
}

/** What is likely to be this part of a page is looked for as a whole. */
const ONE_PAGE_PART = 0.6;

/** So much smaller than the largest page is worth it for one in a better place. */
const SMALLEST_PART = 0.75;

/** Of all pages with the place in them, the best one, the larger one where two are as good. */
function bestPiece(place: number, largest: number, valueOf: (piece: Piece) => number): Piece {
	const at = Math.max(0, Math.floor(place));
	let best: Piece | undefined;
	const least = Math.max(Math.min(SMALLEST_PAGE, largest), Math.ceil(largest * SMALLEST_PART));
	for (let size = largest; size >= least; size--) {
		const page = Math.floor(at / size) + 1;
		const piece = { page, size, start: (page - 1) * size, end: page * size };
		if (!best || valueOf(piece) > valueOf(best)) best = piece;
	}
	return best ?? { page: 1, size: largest, start: 0, end: largest };
}

function pieceAround(place: number, largest: number): Piece {
	return bestPiece(place, largest, ({ start, end }) => -Math.abs((start + end) / 2 - place));
}

/** From the last record before the place on, as far as possible. */
function pieceAfter(place: number, largest: number): Piece {
	return bestPiece(place - 1, largest, ({ end }) => end);
}

/** As much as possible up to the record at the place. */
function pieceBefore(place: number, largest: number): Piece {
	return bestPiece(place, largest, ({ start, size }) => -start - size / (largest + 1));
}

/** The smallest page from the one place to before the other. */
function pieceOver(from: number, until: number, largest: number): Piece | undefined {
	const start = Math.max(0, from);
	for (let size = Math.min(SMALLEST_PAGE, largest); size <= largest; size++) {
		const page = Math.floor(start / size) + 1;
		if (page * size >= until) return { page, size, start: (page - 1) * size, end: page * size };
	}
	return undefined;
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
		// A server that counts more than it gives would be asked without an end.
		const isLess = records.length === 0 && start < totalCount;
		const isOther = isLess || (this.totalCount !== undefined && totalCount !== this.totalCount);
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

	/**
	 * Where a wanted record may be that was not seen: by the likeliest order, and by the others after it. With a
	 * limit, only as far as the last one of so many.
	 */
	gaps(isWanted: (record: IDataObject) => boolean, limit?: number): Gap[] {
		const all = this.allGaps();
		this.orders = this.orders.filter((order) =>
			all.every(({ before, after }) => this.isAllowed(order, before, after)),
		);
		const end = limit === undefined ? undefined : this.placeOf(isWanted, limit);
		const gaps = end === undefined ? all : all.filter(({ start }) => start <= end);
		for (const order of this.orders) {
			const open = gaps.filter((gap) => this.mayHold(order, gap));
			if (open.length === 0) continue;
			return open.map((gap) => {
				const [before, after] = [gap.before?.[this.field], gap.after?.[this.field]];
				return { ...gap, place: order.likelyPlace(filled(before), filled(after)) };
			});
		}
		return [];
	}

	/** Of the last one of so many wanted records that were seen; undefined where there are fewer. */
	private placeOf(isWanted: (record: IDataObject) => boolean, count: number): number | undefined {
		let left = count;
		for (const { start, records } of this.stretches) {
			for (const [index, record] of records.entries()) {
				if (isWanted(record) && --left === 0) return start + index;
			}
		}
		return undefined;
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
		return order.mayHold(filled(least), filled(most));
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

function filled(value: unknown): unknown {
	return isEmpty(value) ? undefined : value;
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
