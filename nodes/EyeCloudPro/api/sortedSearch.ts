// Finds records in a list that the API sorts by a field, by bisecting it: a few pages in place of all. Where the order
// makes no sense, the whole list is read. Called by parameters/lookUp.ts, parameters/matchSearch.ts and the list of From
// List. EyeCloud Pro's API documentation: "Sorting" and "Pagination".
import type { IDataObject } from 'n8n-workflow';

import type { Client } from './client';
import type { Order } from './collation';
import { sortRefusalIn } from './errors';
import { LARGEST_PAGE, readPage, SMALLEST_PAGE, type Page, type PageRequest } from './page';
import { readList } from './pagination';

export interface SortedSearch extends Omit<PageRequest, 'sort'> {
	/** That the list is to be sorted by. */
	field: string;
	idFields: readonly string[];
	isWanted(record: IDataObject): boolean;
	/** That the list may be in. */
	orders: readonly Order[];
	/** At most so many, the first ones of the list; all if undefined. */
	limit?: number;
}

/**
 * All records that are wanted, in the API's order. A record is missed only where it came, went or changed meanwhile.
 *
 * @returns also whether the order made no sense, so that the whole list was read
 * @throws ApiError where the list can't be sorted by the field, or whatever a page's request throws
 */
export async function searchSorted(
	client: Client,
	request: SortedSearch,
): Promise<{ records: IDataObject[]; isWholeList: boolean }> {
	const records = await searchFewPages(client, request);
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
export async function searchFewPages(
	client: Client,
	request: SortedSearch,
	mostReads?: (firstPage: Page) => number,
): Promise<IDataObject[] | undefined> {
	const { segments, query } = request;
	const sorted = await firstSorted(client, request);
	if (!sorted) return undefined;
	const { firstPage, sort, idField } = sorted;
	const most = mostReads?.(firstPage);
	// Nor where the server keeps its pages smaller than was asked for.
	const { records, totalCount, isDoubtful } = firstPage;
	if (isDoubtful || records.length < Math.min(LARGEST_PAGE, totalCount)) return undefined;
	const read = async (page: number, pageSize: number) =>
		await readPage(client, { segments, query, sort }, { page, pageSize });
	const list = { firstPage, idField, largestPage: LARGEST_PAGE, mostReads: most };
	return await bisect(read, request, list);
}

/** Where the list can't be sorted by the id as well, records that are equal may change places: undefined. */
async function firstSorted(client: Client, { segments, query, field, idFields }: SortedSearch) {
	for (const idField of idFields.includes(field) ? [field] : idFields) {
		const sort = idField === field ? field : `${field},${idField}`;
		const page = { page: 1, pageSize: LARGEST_PAGE };
		const firstPage = await readPage(client, { segments, query, sort }, page).catch(
			(thrown: unknown) => {
				if (!sortRefusalIn(thrown).allowed?.includes(field)) throw thrown;
				return undefined;
			},
		);
		if (firstPage) return { firstPage, sort, idField };
	}
	return undefined;
}

/** So many pages at a time. */
const PAGES_AT_ONCE = 8;

/** Of lists that change, and of boundaries between pages. */
const SPARE_READS = 20;

/**
 * Why it misses nothing, whatever changes meanwhile: each answer shows a part of the list without a gap. Two parts are
 * joined where they share a record, and then hold every record that was there all the time. A gap is skipped only if, in
 * every order that the list may have, no wanted record fits between its two ends; with a limit, also behind so many that
 * were found.
 *
 * @param read a page of the sorted list
 * @returns undefined where the list is in none of the orders, or more pages would have to be read
 */
export async function bisect(
	read: (page: number, pageSize: number) => Promise<Page>,
	search: Pick<SortedSearch, 'field' | 'isWanted' | 'orders' | 'limit'>,
	list: { firstPage: Page; idField: string; largestPage: number; mostReads?: number },
): Promise<IDataObject[] | undefined> {
	const { firstPage, idField, largestPage } = list;
	const seen = new SeenParts(search, idField);
	let isContradicted = seen.add({ start: 0, size: largestPage }, firstPage);
	const mostReads = list.mostReads ?? 2 * firstPage.totalPages + SPARE_READS;
	let reads = 1;
	for (let round = 1; !isContradicted && reads <= mostReads; round++) {
		const gaps = seen.openGaps();
		if (seen.orders.length === 0) return undefined;
		if (gaps.length === 0) return seen.found();
		// With a limit, the first gap alone is sure to be needed.
		const isFirstAlone = search.limit !== undefined;
		const pages = (isFirstAlone ? gaps.slice(0, 1) : gaps)
			.flatMap((gap) => pagesFor(gap, { largestPage, round, isFirstAlone }))
			.slice(0, PAGES_AT_ONCE);
		const answers = await Promise.all(
			pages.map(async (piece) => ({ piece, answer: await read(piece.page, piece.size) })),
		);
		reads += pages.length;
		// A server that counts more than it gives would be asked without an end.
		for (const { piece, answer } of answers)
			isContradicted = seen.add(piece, answer) || isContradicted;
	}
	return undefined;
}

/** Records that stood one after the other. */
interface Part {
	/** The place of the first one in the list. */
	start: number;
	records: IDataObject[];
	/** Nothing stood before it; nothing behind it. */
	isFromStart: boolean;
	isToEnd: boolean;
}

/** Between two parts. */
interface Gap {
	start: number;
	end: number;
	/** Whether the record before it, and the one behind it, is wanted. */
	isWantedBefore: boolean;
	isWantedBehind: boolean;
	/** Whether it goes on to the end of the list. */
	isLast: boolean;
	/** Where a wanted record is likely to be, from 0 to 1. */
	place: number;
}

class SeenParts {
	private parts: Part[] = [];

	private totalCount = 0;

	/** Those that the list may be in, by what was seen. */
	orders: readonly Order[];

	/** By the record, as it is asked for again and again. */
	private readonly wanted = new Map<IDataObject, boolean>();

	constructor(
		private readonly search: Pick<SortedSearch, 'field' | 'isWanted' | 'orders' | 'limit'>,
		private readonly idField: string,
	) {
		this.orders = search.orders;
	}

	/** @returns whether the answer contradicts its count: it shows nothing, or the end, where there should be more, or more */
	add({ start, size }: Pick<Piece, 'start' | 'size'>, { records, totalCount }: Page): boolean {
		this.totalCount = totalCount;
		if (records.length === 0) return start < totalCount;
		this.judge(records);
		const end = start + records.length;
		// A count may be capped; only a page that is not full shows the end.
		const isToEnd = records.length < size && end >= totalCount;
		let added: Part = { start, records, isFromStart: start === 0, isToEnd };
		const others: Part[] = [];
		for (const part of this.parts) {
			const joined = this.joined(part, added);
			if (joined) added = joined;
			else others.push(part);
		}
		this.parts = [...others, added].sort((a, b) => a.start - b.start);
		const isShort = added.isFromStart && added.isToEnd && added.records.length < totalCount;
		return isShort || end > totalCount || !this.haveOwnIds(records);
	}

	/** The wanted ones that were seen, in the list's order; undefined where one has moved, or the ID tells no two apart. */
	found(): IDataObject[] | undefined {
		const wanted = this.parts.flatMap(({ records }) => records.filter((one) => this.isWanted(one)));
		return this.haveOwnIds(wanted) ? wanted.slice(0, this.search.limit) : undefined;
	}

	private haveOwnIds(records: IDataObject[]): boolean {
		return new Set(records.map((record) => record[this.idField])).size === records.length;
	}

	/** Those in which a wanted record may be that was not seen. Without a limit, or before so many, all of them. */
	openGaps(): Gap[] {
		const gaps: Gap[] = [];
		let left = this.search.limit ?? Number.POSITIVE_INFINITY;
		let before: Part | undefined;
		// Empty values stand at one end or at both; what is beyond them is empty too.
		let isFilledBefore = false;
		for (const part of [...this.parts, undefined]) {
			const isGap = part ? !(before ? false : part.isFromStart) : before && !before.isToEnd;
			if (isGap && left > 0) {
				const gap = this.gapBetween(before, part, isFilledBefore);
				if (gap) gaps.push(gap);
			}
			for (const record of part?.records ?? []) {
				if (this.isWanted(record)) left--;
				isFilledBefore ||= !isEmpty(record[this.search.field]);
			}
			before = part;
		}
		return gaps;
	}

	/** Undefined where it can hold no wanted record. */
	private gapBetween(
		partBefore: Part | undefined,
		partBehind: Part | undefined,
		isFilledBefore: boolean,
	): Gap | undefined {
		const { field } = this.search;
		const [before, behind] = [partBefore?.records.at(-1), partBehind?.records[0]];
		this.judge([before, behind].filter((record) => record !== undefined));
		const [least, most] = [before?.[field], behind?.[field]];
		if (before && isEmpty(least) && isFilledBefore) return undefined;
		if (behind && isEmpty(most) && this.isFilledFrom(partBehind)) return undefined;
		const filled = [least, most].map((value) => (isEmpty(value) ? undefined : value));
		const order = this.orders.find((each) => each.mayHold(filled[0], filled[1]));
		if (!order) return undefined;
		const start = partBefore ? partBefore.start + partBefore.records.length : 0;
		return {
			start,
			end: Math.max(start, partBehind ? partBehind.start : this.totalCount),
			isWantedBefore: before !== undefined && this.isWanted(before),
			isWantedBehind: behind !== undefined && this.isWanted(behind),
			isLast: !partBehind,
			place: order.likelyPlace?.(filled[0], filled[1]) ?? 0.5,
		};
	}

	private isWanted(record: IDataObject): boolean {
		const known = this.wanted.get(record) ?? this.search.isWanted(record);
		this.wanted.set(record, known);
		return known;
	}

	private isFilledFrom(first: Part | undefined): boolean {
		const behind = this.parts.slice(first ? this.parts.indexOf(first) : 0);
		return behind.some(({ records }) =>
			records.some((record) => !isEmpty(record[this.search.field])),
		);
	}

	/** Keeps only the orders in which these records may follow each other. */
	private judge(records: IDataObject[]): void {
		const values = records.map((record) => record[this.search.field]);
		const filled = values.filter((value) => !isEmpty(value));
		this.orders = this.orders.filter((order) => order.allows(filled));
	}

	/** One part of two that share a record: what either shows before it, and what either shows from it on. */
	private joined(known: Part, added: Part): Part | undefined {
		const { idField } = this;
		const { field } = this.search;
		const places = new Map(added.records.map((record, place) => [record[idField], place]));
		const own = known.records.findIndex((record) => {
			const other = added.records[places.get(record[idField]) ?? -1];
			return other !== undefined && other[field] === record[field];
		});
		if (own === -1) return undefined;
		const other = places.get(known.records[own][idField]) ?? 0;
		const [knownBehind, addedBehind] = [known, added].map(
			({ records }, index) => records.length - [own, other][index],
		);
		const isKnownAhead = own > other || (own === other && known.isFromStart);
		const isKnownBehind =
			knownBehind > addedBehind || (knownBehind === addedBehind && known.isToEnd);
		const [ahead, length] = isKnownAhead ? [known, own] : [added, other];
		const [behind, from] = isKnownBehind ? [known, own] : [added, other];
		return {
			start: added.start + other - length,
			records: [...ahead.records.slice(0, length), ...behind.records.slice(from)],
			isFromStart: ahead.isFromStart,
			isToEnd: behind.isToEnd,
		};
	}
}

function isEmpty(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}

/** A page of the list, at whatever size puts it where it is wanted. */
interface Piece {
	page: number;
	size: number;
	start: number;
	end: number;
}

/** Where to look next. What was read is read on by pages that have a record in common with it. */
function pagesFor(
	{ start, end, isWantedBefore, isWantedBehind, isLast, place }: Gap,
	how: { largestPage: number; round: number; isFirstAlone: boolean },
): Piece[] {
	const size = how.largestPage;
	const whole = pieceOver(start - 1, end + 1, size);
	if (whole) return [whole];
	if (isWantedBefore) {
		// All that follows may be wanted: twice as many each time.
		const most = how.isFirstAlone ? 1 : Math.min(PAGES_AT_ONCE, 2 ** (how.round - 1));
		const pieces = [pieceAfter(start, size)];
		while (pieces.length < most && pieces[pieces.length - 1].end < end) {
			pieces.push(pieceAfter(pieces[pieces.length - 1].end, size));
		}
		return pieces;
	}
	// Letters that some servers put behind z are told by the end of the list.
	if (isWantedBehind || isLast) return [pieceBefore(end, size)];
	// Where it is likely to be, and at each third look in the middle, as nothing may come of likelihood.
	const at = start + (end - start) * (how.round % 3 === 0 ? 0.5 : place);
	if (at < start + size / 2) return [pieceAfter(start, size)];
	return [at > end - size / 2 ? pieceBefore(end, size) : pieceAround(at, size)];
}

/** Of all pages with the place in them, the best one, the larger one where two are as good. */
function bestPiece(place: number, largest: number, valueOf: (piece: Piece) => number): Piece {
	const at = Math.max(0, Math.floor(place));
	let best: Piece | undefined;
	for (let size = largest; size >= Math.min(largest, SMALLEST_PAGE); size--) {
		const page = Math.floor(at / size) + 1;
		const piece = { page, size, start: (page - 1) * size, end: page * size };
		if (!best || valueOf(piece) > valueOf(best)) best = piece;
	}
	return best ?? { page: 1, size: largest, start: 0, end: largest };
}

/** As much as possible on both sides of the place. */
function pieceAround(place: number, largest: number): Piece {
	return bestPiece(place, largest, ({ start, end }) => Math.min(place - start, end - place));
}

/** From the last record before the place on, as far as possible. */
function pieceAfter(place: number, largest: number): Piece {
	return bestPiece(place - 1, largest, ({ end }) => end);
}

/** As much as possible up to the record at the place. */
function pieceBefore(place: number, largest: number): Piece {
	return bestPiece(place, largest, ({ start }) => -start);
}

/** The smallest page from the one place to before the other. */
function pieceOver(from: number, until: number, largest: number): Piece | undefined {
	const isOver = ({ end }: Piece) => end >= until;
	const best = bestPiece(from, largest, (piece) => (isOver(piece) ? largest - piece.size : -1));
	return isOver(best) ? best : undefined;
}
