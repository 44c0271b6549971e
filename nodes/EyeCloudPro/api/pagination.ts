// Step 5: a whole list, page by page, several at a time, complete or an error. Called by Get Many, Find or Create and
// the trigger. Rests on `overview.md`, "Pagination" and "Sorting".
//
// Why a list is complete. One answer to `sort=-id` shows one moment: T records, the newest of them M. What is created
// later gets an ID above M. So whatever is read later at or below M was there at that moment, and T different ones are all
// of it, whatever is added and however the answers overtake each other. The pages up to that answer are just enough.
// Fewer than T: something was deleted, and a page may have lost a record to the one before it, which was read already. Then
// pages are read that lie across the edges of those: an answer shows all that stands between its first record and its last,
// so where such stretches touch, nothing is missing, whatever comes and goes, and whatever is counted.
// Where IDs don't grow, the date of creation may. Where neither does, or a filter lets old records in, T is believed as long
// as every answer counts T. That misses a deletion and an addition between two answers.
// What else this can't see: a record that appears below M (restored, or created between the counting and the reading of the
// first answer) and that moves another one across an edge unseen: if both pages are under way just then, or if there is
// but one page, full to the brim. Counts that go up and down are taken for a sign of it.
import type { IDataObject } from 'n8n-workflow';

import { seconds, type Client } from './client';
import { ApiError, sortRefusalIn } from './errors';
import { MOST_IN_FLIGHT } from './inFlightLimit';
import { ListReading, type Gap, type Key, type Page } from './listReading';
import { idFieldOf, LARGEST_PAGE, readPage, SMALLEST_PAGE, type PageRequest } from './page';

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

/** The first answer. */
interface Beginning {
	first: Page;
	sort: string;
	/** What tells records apart, and sorts them; never equal to anything where nothing does. */
	keyOf: KeyOf;
	/** They come from the last key down. */
	isDown: boolean;
	isOld?: IsOld;
}

type KeyOf = (record: IDataObject) => Key;

