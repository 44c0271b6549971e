// Step 5: a whole list, page by page, several at a time, complete or an error. Called by Get Many, Find or Create and
// the trigger. Rests on `overview.md`, "Pagination" and "Sorting".
//
// Why a list is complete. One answer to `sort=-id` shows one moment: T records, the newest of them M. What is created
// later gets an ID above M. So whatever is read later at or below M was there at that moment, and T different ones are all
// of it, whatever is added and however the answers overtake each other. ⌊T/250⌋ pages from the first on reach that answer.
// T may be wrong: that of the page, the most that the server counts, or of a moment before or after the records were read.
// Where the pages up to T don't reach that answer, more are read. Where the next answer counts otherwise, or many do, T is
// no proof.
// Fewer than T, or no proof: a deletion may have moved a record to a page that was read already. Then pages are read
// that lie across the edges of those: an answer shows all that stands between its first record and its last, so where such
// stretches touch, nothing is missing, whatever comes and goes, and whatever is counted.
// Where IDs don't grow, the date of creation may. Where neither does, or a filter lets old records in, T is believed as long
// as every answer counts T. That misses a deletion and an addition between two answers.
// What else this can't see is a record that a deletion moves across an edge, if as many are missing in T, and later answers
// count as many: they came or went between the counting and the reading of the first one, or are more than the server
// counts; or if as many come back below M in time.
import type { IDataObject } from 'n8n-workflow';

import { seconds, type Client } from './client';
import { ApiError, sortRefusalIn } from './errors';
import { MOST_IN_FLIGHT } from './inFlightLimit';
import { Counts, ListReading, type Key, type ListOrder } from './listReading';
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

/** A busy database may answer once or twice with less than it counts, or with another page. */
const MOST_TRIES = 3;
const MOST_USELESS = 20;

/** How often a list is read whose ids are of no help before it counts as one that never holds still. */
const MOST_ROUNDS = 4;

/** How often a gap is looked for, whose place moves as records come and go. */
const MOST_LOOKS = 20;

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

/** The first answer, and what tells its records apart and sorts them. */
interface Beginning extends ListOrder {
	first: Page;
	sort: string;
	/** They come from the last key down. */
	isDown: boolean;
}

/**
 * All records of a list as it was at one moment, or the first `limit` of them, in the order asked for.
 *
 * @throws ApiError `inconsistent` where the pages don't fit together, or whatever a page's request throws
 */
export async function readList(client: Client, request: ListRequest): Promise<IDataObject[]> {
	const [startMs, retriesBefore] = [client.clock.now(), client.retries];
	const reader = new ListReader(client, request);
	const records = await reader.read();
	const took = seconds(client.clock.now() - startMs);
	const [path, retries] = [request.segments.join('/'), client.retries - retriesBefore];
	client.log(
		`read ${reader.sent} pages of /${path} in ${took}, ${retries} retries, ${reader.repairs} repairs`,
	);
	return request.limit === undefined ? records : records.slice(0, request.limit);
}

class ListReader {
	sent = 0;

	repairs = 0;

	/** Pages that were the first one once more. */
	private useless = 0;

	private pageSize: number;

	private mayLackCount = true;

	/** The first page may be the whole list, or only as much as the server puts on one. */
	private isDoubtful = false;

	/** The server lists records twice, whenever it is asked. */
	private hasDoubles = false;

