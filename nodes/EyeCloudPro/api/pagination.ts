// A whole list, page by page, several at a time, complete or an error. Called by Get Many, Count, Find or Create and
// Look Up.
// Rests on `overview.md`, "Pagination" and "Sorting".
//
// Why a list is complete: by the count, or else by answers that overlap.
// 1. One answer to `sort=-id` shows one moment: T records, the newest of them M. What is created later gets an id above M.
//    So T different records at or below M are all of that moment, whatever is added and however answers overtake each other.
// 2. An answer shows all that stands between its first record and its last. Two answers with a record in common leave
//    nothing out between them. So answers that overlap from the first page to the end are all that was there all the
//    while, whatever comes and goes, without any count. That takes an order that gives each record a place of its own, which
//    no edit changes: by the id, or by the creation date. A list in another order is proven by one of these, and then sorted.
// Pages sorted upwards by id are read until they meet the first answer. They touch and don't overlap, so (1) costs no
// request. Where something was deleted, or the count is in doubt (ListReading says when), pages across the edges are read
// for (2). Where a list can be sorted by neither, different records are gathered until they are as many as every answer
// counts. That misses a deletion and an addition between two answers; so does a filter that lets old records in.
// What else this can't see: in (1), as many records added as deleted between a server's count and its read of one answer;
// a deleted record that comes back; a server that caps its pages and gives a page's number of records as its count, if that
// number is not round or the answer repeats the page size that was asked for.
import type { IDataObject } from 'n8n-workflow';

import { seconds, type Client } from './client';
import { ApiError, sortRefusalIn } from './errors';
import { MOST_IN_FLIGHT } from './inFlightLimit';
import { ListReading, type Key, type ListOrder } from './listReading';
import {
	idFieldOf,
	LARGEST_PAGE,
	readPage,
	SMALLEST_PAGE,
	type Page,
	type PageRequest,
} from './page';

/** Ten million records: at the documented limit, that many pages take seven hours. */
const MOST_PAGES = 40_000;

/** A busy database may answer once or twice with less than it counts. */
const MOST_TRIES = 3;

/** How often the edges are looked at, whose places move as records come and go. */
const MOST_LOOKS = 20;

/** Pages with nothing new: a server that answers with the same ones would be asked for ever. */
const MOST_REPEATED = 20;

/** How often a list that can't overlap is read before it counts as one that never holds still. */
const MOST_ROUNDS = 4;

/** Who counts up to a limit chooses a multiple of it. */
const ROUND_COUNT = 1_000;

/** Smaller ones that are usual. */
const SMALL_ROUND_COUNTS = [100, 500];

/** The date that the documentation sorts by in its example. */
const CREATION_DATE = 'create_date';

export interface ListRequest extends PageRequest {
	/**
	 * What the id may be called, the likeliest first; the first that a record has tells records apart.
	 * Where records have none of them, only their number is checked.
	 */
	idFields: readonly string[];
	/** At most so many records, from the first on; all if undefined. */
	limit?: number;
	/** Told how many there are, which the first page says. */
	onTotal?: (total: number) => void;
}

/** The first answer, and what it tells of the order that was asked for. */
interface Beginning extends ListOrder {
	first: Page;
	sort: string;
	/** The last ones come first. */
	isDown: boolean;
	/** The order is by texts, so that new records may stand anywhere. */
	isText: boolean;
	/** Each record has a place of its own, which no edit changes. */
	isFirm: boolean;
}

/**
 * All records of a list as it was at one moment, or the first `limit` of them, in the order asked for.
 *
 * @throws ApiError `inconsistent` where the pages don't fit together, or whatever a page's request throws
 */
export async function readList(client: Client, request: ListRequest): Promise<IDataObject[]> {
	const [startMs, retriesBefore] = [client.clock.now(), client.retries];
	const ending = new AbortController();
	const end = () => ending.abort();
	const { cancelSignal } = client;
	if (cancelSignal?.aborted) end();
	cancelSignal?.addEventListener('abort', end, { once: true });
	const reader = new ListReader(client, { ...request, signal: ending.signal });
	// Where one page fails, the others are not sent any longer.
	const records = await reader.read().finally(() => {
		cancelSignal?.removeEventListener('abort', end);
		end();
	});
	const took = seconds(client.clock.now() - startMs);
	const [path, retries] = [request.segments.join('/'), client.retries - retriesBefore];
	client.log(
		`read ${reader.sent} pages of /${path} in ${took}, ${retries} retries, ${reader.repairs} repairs`,
	);
	return request.limit === undefined ? records : records.slice(0, request.limit);
}

