// The strategy for lists that give no sign of what is new or changed: takes a look at the whole list, in as many polls
// as that takes, and compares each record with what is remembered of it. Called by poll.ts.
import { sleep, type IDataObject } from 'n8n-workflow';

import { ApiError } from '../api/errors';
import { idFieldOf, LARGEST_PAGE, type Page } from '../api/page';
import { inSentence } from '../catalogue/names';
import { dateOf } from './datedRecord';
import { FieldFingerprints, type ComparedFields } from './fieldFingerprints';
import { FIELD_DIGITS, hashOf } from './fingerprint';
import { bytesOf, inMegabytes, MOST_BYTES, type Memory } from './memory';
import { encodeKeys, decodeKeys } from './keySet';
import { readListPage, refuseContradiction, refuseShortPage } from './listPage';
import { Recent, REPLICA_LAG_MS, type RecentVersions } from './recent';
import {
	keyOf,
	type PollResult,
	type PollRun,
	type StrategyHead,
	type TriggerEvent,
} from './strategy';

/**
 * How long a check of the newest pages and the count may replace reading the whole list. It misses something only where as
 * many records were deleted as were added further down, with ids that don't grow with time.
 */
const WHOLE_LIST_EVERY_MS = 60 * 60_000;

/**
 * Each whole look that has not seen a record adds points: SURE if all its answers agree; UNSURE if not, as a record may then
 * slip from one page to another unseen, or if much of the list is gone at once, which may be a wrong answer. At GONE points
 * the record counts as deleted.
 */
const GONE = 4;
const SURE = 2;
const UNSURE = 1;
const MUCH = 0.25;

/** So many records are compared within some milliseconds. */
const MOST_AT_A_STRETCH = 500;

/** How often a poll looks at the list, where the trigger starts and the count does not fit. */
const MOST_FIRST_LOOKS = 3;

/** The newest records are enough as long as few come. */
const NEWEST = 0.2 * LARGEST_PAGE;

export interface SnapshotHead extends StrategyHead, ComparedFields {
	strategy: 'snapshot';
	/** Whether changes count, and not only new records. */
	isCompared: boolean;
	/** What the list is sorted by, empty where it can't be sorted by an id. */
	sort: string;
	/** What the id is called, and whether it is a number, for records that are gone. */
	idName: string;
	isNumeric: boolean;
	/** How many records there were. */
	count: number;
	/** A look at the whole list that is under way. */
	look: Look | null;
	lookedAtMs: number;
	/** Until the first look is over, what is there is old news, unless its id is larger than this. */
	baseline: { largestId: number | null; looks: number } | null;
	/** Points (see GONE) of records that were not seen, by key. */
	missing: Record<string, number>;
	/** By how much the count and the records of the last look differed. */
	mismatch: number;
	recent: RecentVersions;
	/** What the strategy before this one knew. */
	handover?: Handover;
}

/** Where fields are chosen only now, and until then a date told of changes: what has been handed on by it. */
export interface Handover extends IDataObject {
	/** The field of the date. */
	field: string;
	/** Records that are dated before it were handed on, or are old news; null: none is. */
	floorMs: number | null;
	/** Of records dated later, by their keys: the version that was handed on, and then those that it replaced. */
	versions: Record<string, string[]>;
	/** When replicas have caught up with it; null until the first look is over. */
	untilMs: number | null;
}

interface Look extends IDataObject {
	/** The next page to read; they are read from the last to the first, as deletions move records that way. */
	page: number;
	/** Packed keys of what it has seen. */
	seen: string;
	/** How many records all of its answers have counted; null where they differ, -1 before the first. */
	totalCount: number | null;
}

/** What is known of the list before it is read. */
export interface FirstLook extends Pick<Page, 'records' | 'totalCount'> {
	/** What it can be sorted by. */
	id?: string;
}

/** @throws ApiError where the list is too long, or can't be read */
export async function startSnapshot(
	run: PollRun,
	{ look, isCompared, handover }: { look: FirstLook; isCompared: boolean; handover?: Handover },
	memory: Memory,
): Promise<PollResult<SnapshotHead>> {
	const [record = {}] = look.records;
	const idName = idFieldOf(record, run.resource.idFields) ?? run.resource.idFields[0];
	const head: SnapshotHead = {
		...FieldFingerprints.none,
		strategy: 'snapshot',
		...{ isCompared, idName, sort: look.id ?? '' },
		isNumeric: typeof record[idName] === 'number',
		count: look.totalCount,
		look: null,
		lookedAtMs: 0,
		baseline:
			handover || run.settings.startFrom === 'everything' ? null : { largestId: null, looks: 0 },
		missing: {},
		mismatch: 0,
		recent: {},
		handover,
	};
	refuseTooMany(run, head, look);
	const result = await pollSnapshot(run, head, memory);
	refuseContradiction(look.totalCount, result.head.count);
	return { ...result, begun: lookingAgain(result.head) };
}

