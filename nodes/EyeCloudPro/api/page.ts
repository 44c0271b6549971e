// One page of a list, and what the id of its records is called. Called by pagination.ts, discovery, the editor's
// lists and the trigger. EyeCloud Pro's API documentation: "Pagination".
import type { IDataObject } from 'n8n-workflow';

import type { Client } from './client';
import { pageIn } from './answer';
import { ApiError } from './errors';

/** Documented: `page_size` must be between 5 and 250. */
export const SMALLEST_PAGE = 5;
export const LARGEST_PAGE = 250;

/** One page as it was read. */
export interface Page {
	records: IDataObject[];
	totalCount: number;
	totalPages: number;
	/** The answer itself does not say how many there are. */
	isUncounted?: boolean;
	/** It looks like the whole list, but may be as much as the server puts on a page. */
	isDoubtful?: boolean;
}

export interface PageRequest {
	segments: readonly string[];
	query: IDataObject;
	/** The API's `sort` as the user chose it, e.g. `name_last,-dob`. */
	sort?: string;
	/** Ends it at once, where the rest of the list is not wanted any longer. */
	signal?: AbortSignal;
}

/**
 * One page, e.g. for a list in the editor; `pageSize` from 5 to 250. Its count is what the API says.
 *
 * @param place with `mayLackCount` its count is 0 where the API does not say it
 */
export async function readPage(
	client: Client,
	request: PageRequest,
	place: { page: number; pageSize: number; mayLackCount?: boolean },
): Promise<Page> {
	const { segments, sort, signal } = request;
	const { page, pageSize, mayLackCount } = place;
	const query = { ...request.query, ...(sort ? { sort } : {}), page, page_size: pageSize };
	const asked = await client
		.request({ method: 'GET', segments, query, signal })
		.catch((thrown: unknown) => {
			throw atPage(thrown, page);
		});
	// No Content: nothing is there. A 404 may as well mean a wrong path.
	const body = asked.statusCode === 204 ? [] : asked.body;
	const { records, totalCount: said, pageSize: largest = 0 } = pageIn(body);
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
	const isAll = page === 1 && length >= SMALLEST_PAGE && totalCount <= length;
	// A server that keeps pages smaller keeps them at a round number, and does not say that it takes larger ones.
	const mayBeCap = length === pageSize || (largest <= length && length % SMALLEST_PAGE === 0);
	return {
		records,
		totalCount,
		totalPages: Math.ceil(totalCount / pageSize),
		isUncounted: !isCounted,
		isDoubtful: isAll && (!isCounted || mayBeCap),
	};
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
