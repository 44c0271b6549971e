// Step 5: a whole list, page by page, several at a time, complete or an error.
// Called by Get Many, Find or Create and the trigger. Rests on `overview.md`, "Pagination" and "Sorting".
import type { IDataObject } from 'n8n-workflow';

import { seconds, type Client } from './client';
import { ApiError, sortRefusalIn } from './errors';
import { ListReading, type Page } from './listReading';
import { idFieldOf, LARGEST_PAGE, readPage, SMALLEST_PAGE, type PageRequest } from './page';

/** n8n opens a new connection for each request; this many at a time hide the round trips. */
const PAGES_IN_FLIGHT = 8;

/** A pause between the first page and the others in which a list may well have changed. */
const WORTH_A_DOUBT_MS = 1_000;

/** Ten million records: at the documented limit, that many pages take seven hours. */
const MOST_PAGES = 40_000;

/** Pages that may be read beyond those that a list had at first, each twice in each round. */
const SPARE_READS = 100;

/** Answers that contradict themselves or each other, where one or two may be due to a busy database. */
const MOST_CONTRADICTIONS = 20;

/** How often pages that changed while the list was read are read again before giving up. */
const REPAIR_ROUNDS = 5;

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

/**
 * All records of a list, or the first `limit` of them, in the API's order. Complete as `ListReading`
 * explains, or an error.
 *
 * @throws ApiError `inconsistent` when the list keeps changing, or whatever a page's request throws
 */
export async function readList(client: Client, request: ListRequest): Promise<IDataObject[]> {
	const { limit, idFields } = request;
	const pageSize = Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, limit ?? LARGEST_PAGE));
	const log = logOf(client, request);
	// The first page tells how many there are, and fetches the token once for all that follow.
	const startMs = client.clock.now();
	const { firstPage, sort } = await readFirstPage(client, request, pageSize);
	const idField = idFieldOf(firstPage.records[0] ?? {}, idFields);
	refuseOverfull(firstPage, 1, pageSize);
	request.onTotal?.(firstPage.totalCount);
	const list = new ListReading(firstPage, pageSize, idField, limit, PAGES_IN_FLIGHT);
	const read = pageReader(client, { ...request, sort }, { list, pageSize, startMs });
	const mostReads = 2 * (REPAIR_ROUNDS + 1) * list.pageCount + SPARE_READS;
	let pagesRead = 1;

	for (let round = 0; round <= REPAIR_ROUNDS; round++) {
		// One at a time leaves no doubt in which order the answers belong.
		const inFlight = Math.max(1, Math.ceil(PAGES_IN_FLIGHT / 2 ** round));
		for (const indexes of [() => list.missing(), () => list.doubtful()]) {
			refuseEndless(list);
			const wanted = indexes().reverse();
			if (pagesRead + wanted.length > mostReads) throw keptChanging();
			pagesRead += await inParallel(wanted, inFlight, read);
			if (list.missing().length > 0) break;
		}
		if (list.missing().length > 0) continue;
		const records = list.complete();
		if (records) {
			log(pagesRead, round);
			return records;
		}
		list.startAgain();
	}
	throw keptChanging();
}

function keptChanging(): ApiError {
	return new ApiError('inconsistent', 'The list kept changing while it was read', {
		description:
			"Records were added or deleted all the time, so that a complete list could not be had. Run it again at a quieter time, or narrow it down with 'Filters'.",
	});
}

/** @throws ApiError where pages would not fit together, however often they are read */
function refuseOverfull({ records }: Page, page: number, pageSize: number): void {
	if (records.length <= pageSize) return;
	throw new ApiError('inconsistent', `Page ${page} of the list holds more than was asked for`, {
		description: `It came with ${records.length} records instead of at most ${pageSize}, so the list can't be put together. Contact EyeCloud Pro support.`,
	});
}