/** Looks at the whole list again, as if for the first time. */
function lookingAgain(head: SnapshotHead): SnapshotHead {
	const handover = head.handover && { ...head.handover, untilMs: null };
	return { ...head, look: null, lookedAtMs: 0, handover };
}

/** @throws ApiError where the list is too long, or can't be read */
export async function pollSnapshot(
	run: PollRun,
	head: SnapshotHead,
	memory: Memory,
): Promise<PollResult<SnapshotHead>> {
	const whole = new Whole(run, head, memory);
	const result = (await whole.lookAtNewest()) ?? (await whole.lookOn());
	const isOther = result.head.selection !== head.selection;
	return isOther ? { ...result, begun: lookingAgain(result.head) } : result;
}

class Whole {
	private readonly events: TriggerEvent[] = [];

	private readonly head: SnapshotHead;

	private readonly fields: FieldFingerprints;

	private readonly recent: Recent;

	private readonly seen: Set<string>;

	/** Records that were compared since n8n could do other work. */
	private atAStretch = 0;

	constructor(
		private readonly run: PollRun,
		head: SnapshotHead,
		private readonly memory: Memory,
	) {
		// The one before is still needed, should this poll not count.
		const { baseline, look } = head;
		this.head = { ...head, baseline: baseline && { ...baseline }, look: look && { ...look } };
		this.recent = new Recent(head.recent, run.client.clock.now());
		const isId = (name: string) => run.resource.idFields.includes(name);
		this.fields = new FieldFingerprints(head, run.settings, isId);
		if (head.isCompared && this.fields.isEdited) {
			this.fields.renew(memory);
			this.head.look = null;
		}
		this.seen = new Set(this.head.look ? decodeKeys(this.head.look.seen) : []);
	}

	/** The new records, where the newest ids and the count show that there can be no others. */
	async lookAtNewest(): Promise<PollResult<SnapshotHead> | undefined> {
		const { isCompared, sort, look, baseline, lookedAtMs, count } = this.head;
		const isRecent = this.run.client.clock.now() - lookedAtMs < WHOLE_LIST_EVERY_MS;
		if (isCompared || sort === '' || look || baseline || count <= LARGEST_PAGE || !isRecent) {
			return undefined;
		}
		const fresh = new Map<string, IDataObject>();
		let totalCount = count;
		for (let page = 1, isKnown = false; !isKnown; page++) {
			const pageSize = page === 1 ? NEWEST : LARGEST_PAGE;
			const place = { page: Math.max(1, page - 1), pageSize };
			const { records, ...counts } = await readListPage(this.run, `-${sort}`, place, count);
			({ totalCount } = counts);
			for (const record of records) {
				const key = keyOf(record, this.run.resource);
				if (this.memory.has(key)) isKnown = true;
				else fresh.set(key, record);
			}
			isKnown ||= records.length < pageSize || this.run.time.isShort;
		}
		const { maximum } = this.run.settings;
		if (totalCount > count + fresh.size || fresh.size > maximum) return undefined;
		for (const [key, record] of Array.from(fresh).reverse())
			this.handOn(key, record, { print: '' });
		this.head.count = totalCount;
		return this.result();
	}

	/** Goes on with a look at the whole list, or begins one. */
	async lookOn(): Promise<PollResult<SnapshotHead>> {
		if (!this.head.look) this.begin();
		const isStart = this.head.baseline !== null;
		for (let isFirst = true, looks = 1; this.head.look; isFirst = false) {
			if (!isFirst && (this.run.time.isShort || this.isFull)) break;
			const pages = await this.nextPages(this.head.look, isFirst);
			if (pages.length === 0) break;
			await this.compareWith(pages);
			// At the start, looks follow in the same poll: to go on from a stored page would not help yet.
			if (isStart && this.head.baseline && !this.head.look && looks++ < MOST_FIRST_LOOKS)
				this.begin();
		}
		return this.result();
	}