/**
 * How many records match, and the first of them: one request with the smallest page. Where its count may be no more than
 * that page, or the most that the API counts, and more records are there, the whole list is read.
 */
export async function countList(
	client: Client,
	request: ListRequest,
): Promise<{ records: IDataObject[]; totalCount: number }> {
	const place = { page: 1, pageSize: SMALLEST_PAGE, mayLackCount: true };
	const { records, totalCount, isDoubtful } = await readPage(client, request, place);
	const counted = Math.max(totalCount, records.length);
	const isRound = counted % ROUND_COUNT === 0 || SMALL_ROUND_COUNTS.includes(counted);
	const isMost = counted > records.length && isRound;
	const page = counted / SMALLEST_PAGE + 1;
	const behind = isMost ? (await readPage(client, request, { ...place, page })).records : [];
	if (!isDoubtful && behind.length === 0) return { records, totalCount: counted };
	return { records, totalCount: (await readList(client, request)).length };
}

/** Different records of several readings, where none of them shows all, as their order is another each time. */
class Gatherer {
	isGrowing = false;

	private readonly records = new Map<Key, IDataObject>();

	private count?: number;

	/** @returns all, as soon as they are as many as each answer of each reading has counted */
	add(list: ListReading, keyOf: (record: IDataObject) => Key): IDataObject[] | undefined {
		const { size } = this.records;
		const { totalCount } = list.instant;
		if (!list.isSteady || totalCount !== this.count) this.records.clear();
		this.count = totalCount;
		if (!list.isSteady) return undefined;
		for (const record of list.all()) this.records.set(keyOf(record), record);
		this.isGrowing = this.records.size > size;
		return this.records.size === totalCount ? [...this.records.values()] : undefined;
	}
}

class ListReader {
	sent = 0;

	/** Pages that were read beyond those that the list has. */
	repairs = 0;

	/** What the server puts on a page. */
	private pageSize: number;

	/** The server ignores page_size, so that no page can be placed across the edge between two others. */
	private isPageSizeFixed = false;

	private mayLackCount = true;

