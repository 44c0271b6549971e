// One page of a list, how many records a list has, and what their id is called. Called by pagination.ts,
// discovery, the editor's lists, Count and the trigger. Rests on `overview.md`, "Pagination".
import type { IDataObject } from 'n8n-workflow';

import type { Client } from './client';
import { pageIn } from './answer';
import { ApiError } from './errors';

/** Documented: `page_size` must be between 5 and 250. */
export const SMALLEST_PAGE = 5;
export const LARGEST_PAGE = 250;

/** Who keeps pages smaller, or counts up to a limit, chooses round numbers: multiples of these. */
const ROUND_SIZES = [5, 8, 12];
const ROUND_COUNT = 1_000;

/** Ten million records. */
const MOST_PAGES = 40_000;

/** One page as it was read. */
export interface Page {
	records: IDataObject[];
	totalCount: number;
	totalPages: number;
	/** The answer itself does not say how many there are. */
	isUncounted?: boolean;
	/** It looks like the whole list, but may be as much as the server puts on a page. */
	isDoubtful?: boolean;
	/** The API refused a larger one. */
	largestPage?: number;
}

export interface PageRequest {
	segments: readonly string[];
	query: IDataObject;
	/** The API's `sort` as the user chose it, e.g. `name_last,-dob`. */
	sort?: string;
}

interface Place {
	page: number;
	/** From 5 to 250. */
	pageSize: number;
	/** Its count is 0 where the API does not say it. */
	mayLackCount?: boolean;
}

/** By client, which lives as long as an execution or a poll, and by list: how many there are where the API's count is wrong. */
const counted = new WeakMap<Client, Map<string, Promise<number>>>();

/**
 * One page, e.g. for a list in the editor, and how many records the list has. The API's count is believed unless it may be
 * the page's own, or the most that is counted, as a full page shows that ends with it: then the next records are asked for.
 */
export async function readPage(client: Client, request: PageRequest, place: Place): Promise<Page> {
	const page = await readPageAlone(client, request, { ...place, mayLackCount: true });
	const { length } = page.records;
	const pageSize = page.isDoubtful ? length : Math.max(length, page.largestPage ?? place.pageSize);
	const end = (place.page - 1) * pageSize + length;
	const isEnd = length > 0 && page.totalCount <= end;
	const isUnknown = page.isUncounted && length === 0 && place.page > 1;
	const isInDoubt = isUnknown || (isEnd && length >= pageSize);
	const said = isEnd ? end : page.totalCount;
	const totalCount = isInDoubt ? await countAround(client, request, { said, pageSize }) : said;
	return { ...page, totalCount, totalPages: Math.ceil(totalCount / place.pageSize) };
}

/** How many records match, and the first of them: one request, where the API's count can be believed. */
export async function countList(client: Client, request: PageRequest): Promise<Page> {
	const pageSize = SMALLEST_PAGE;
	const first = await readPage(client, request, { page: 1, pageSize });
	const { records, totalCount: said } = first;
	if (said <= records.length || said % ROUND_COUNT > 0) return first;
	return { ...first, totalCount: await countAround(client, request, { said, pageSize }) };
}

/** One page, and the count as the API says it. */
export async function readPageAlone(
	client: Client,
	request: PageRequest,
	place: Place,
): Promise<Page> {
	const { segments, sort } = request;
	const { page, pageSize, mayLackCount } = place;
	const query = { ...request.query, ...(sort ? { sort } : {}), page, page_size: pageSize };
	const asked = await client
		.request({ method: 'GET', segments, query })
		.catch((thrown: unknown) => ({ thrown }));
	if ('thrown' in asked) {
		const most = page === 1 ? largestAllowed(asked.thrown) : undefined;
		if (most === undefined || most >= pageSize) throw atPage(asked.thrown, page);
		const smaller = await readPageAlone(client, request, { ...place, pageSize: most });
		return { ...smaller, largestPage: most };
	}
	// No Content: nothing is there. A 404 may as well mean a wrong path.
	const body = asked.statusCode === 204 ? [] : asked.body;
	const { records, totalCount: said, pageSize: largest, isEnd } = pageIn(body);
	// A count of nothing beside records is none.
	const isCounted = said !== undefined && (said > 0 || records?.length === 0);
	const unsaid = countOfLast(page, pageSize, records?.length) ?? (mayLackCount ? 0 : undefined);
	const totalCount = isCounted ? said : unsaid;
	if (!records || totalCount === undefined) {
		throw new ApiError(
			'unreadable',
			`Page ${page} of the list came without its records or their count`,
			{
				description:
					'The answer does not look like one of EyeCloud Pro, as if something on the way had answered. Check the addresses in the credential.',
			},
		);
	}
	const { length } = records;
	const isShort = page === 1 && length >= SMALLEST_PAGE && length < pageSize;
	const isCap = largest === undefined ? isRound(length) : largest <= length;
	const isWhole = (isCounted ? totalCount === length : isEnd) && !isCap;
	return {
		records,
		totalCount,
		totalPages: Math.ceil(totalCount / pageSize),
		isUncounted: !isCounted,
		isDoubtful: isShort && totalCount <= length && !isWhole,
	};
}

