// What was read of a list while it changes, and whether that is all of it. Used by pagination.ts, which says at its head
// why either of the two proofs holds.
import type { IDataObject } from 'n8n-workflow';

import { LARGEST_PAGE, type Page } from './page';

/** What tells a record from all others. */
export type Key = number | string | IDataObject;

/** One answer: all that stood in the list from its first record to its last. */
export interface Answer {
	/** How many records came before its first one, and before the one after its last. */
	start: number;
	end: number;
	/** It is the nth one that was taken. */
	nth: number;
	/** Those that no answer before it has shown. */
	records: IDataObject[];
	/** What the list is sorted by, of its first and its last record; only where others may have the same. */
	values?: { first: unknown; last: unknown };
	/** It has shown nothing that no answer before it had. */
	isRepeated?: boolean;
	/** Union-find: its parent in the group of answers that share records. */
	joined?: Answer;
}

export interface ListOrder {
	keyOf(record: IDataObject): Key;
	/** Whether a record was there at the moment of the first answer; undefined where that can't be told. */
	isOld?(record: IDataObject): boolean;
	/** What the list is sorted by, where records with the same value may come in any order. */
	valueOf?(record: IDataObject): unknown;
}

/** The count may rise by one record per ten answers; if it rises faster, deletions may be hidden among the additions. */
const MOST_CHANGES = 1 / 10;

export class ListReading {
	/** Two records of one answer have the same id, and are not the same. */
	isAmbiguous = false;

	/** Different records that were there at the first moment, as far as that can be told. */
	size = 0;

	/** Stand-ins for the list's ends: the first page is joined to `front`, the page that shows the end to `back`. */
	private readonly front = answerAt(0);

	readonly back = answerAt(0);

	private readonly answers: Answer[] = [];

	private readonly shownBy = new Map<Key, Answer>();

	/** By their keys, how many records stood before each of the newest ones; only where ids grow. */
	private readonly places = new Map<Key, number>();

	private isCountDoubtful: boolean;

	private lastCount: number;

	private fewestCounted: number;

	/** Every answer has counted the same. */
	isSteady: boolean;

	private taken = 0;

	private hasEnd = false;

	/**
	 * @param instant the answer to whose moment all is compared
	 * @param isUp it is read from the first page to this answer, whose newest record comes first
	 */
	constructor(
		readonly instant: Page,
		private readonly order: ListOrder,
		isUp?: 'up',
	) {
		const { records, totalCount } = instant;
		this.lastCount = this.fewestCounted = totalCount;
		this.isSteady = !instant.isUncounted;
		this.isCountDoubtful = Boolean(instant.isUncounted);
		if (!isUp) return;
		this.show(this.back, [...records].reverse());
		for (const [index, record] of records.entries()) {
			this.places.set(order.keyOf(record), totalCount - 1 - index);
		}
	}

	/** @param start how many records come before the page */
	add(start: number, size: number, page: Page): Answer {
		const { records } = page;
		const answer = { ...answerAt(start), end: start + records.length, nth: ++this.taken };
		this.judgeCount(answer, page);
		const { shown } = this;
		this.show(answer, records);
		answer.isRepeated = records.length > 0 && this.shown === shown;
		if (start === 0) this.join(answer, this.front);
		// A server that answers with all of it again knows no pages.
		const isAgain =
			start > 0 &&
			this.instant.isDoubtful &&
			records.length < LARGEST_PAGE &&
			records.length >= this.shown;
		if (records.length < size || isAgain) {
			this.join(answer, this.back);
			this.hasEnd = true;
		}
		if (records.length > 0) this.answers.push(answer);
		return answer;
	}

	/** Nothing that was there all the while can stand between the two. */
	join(one: Answer, other: Answer): void {
		const [root, otherRoot] = [rootOf(one), rootOf(other)];
		if (root !== otherRoot) root.joined = otherRoot;
	}

	/** The count can be believed, and so many were read, or the first ones, where no more are wanted. */
	isCounted(wanted = Infinity): boolean {
		const { totalCount } = this.instant;
		const isCalm = this.lastCount - totalCount <= Math.max(1, this.taken * MOST_CHANGES);
		return !this.isCountDoubtful && isCalm && this.size === Math.min(totalCount, wanted);
	}

	/** Answers that have records in common reach from one end to the other. */
	get isJoined(): boolean {
		return rootOf(this.front) === rootOf(this.back);
	}