	constructor(
		private readonly client: Client,
		private readonly request: ListRequest,
	) {
		const { limit = LARGEST_PAGE } = request;
		this.pageSize = Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, limit));
	}

	async read(): Promise<IDataObject[]> {
		const { idFields, limit, sort = '' } = this.request;
		const names = sort.split(',').map((rule) => rule.replace('-', ''));
		if (limit === undefined && (sort === '' || idFields.includes(names[0]))) {
			const sorts = sort ? [`-${names[0]}`] : this.firmSorts();
			return await this.readById(await this.begin(sorts), sort);
		}
		// Pages hold together only where each record has a place of its own, so the id is in each sort.
		const hasId = names.some((name) => idFields.includes(name));
		const sorts = hasId ? [] : idFields.map((field) => (sort ? `${sort},${field}` : field));
		const beginning = await this.begin([...sorts, sort]);
		// An edit moves a record to another place in such an order, which so proves nothing.
		return limit === undefined ? await this.readSorted(beginning) : await this.readFrom(beginning);
	}

	/** From an answer that shows the last ones first, as far as the API sorts at all. */
	private async readById(beginning: Beginning, sort = ''): Promise<IDataObject[]> {
		const order = await this.byDate(beginning);
		const isUp = order.isDown && order.keyOf !== itself && !this.isWhole(order.first);
		const records = await (isUp ? this.readFrom(order, 'up') : this.readFrom(order));
		if (order !== beginning && sort !== '') return records.sort(inOrderOf(sort));
		// In an order that is not known here, they come as the API has them.
		const isReversed = (order.isDown || sort !== '') && isUp === sort.startsWith('-');
		return isReversed ? records.reverse() : records;
	}

	/** What there is, the ids tell; in which order, the API. */
	private async readSorted(beginning: Beginning): Promise<IDataObject[]> {
		const { first, sort } = beginning;
		if (this.isWhole(first)) return await this.readFrom(beginning);
		// What was read before this moment proves nothing of it, so the first page is read once more.
		const byId = await this.begin(this.firmSorts(sort));
		const list = new ListReading(byId.first, byId);
		const last = this.fullPages(byId.first) + 1;
		await this.readPages(list, sort, 1, last, last);
		if (list.isAtEnd && list.isCounted()) return list.all();
		return (await this.readById(byId)).sort(inOrderOf(sort));
	}

	/** Orders that no edit changes, the firmest first; the last one is that of the API, whatever it is. */
	private firmSorts(sort = ''): string[] {
		const names = sort.split(',').map((rule) => rule.replace('-', ''));
		const { idFields } = this.request;
		const sorted = names.filter((name) => idFields.includes(name));
		const ids = sorted.length > 0 ? sorted : idFields;
		return [...ids.map((field) => `-${field}`), `-${CREATION_DATE}`, sort];
	}

	/** From the first answer on; or `up` from the first page to that answer, which shows the last records first. */
	private async readFrom(beginning: Beginning, direction?: 'up'): Promise<IDataObject[]> {
		const { limit = Infinity } = this.request;
		let up = direction;
		const sort = up ? beginning.sort.replace(/(^|,)-/g, '$1') : beginning.sort;
		const most = Math.ceil(limit / this.pageSize);
		const { isOld, isFirm, valueOf } = beginning;
		const gatherer = new Gatherer();
		let { first, keyOf } = beginning;
		let before = '';
		for (let round = 1; ; round++) {
			const list = new ListReading(first, { keyOf, valueOf, isOld: up && isOld }, up);
			if (!up) list.add(0, this.pageSize, first);
			if (this.isWhole(first) && !list.isAmbiguous) return list.all();
			const [from, counted] = up ? [1, 0] : [2, 1];
			const full = Math.min(this.fullPages(first) + counted, most);
			const last = await this.readPages(list, sort, from, full, most);
			let isShort = false;
			if (list.isAmbiguous) [keyOf, up] = [itself, undefined];
			else if (list.isCounted(most * this.pageSize)) return list.all();
			else if (list.isAtEnd && keyOf !== itself) {
				const isAll = await this.overlap(list, sort, valueOf !== undefined);
				const isProven = isFirm || (isAll && valueOf !== undefined);
				isShort = !isProven && limit === Infinity && list.isShort;
				if (!isAll && up && isOld) await this.readBackwards(list, sort, last);
				if (list.isJoined && !isShort) return up ? list.all().sort(inOrderOf(sort)) : list.all();
				const gathered = isFirm ? undefined : gatherer.add(list, keyOf);
				if (gathered) return gathered.sort(inOrderOf(sort));
			}
			// Where pages can't overlap, the list must read the same twice. With a Limit, the last round is taken as it is.
			const edges = list.edges();
			const isLast = round >= (isShort && gatherer.isGrowing ? MOST_LOOKS : MOST_ROUNDS);
			if ((edges === before && !isShort) || (isLast && limit < Infinity)) return list.all();
			if (isLast) throw keptChanging();
			before = edges;
			this.repairs++;
			first = await this.page(1, up ? beginning.sort : sort);
		}
	}

	/** As many pages as are counted, and on from there until an answer shows the end. @returns the last one's number */
	private async readPages(
		list: ListReading,
		sort: string,
		from: number,
		counted: number,
		most: number,
	): Promise<number> {
		let [next, last, more, useless, repeated] = [from, counted, 1, 0, 0];
		for (;;) {
			if (last > MOST_PAGES) throw tooLong(list.instant);
			const { shown } = list;
			await inParallel(upwards(next, last), async (page) => {
				const answer = await this.look(list, sort, page);
				if (answer?.isRepeated && ++repeated > MOST_REPEATED) throw unfit(page, list.instant);
				if (list.isRunningAway) throw keptChanging();
			});
			if (list.isAtEnd || last >= most) return last;
			if (next <= last && list.shown === shown && ++useless > 1) throw unfit(last, list.instant);
			[next, last] = [last + 1, Math.min(most, last + Math.min(more, MOST_IN_FLIGHT))];
			more *= 2;
		}
	}

	/** Reads pages across the edges of those that were read, until all hold together. @returns whether they do */
	private async overlap(list: ListReading, sort: string, isTied: boolean): Promise<boolean> {
		let fewest = Infinity;
		for (let looks = 0; looks < MOST_LOOKS && !list.isJoined; looks++) {
			// A page of the smallest size can't be shifted: it begins where the others begin.
			if (this.isPageSizeFixed || this.pageSize <= SMALLEST_PAGE) break;
			const [firstGap, ...gaps] = list.gaps();
			// Where records with the same value change their places, each look only makes more gaps.
			if (gaps.length >= fewest) break;
			if (isTied) fewest = gaps.length;
			this.repairs += gaps.length + 1;
			const lookAround = async (place: number) => {
				if (list.isJoined || this.isPageSizeFixed) return;
				const { page, size } = pageAround(place, this.pageSize);
				await this.look(list, sort, page, size);
			};
			// Where pages have a fixed size, this one tells; the places of the others may lie behind the end.
			await lookAround(firstGap);
			await inParallel(gaps, lookAround);
		}
		return list.isJoined;
	}

	/** One at a time: a deletion moves records to the page before, which is read next; new ones come after all of these. */
	private async readBackwards(list: ListReading, sort: string, last: number): Promise<void> {
		let after = list.back;
		for (let page = last; page > 0; page--) {
			this.repairs++;
			const answer = await this.look(list, sort, page);
			if (answer) list.join(answer, after);
			after = answer ?? after;
		}
	}

	/** Undefined where the server did not keep to the size. */
	private async look(list: ListReading, sort: string, number: number, size = this.pageSize) {
		const page = await this.page(number, sort, size);
		const { length } = page.records;
		if (length > this.pageSize) throw unfit(number, page);
		this.isPageSizeFixed ||= length > size;
		return length > size ? undefined : list.add((number - 1) * size, size, page);
	}

	/**
	 * What an id is called, and whether a list can be sorted by it, is documented for patients alone: the API names the
	 * fields that it accepts when it refuses one.
	 */
	private async begin([sort, ...others]: readonly string[]): Promise<Beginning> {
		return await this.beginWith(sort).catch(async (thrown: unknown) => {
			if (others.length === 0) throw thrown;
			const { allowed = [] } = sortRefusalIn(thrown);
			const isAllowed = (other: string) => allowed.includes(other.replace(/^.*[,-]/, ''));
			return await this.begin(others.slice(others.slice(0, -1).findIndex(isAllowed)));
		});
	}

	private async beginWith(sort: string): Promise<Beginning> {
		const { idFields, query, onTotal } = this.request;
		const first = await this.page(1, sort);
		const { records, totalCount } = first;
		const { length } = records;
		this.mayLackCount = Boolean(first.isUncounted) || length > totalCount;
		onTotal?.(Math.max(totalCount, length));
		// The server may have a page size of its own.
		const isShort = length < totalCount || first.isDoubtful;
		if (length > this.pageSize || (isShort && length >= SMALLEST_PAGE)) this.pageSize = length;
		const idField = idFieldOf(records[0] ?? {}, idFields);
		const keyOf = idField === undefined ? itself : (record: IDataObject) => record[idField] as Key;
		const field = sort.replace('-', '').split(',')[0];
		const values = records.map((record) => sortable(record[field]));
		const isDown = values.every(
			(value, at) => value !== undefined && (at === 0 || compared(values[at - 1], value) >= 0),
		);
		const [newest, oldest] = [values[0], values[length - 1]];
		const isText = typeof newest === 'string';
		const isId = idFields.includes(field);
		// Behind a filter, old records may appear; where all dates are the same, there may be others with that date.
		const isTold = Object.keys(query).length === 0 && (isId || length === 1 || newest !== oldest);
		const isOld = (record: IDataObject) =>
			compared(sortable(record[field]), newest) < (isId ? 1 : 0);
		const isGrowing = isDown && isTold && !isText;
		// Records with the same date may come in another order each time.
		const isDate = field === CREATION_DATE;
		const isFirm = isId || (isDate && sort.includes(','));
		const valueOf = isDate && !isFirm ? (record: IDataObject) => record[field] : undefined;
		return {
			first,
			sort,
			keyOf,
			isDown,
			isText,
			isFirm,
			valueOf,
			isOld: isGrowing ? isOld : undefined,
		};
	}

	/** By the date of creation, where ids don't grow, but dates do. */
	private async byDate(byId: Beginning): Promise<Beginning> {
		const { records, totalCount } = byId.first;
		const hasDates = records.every(
			({ [CREATION_DATE]: date }) => typeof sortable(date) === 'number',
		);
		const isLong = totalCount > records.length && Object.keys(this.request.query).length === 0;
		if (!byId.isDown || !byId.isText || !hasDates || !isLong) return byId;
		const dated = await this.begin([`-${CREATION_DATE},${byId.sort}`]).catch(sortRefusalIn);
		return 'isOld' in dated && dated.isOld ? dated : byId;
	}

	/** @throws ApiError where it holds less than it should, whenever it is asked for */
	private async page(number: number, sort: string, size = this.pageSize): Promise<Page> {
		let pageSize = size;
		for (let tries = 1; ; tries++) {
			this.sent++;
			const place = { page: number, pageSize, mayLackCount: this.mayLackCount };
			const page = await readPage(this.client, { ...this.request, sort }, place);
			const { records, totalCount, largestPage } = page;
			if (largestPage !== undefined) this.pageSize = pageSize = largestPage;
			const wanted = Math.min(pageSize, totalCount - (number - 1) * pageSize);
			if (records.length >= wanted) return page;
			// The first page may be as small as the server likes, and the end may be counted too high. A small list may be
			// counted later than read.
			const isBegun = number > 1 || records.length > 0;
			if (tries < (isBegun ? MOST_TRIES : 2 * MOST_TRIES)) continue;
			if (isBegun && (number === 1 || number * pageSize >= totalCount)) return page;
			throw unfit(number, page);
		}
	}

	/** Nothing can stand before or after it. */
	private isWhole({ records, totalCount, isDoubtful }: Page): boolean {
		return !isDoubtful && records.length < this.pageSize && totalCount <= records.length;
	}

	private fullPages({ records, totalCount }: Page): number {
		return Math.floor(Math.max(totalCount, records.length) / this.pageSize);
	}
}

