// The strategy for lists that give no sign of what is new or changed: looks at the whole list, in as many polls as that
// takes, and compares each record with what is remembered of it. Called by poll.ts.
//
// A poll, from top to bottom: where only new records count, the newest page and the count may tell all (`lookAtNewest`).
// Else it goes on with the look that is under way, or begins one (`look`): reads the next pages, several at a time
// (`nextPages`), and compares their records (`compare`), until the list, the time or the maximum is at its end. Where it was
// the list, records that several looks have not seen are gone (`endLook`).
import { sleep, type IDataObject } from 'n8n-workflow';

import { idFieldOf, LARGEST_PAGE, SMALLEST_PAGE, type Page } from '../api/page';
import { inSentence } from '../catalogue/names';
import { FieldFingerprints, type ComparedFields } from './fieldFingerprints';
import { FIELD_DIGITS } from './fingerprint';
import { decodeKeys, encodeKeys } from './keySet';
import { readListPage, refuseContradiction, refuseShortPage } from './listPage';
import { KEY_BYTES, MOST_BYTES, refuseTooLarge, type Memory } from './memory';
import { Recent, type RecentVersions } from './recent';
import {
	keyOf,
	type PollResult,
	type PollRun,
	type StrategyHead,
	type TriggerEvent,
} from './strategy';

/**
 * How long a check of the newest page and the count may replace reading the whole list. It misses something only where as
 * many records were deleted as were added further down, with ids that don't grow with time.
 */
const WHOLE_LIST_EVERY_MS = 60 * 60_000;

/**
 * A look that has not seen a record adds points: SURE if all its answers agree; UNSURE if not, as a record may then slip from
 * one page to another unseen. At GONE points the record counts as deleted.
 */
const GONE = 4;
const SURE = 2;
const UNSURE = 1;

/** How often a poll looks at the list, where the trigger starts and the count does not fit. */
const MOST_FIRST_LOOKS = 3;

/** So many records are compared within some milliseconds. */
const AT_A_STRETCH = 500;

const NEWEST = 0.4 * LARGEST_PAGE;

export interface SnapshotHead extends StrategyHead, ComparedFields {
	strategy: 'snapshot';
	/** Whether changes count, and not only new records. */
	isCompared: boolean;
	/** What the list is sorted by, empty where it can't be sorted by an id. */
	sort: string;
	/** What the id is called, and whether it is a number, for records that are gone. */
	idName: string;
	isNumeric: boolean;
	/** A look (a scan of the whole list, over several polls where it takes them) that is under way. */
	look: Look | null;
	/** When the last look was over. */
	lookedAtMs: number;
	/** How many looks were taken to learn what is there at the start, which is old news; null: it is known. */
	firstLooks: number | null;
	/** What has a larger id came after the start, whatever look sees it; null: ids don't tell. */
	largestId: number | null;
	/** Points (see GONE) of records that were not seen, by key. */
	unseen: Record<string, number>;
	/** How many more records were counted than seen at the last look. */
	mismatch: number;
	recent: RecentVersions;
}

/** Stored in the workflow's static data, like all of the head: names of its fields stay. */
interface Look extends IDataObject {
	/** The last page that was compared. */
	page: number;
	/** Packed keys of what it has seen. */
	seen: string;
	/** Whether all of its answers have counted the same. */
	isSteady: boolean;
}

/** What is known of the list before it is read. */
export interface FirstPage extends Pick<Page, 'records' | 'totalCount'> {
	/** The id, where the list can be sorted by it. */
	id?: string;
}

/** @throws ApiError where the list is too long to be remembered */
export function startSnapshot(run: PollRun, first: FirstPage, isCompared: boolean): SnapshotHead {
	refuseTooMany(run, first, isCompared);
	const [record = {}] = first.records;
	const idName = idFieldOf(record, run.resource.idFields) ?? run.resource.idFields[0];
	return {
		...{ strategy: 'snapshot', isCompared, idName, isNumeric: typeof record[idName] === 'number' },
		...{ sort: first.id ?? '', count: first.totalCount, mismatch: 0, look: null, lookedAtMs: 0 },
		...{ fields: [], selection: '', given: [], hidden: [], shown: [], unseen: {}, recent: {} },
		...{ firstLooks: run.settings.startFrom === 'everything' ? null : 0, largestId: null },
	};
}