	constructor(
		private readonly client: Client,
		private readonly request: ListRequest,
	) {
		const { limit = LARGEST_PAGE } = request;
		this.pageSize = Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, limit));
	}

	async read(): Promise<IDataObject[]> {
		const { idFields, limit, sort = '' } = this.request;
		const rules = sort.split(',').filter(Boolean);
		const names = rules.map((rule) => rule.replace('-', ''));
		if (limit === undefined && (!sort || idFields.includes(names[0]))) {
			const sorts = sort ? [`-${names[0]}`] : [...idFields.map((field) => `-${field}`), ''];
			const beginning = await this.begin(sorts);
			const records = await this.readById(beginning);
			// Where ids are in no order that is known here, they come as the API has them: the last one first.
			const isOther = beginning.isDown ? sort.startsWith('-') : /^[^-]/.test(sort);
			return isOther ? records.reverse() : records;
		}
		const hasId = names.some((name) => idFields.includes(name));
		const sorts = hasId ? [] : idFields.map((field) => [...rules, field].join());
		const beginning = await this.begin([...sorts, sort]);
		const isSorted = limit === undefined && beginning.sort !== sort;
		return isSorted ? await this.readSorted(beginning) : await this.readInOrder(beginning);
	}

	/** From an answer that shows the last ids, the last one first. */
	private async readById(beginning: Beginning): Promise<IDataObject[]> {
		if (!beginning.isDown) return await this.readInOrder(beginning);
		if (await this.isWhole(beginning)) {
			return different([beginning.first], beginning.keyOf).reverse();
		}
		return await this.readUp(beginning.isOld ? beginning : await this.byDate(beginning));
	}

	private async readUp({ first, sort: down, ...order }: Beginning): Promise<IDataObject[]> {
		const sort = down.replace(/(^|,)-/g, '$1');
		const list = new ListReading(first, order);
		const look = async (page: number) => await this.look(list, sort, page);
		const last = await this.readPages(1, this.fullPages(first), look, () => list.isRead);
		for (let looks = 0; looks < MOST_LOOKS; looks++) {
			if (list.isUnsorted) return await this.readInOrder(await this.begin([sort]));
			const gaps = list.gaps();
			if (gaps.length === 0) return list.all();
			this.repairs += gaps.length;
			await inParallel(gaps, async (gap) => {
				if (list.gaps().length === 0) return;
				const { page, size } = pageAround(list.placeOf(gap), this.pageSize);
				await this.look(list, sort, page, size);
			});
		}
		if (!order.isOld || !list.isRead) throw keptChanging();
		// A deletion moves records to the page before, which is read later. So this ends, whatever is deleted.
		for (let page = last; page > 0; page--) await look(page);
		return list.all();
	}

	/** What there is, the ids tell; in which order, the API. */
	private async readSorted(beginning: Beginning): Promise<IDataObject[]> {
		const { first, sort } = beginning;
		if (await this.isWhole(beginning)) return different([first], beginning.keyOf);
		// What was read before this moment proves nothing of it, so the first page is read once more.
		const byId = await this.begin([`-${sort.split(',').pop()}`]);
		if (!byId.isDown || byId.first.records.length === 0) return await this.readInOrder(beginning);
		const { keyOf, isOld = () => true } = byId;
		const counts = new Counts(byId.first.totalCount, byId.isOld !== undefined);
		const pages: Page[] = [];
		const last = this.fullPages(byId.first) + 1;
		await inParallel(upwards(1, last), async (number) => {
			const count = counts.asking();
			const page = await this.page(number, sort);
			pages[number - 1] = page;
			count(page.totalCount, (number - 1) * this.pageSize + page.records.length);
		});
		const records = different(pages, keyOf).filter(isOld);
		const isEnd = pages[last - 1].records.length < this.pageSize;
		if (isEnd && counts.isProof(records.length)) return records;
		return sortedByValues(await this.readUp(byId), sort);
	}

	/** Where nothing else tells: until all answers have the same number, and together as many records. */
	private async readInOrder(beginning: Beginning): Promise<IDataObject[]> {
		const { first, sort, keyOf } = beginning;
		const { limit = Infinity } = this.request;
		if (this.isDoubtful && (await this.isWhole(beginning, true))) return different([first], keyOf);
		let before = '';
		for (let round = 1, start = first; ; round++) {
			const { totalCount } = start;
			const pages = [start];
			const [firstKey] = start.records.map(keyOf);
			const look = async (number: number) => {
				const page = await this.page(number, sort);
				pages[number - 1] = page;
				const isCounted = !page.isUncounted;
				if (isCounted && page.totalCount > 2 * first.totalCount + this.pageSize) {
					throw keptChanging();
				}
				const isAgain = page.records.length > 0 && keyOf(page.records[0]) === firstKey;
				this.refuseAgain(page, number, isAgain);
				return page;
			};
			const isRead = () =>
				pages.length * this.pageSize >= limit ||
				pages.some(({ records }) => records.length < this.pageSize);
			await this.readPages(2, this.pagesFor(totalCount), look, isRead);
			const isSteady = pages.every((page) => !page.isUncounted && page.totalCount === totalCount);
			const records = different(pages, keyOf);
			const isSum = records.length === Math.min(totalCount, pages.length * this.pageSize);
			const isAlone = pages.length === 1 && totalCount <= records.length;
			if (isAlone || (isSteady && isSum)) return records;
			// Where there are more than the API counts, the same ones twice are all.
			const isEnough = records.length >= totalCount || this.hasDoubles;
			const ids = isEnough ? records.map(keyOf).join() : '';
			if (ids && ids === before) return records;
			if (round === MOST_ROUNDS && limit < Infinity) return records;
			if (round === MOST_ROUNDS) throw keptChanging();
			before = ids;
			this.repairs++;
			start = await this.page(1, sort);
		}
	}

	/** As many pages as the count says, and on from there, until it is enough. @returns the last one's number */
	private async readPages(
		from: number,
		counted: number,
		look: (page: number) => Promise<Page>,
		isRead: () => boolean,
	): Promise<number> {
		for (let [next, last, more] = [from, counted, 1]; ; more *= 2) {
			let isEmpty = next <= last;
			await inParallel(upwards(next, last), async (number) => {
				if ((await look(number)).records.length > 0) isEmpty = false;
			});
			if (isRead() || isEmpty) return last;
			[next, last] = [last + 1, last + Math.min(more, MOST_IN_FLIGHT)];
			if (last > MOST_PAGES) throw keptChanging();
		}
	}

	private async look(list: ListReading, sort: string, number: number, size = this.pageSize) {
		const take = list.asking((number - 1) * size, size);
		const page = await this.page(number, sort, size);
		this.refuseAgain(page, number, take(page));
		return page;
	}

	/** @throws ApiError where page after page is the first one once more */
	private refuseAgain(page: Page, number: number, isAgain: boolean): void {
		if (isAgain && ++this.useless > MOST_USELESS) throw unfit(page, number);
	}

	/**
	 * Pages hold together only in a stable order, so the id is in each sort. What it is called, and whether a
	 * list can be sorted by it, is documented for patients alone: the API names the fields that it accepts when
	 * it refuses one.
	 */
	private async begin([sort, ...others]: readonly string[]): Promise<Beginning> {
		if (others.length === 0) return await this.beginWith(sort);
		const begun = await this.tryToBegin(sort);
		if ('first' in begun) return begun;
		const isAllowed = (other: string) => begun.allowed.includes(other.replace(/^.*[,-]/, ''));
		const next = others.slice(0, -1).findIndex(isAllowed);
		return await this.begin(others.slice(next));
	}

	/** Where the API refuses the sort, the fields that it would take. */
	private async tryToBegin(sort: string): Promise<Beginning | { allowed: string[] }> {
		return await this.beginWith(sort).catch((thrown: unknown) => ({
			allowed: sortRefusalIn(thrown).allowed ?? [],
		}));
	}

	/** The server may keep its pages smaller than was asked for. */
	private async beginWith(sort: string): Promise<Beginning> {
		const first = await this.page(1, sort);
		const { records, totalCount } = first;
		this.mayLackCount = Boolean(first.isUncounted) || records.length > totalCount;
		this.isDoubtful ||= Boolean(first.isDoubtful);
		this.request.onTotal?.(Math.max(totalCount, records.length));
		const isShort = records.length < Math.min(this.pageSize, totalCount);
		const isSmall = isShort && records.length >= SMALLEST_PAGE;
		if (isSmall || first.isDoubtful) this.pageSize = records.length;
		this.pagesFor(totalCount);
		const field = sort.startsWith(`-${CREATION_DATE},`) ? CREATION_DATE : '';
		const idField = idFieldOf(records[0] ?? {}, this.request.idFields) ?? '';
		const keyOf = keyBy(idField, field);
		const keys = records.map(keyOf);
		const isDown = keys.every(
			(key, at) => at === 0 || key < keys[at - 1] || isDouble(records, at, keyOf),
		);
		const isOld = isDown ? this.isOldBy(records, field || idField, keyOf) : undefined;
		return { first, sort, keyOf, isDown, isOld };
	}

	/** The same by the date of creation, where ids don't grow, but dates do. */
	private async byDate(byId: Beginning): Promise<Beginning> {
		const hasDates = byId.first.records.every(
			({ [CREATION_DATE]: date }) => growing(date) !== undefined,
		);
		if (this.isFiltered || !hasDates) return byId;
		const dated = await this.tryToBegin(`-${CREATION_DATE},${byId.sort}`);
		return 'first' in dated && dated.isOld ? dated : byId;
	}

	private get isFiltered(): boolean {
		return Object.keys(this.request.query).length > 0;
	}

	/** By what grows from one record to the next; behind a filter, old ones may appear beside. */
	private isOldBy(records: IDataObject[], field: string, keyOf: ListOrder['keyOf']) {
		const values = records.map((record) => growing(record[field]));
		const [newest, oldest] = [values[0], values[values.length - 1]];
		// Where all of them are as new, there may be others.
		const areAsNew = records.length > 1 && newest === oldest;
		if (this.isFiltered || newest === undefined || areAsNew) return undefined;
		const keys = new Set(records.map((record) => keyOf(record)));
		return (record: IDataObject) =>
			(growing(record[field]) ?? newest) < newest || keys.has(keyOf(record));
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
			if (records.length > pageSize) throw unfit(page, number);
			const wanted = Math.max(0, Math.min(pageSize, totalCount - (number - 1) * pageSize));
			if (records.length >= wanted) {
				if (this.hasDoubles || !this.hasDouble(records)) return page;
				// Where a join does it, it does it again.
				if (tries === 1) continue;
				this.hasDoubles = true;
				return page;
			}
			// A small list may be counted later than read. The first page may be as small as the server likes, and the
			// end may be counted too high or too early.
			const isBegun = number > 1 || records.length > 0;
			if (tries < (isBegun ? MOST_TRIES : 2 * MOST_TRIES)) continue;
			if (isBegun && (number === 1 || number * pageSize >= totalCount)) return page;
			throw unfit(page, number);
		}
	}

	private hasDouble(records: IDataObject[]): boolean {
		const keyOf = keyBy(idFieldOf(records[0] ?? {}, this.request.idFields) ?? '');
		return different([{ records }], keyOf).length < records.length;
	}

	/**
	 * Whether nothing can stand before or after it. Where in doubt, the next page tells: an empty one that counts
	 * those of the first counts the list. A server that answers the same again knows no pages.
	 *
	 * @param isEmptyEnough where there is no better way to tell
	 */
	private async isWhole({ first, sort }: Beginning, isEmptyEnough = false): Promise<boolean> {
		const { records, totalCount } = first;
		if (totalCount > records.length) return false;
		if (!this.isDoubtful) return records.length < this.pageSize;
		const next = await this.page(2, sort);
		if (next.records.length > 0 && !areSame(next.records, records)) this.isDoubtful = false;
		const isSame = !next.isUncounted && next.totalCount === totalCount;
		if (next.records.length === 0) return isEmptyEnough || isSame;
		return this.isDoubtful;
	}

	private fullPages({ records, totalCount }: Page): number {
		return Math.floor(Math.max(totalCount, records.length) / this.pageSize);
	}

	/** @throws ApiError for a list that would be read for ever */
	private pagesFor(totalCount: number): number {
		const { limit = totalCount } = this.request;
		const pages = Math.ceil(Math.min(totalCount, limit) / this.pageSize);
		if (pages <= MOST_PAGES) return Math.max(1, pages);
		throw new ApiError('invalidInput', `The list is too long: it has ${totalCount} records`, {
			description: "Narrow it down with 'Filters', or set a 'Limit' instead of 'Return All'.",
		});
	}
}

