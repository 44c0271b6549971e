// A whole list, page by page, several at a time, complete or an error. Called by Get Many, Count, Find or Create and
// Look Up.
// Source: EyeCloud Pro's API documentation, "Pagination" and "Sorting".
//
// Why a list is complete:
// 1. One answer to `sort=-id` shows one moment: T records, the newest of them M. What is created later gets an id above M.
//    So T different records at or below M are all of that moment, whatever is added and however answers overtake each
//    other. The same holds for creation dates, where ids don't grow.
// 2. If it is fewer, something was deleted, or the server has counted and read at two moments (ListReading says when the
//    count is in doubt). Then the pages are read once more, one at a time from the last to the first. A deletion moves
//    records to the page before, which is read next, and new ones come after all of these. So it ends on every list.
//    A later answer must not count more old records than that: a page may have come in place of another. Without a count,
//    full pages have to lead to the first answer's records.
// 3. A list that can be sorted by neither, or by dates alone, which records may share, or is behind a filter that an edit
//    may let old records through, is read until its count is met or nothing has changed meanwhile. That misses a deletion
//    and an addition between two answers.
// What else this can't see: a deleted record that comes back; as many records added as deleted between a server's count
// and its read of one answer; a server that caps its pages and gives a page's number of records as its count, if that
// number is not round or the answer repeats the page size that was asked for.
import type { IDataObject } from 'n8n-workflow';

import { seconds, type Client } from './client';
import { ApiError, sortRefusalIn } from './errors';
import { MOST_IN_FLIGHT } from './inFlightLimit';
import { compared, ListReading, sortable, type Key, type ListOrder } from './listReading';
import {
	idFieldOf,
	LARGEST_PAGE,
	readPage,
	SMALLEST_PAGE,
	type Page,
	type PageRequest,
} from './page';

/** Ten million records: nobody has more. */
const MOST_PAGES = 40_000;

/** A busy database may answer a few times with less than it counts. */
const MOST_TRIES = 6;

/** Pages with nothing new: a server that answers with the same ones would be asked for ever. */
const MOST_REPEATED = 20;

/** How often a list without growing ids or dates is read before it counts as one that never holds still. */
const MOST_ROUNDS = 4;

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
	/** By an id, so that no two records are equal. */
	isStrict: boolean;
}

/**
 * All records of a list as it was at one moment, or the first `limit` of them, in the order asked for.
 *
 * @throws ApiError `inconsistent` where the pages don't fit together, or whatever a page's request throws
 */
export async function readList(client: Client, request: ListRequest): Promise<IDataObject[]> {
	const [startMs, retriesBefore] = [client.clock.now(), client.retries];
	const ending = new AbortController();
	const signal = AbortSignal.any([
		ending.signal,
		...(client.cancelSignal ? [client.cancelSignal] : []),
	]);
	const reader = new ListReader(client, { ...request, signal });
	// Where one page fails, the others are not sent any longer.
	const records = await reader.read().finally(() => ending.abort());
	const took = seconds(client.clock.now() - startMs);
	const [path, retries] = [request.segments.join('/'), client.retries - retriesBefore];
	client.log(
		`read ${reader.sent} pages of /${path} in ${took}, ${retries} retries, ${reader.repairs} repairs`,
	);
	return request.limit === undefined ? records : records.slice(0, request.limit);
}

/**
 * How many records match, and the first of them: one request with the smallest page. Where its count is none, may be
 * that of the page, or is not that of the records which it shows, the whole list is read.
 */
export async function countList(
	client: Client,
	request: ListRequest,
): Promise<{ records: IDataObject[]; totalCount: number }> {
	const place = { page: 1, pageSize: SMALLEST_PAGE, mayLackCount: true };
	const { records, totalCount, isDoubtful } = await readPage(client, request, place);
	// A page that is not full shows all, whatever the count says.
	const isAll = records.length >= SMALLEST_PAGE || records.length === totalCount;
	if (!isDoubtful && isAll) return { records, totalCount };
	return { records, totalCount: (await readList(client, request)).length };
}

class ListReader {
	sent = 0;

	/** Pages that were read once more. */
	repairs = 0;