/** Whether a record was there at the moment of the first answer. */
type IsOld = (record: IDataObject) => boolean;

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

	/** Pages that brought nothing new. */
	private useless = 0;

	private pageSize: number;

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
		const { first } = beginning;
		const isWhole = this.pagesFor(first.totalCount) === 1;
		if (!beginning.isDown) return await this.readInOrder(beginning);
		if (isWhole) return [...first.records].reverse();
		return await this.readUp(beginning.isOld ? beginning : await this.byDate(beginning));
	}

	private async readUp({ first, sort: down, keyOf, isOld }: Beginning): Promise<IDataObject[]> {
		const { totalCount: count } = first;
		const sort = down.replace(/(^|,)-/g, '$1');
		const last = this.pagesFor(count) - 1;
		const list = this.listFor(first, keyOf, isOld);
		const end = { ...first, records: [...first.records].reverse() };
		list.asking()(end, count - end.records.length);
		await this.readPages(list, { sort, last });
		const gaps = list.gaps();
		this.repairs += gaps.length;
		let isLost = false;
		await inParallel(gaps, async (gap) => {
			if (!list.isProven && !(await this.close(list, gap, sort))) isLost = true;
		});
		if (list.isUnsorted) return await this.readInOrder(await this.begin([sort]));
		if (isLost && !isOld) throw keptChanging();
		// A deletion moves records to the page before, which is read later. So this ends, whatever is deleted.
		for (let page = last + 1; isLost && page > 0; page--) await this.look(list, { sort, page });
		return list.all();
	}

	/** What there is, the ids tell; in which order, the API. */
	private async readSorted(beginning: Beginning): Promise<IDataObject[]> {
		const { first, sort } = beginning;
		if (this.pagesFor(first.totalCount) === 1) return first.records;
		// What was read before this moment proves nothing of it, so the first page is read once more.
		const byId = await this.begin([`-${sort.split(',').pop()}`]);
		if (!byId.isDown) return await this.readInOrder(beginning);
		const list = this.listFor(byId.first, byId.keyOf, byId.isOld);
		const pages = await this.readPages(list, { sort, last: this.pagesFor(byId.first.totalCount) });
		if (!list.isProven) return sortedByValues(await this.readUp(byId), sort);
		return different(pages, byId.keyOf).filter((record) => byId.isOld?.(record) ?? true);
	}

	/** Where nothing else tells: until all answers have the same number, and together as many records. */
	private async readInOrder({ first, sort, keyOf }: Beginning): Promise<IDataObject[]> {
		for (let round = 1, start = first; ; round++) {
			const { totalCount } = start;
			const last = this.pagesFor(totalCount);
			const pages = [start];
			if (last > this.pagesFor(2 * first.totalCount)) throw keptChanging();
			const [firstKey] = start.records.map(keyOf);
			await inParallel(upwards(2, last), async (number) => {
				const page = await this.page(number, sort);
				pages[number - 1] = page;
				const isAgain = page.records.length > 0 && keyOf(page.records[0]) === firstKey;
				if (isAgain && this.useless++ === MOST_USELESS) throw unfit(page, number);
			});
			const isSteady = pages.every((page) => page.totalCount === totalCount);
			const records = different(pages, keyOf);
			const isSum = records.length === Math.min(totalCount, last * this.pageSize);
			if (last === 1 || (isSteady && isSum)) return records;
			if (round === MOST_ROUNDS && this.request.limit !== undefined) return records;
			if (round === MOST_ROUNDS) throw keptChanging();
			this.repairs++;
			start = await this.page(1, sort);
		}
	}

	private listFor({ totalCount: count }: Page, keyOf: KeyOf, isOld?: IsOld) {
		const isFull = count === this.pagesFor(count) * this.pageSize;
		return new ListReading(keyOf, { count, isFull }, isOld);
	}

	private async readPages(list: ListReading, { sort, last }: { sort: string; last: number }) {
		const pages: Page[] = [];
		await inParallel(upwards(1, last), async (number) => {
			const { size } = list;
			const page = await this.look(list, { sort, page: number });
			pages[number - 1] = page;
			if (list.size === size && this.useless++ === MOST_USELESS) throw unfit(page, number);
		});
		return pages;
	}

	/** @returns whether it could be found, whose place moves as records come and go */
	private async close(list: ListReading, gap: Gap, sort: string): Promise<boolean> {
		let left: Gap | undefined = gap;
		let at = gap.left ? gap.left.start + gap.left.length : 0;
		for (let looks = 0; left && looks < MOST_LOOKS; looks++) {
			await this.look(list, { sort, ...pageAround(at, this.pageSize) });
			left = list.leftOf(gap);
			if (left) at = list.placeOf(left);
		}
		return left === undefined;
	}

	private async look(
		list: ListReading,
		{ sort, page: number, size = this.pageSize }: { sort: string; page: number; size?: number },
	): Promise<Page> {
		const take = list.asking();
		const page = await this.page(number, sort, size);
		take(page, (number - 1) * size);
		return page;
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
		this.request.onTotal?.(totalCount);
		const isShort = records.length < Math.min(this.pageSize, totalCount);
		if (isShort && records.length >= SMALLEST_PAGE) this.pageSize = records.length;
		const field = sort.startsWith(`-${CREATION_DATE},`) ? CREATION_DATE : '';
		const idField = idFieldOf(records[0] ?? {}, this.request.idFields) ?? '';
		const keyOf = keyBy(idField, field);
		const keys = records.map(keyOf);
		const isDown = keys.every((key, at) => at === 0 || key < keys[at - 1]);
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
	private isOldBy(records: IDataObject[], field: string, keyOf: KeyOf) {
		const values = records.map((record) => growing(record[field]));
		const [newest, oldest] = [values[0], values[values.length - 1]];
		// Where all of them are as new, there may be others.
		if (this.isFiltered || newest === undefined || newest === oldest) return undefined;
		const keys = new Set(records.map((record) => keyOf(record)));
		return (record: IDataObject) =>
			(growing(record[field]) ?? newest) < newest || keys.has(keyOf(record));
	}

	/** @throws ApiError where it holds less than it should, whenever it is asked for */
	private async page(number: number, sort: string, pageSize = this.pageSize): Promise<Page> {
		for (let tries = 1; ; tries++) {
			this.sent++;
			const request = { ...this.request, sort };
			const page = await readPage(this.client, request, { page: number, pageSize });
			const { records, totalCount } = page;
			if (records.length > pageSize) throw unfit(page, number);
			const wanted = Math.max(0, Math.min(pageSize, totalCount - (number - 1) * pageSize));
			if (records.length === wanted) return page;
			// The first may be as small as the server likes, and the end may be counted too high or too early.
			const isLikely = number === 1 || number * pageSize >= totalCount;
			if (tries === MOST_TRIES && isLikely) return page;
			if (tries === MOST_TRIES) throw unfit(page, number);
		}
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
function keyBy(idField: string, dateField?: string): KeyOf {
	const idOf = (record: IDataObject) => {
		const id = record[idField];
		return growing(id) ?? (typeof id === 'string' ? id : Number.NaN);
	};
	return dateField ? (record) => `${String(record[dateField])} ${idOf(record)}` : idOf;
}

/** The records of all pages, each once, unless there are any that nothing tells apart. */
function different(pages: Page[], keyOf: KeyOf): IDataObject[] {
	const records = pages.flatMap((page) => page.records);
	const areApart = pages.every((page) => {
		const keys = page.records.map(keyOf);
		return new Set(keys).size === keys.length && !keys.includes(Number.NaN);
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