/** What is said, where no record comes after it; else, by looking for the last page. */
async function countAround(
	client: Client,
	request: PageRequest,
	{ said, pageSize }: { said: number; pageSize: number },
): Promise<number> {
	const lists = counted.get(client) ?? new Map<string, Promise<number>>();
	counted.set(client, lists);
	const name = JSON.stringify([request.segments, request.query]);
	const read = async (page: number) => {
		const place = { page, pageSize, mayLackCount: true };
		return (await readPageAlone(client, request, place)).records;
	};
	const known = lists.get(name);
	if (known) return await known;
	const behind = await read(Math.floor(said / pageSize) + 1);
	if (said > 0 && behind.length <= said % pageSize) return said;
	const count = lists.get(name) ?? countByPages(read, pageSize);
	lists.set(name, count);
	return await count;
}

/** Twice as far each time until a page is not full, and then by halves. */
async function countByPages(
	read: (page: number) => Promise<IDataObject[]>,
	pageSize: number,
): Promise<number> {
	const first = JSON.stringify(await read(1));
	const lengthOf = async (page: number) => {
		const records = await read(page);
		// A server that answers the same again knows no pages.
		return page > 1 && JSON.stringify(records) === first ? 0 : records.length;
	};
	let [full, next, length] = [0, 1, await lengthOf(1)];
	for (; length >= pageSize && next < MOST_PAGES; length = await lengthOf(next)) {
		[full, next] = [next, next * 2];
	}
	while (next - full > 1) {
		const middle = Math.floor((full + next) / 2);
		const found = await lengthOf(middle);
		if (found >= pageSize) full = middle;
		else [next, length] = [middle, found];
	}
	return full * pageSize + length;
}

function isRound(length: number): boolean {
	return length >= 2 * SMALLEST_PAGE && ROUND_SIZES.some((size) => length % size === 0);
}

/** The largest page that the API takes, where it refuses a larger one and names it. */
function largestAllowed(thrown: unknown): number | undefined {
	const refused = thrown instanceof ApiError ? thrown.refused : [];
	const message = refused.find(({ field }) => field === 'page_size')?.message ?? '';
	const most = Number(/\bless than or equal to (\d+)/.exec(message)?.[1]);
	return most >= SMALLEST_PAGE ? most : undefined;
}

/** How many there are where the API does not say: the page that is not full is the last. */
function countOfLast(page: number, pageSize: number, length?: number): number | undefined {
	if (length === undefined || length >= pageSize || (length === 0 && page > 1)) return undefined;
	return (page - 1) * pageSize + length;
}

/** Names the page, so that a user knows how far the list could be read. */
function atPage(error: unknown, page: number): unknown {
	if (!(error instanceof ApiError) || page === 1) return error;
	return new ApiError(error.kind, error.message, {
		...error,
		description:
			`It happened at page ${page} of the list, so nothing of it is handed on. ${error.description ?? ''}`.trim(),
	});
}

/** What this record's id is called: the first of the candidates that it has. */
export function idFieldOf(record: IDataObject, idFields: readonly string[]): string | undefined {
	return idFields.find((field) => ['string', 'number'].includes(typeof record[field]));
}