	private begin(): void {
		const { count, mismatch } = this.head;
		// Where the count was too low, the list goes on as far as it did.
		this.head.look = { page: pagesOf(count + Math.max(0, -mismatch)), seen: '', totalCount: -1 };
		this.seen.clear();
	}

	private get isFull(): boolean {
		return this.events.length >= this.run.settings.maximum;
	}

	/**
	 * Some pages, the last first; where a look begins, before them those that the count does not tell of. None
	 * where the end of the list was not found in time: the next poll begins further on.
	 */
	private async nextPages(look: Look, isFirst: boolean): Promise<NumberedPage[]> {
		const { page: last, totalCount } = look;
		const { client, resource } = this.run;
		const { mostInFlight } = client.limiter(client.endpointOf({ segments: resource.path }));
		const length = Math.min(mostInFlight, last);
		const wanted = Array.from({ length }, (_, back) => last - back);
		const pages = await this.readPages(wanted, isFirst);
		const isBegin = totalCount === -1 && pages.length > 0;
		const counted = isBegin ? pagesOf(pages[0].totalCount) - last : 0;
		for (let more = Math.max(1, counted); isBegin && mayGoOn(pages[0]); more *= 2) {
			const [{ page: from, records }] = pages;
			const added = Array.from({ length: Math.min(more, mostInFlight) }, (_, at) => from + 1 + at);
			const next = await this.readPages(added, false);
			if (next.length === 0) {
				look.page = from + 1;
				return [];
			}
			if (this.isAgain(next[0], records)) break;
			pages.unshift(...next.reverse());
		}
		return pages;
	}

	/** @throws ApiError where the API gives the same page whichever is asked for, and counts more than are on it */
	private isAgain({ page, records, totalCount }: NumberedPage, before: IDataObject[]): boolean {
		const [key, keyBefore] = [records, before].map(([record]) =>
			record ? keyOf(record, this.run.resource) : '',
		);
		if (key === keyBefore && totalCount > records.length) refuseShortPage(page, 0);
		return key === keyBefore;
	}

	/** As many of them in a row as could be had in time. */
	private async readPages(numbers: number[], isNeeded: boolean): Promise<NumberedPage[]> {
		const { sort, count } = this.head;
		const pageSize = LARGEST_PAGE;
		const answers = await Promise.allSettled(
			numbers.map((page) => readListPage(this.run, sort, { page, pageSize }, count)),
		);
		const pages: NumberedPage[] = [];
		for (const [index, answer] of answers.entries()) {
			if (answer.status === 'rejected') {
				const isLate = this.run.time.signal.aborted && (pages.length > 0 || !isNeeded);
				if (isLate) break;
				throw answer.reason;
			}
			pages.push({ ...answer.value, page: numbers[index] });
		}
		return pages;
	}

	private async compareWith(pages: NumberedPage[]): Promise<void> {
		const { look, isCompared } = this.head;
		if (!look) return;
		const [{ totalCount }] = pages;
		this.head.count = totalCount;
		if (look.totalCount === -1) look.totalCount = totalCount;
		if (pages.some((page) => page.totalCount !== look.totalCount)) look.totalCount = null;
		for (const [at, { records, page }] of pages.entries()) {
			if (at > 0 && pages[at - 1].records.length > 0) refuseShortPage(page, records.length);
		}
		if (isCompared) {
			const known = pages.flatMap(({ records }) => records.map((record) => this.known(record)));
			this.fields.prepare(known);
		}
		this.learnLargestId(pages);
		for (const { records, page } of pages) {
			look.page = page;
			await this.giveWay(records.length);
			for (const [index, record] of records.entries()) {
				const key = keyOf(record, this.run.resource);
				// What moved to another page under the look has been looked at.
				if (this.seen.has(key)) continue;
				const place = page * LARGEST_PAGE + index;
				if (!this.compare(key, record, place)) return;
				this.seen.add(key);
			}
			look.page = page - 1;
		}
		if (look.page === 0) this.end(look, totalCount);
	}

	/** Lets n8n do other work, now and then. */
	private async giveWay(records: number): Promise<void> {
		this.atAStretch += records;
		if (this.atAStretch <= MOST_AT_A_STRETCH) return;
		this.atAStretch = 0;
		await sleep(0);
	}