	/** An answer shows the end of the list, or reaches the newest records. */
	get isAtEnd(): boolean {
		return this.hasEnd || this.answers.some((answer) => rootOf(answer) === rootOf(this.back));
	}

	/** Fewer records were shown than any answer has counted. */
	get isShort(): boolean {
		return !this.instant.isUncounted && this.shown < this.fewestCounted;
	}

	/** Where answers have nothing in common with the next ones: about how many records come before. */
	gaps(): number[] {
		const row = [this.front, ...this.inOrder(), this.back];
		const lastOf = new Map(row.map((answer, index) => [rootOf(answer), index]));
		const gaps: number[] = [];
		for (let at = 0; ; at++) {
			at = lastOf.get(rootOf(row[at])) ?? at;
			if (at >= row.length - 1) return gaps;
			const [left, right] = [row[at], row[at + 1]];
			// The later one knows the place better, as records before it come and go.
			gaps.push(left.nth > right.nth ? left.end : right.start);
		}
	}

	/** The count rises much faster than the list is read, so that no end is in sight. */
	get isRunningAway(): boolean {
		const { totalCount } = this.instant;
		return this.lastCount > 5 * Math.max(totalCount, this.shown) + LARGEST_PAGE;
	}

	/** How many records were shown; those as well that are newer. */
	get shown(): number {
		return this.shownBy.size;
	}

	/** The first and the last of what each answer was the first to show: the same where nothing has moved. */
	edges(): string {
		const edgesOf = ({ start, end, records }: Answer) => [
			start,
			end,
			records[0],
			records[records.length - 1],
		];
		return JSON.stringify(this.inOrder().map(edgesOf));
	}

	/** All records that were read, each once, as their places have it. */
	all(): IDataObject[] {
		return [...this.inOrder(), this.back].flatMap(({ records }) => records);
	}

	private inOrder(): Answer[] {
		return this.answers.sort((one, other) => one.start - other.start);
	}

	private show(answer: Answer, records: IDataObject[]): void {
		const { keyOf, valueOf, isOld = () => true } = this.order;
		if (valueOf && records.length > 0) {
			answer.values = { first: valueOf(records[0]), last: valueOf(records[records.length - 1]) };
		}
		for (const record of records) {
			const key = keyOf(record);
			this.isAmbiguous ||= key === undefined || key === null;
			const before = this.shownBy.get(key);
			if (before === answer) {
				const same = records.find((other) => keyOf(other) === key);
				this.isAmbiguous ||= JSON.stringify(same) !== JSON.stringify(record);
			} else if (before) {
				if (!isTouching(answer, before)) this.join(answer, before);
				// Pages only touch each other, so a record that stands on two of them has moved.
				this.isCountDoubtful ||= before !== this.back;
			}
			if (before) continue;
			this.shownBy.set(key, answer);
			if (answer !== this.back && !isOld(record)) continue;
			this.size++;
			answer.records.push(record);
		}
	}

	/** A count that changes, or that places contradict, may be of another moment, or no count at all. */
	private judgeCount({ start, end }: Answer, { records, totalCount, isUncounted }: Page): void {
		const { isOld, keyOf } = this.order;
		const isGrowing = isOld && this.places.size > 0;
		const isChanged = isGrowing ? totalCount < this.lastCount : totalCount !== this.lastCount;
		const isElsewhere = records.some((record, index) => {
			const place = this.places.get(keyOf(record));
			return place !== undefined && place !== start + index;
		});
		const isLess = records.length > 0 && end > totalCount;
		const isWrong = isUncounted ? records.length > 0 : isChanged || isLess;
		this.isCountDoubtful ||= isWrong || isElsewhere;
		this.isSteady &&= !isUncounted && totalCount === this.lastCount;
		if (isUncounted) return;
		this.lastCount = totalCount;
		this.fewestCounted = Math.min(this.fewestCounted, totalCount);
	}
}

function answerAt(start: number): Answer {
	return { start, end: start, nth: 0, records: [] };
}

/** One ends with the value that the other begins with: of the records that have it, some may be on neither. */
function isTouching({ values: one }: Answer, { values: other }: Answer): boolean {
	if (!one || !other) return false;
	return one.last === other.first || other.last === one.first;
}

function rootOf(answer: Answer): Answer {
	let root = answer;
	while (root.joined) {
		// Path halving.
		if (root.joined.joined) root.joined = root.joined.joined;
		root = root.joined;
	}
	return root;
}