	/** What the server puts on a page. */
	private pageSize: number;

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
		const names = namesIn(sort);
		if (limit === undefined && (sort === '' || idFields.includes(names[0]))) {
			return await this.readById(
				await this.begin(sort ? [`-${names[0]}`] : this.firmSorts()),
				sort,
			);
		}
		// Pages hold together only where each record has a place of its own, so the id is in each sort.
		const hasId = names.some((name) => idFields.includes(name));
		const sorts = hasId ? [] : idFields.map((field) => (sort ? `${sort},${field}` : field));
		const beginning = await this.begin([...sorts, sort]);
		if (limit !== undefined || this.isWhole(beginning.first)) return await this.readFrom(beginning);
		return await this.readSorted(beginning.sort, sort);
	}

	/** From an answer that shows the last ones first, as far as the API sorts at all. */
	private async readById(byId: Beginning, sort = ''): Promise<IDataObject[]> {
		const order = await this.byDate(byId);
		const records = await this.readFrom(order);
		if (order !== byId && sort !== '') return records.sort(inOrderOf(sort));
		// In an order that is not known here, they come as the API has them.
		const isReversed = (order.isDown || sort !== '') && !sort.startsWith('-');
		return isReversed ? records.reverse() : records;
	}

	/** What there is, the ids tell; in which order, the API. */
	private async readSorted(sort: string, asked: string): Promise<IDataObject[]> {
		// What was read before this moment proves nothing of it, so the first page is read once more.
		const byId = await this.byDate(await this.begin(this.firmSorts(asked)));
		const list = new ListReading(byId.first, byId);
		await this.readPages(list, sort, 1, this.fullPages(byId.first) + 1);
		if (list.isCounted()) return list.all();
		return (await this.readById(byId)).sort(inOrderOf(asked));
	}

	/** Orders that no edit changes, the firmest first; the last one is that of the API, whatever it is. */
	private firmSorts(sort = ''): string[] {
		const ids = this.request.idFields.map((field) => `-${field}`);
		return [...ids, `-${CREATION_DATE}`, sort];
	}

	/**
	 * In the order of the first answer: from there on; or, where that shows the last records first, from the first page to
	 * that answer. With a Limit, the last round is taken, read once more from its last page to the first.
	 */
	private async readFrom(beginning: Beginning): Promise<IDataObject[]> {
		const { limit = Infinity } = this.request;
		const most = Math.ceil(limit / this.pageSize);
		let { first } = beginning;
		let order: ListOrder = beginning;
		let isUp = beginning.isStrict && limit === Infinity;
		let before = '';
		for (let round = 1; ; round++) {
			const sort = isUp ? beginning.sort.replace(/(^|,)-/g, '$1') : beginning.sort;
			const list = new ListReading(first, order, isUp);
			const records = () => (isUp ? list.all().reverse() : list.all());
			if (!isUp) list.add(0, this.pageSize, first);
			if (this.isWhole(first) && !list.isUnordered) return records();
			const [from, counted] = isUp ? [1, 0] : [2, 1];
			const full = Math.min(this.fullPages(first) + counted, most);
			const last = await this.readPages(list, sort, from, full, most);
			const edges = list.edges();
			if (list.isUnordered) [order, isUp] = [{ keyOf: recordAsKey }, false];
			// A single page shows all from the first record to the newest ones.
			else if ((list.isJoined && last === 1) || list.isCounted(most * this.pageSize))
				return records();
			else if (list.isJoined && order.rankOf) {
				this.repairs += last;
				for (let page = last; page > 0; page--) await this.add(list, sort, page);
				// A server may count at another moment than it reads.
				let isAll = list.isEnough;
				for (let tries = 0; !isAll && tries < MOST_TRIES; tries++)
					isAll = list.holdsAllOf(await this.page(1, beginning.sort));
				if (list.isJoined && isAll) return list.all().sort(inOrderOf(beginning.sort));
			}
			if (edges === before && list.isEnough && list.isJoined === isUp) return records();
			if (round >= MOST_ROUNDS && limit < Infinity) {
				// Deletions move records to the page before, which is read next.
				const again = order.keyOf === recordAsKey ? 0 : last;
				for (let page = again; page > 0; page--) await this.add(list, sort, page);
				return records();
			}
			if (round >= MOST_ROUNDS) throw keptChanging();
			before = edges;
			this.repairs++;
			first = await this.page(1, beginning.sort);
		}
	}

	/** As many pages as are counted, and on from there until one shows the end. @returns the last one's number */
	private async readPages(
		list: ListReading,
		sort: string,
		from: number,
		counted: number,
		most = Infinity,
	): Promise<number> {
		let [next, last, more, repeated] = [from, counted, 1, 0];
		for (;;) {
			if (last > MOST_PAGES) throw doesNotFit(last, list.first);
			await inParallel(next, last, async (page) => {
				const isNew = await this.add(list, sort, page);
				if (!isNew && ++repeated > MOST_REPEATED) throw doesNotFit(page, list.first);
				if (list.isRunningAway) throw keptChanging();
			});
			if (list.isAtEnd || last >= most) return last;
			[next, last] = [last + 1, Math.min(most, last + Math.min(more, MOST_IN_FLIGHT))];
			more *= 2;
		}
	}

	/** @returns whether it has shown anything new, as far as it holds anything */
	private async add(list: ListReading, sort: string, number: number): Promise<boolean> {
		const page = await this.page(number, sort);
		const { length } = page.records;
		if (length > this.pageSize) throw doesNotFit(number, page);
		return list.add((number - 1) * this.pageSize, this.pageSize, page) || length === 0;
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
		const keyOf =
			idField === undefined ? recordAsKey : (record: IDataObject) => record[idField] as Key;
		const [field, tie] = namesIn(sort);
		const rankOf = (record: IDataObject) => sortable(record[field]);
		const values = records.map(rankOf);
		const isDown = values.every(
			(value, at) => value !== undefined && (at === 0 || compared(values[at - 1], value) >= 0),
		);
		const [newest, oldest] = [values[0], values[length - 1]];
		const isId = idFields.includes(field);
		// Behind a filter, old records may appear; there may be others with a date that all have; and records with the same
		// date may come in another order each time.
		const isTold = Object.keys(query).length === 0 && (isId || (tie && newest !== oldest));
		const isGrowing = isDown && isTold && typeof newest !== 'string' && idField !== undefined;
		const isStrict = isGrowing || (isDown && isId && new Set(values).size === values.length);
		const order = { keyOf, sortedBy: rankOf, rankOf: isGrowing ? rankOf : undefined };
		return { first, sort, isDown, isStrict: isStrict && idField !== undefined, ...order };
	}

	/** By the date of creation, where ids don't grow, but dates do. */
	private async byDate(byId: Beginning): Promise<Beginning> {
		const { first, sort, isDown, rankOf } = byId;
		const isFiltered = Object.keys(this.request.query).length > 0;
		if (!isDown || rankOf || isFiltered || first.totalCount < LARGEST_PAGE) return byId;
		const isDated = ({ [CREATION_DATE]: date }: IDataObject) => typeof sortable(date) === 'number';
		if (sort === `-${CREATION_DATE}` || !first.records.every(isDated)) return byId;
		const dated = await this.begin([`-${CREATION_DATE},${sort}`]).catch(sortRefusalIn);
		return 'keyOf' in dated && dated.rankOf ? dated : byId;
	}

	/** @throws ApiError where it holds less than it should, whenever it is asked for */
	private async page(number: number, sort: string): Promise<Page> {
		const { pageSize } = this;
		for (let tries = 1; ; tries++) {
			this.sent++;
			const place = { page: number, pageSize, mayLackCount: this.mayLackCount };
			const page = await readPage(this.client, { ...this.request, sort }, place);
			const { records, totalCount } = page;
			if (records.length >= Math.min(pageSize, totalCount - (number - 1) * pageSize)) return page;
			// The first page may be as small as the server likes, and the end may be counted too high.
			const isTaken = number === 1 ? records.length > 0 : number * pageSize >= totalCount;
			if (isTaken && tries >= MOST_TRIES / 2) return page;
			if (tries < MOST_TRIES) continue;
			throw doesNotFit(number, page);
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

function namesIn(sort: string): string[] {
	return sort.split(',').map((rule) => rule.replace('-', ''));
}

/** Without an id, each record counts as a different one. */
function recordAsKey(record: IDataObject): Key {
	return record;
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

/** Does the task for each page, as many at a time as the limiter lets through. */
async function inParallel(from: number, to: number, task: (page: number) => Promise<void>) {
	let next = from;
	const worker = async () => {
		while (next <= to) await task(next++);
	};
	await Promise.all(Array.from({ length: MOST_IN_FLIGHT }, worker));
}

function keptChanging(): ApiError {
	return new ApiError('inconsistent', 'The list kept changing while it was read', {
		description:
			"Records were added or deleted all the time, so that a complete list could not be had. Run it again at a quieter time, or narrow it down with 'Filters'.",
	});
}

function doesNotFit(page: number, { records, totalCount }: Page): ApiError {
	return new ApiError('inconsistent', `Page ${page} of the list does not fit the others`, {
		description: `It came with ${records.length} records, of ${totalCount} in all. It should hold more, fewer, or other ones. Run it again. If it stays so, contact EyeCloud Pro support.`,
	});
}