	/** False where it has to wait for the next poll. */
	private compare(key: string, record: IDataObject, place: number): boolean {
		const before = this.memory.get(key);
		const { isCompared, baseline } = this.head;
		const print = isCompared ? this.fields.printOf(record, before) : '';
		if (before === print) return true;
		const changedFields = before === undefined ? [] : this.fields.changedBetween(before, print);
		const known = this.handedOver(key, record);
		const isOld = baseline && !this.isAfter(baseline.largestId, record);
		if (known === 'replaced' || (before !== undefined && this.isReplaced(key, print))) return true;
		if (known === 'last' || isOld || (before !== undefined && changedFields.length === 0)) {
			// If a newer version was handed on since, the memory keeps that one.
			if (known && this.recent.has(key)) return true;
			if (before !== undefined) this.fields.pass(key, record, this.memory);
			this.memory.set(key, print);
			return true;
		}
		if (this.isFull) return false;
		this.handOn(key, record, { print, changedFields, place });
		return true;
	}

	/** Whether it is what the record was a moment ago, as far as its fields were compared by then. */
	private isReplaced(key: string, print: string): boolean {
		const isSame = (replaced: string) => this.fields.changedBetween(replaced, print).length === 0;
		return this.recent.versionsOf(key).some(isSame);
	}

	/** Whether the strategy before this one knew the record like this: as its last version, or one before it. */
	private handedOver(key: string, record: IDataObject): 'last' | 'replaced' | undefined {
		const { handover } = this.head;
		if (!handover) return undefined;
		const at = (handover.versions[key] ?? []).indexOf(hashOf(record));
		if (at > 0) return 'replaced';
		const isBefore = dateOf(record[handover.field]) < (handover.floorMs ?? -Infinity);
		return at === 0 || isBefore ? 'last' : undefined;
	}

	private handOn(
		key: string,
		record: IDataObject,
		{ print, changedFields, place = 0 }: News,
	): void {
		const before = this.memory.get(key) ?? null;
		this.memory.set(key, print);
		const about: Partial<TriggerEvent> = {};
		if (this.head.isCompared) {
			this.recent.replaced(key, before ?? '');
			// A date that told of changes did not tell of which.
			const isTold = this.head.handover?.untilMs !== null;
			if (isTold) about.change = before === null ? 'created' : 'changed';
			if (before !== null) about.changedFields = changedFields;
		}
		this.events.push({ key, before, record, place, ...about });
	}

	/** The look is over: what it has not seen may be gone. */
	private end(look: Look, totalCount: number): void {
		const { head } = this;
		head.look = null;
		head.lookedAtMs = this.run.client.clock.now();
		const mismatch = totalCount - this.seen.size;
		const isMost = this.seen.size >= 0.9 * totalCount - 1;
		if (head.handover && isMost) {
			const untilMs = head.handover.untilMs ?? head.lookedAtMs + REPLICA_LAG_MS;
			head.handover = untilMs < head.lookedAtMs ? undefined : { ...head.handover, untilMs };
		}
		// A count that is wrong all the time is no reason to doubt.
		const isSteady = look.totalCount !== null && (mismatch === 0 || mismatch === head.mismatch);
		head.mismatch = mismatch;
		if (head.baseline && (isSteady || ++head.baseline.looks >= MOST_FIRST_LOOKS)) {
			head.baseline = null;
		}
		if (!head.isCompared) return;
		this.tellNewFields();
		// One that is too low tells nothing of what was not seen.
		if (isMost) this.missAll(isSteady && mismatch >= 0);
	}

	private tellNewFields(): void {
		const isReliable = this.head.baseline === null;
		const { names, changed } = this.fields.endLook(this.memory, this.seen, isReliable);
		for (const { record, changedFields } of this.events) {
			const more = names.filter((name) => ![undefined, null, ''].includes(record[name] as string));
			changedFields?.push(...more);
			changedFields?.sort();
		}
		for (const [key, record] of changed) {
			// What does not come now comes with the next look.
			const before = this.memory.get(key);
			if (this.isFull || before === undefined) return;
			const print = this.fields.printOf(record, before);
			const changedFields = this.fields.changedBetween(before, print);
			this.handOn(key, record, { print, changedFields });
		}
	}

