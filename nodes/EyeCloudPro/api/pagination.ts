// Step 5: a whole list, page by page, several at a time, complete or an error. Called by Get Many, Find or Create and
// the trigger. Rests on `overview.md`, "Pagination" and "Sorting".
//
// Why a list is complete. One answer to `sort=-id` shows one moment: T records, the newest of them M. What is created
// later gets an ID above M. So whatever is read later at or below M was there at that moment, and T different ones are all
// of it, whatever is added and however the answers overtake each other. The pages up to that answer are just enough.
// Fewer than T: something was deleted, and a page may have lost a record to the one before it, which was read already. Then
// the edges of the pages are looked at again, on pages that lie across them: an answer that shows a record from either side
// shows all that stands between, whatever comes and goes meanwhile, and whatever is counted. That ends on every list.
// Where IDs don't grow, the creation date may. Where neither does, or a filter lets old records in, T is believed as long as
// every answer counts T. That misses a deletion and an addition between two answers.
// What else this can't see: that a record appears below M later (restored, or created between the counting and the reading
// of the first answer) while another is deleted, so that a third one is lost at an edge and the sum is T again; unless
// the counts show that they went both up and down.
import type { IDataObject } from 'n8n-workflow';

import { seconds, type Client } from './client';
import { ApiError, sortRefusalIn } from './errors';
import { ListReading, type Page } from './listReading';
import { idFieldOf, LARGEST_PAGE, readPage, SMALLEST_PAGE, type PageRequest } from './page';

/** n8n opens a new connection for each request; this many at a time hide the round trips. */
const PAGES_IN_FLIGHT = 8;

/** Ten million records: at the documented limit, that many pages take seven hours. */
const MOST_PAGES = 40_000;

/** A busy database may answer once or twice with less than it counts, or with another page. */
const MOST_TRIES = 3;
const MOST_REPEATED = 20;