export class WholeListPoll {
	private readonly events: TriggerEvent[] = [];

	private readonly head: SnapshotHead;

	private readonly fields: FieldFingerprints;

	private readonly recent: Recent;

	/** Keys that the look under way has seen. */
	private readonly seen: Set<string>;

	/** Whether the poll got on, so that it may end early. */
	private hasRead = false;

	private previous: NumberedPage | undefined;

	constructor(
		private readonly run: PollRun,
		head: SnapshotHead,
		private readonly memory: Memory,
	) {
		this.head = { ...head, look: head.look && { ...head.look } };
		this.recent = new Recent(head.recent, run.client.clock.now());
		this.fields = new FieldFingerprints(head, run.settings, run.resource.idFields);
		if (head.isCompared && this.fields.isEdited) {
			this.fields.renew(memory);
			this.head.look = null;
		}
		this.seen = new Set(this.head.look ? decodeKeys(this.head.look.seen) : []);
	}

	/** @throws ApiError where the list can't be read */
	async poll(): Promise<PollResult<SnapshotHead>> {
		if (!(await this.lookAtNewest())) {
			const isStart = this.head.firstLooks !== null;
			// At the start, looks follow in the same poll until what is there is known.
			do await this.look();
			while (isStart && this.head.firstLooks !== null && !this.head.look && !this.run.time.isShort);
		}
		const { look } = this.head;
		const head = {
			...this.head,
			...this.fields.pack(),
			look: look && { ...look, seen: encodeKeys(this.seen) },
			recent: this.recent.pack(),
		};
		return { events: this.events, head, undo: { ...head, look: null, lookedAtMs: 0 } };
	}

	/** Hands on what is new, where the newest ids and the count show that there can be nothing else; false: they don't. */
	private async lookAtNewest(): Promise<boolean> {
		const { isCompared, sort, look, firstLooks, lookedAtMs, count } = this.head;
		const isDue = this.run.client.clock.now() - lookedAtMs >= WHOLE_LIST_EVERY_MS;
		const isWhole = isDue || look || firstLooks !== null || count <= LARGEST_PAGE;
		if (isWhole || isCompared || sort === '') return false;
		const place = { page: 1, pageSize: NEWEST };
		const { records, totalCount } = await this.readPage(`-${sort}`, place);
		const fresh = records.filter((record) => !this.memory.has(this.keyOf(record)));
		const isAll = fresh.length < records.length && totalCount <= count + fresh.length;
		if (!isAll || fresh.length > this.run.settings.maximum) return false;
		for (const record of fresh.reverse()) this.handOn(this.keyOf(record), record, '');
		this.head.count = totalCount;
		return true;
	}

	private async look(): Promise<void> {
		if (!this.head.look) {
			this.seen.clear();
			this.previous = undefined;
			this.fields.beginLook();
			if (this.head.firstLooks === 0) this.head.largestId ??= await this.largestId();
		}
		this.head.look ??= { page: 0, seen: '', isSteady: true };
		while (!this.isFull && !(this.hasRead && this.run.time.isShort)) {
			const pages = await this.nextPages(this.head.look);
			if (pages.length === 0) return;
			const records = pages.flatMap((page) => page.records);
			if (this.head.isCompared) {
				this.fields.prepare(records.map((record) => [record, this.memory.get(this.keyOf(record))]));
			}
			for (const page of pages) if (!(await this.compareAll(this.head.look, page))) return;
			if (isEnd(pages[pages.length - 1])) {
				this.endLook(this.head.look);
				return;
			}
		}
	}

	/** The largest id of all, where the list is really sorted by it. */
	private async largestId(): Promise<number | null> {
		const { sort, idName, isNumeric, count } = this.head;
		if (!isNumeric || sort === '') return null;
		const place = { page: 1, pageSize: SMALLEST_PAGE };
		const { records, totalCount } = await readListPage(this.run, `-${sort}`, place, count);
		refuseContradiction(count, totalCount);
		const ids = records.map((record) => Number(record[idName]));
		const isInOrder = ids.length > 1 && ids.every((id, at) => at === 0 || ids[at - 1] > id);
		return isInOrder ? ids[0] : null;
	}