	/** @param isSteady whether the answers of this look agree, with each other and with their count */
	private missAll(isSteady: boolean): void {
		const missing: Record<string, number> = {};
		const isTold = this.run.settings.includeDeleted;
		const unseen = Array.from(this.memory.keys()).filter((key) => !this.seen.has(key));
		const isMuch = unseen.length > Math.max(1, this.memory.size * MUCH);
		const weight = isSteady && !isMuch ? SURE : UNSURE;
		for (const key of unseen) {
			if (this.recent.has(key)) continue;
			const against = (this.head.missing[key] ?? 0) + weight;
			if (against < GONE || (isTold && this.isFull)) missing[key] = against;
			else this.forget(key, isTold);
		}
		this.head.missing = missing;
	}

	private forget(key: string, isTold: boolean): void {
		const { idName, isNumeric } = this.head;
		const before = this.memory.get(key) ?? null;
		this.memory.delete(key);
		if (!isTold) return;
		const record = { [idName]: isNumeric ? Number(key) : key };
		this.events.push({ key, before, record, place: Infinity, change: 'deleted' });
	}

	private known(record: IDataObject): [IDataObject, string | undefined] {
		return [record, this.memory.get(keyOf(record, this.run.resource))];
	}

	/** The largest id of those that are there when the trigger starts; it is on the last page that has any. */
	private learnLargestId(pages: NumberedPage[]): void {
		const { baseline, idName, isNumeric, sort } = this.head;
		if (!baseline || baseline.largestId !== null || !isNumeric || sort === '') return;
		// A wrong answer among them may be that of the last page.
		if (pages.some(({ totalCount }) => totalCount !== pages[0].totalCount)) return;
		const last = pages.find(({ records }) => records.length > 0);
		if (!last) return;
		const lacking = last.totalCount - (last.page - 1) * LARGEST_PAGE - last.records.length;
		// It may lack some; the next look tells, unless the count is off each time.
		if (lacking !== 0 && lacking !== this.head.mismatch) return;
		for (const record of last.records) {
			baseline.largestId = Math.max(baseline.largestId ?? 0, Number(record[idName]));
		}
	}

	private isAfter(largestId: number | null, record: IDataObject): boolean {
		return largestId !== null && Number(record[this.head.idName]) > largestId;
	}

	private result(): PollResult<SnapshotHead> {
		const { look } = this.head;
		// Pages were read from the last to the first.
		const events = this.events.sort((a, b) => Math.sign((a.place ?? 0) - (b.place ?? 0)) || 0);
		return {
			events,
			head: {
				...this.head,
				...this.fields.pack(),
				look: look && { ...look, seen: encodeKeys(this.seen) },
				recent: this.recent.pack(),
			},
		};
	}
}

type NumberedPage = Page & { page: number };

interface News {
	print: string;
	changedFields?: string[];
	/** Where the record stands in the list. */
	place?: number;
}

/** A full page is not the last, whatever is counted; nor may be one that shows fewer than are counted. */
function mayGoOn({ page, records: { length }, totalCount }: NumberedPage): boolean {
	const shown = (page - 1) * LARGEST_PAGE + length;
	return length >= LARGEST_PAGE || (length > 0 && shown < totalCount - 1);
}

function pagesOf(count: number): number {
	return Math.max(1, Math.ceil(count / LARGEST_PAGE));
}

/** @throws ApiError, with the numbers, before a list is read that is too long to be remembered */
function refuseTooMany(
	run: PollRun,
	{ isCompared }: SnapshotHead,
	{ records, totalCount }: FirstLook,
): void {
	const names = new Set(run.settings.watch);
	if (names.size === 0)
		for (const record of records) for (const name of Object.keys(record)) names.add(name);
	for (const name of [...run.settings.ignore, ...run.resource.idFields]) names.delete(name);
	const bytes = totalCount * bytesOf(isCompared ? names.size * FIELD_DIGITS : 0);
	if (bytes <= MOST_BYTES) return;
	const listed = inSentence(run.resource.displayNamePlural);
	const most = Math.floor((MOST_BYTES / totalCount - bytesOf(0)) / FIELD_DIGITS);
	const about = isCompared ? ` with ${names.size} fields to compare` : '';
	throw new ApiError(
		'invalidInput',
		`There are ${totalCount} ${listed}${about}: ${inMegabytes(bytes)} to remember, and ${inMegabytes(MOST_BYTES)} can be stored`,
		{
			description:
				isCompared && most > 0
					? `Choose at most ${most} fields under 'Field Names or IDs to Watch', or narrow the list down with 'Filters'.`
					: "Narrow the list down with 'Filters'.",
		},
	);
}
