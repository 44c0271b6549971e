// The pages of the list as a poll reads them, and what can't be true of them. A wrong answer ends the poll with a
// sentence before anything is made of it, and the next poll asks again. Used by both strategies.
import { ApiError } from '../api/errors';
import { LARGEST_PAGE, readPage, type Page } from '../api/page';
import type { PollTime } from './pollTime';
import type { PollRun } from './strategy';

/** Lists that are shorter come and go. */
const WORTH_A_DOUBT = 50;

/** So many may come or go between two requests. */
const FEW = 1;

/** Another poll has to see the same within this time. */
const REMEMBERED_MS = 24 * 60 * 60_000;

/** Triggers whose list may be in doubt at the same time in one n8n. */
const MOST_TRIGGERS = 1_000;

/** By the trigger's name: what the poll saw that came upon it. n8n stores nothing of a poll that throws. */
const doubted = new Map<string, { count: number; atMs: number; poll: PollTime }>();

/**
 * @param sort empty where the list can't be sorted
 * @param count how many records there were before, where that is known
 * @throws ApiError where the page can't be read, or most of the list is gone
 */
export async function readListPage(
	run: PollRun,
	sort: string,
	place: { page: number; pageSize: number },
	count = 0,
): Promise<Page> {
	const { client, resource, query, time } = run;
	const request = { segments: resource.path, query, sort };
	const page = await time.measured(async () => await readPage(client, request, place));
	refuseCollapse(run, count, page.totalCount);
	return page;
}

/** @throws ApiError where the list has lost most of its records, and no poll before this one has seen it */
function refuseCollapse(run: PollRun, count: number, totalCount: number): void {
	if (count - totalCount < WORTH_A_DOUBT || totalCount >= count / 2) {
		doubted.delete(run.name);
		return;
	}
	const known = doubtedBefore(run, run.name);
	if (known !== undefined && isAbout(known, totalCount)) return;
	doubt(run, run.name, totalCount);
	throw wrongAnswer(
		`The list has ${totalCount} records, and had ${count} before`,
		'That may be a wrong answer of EyeCloud Pro, so nothing is made of it. If the next poll sees the same, the trigger goes on with it.',
	);
}

/**
 * @param lacking how many more records are counted than there are up to the end of the list
 * @throws ApiError where that is more than a few, and no poll before this one has seen the same
 */
export function refuseEarlyEnd(run: PollRun, page: number, lacking: number): void {
	const name = `${run.name} end`;
	if (lacking <= FEW) {
		doubted.delete(name);
		return;
	}
	if (doubtedBefore(run, name) === lacking) return;
	doubt(run, name, lacking);
	refuseShortPage(page, 0);
}

/** What a poll before this one came upon. */
function doubtedBefore({ client, time }: PollRun, name: string): number | undefined {
	const known = doubted.get(name);
	if (!known || known.poll === time) return undefined;
	return client.clock.now() - known.atMs < REMEMBERED_MS ? known.count : undefined;
}

function doubt({ client, time }: PollRun, doubtful: string, count: number): void {
	const nowMs = client.clock.now();
	for (const [name, { atMs }] of doubted) {
		if (nowMs - atMs >= REMEMBERED_MS || doubted.size >= MOST_TRIGGERS) doubted.delete(name);
	}
	doubted.set(doubtful, { count, atMs: nowMs, poll: time });
}

/** @throws ApiError where two looks at the same list have nothing to do with each other */
export function refuseContradiction(first: number, second: number): void {
	if (isAbout(first, second, FEW) && (first === 0) === (second === 0)) return;
	throw wrongAnswer(
		`The list had ${first} records, and ${second} a moment later`,
		'One of the two is a wrong answer of EyeCloud Pro, so the trigger does not start from it. Publish the workflow again in a minute.',
	);
}

/** @throws ApiError where a page that is not the last holds far fewer records than it should */
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

function isAbout(one: number, other: number, few = WORTH_A_DOUBT): boolean {
	return Math.abs(one - other) <= Math.max(few, one / 10);
}