	private get isFull(): boolean {
		return this.events.length >= this.run.settings.maximum;
	}

	/**
	 * As many at a time as pay, and at least one; those that could be had in time.
	 *
	 * @throws ApiError where they can't be pages of one list
	 */
	private async nextPages({ page: last }: Look): Promise<NumberedPage[]> {
		const { run, head } = this;
		const endpoint = run.client.endpointOf({ segments: run.resource.path });
		// Where the count was too low, the list goes on as far as it did.
		const expected = Math.ceil((head.count + Math.max(0, -head.mismatch)) / LARGEST_PAGE) - last;
		const length = Math.max(1, Math.min(run.client.limiter(endpoint).mostInFlight, expected));
		const pages = await this.readPages(Array.from({ length }, (_, at) => last + 1 + at));
		const end = pages[pages.length - 1];
		if (end && end.records.length < LARGEST_PAGE && !isEnd(end)) {
			// Fewer than are counted: the next page tells whether the list ends here.
			const next = await this.readPages([end.page + 1]);
			if (next.length === 0) pages.pop();
			pages.push(...next);
		}
		return pages.map((page) => this.checked(page));
	}

	/** @throws ApiError where it can't be the page after the one before */
	private checked(page: NumberedPage): NumberedPage {
		const { previous } = this;
		this.previous = page;
		if (!previous || page.records.length === 0) return page;
		const [key, keyBefore] = [page, previous].map(({ records: [first = {}] }) => this.keyOf(first));
		if (key === keyBefore) {
			// The API gives the same page whichever is asked for; it may be all there is.
			if (page.totalCount > page.records.length) refuseShortPage(page.page, 0);
			return { ...page, records: [] };
		}
		refuseShortPage(previous.page, previous.records.length);
		return page;
	}

	private async readPage(sort: string, place: { page: number; pageSize: number }): Promise<Page> {
		// What comes first in a list is hardly ever all new.
		const isForeign = (records: IDataObject[]) =>
			place.page === 1 &&
			this.memory.size > 0 &&
			!records.some((record) => this.memory.has(this.keyOf(record)));
		return await readListPage(this.run, sort, place, this.head.count, isForeign);
	}

	/** As many of them in a row as could be had in time. */
	private async readPages(numbers: number[]): Promise<NumberedPage[]> {
		const { run, head } = this;
		const places = numbers.map((page) => ({ page, pageSize: LARGEST_PAGE }));
		const answers = await Promise.allSettled(
			places.map((place) => this.readPage(head.sort, place)),
		);
		const pages: NumberedPage[] = [];
		for (const [at, answer] of answers.entries()) {
			if (answer.status === 'rejected') {
				if (run.time.signal.aborted && this.hasRead) break;
				throw answer.reason;
			}
			this.hasRead = true;
			pages.push({ ...answer.value, page: numbers[at] });
		}
		return pages;
	}

	/** False where the rest has to wait for the next poll. */
	private async compareAll(look: Look, numbered: NumberedPage): Promise<boolean> {
		const { head } = this;
		const { page, records, totalCount } = numbered;
		if (page === 1 && head.firstLooks === 0) refuseContradiction(head.count, totalCount);
		if (page > 1 && totalCount !== head.count) look.isSteady = false;
		head.count = totalCount;
		for (const record of records) {
			const key = this.keyOf(record);
			// What moved to another page under the look has been looked at.
			if (this.seen.has(key)) continue;
			if (!this.compare(key, record)) return false;
			this.seen.add(key);
		}
		look.page = page;
		// Now and then n8n may do other work.
		if (this.seen.size % AT_A_STRETCH < records.length) await sleep(0);
		return true;
	}

	/** False where it has to wait for the next poll. */
	private compare(key: string, record: IDataObject): boolean {
		const before = this.memory.get(key);
		const print = this.head.isCompared ? this.fields.printOf(record, before) : '';
		if (before === print) return true;
		const changedFields = before === undefined ? [] : this.fields.changedBetween(before, print);
		const isNews = before === undefined || changedFields.length > 0;
		if (!isNews || this.isOld(record)) {
			this.memory.set(key, print);
			return true;
		}
		if (before !== undefined && this.isReplaced(key, print)) return true;
		if (this.isFull) return false;
		this.handOn(key, record, print, changedFields);
		return true;
	}