function isDouble(records: IDataObject[], at: number, keyOf: ListOrder['keyOf']): boolean {
	const [one, other] = [records[at - 1], records[at]];
	return keyOf(one) === keyOf(other) && areSame([one], [other]);
}

function areSame(some: IDataObject[], others: IDataObject[]): boolean {
	return some.length === others.length && JSON.stringify(some) === JSON.stringify(others);
}

/** What can grow: a number, also as text, or a time. */
function growing(value: unknown): number | bigint | undefined {
	if (typeof value === 'number')
		return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
	if (typeof value !== 'string') return undefined;
	if (/^\d+$/.test(value)) return BigInt(value);
	const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(time) ? undefined : time;
}

/** In the order of the ids, or of the dates and, for the same date, the ids. */
function keyBy(idField: string, dateField?: string): ListOrder['keyOf'] {
	const idOf = (record: IDataObject) => {
		const id = record[idField];
		return growing(id) ?? (typeof id === 'string' ? id : Number.NaN);
	};
	return dateField ? (record) => `${String(record[dateField])} ${idOf(record)}` : idOf;
}

/** The records of all pages, each once, unless there are any that nothing tells apart. */
function different(pages: Array<Pick<Page, 'records'>>, keyOf: ListOrder['keyOf']): IDataObject[] {
	const records = pages.flatMap((page) => page.records);
	const areApart = pages.every((page) => {
		const seen = new Map<Key, IDataObject>();
		return page.records.every((record) => {
			const key = keyOf(record);
			const other = seen.get(key);
			seen.set(key, record);
			return !Number.isNaN(key) && (!other || areSame([other], [record]));
		});
	});
	return areApart
		? [...new Map(records.map((record) => [keyOf(record), record])).values()]
		: records;
}

