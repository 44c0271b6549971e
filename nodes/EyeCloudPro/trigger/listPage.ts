// The pages of the list as a poll reads them, and what can't be true of them. A wrong answer ends the poll with a
// sentence before anything is made of it, and the next poll asks again. Used by both strategies.
import { ApiError } from '../api/errors';
import { LARGEST_PAGE, readPage, type Page } from '../api/page';
import type { PollTime } from './pollTime';
import type { PollRun } from './strategy';

/** Lists that are shorter come and go. */
const WORTH_A_DOUBT = 50;

/** Fewer may all be replaced by others. */
const WORTH_KNOWING = 10;

/** So many may come or go between two requests. */
const FEW = 1;

/** Another poll has to see the same within this time. */
const REMEMBERED_MS = 8 * 24 * 60 * 60_000;

/** Triggers whose list may be in doubt at the same time in one n8n. */
const MOST_TRIGGERS = 1_000;

/** How many records a poll came upon that may be wrong, by the trigger's name. n8n stores nothing of a poll that throws. */
const doubted = new Map<string, { count: number; atMs: number; poll: PollTime }>();

/**
 * @param sort empty where the list can't be sorted
 * @param count how many records there were before, where that is known
 * @param isForeign whether none of the records was there before
 * @throws ApiError where the page can't be read, it is another list, or most of the list is gone
 */
export async function readListPage(
	run: PollRun,
	sort: string,
	place: { page: number; pageSize: number },
	count = 0,
	isForeign: (records: Page['records']) => boolean = () => false,
): Promise<Page> {
	const { client, resource, query, time } = run;
	const request = { segments: resource.path, query, sort };
	const page = await time.measured(async () => await readPage(client, request, place));
	const { records, totalCount } = page;
	const isCollapsed = count - totalCount >= WORTH_A_DOUBT && totalCount < count / 2;
	const isOther =
		records.length >= WORTH_KNOWING && totalCount < count + records.length && isForeign(records);
	if (!isCollapsed && !isOther) {
		// Of pages that are read at the same time, the first is the one in doubt.
		if (place.page === 1) doubted.delete(run.name);
	} else if (!isSeenAgain(run, totalCount)) {
		throw wrongAnswer(
			isCollapsed
				? `The list has ${totalCount} records, and had ${count} before`
				: `No record on page ${place.page} of the list was there before`,
			'That may be a wrong answer of EyeCloud Pro, so nothing is made of it. If the next poll sees the same, the trigger goes on with it.',
		);
	}
	return page;
}

/** Whether a poll before this one came upon about as few; else the next one may. */
function isSeenAgain({ name, client, time }: PollRun, count: number): boolean {
	const nowMs = client.clock.now();
	const known = doubted.get(name);
	if (known && known.poll !== time && nowMs - known.atMs < REMEMBERED_MS) {
		if (isAbout(known.count, count, WORTH_A_DOUBT)) return true;
	}
	for (const [other, { atMs }] of doubted) {
		if (nowMs - atMs >= REMEMBERED_MS || doubted.size >= MOST_TRIGGERS) doubted.delete(other);
	}
	doubted.set(name, { count, atMs: nowMs, poll: time });
	return false;
}

/** @throws ApiError where two looks at the same list have nothing to do with each other */
export function refuseContradiction(first: number, second: number): void {
	if (isAbout(first, second, FEW) && (first === 0) === (second === 0)) return;
	throw wrongAnswer(
		`The list had ${first} records, and ${second} a moment later`,
		'One of the two is a wrong answer of EyeCloud Pro, so the trigger does not start from it. Publish the workflow again in a minute.',
	);
}

/** @throws ApiError where there are far fewer records up to the end of a page than there should be */
export function refuseShortPage(page: number, length: number, wanted = LARGEST_PAGE): void {
	if (length >= 0.9 * wanted - 1) return;
	throw wrongAnswer(
		`Page ${page} of the list holds fewer records than it should`,
		"That may be a wrong answer of EyeCloud Pro. Nothing of it was handed on; the next poll begins where this one did. If each poll says so, EyeCloud Pro puts fewer records on a page than it documents, and the trigger can't follow this list.",
	);
}

function wrongAnswer(message: string, description: string): ApiError {
	return new ApiError('inconsistent', message, { description });
}

function isAbout(one: number, other: number, few: number): boolean {
	return Math.abs(one - other) <= Math.max(few, one / 10);
}