/** How often a gap is looked for, whose place moves as records come and go. */
const MOST_LOOKS = 50;

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
	/** Undefined where nothing tells one record from another. */
	idField?: string;
	/** Tells whether a record was there by then. */
	isOld?: (record: IDataObject) => boolean;
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

	private repeated = 0;

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
			const records = await this.readById(await this.begin(sorts));
			return sort.startsWith('-') ? records.reverse() : records;
		}
		const hasId = names.some((name) => idFields.includes(name));
		const sorts = hasId ? [] : idFields.map((field) => [...rules, field].join());
		const beginning = await this.begin([...sorts, sort]);
		const isSorted = limit === undefined && beginning.sort !== sort;
		return isSorted ? await this.readSorted(beginning) : await this.readRest(beginning);
	}

	/** From an answer that shows the last ids, the last one first. */
	private async readById(beginning: Beginning): Promise<IDataObject[]> {
		const { first, idField, isOld } = beginning;
		const key = (record: IDataObject) => {
			const id = record[idField ?? ''];
			return keyOf(id) ?? String(id);
		};
		const keys = first.records.map(key);
		const isDown = keys.every((each, at) => at === 0 || each < keys[at - 1]);
		if (!idField || !isDown) return await this.readRest(beginning);
		if (!isOld) return await this.readRest((await this.byDate(beginning)) ?? beginning, 'up');
		const records = await this.readRest(beginning, 'up');
		return records.sort((one, other) => (key(one) < key(other) ? -1 : 1));
	}

	/** What there is, the ids tell; in which order, the API. */
	private async readSorted(beginning: Beginning): Promise<IDataObject[]> {
		const { first, sort, idField } = beginning;
		const to = this.pagesFor(first.totalCount);
		if (!idField || to === 1) return await this.readRest(beginning);
		// What was read before this moment proves nothing of it, so the first page is read once more.
		const byId = await this.begin([`-${sort.split(',').pop()}`]);
		const list = this.listFor(byId);
		await this.readPages(list, sort, upwards(1, this.pagesFor(byId.first.totalCount)));
		list.gaps();
		if (list.isProven) return list.all();
		// A record that was edited may be anywhere in this order.
		return sortedByValues(await this.readById(byId), sort);
	}

	/** @param direction `up` where the first answer shows the end of the list, the last record first */
	private async readRest(
		beginning: Beginning,
		direction: 'on' | 'up' = 'on',
	): Promise<IDataObject[]> {
		const { first } = beginning;
		const to = this.pagesFor(first.totalCount);
		const list = this.listFor(beginning, direction === 'on' && this.request.limit === undefined);
		let { sort } = beginning;
		if (direction === 'on') {
			list.asking(0)(first);
			await this.readPages(list, sort, upwards(2, to));
		} else {
			sort = sort.replace(/(^|,)-/g, '$1');
			list.asking(to - 1)({ ...first, records: [...first.records].reverse() });
			await this.readPages(list, sort, upwards(1, to - 1));
		}
		const gaps = list.gaps();
		if (gaps.length > 0 && !list.idField) {
			if (this.repairs++ === MOST_TRIES) throw keptChanging();
			return await this.readRest(await this.begin([sort]));
		}
		this.repairs += gaps.length;
		await inParallel(gaps, async (gap) => {
			if (!list.isProven) await this.close(list, gap, sort);
		});
		return list.all();
	}

	private listFor({ first, idField, isOld }: Beginning, isOpen = false): ListReading {
		const { totalCount } = first;
		const room = this.pagesFor(totalCount) * this.pageSize;
		const expected = { records: Math.min(totalCount, room), isFull: totalCount >= room, isOpen };
		return new ListReading(idField, expected, totalCount, isOld);
	}

	private async readPages(list: ListReading, sort: string, pages: Iterable<number>) {
		const { idField } = list;
		const firstIds = new Set<unknown>();
		await inParallel(pages, async (number) => {
			const take = list.asking(number - 1);
			const page = await this.page(number, sort);
			take(page);
			if (!idField) return;
			if (!areApart(page.records, idField)) list.idField = undefined;
			const firstId = page.records[0]?.[idField];
			if (firstIds.has(firstId) && this.repeated++ === MOST_REPEATED) throw unfit(page, number);
			firstIds.add(firstId);
		});
	}

	private async close(list: ListReading, gap: number, sort: string): Promise<void> {
		let at: number | undefined = gap;
		for (let looks = 0; at !== undefined; looks++) {
			if (looks === MOST_LOOKS) throw keptChanging();
			const { page, size } = pageAround(at, this.pageSize);
			at = list.close(gap, await this.page(page, sort, size), (page - 1) * size);
		}
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
		const { length } = first.records;
		this.request.onTotal?.(first.totalCount);
		if (isShort(first, 1, this.pageSize) && length >= SMALLEST_PAGE) this.pageSize = length;
		const id = idFieldOf(first.records[0] ?? {}, this.request.idFields);
		const idField = id && areApart(first.records, id) ? id : undefined;
		return {
			first,
			sort,
			idField,
			isOld: idField ? this.isOldBy(first, idField, idField) : undefined,
		};
	}

	private async byDate({ first, sort, idField }: Beginning): Promise<Beginning | undefined> {
		const hasDates = first.records.every((record) => keyOf(record[CREATION_DATE]) !== undefined);
		const isOnePage = this.pagesFor(first.totalCount) === 1;
		if (!idField || !hasDates || isOnePage || this.isFiltered) return undefined;
		const dated = await this.tryToBegin(`-${CREATION_DATE},${sort}`);
		if ('allowed' in dated) return undefined;
		const isOld = this.isOldBy(dated.first, CREATION_DATE, idField);
		return isOld && { ...dated, idField, isOld };
	}

	private get isFiltered(): boolean {
		return Object.keys(this.request.query).length > 0;
	}

	/** By a field that grows from one record to the next, unless a filter may let old records in. */
	private isOldBy({ records }: Page, field: string, idField: string): Beginning['isOld'] {
		const keys = records.map((record) => keyOf(record[field]));
		const [newest, oldest] = [keys[0], keys[keys.length - 1]];
		const isDown = keys.every((key, at) => at === 0 || (key ?? 0) <= (keys[at - 1] ?? 0));
		// Where all of them are as new, there may be others.
		if (this.isFiltered || !isDown || newest === undefined || newest === oldest) return undefined;
		const ids = new Set(records.map((record) => record[idField]));
		return (record) => (keyOf(record[field]) ?? newest) < newest || ids.has(record[idField]);
	}

	/** @throws ApiError where it holds less than it should, whenever it is asked for */
	private async page(number: number, sort: string, pageSize = this.pageSize): Promise<Page> {
		for (let tries = 1; ; tries++) {
			this.sent++;
			const request = { ...this.request, sort };
			const page = await readPage(this.client, request, { page: number, pageSize });
			if (page.records.length > pageSize) throw unfit(page, number);
			if (!isShort(page, number, pageSize)) return page;
			if (tries < MOST_TRIES) continue;
			// The first may be as large as the server likes, and the end may be counted too high.
			if (number === 1 || number * pageSize >= page.totalCount) return page;
			throw unfit(page, number);
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

function isShort({ records, totalCount }: Page, page: number, pageSize: number): boolean {
	return records.length < Math.min(pageSize, totalCount - (page - 1) * pageSize);
}

function areApart(records: IDataObject[], idField: string): boolean {
	const ids = records.map((record) => record[idField]);
	const arePlain = ids.every((id) => typeof id === 'string' || Number.isSafeInteger(id));
	return arePlain && new Set(ids).size === ids.length;
}

/** What can grow: a number, also as text, or a time. */
function keyOf(value: unknown): number | bigint | undefined {
	if (typeof value === 'number') return value;
	if (typeof value !== 'string') return undefined;
	if (/^\d+$/.test(value)) return BigInt(value);
	const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(time) ? undefined : time;
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
	const rules = sort.split(',').map((rule) => ({
		name: rule.replace('-', ''),
		sign: rule.startsWith('-') ? -1 : 1,
	}));
	return records.sort((one, other) => {
		for (const { name, sign } of rules) {
			const [a, b] = [one[name] ?? '', other[name] ?? ''];
			const isNumber = typeof a === 'number' && typeof b === 'number';
			const difference = isNumber ? a - b : String(a).localeCompare(String(b));
			if (difference !== 0) return sign * difference;
		}
		return 0;
	});
}

function* upwards(from: number, to: number) {
	for (let number = from; number <= to; number++) yield number;
}

/** Does the task for each entry, several at a time, in order; the first one that throws ends it. */
async function inParallel<Entry>(entries: Iterable<Entry>, task: (entry: Entry) => Promise<void>) {
	const left = (function* () {
		yield* entries;
	})();
	const worker = async () => {
		for (const entry of left) await task(entry);
	};
	await Promise.all(Array.from({ length: PAGES_IN_FLIGHT }, worker));
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