/** Without an id, each record counts as a different one. */
function itself(record: IDataObject): Key {
	return record;
}

type Sortable = number | bigint | string;

/** A number, also as text, or a time, as such; they can grow. */
function sortable(value: unknown): Sortable | undefined {
	if (typeof value === 'number')
		return Math.abs(value) > Number.MAX_SAFE_INTEGER ? undefined : value;
	if (typeof value !== 'string') return undefined;
	if (/^\d+$/.test(value)) return BigInt(value);
	const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(time) ? value : time;
}

function compared(one: Sortable = '', other: Sortable = ''): number {
	if (typeof one === 'string' && typeof other === 'string') return one.localeCompare(other);
	if (one < other) return -1;
	return one > other ? 1 : 0;
}

/** As the API would sort, as far as one knows. */
function inOrderOf(sort: string): (one: IDataObject, other: IDataObject) => number {
	const rules = sort
		.split(',')
		.map((rule) => ({ name: rule.replace('-', ''), isDown: rule.startsWith('-') }));
	return (one, other) => {
		for (const { name, isDown } of rules) {
			const difference = compared(sortable(one[name]), sortable(other[name]));
			if (difference !== 0) return isDown ? -difference : difference;
		}
		return 0;
	};
}

/** The page whose middle is closest to this position; 0 is that of the first record. */
function pageAround(position: number, largest: number): { page: number; size: number } {
	const offCenter = (size: number) => Math.abs((position % size) - size / 2);
	let best = largest;
	for (let size = largest; size >= Math.max(SMALLEST_PAGE, largest / 2); size--) {
		if (offCenter(size) < offCenter(best)) best = size;
	}
	return { page: Math.floor(position / best) + 1, size: best };
}

