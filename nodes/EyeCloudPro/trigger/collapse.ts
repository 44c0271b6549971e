// A list that has lost most of its records from one poll to the next: more likely a wrong answer than the truth,
// so it is believed once a second poll has seen the same. Used by both strategies.
import { ApiError } from '../api/errors';
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
const doubted = new Map<string, { totalCount: number; atMs: number; poll: PollTime }>();

/**
 * @param count how many records there were
 * @throws ApiError where most of them are gone, and no other poll has seen it yet
 */
export function refuseCollapse(run: PollRun, count: number, totalCount: number): void {
	if (!isCollapse(count, totalCount)) {
		doubted.delete(run.name);
		return;
	}
	const nowMs = run.client.clock.now();
	const known = doubted.get(run.name);
	const isKnown = known !== undefined && nowMs - known.atMs < REMEMBERED_MS;
	if (isKnown && known.poll !== run.time && isAbout(known.totalCount, totalCount)) return;
	for (const [name, { atMs }] of doubted) {
		if (nowMs - atMs >= REMEMBERED_MS || doubted.size >= MOST_TRIGGERS) doubted.delete(name);
	}
	doubted.set(run.name, { totalCount, atMs: nowMs, poll: run.time });
	throw new ApiError(
		'inconsistent',
		`The list has ${totalCount} records, and had ${count} before`,
		{
			description:
				'That may be a wrong answer of EyeCloud Pro, so nothing is made of it. If the next poll sees the same, the trigger goes on with it.',
		},
	);
}

/** @throws ApiError where two looks at the same list have nothing to do with each other */
export function refuseContradiction(first: number, second: number): void {
	if (isAbout(first, second, FEW) && (first === 0) === (second === 0)) return;
	throw new ApiError(
		'inconsistent',
		`The list had ${first} records, and ${second} a moment later`,
		{
			description:
				'One of the two is a wrong answer of EyeCloud Pro, so the trigger does not start from it. Publish the workflow again in a minute.',
		},
	);
}

function isCollapse(count: number, totalCount: number): boolean {
	return count - totalCount >= WORTH_A_DOUBT && totalCount < count / 2;
}

function isAbout(one: number, other: number, few = WORTH_A_DOUBT): boolean {
	return Math.abs(one - other) <= Math.max(few, one / 10);
}