/** @throws ApiError for a list that could only be read for ever, because it is too long or makes no sense */
function refuseEndless(list: ListReading): void {
	if (list.pageCount > MOST_PAGES) {
		throw new ApiError('invalidInput', `The list is too long: it has ${list.totalCount} records`, {
			description: "Narrow it down with 'Filters', or set a 'Limit' instead of 'Return All'.",
		});
	}
	if (list.contradictions > MOST_CONTRADICTIONS) {
		throw new ApiError('inconsistent', 'The list contradicts itself', {
			description: `EyeCloud Pro counts ${list.totalCount} records, but its pages do not hold as many, or hold the same ones. Run it again; if it stays so, contact EyeCloud Pro support.`,
		});
	}
}

/** Reads one page into the list. */
function pageReader(
	client: Client,
	request: PageRequest,
	{ list, pageSize, startMs }: { list: ListReading; pageSize: number; startMs: number },
) {
	const firstPageMs = client.clock.now();
	let isFirstAnswer = true;
	return async (index: number) => {
		const reading = list.begin();
		const onRetry = () => {
			reading.wasRetried = true;
		};
		let page: Page | undefined;
		try {
			page = await readPage(client, { ...request, onRetry }, { page: index + 1, pageSize });
			refuseOverfull(page, index + 1, pageSize);
		} finally {
			// Far longer than the first page took: the request waited, and the list may have changed.
			const waitedMs = client.clock.now() - firstPageMs - 3 * (firstPageMs - startMs);
			if (isFirstAnswer && waitedMs > WORTH_A_DOUBT_MS) list.doubtFirstPage();
			isFirstAnswer = false;
			list.end(reading, index, page);
			if (page) refuseEndless(list);
		}
	};
}

/** One line for a whole list: counts and times alone. */
function logOf(client: Client, { segments }: PageRequest) {
	const startMs = client.clock.now();
	const retriesBefore = client.retries;
	return (pages: number, repairs: number) => {
		const took = seconds(client.clock.now() - startMs);
		const retries = client.retries - retriesBefore;
		const path = segments.join('/');
		client.log(
			`read ${pages} pages of /${path} in ${took}, ${retries} retries, ${repairs} repairs`,
		);
	};
}

/**
 * Pages hold together only in a stable order, so the id goes last in the sort. What the id is called,
 * and whether a list can be sorted by it, is documented for patients alone: the API names the fields
 * that it accepts when it refuses one. If the id is not among them, the order is the user's, or the
 * API's own.
 */
async function readFirstPage(
	client: Client,
	request: ListRequest,
	pageSize: number,
): Promise<{ firstPage: Page; sort?: string }> {
	const chosen = request.sort?.split(',') ?? [];
	const isById = chosen.some((field) => request.idFields.includes(field.replace(/^-/, '')));
	let candidates = isById ? [] : [...request.idFields];
	while (candidates.length > 0) {
		const sort = [...chosen, candidates[0]].join(',');
		const attempt = await tryFirstPage(client, { ...request, sort }, pageSize);
		if ('firstPage' in attempt) return { ...attempt, sort };
		candidates = candidates.slice(1).filter((field) => attempt.allowed.includes(field));
	}
	const firstPage = await readPage(client, request, { page: 1, pageSize });
	return { firstPage, sort: request.sort };
}

/** The first page, or, where the API refuses the sort, the fields that it would accept. */
async function tryFirstPage(
	client: Client,
	request: ListRequest,
	pageSize: number,
): Promise<{ firstPage: Page } | { allowed: string[] }> {
	return await readPage(client, request, { page: 1, pageSize }).then(
		(firstPage) => ({ firstPage }),
		(thrown: unknown) => ({ allowed: sortRefusalIn(thrown).allowed ?? [] }),
	);
}

/**
 * Runs the task for each entry, several at a time, in order; the first one that throws ends it.
 *
 * @returns how many there were
 */
async function inParallel(
	entries: number[],
	inFlight: number,
	task: (entry: number) => Promise<void>,
): Promise<number> {
	let next = 0;
	let failed = false;
	const worker = async () => {
		while (next < entries.length && !failed) {
			let succeeded = false;
			try {
				await task(entries[next++]);
				succeeded = true;
			} finally {
				failed ||= !succeeded;
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(inFlight, entries.length) }, worker));
	return entries.length;
}