function* upwards(from: number, to: number) {
	for (let number = from; number <= to; number++) yield number;
}

/** Does the task for each entry, as many at a time as the limiter lets through; the first one that throws ends it. */
async function inParallel<Entry>(entries: Iterable<Entry>, task: (entry: Entry) => Promise<void>) {
	const left = (function* () {
		yield* entries;
	})();
	const worker = async () => {
		for (const entry of left) await task(entry);
	};
	// One that throws ends the loop over what is left, and so those of the others.
	await Promise.all(Array.from({ length: MOST_IN_FLIGHT }, worker));
}

/** It would be read for ever. */
function tooLong({ totalCount }: Page): ApiError {
	return new ApiError('invalidInput', `The list is too long: it has ${totalCount} records`, {
		description: "Narrow it down with 'Filters', or set a 'Limit' instead of 'Return All'.",
	});
}

function keptChanging(): ApiError {
	return new ApiError('inconsistent', 'The list kept changing while it was read', {
		description:
			"Records were added or deleted all the time, so that a complete list could not be had. Run it again at a quieter time, or narrow it down with 'Filters'.",
	});
}

function unfit(page: number, { records, totalCount }: Page): ApiError {
	return new ApiError('inconsistent', `Page ${page} of the list does not fit the others`, {
		description: `It came with ${records.length} records, of ${totalCount} in all. It should hold more, fewer, or other ones. Run it again. If it stays so, contact EyeCloud Pro support.`,
	});
}