/** A page in whose middle, as far as possible, the record stands that has so many before it. */
function pageAround(position: number, largest: number): { page: number; size: number } {
	const offCenter = (size: number) => Math.abs((position % size) - size / 2);
	let best = largest;
	for (let size = largest; size >= Math.max(SMALLEST_PAGE, largest / 2); size--) {
		if (offCenter(size) < offCenter(best)) best = size;
	}
	return { page: Math.floor(position / best) + 1, size: best };
}

/** As the API would do it, as far as one knows. */
function sortedByValues(records: IDataObject[], sort: string): IDataObject[] {
	const rules = sort.split(',');
	return records.sort((one, other) => {
		for (const rule of rules) {
			const [a, b] = [one, other].map((record) => record[rule.replace('-', '')] ?? '');
			const isNumber = typeof a === 'number' && typeof b === 'number';
			const difference = isNumber ? a - b : String(a).localeCompare(String(b));
			if (difference !== 0) return rule.startsWith('-') ? -difference : difference;
		}
		return 0;
	});
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

function keptChanging(): ApiError {
	return new ApiError('inconsistent', 'The list kept changing while it was read', {
		description:
			"Records were added or deleted all the time, so that a complete list could not be had. Run it again at a quieter time, or narrow it down with 'Filters'.",
	});
}

function unfit({ records: { length }, totalCount }: Page, page: number): ApiError {
	return new ApiError('inconsistent', `Page ${page} of the list does not fit the others`, {
		description: `It came with ${length} records, of ${totalCount} in all. It should hold more, fewer, or other ones. Run it again. If it stays so, contact EyeCloud Pro support.`,
	});
}