	/** Whether it was there when the trigger started, as far as is known. */
	private isOld(record: IDataObject): boolean {
		const { firstLooks, largestId, idName } = this.head;
		return firstLooks !== null && !(Number(record[idName]) > (largestId ?? Infinity));
	}

	/** Whether it is what the record was a moment ago, as far as its fields were compared by then. */
	private isReplaced(key: string, print: string): boolean {
		const isSame = (replaced: string) => this.fields.changedBetween(replaced, print).length === 0;
		return this.recent.versionsOf(key).some(isSame);
	}

	private handOn(key: string, record: IDataObject, print: string, changedFields?: string[]): void {
		const before = this.memory.get(key) ?? null;
		this.memory.set(key, print);
		if (!this.head.isCompared) this.events.push({ key, before, record });
		else if (before === null) this.events.push({ key, before, record, change: 'created' });
		else this.events.push({ key, before, record, change: 'changed', changedFields });
		if (this.head.isCompared) this.recent.replaced(key, before ?? '');
	}

	private endLook({ isSteady }: Look): void {
		const { head } = this;
		const mismatch = head.count - this.seen.size;
		// A count that is wrong all the time is no reason to doubt.
		const isSure = isSteady && (mismatch === 0 || mismatch === head.mismatch);
		if (head.firstLooks !== null && (isSure || ++head.firstLooks >= MOST_FIRST_LOOKS)) {
			head.firstLooks = null;
		}
		Object.assign(head, { mismatch, look: null, lookedAtMs: this.run.client.clock.now() });
		const isMost = this.seen.size >= 0.9 * head.count - 1;
		if (head.isCompared && isMost) this.countUnseen(isSure && mismatch >= 0 ? SURE : UNSURE);
	}

	/** What several looks have not seen is gone. */
	private countUnseen(weight: number): void {
		const { includeDeleted } = this.run.settings;
		const unseen: Record<string, number> = {};
		for (const key of this.memory.keys()) {
			if (this.seen.has(key) || this.recent.has(key)) continue;
			const points = (this.head.unseen[key] ?? 0) + weight;
			if (points < GONE || (includeDeleted && this.isFull)) unseen[key] = points;
			else this.forget(key);
		}
		this.head.unseen = unseen;
	}

	private forget(key: string): void {
		const { idName, isNumeric } = this.head;
		const before = this.memory.get(key) ?? null;
		this.memory.delete(key);
		if (!this.run.settings.includeDeleted) return;
		const record = { [idName]: isNumeric ? Number(key) : key };
		this.events.push({ key, before, record, change: 'deleted' });
	}

	private keyOf(record: IDataObject): string {
		return keyOf(record, this.run.resource);
	}
}

type NumberedPage = Page & { page: number };

/** A full page is not the last, whatever is counted; nor may be one that shows fewer than are counted. */
function isEnd({ page, records: { length }, totalCount }: NumberedPage): boolean {
	if (length === 0) return true;
	return length < LARGEST_PAGE && (page - 1) * LARGEST_PAGE + length >= totalCount - 1;
}

/** @throws ApiError, with the numbers, before a list is read that is too long to be remembered */
function refuseTooMany(
	{ settings: { watch, ignore }, resource }: PollRun,
	{ records, totalCount }: FirstPage,
	isCompared: boolean,
): void {
	const names = new Set(watch.length > 0 ? watch : records.flatMap((each) => Object.keys(each)));
	for (const name of [...ignore, ...resource.idFields]) names.delete(name);
	const bytes = totalCount * (KEY_BYTES + (isCompared ? names.size * FIELD_DIGITS : 0));
	const about = isCompared ? ` with ${names.size} fields to compare` : '';
	const most = Math.floor((MOST_BYTES / totalCount - KEY_BYTES) / FIELD_DIGITS);
	refuseTooLarge(
		bytes,
		`${totalCount} ${inSentence(resource.displayNamePlural)}${about}`,
		isCompared && most > 0
			? `Choose at most ${most} fields under 'Field Names or IDs to Watch', or narrow the list down with 'Filters'.`
			: "Narrow the list down with 'Filters'.",
	);
}
