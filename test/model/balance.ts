// Judges a case that was played: what the outputs tell against what the simulator's books say. It knows the promises
// of the design and no rule of the node. Called by settings.test.ts.
import { isDeepStrictEqual } from 'node:util';
import type { INodeExecutionData } from 'n8n-workflow';

import type { TaskResult } from '../harness/runNode.ts';
import type { ApiRecord } from '../simulator/start.ts';
import type { Played } from './play.ts';
import { facts, finds, isNothing, practices, sendsBatches, type Work } from './settingsCase.ts';

export interface Difference {
	/** Cases with the same kind have the same cause, more often than not. */
	kind: string;
	detail: string;
}

/** What one execution tells of one item of one run. */
type Told =
	| { is: 'done'; json: ApiRecord[] }
	| { is: 'failed'; text: string }
	/** The node stopped; `isNamed`: because of this item. */
	| { is: 'stopped'; text: string; isNamed: boolean }
	| { is: 'not reached' };

/** Of one node in one execution. */
type Telling = Map<Work, Told>;

/** In these words the node says that something may or may not have been done. */
const unknown = /unknown|not known|can(?:no|')t (?:be )?(?:know|tell)/i;

export function differencesOf(played: Played): Difference[] {
	return new Judge(played).differences();
}

class Judge {
	private readonly found: Difference[] = [];
	/** For each node of each execution that began at the same time: the first telling, and one for each Retry. */
	private readonly lives: Telling[][];
	private readonly facts;

	constructor(private readonly played: Played) {
		const { settings, executions } = played;
		this.facts = facts[settings.resource];
		const nodes = Array.from({ length: settings.nodes ?? 1 }, (_, node) => node);
		this.lives = executions.flatMap((presses) =>
			nodes.map((node) => presses.map(({ nodes: of }, press) => this.telling(of[node], press))),
		);
	}

	differences(): Difference[] {
		const { settings, works } = this.played;
		this.judgeReasons();
		this.judgeRequests();
		this.judgeOthers();
		if (settings.operation === 'update' || settings.operation === 'delete') {
			for (const work of works) this.judgeChange(work);
		} else if (['get', 'getAll', 'count'].includes(settings.operation)) this.judgeReading();
		else this.judgeCreating();
		return this.found;
	}

	private add(kind: string, detail: unknown): void {
		const text = typeof detail === 'string' ? detail : JSON.stringify(detail);
		this.found.push({ kind, detail: String(text).slice(0, 400) });
	}

	// What came out

	private telling(runs: TaskResult[], press: number): Telling {
		const { works, settings } = this.played;
		const told: Telling = new Map(works.map((work) => [work, { is: 'not reached' }]));
		// What an execution would have told that died with n8n was told to nobody.
		if (settings.killed && press === 0) return told;
		for (const [run, result] of runs.entries()) {
			const own = works.filter((work) => work.run === run);
			if (!result.error) this.readOutputs(result, own, told);
			else if (settings.onError) this.add('input items handed on as results', result.error);
			else this.readStop(result.error, own, told, press);
		}
		return told;
	}

	private readStop(
		{ message, description, itemIndex }: NonNullable<TaskResult['error']>,
		own: Work[],
		told: Telling,
		press: number,
	): void {
		const text = `${message} ${description ?? ''}`;
		const lists = Array.from(text.matchAll(/\bitems? (\d+(?:(?:, | and | to )\d+)*)/gi));
		const named = new Set(lists.flatMap(([, list]) => list.split(/, | and /).flatMap(itemsIn)));
		if (typeof itemIndex === 'number') named.add(itemIndex);
		const isNamedHere = own.some((work) => named.has(work.item) && this.mayFail(work));
		const isOther = named.size > 0 && !isNamedHere && own.some((work) => this.mayFail(work));
		if (isOther && (press === 0 || !unknown.test(text))) {
			this.add('the error names another item', text);
		}
		const isBatch = sendsBatches(this.played.settings.operation) && named.size === 0;
		for (const work of own) {
			const isNamed = named.has(work.item) || isBatch || own.length === 1;
			told.set(work, { is: 'stopped', text, isNamed });
		}
	}

	/** Each input item has its one output item, paired with it, on the output where it belongs. */
	private readOutputs({ outputs }: TaskResult, own: Work[], told: Telling): void {
		const { onError, operation } = this.played.settings;
		const errorOutput = onError === 'continueErrorOutput' ? 1 : 0;
		const byItem = new Map<
			number | undefined,
			Array<{ one: INodeExecutionData; output: number }>
		>();
		for (const [output, items] of outputs.entries()) {
			for (const one of items) {
				for (const item of pairsOf(one)) {
					byItem.set(item, [...(byItem.get(item) ?? []), { one, output }]);
				}
			}
		}
		for (const [item, entries] of byItem) {
			if (!own.some((work) => work.item === item)) {
				this.add('an output item is paired with no input', entries[0].one.json);
			}
			for (const { one, output } of entries) {
				if (output === (this.isError(one) ? errorOutput : 0)) continue;
				this.add('an output item on the wrong output', one.json);
			}
		}
		for (const work of own) {
			const items = (byItem.get(work.item) ?? []).map(({ one }) => one);
			const failed = items.find((item) => this.isError(item));
			if (items.length !== 1 && (failed || operation !== 'getAll')) {
				this.add(`${items.length} output items for one`, place(work));
			}
			if (failed) told.set(work, { is: 'failed', text: textOf(failed) });
			else told.set(work, { is: 'done', json: items.map(({ json }) => json) });
		}
	}

	/** As the node hands errors on; the error output has the fields of the input beside. */
	private isError({ json }: INodeExecutionData): boolean {
		return typeof json.error === 'string' && !(this.facts.idField in json);
	}

	// Reasons

	/** What had to fail failed, and what had no reason to did not. */
	private judgeReasons(): void {
		const { works } = this.played;
		for (const [first, ...later] of this.lives) {
			for (const work of works) {
				const told = first.get(work) as Told;
				const isTold = [first, ...later].some((telling) => telling.get(work)?.is === 'done');
				if (isTold && this.mustFail(work)) this.add('done in spite of its reason', work.of);
				const may = told.is === 'stopped' ? works.some((one) => this.mayFail(one)) : undefined;
				if ('text' in told && !(may ?? this.mayFail(work))) {
					this.add('failed without a reason', told.text);
				}
			}
		}
	}

	/** What it gives is nothing, or can't be had: which is no filter for everybody, and no other practice. */
	private mustFail({ of: { practice, dryRun, fails }, isDryRun }: Work): boolean {
		if (isNothing(practice) || isNothing(dryRun) || fails === 'throws') return true;
		if (practice === 999) return !isDryRun;
		// A column that is left empty is left out.
		const isColumn = ['create', 'createMany'].includes(this.played.settings.operation);
		return isNothing(fails) && !isColumn;
	}

	private hasReason(work: Work): boolean {
		const { fails, fault, practice } = work.of;
		const isTrouble = fault !== undefined && !['limited', 'expired'].includes(fault.how);
		return this.mustFail(work) || fails !== undefined || practice === 999 || isTrouble;
	}

	/** Of those that go together, or are the same, one's trouble is the others'. */
	private mayFail(work: Work): boolean {
		const { works, settings } = this.played;
		const { operation } = settings;
		const isSame = (other: Work) =>
			sendsBatches(operation) ||
			(finds(operation) && (other.who === work.who || other.of.fault?.inSearch)) ||
			(other.filter !== undefined && other.filter === work.filter) ||
			(other.recordId !== undefined && other.recordId === work.recordId);
		return works.some((other) => (other === work || isSame(other)) && this.hasReason(other));
	}

	// What was sent, and what changed

	private judgeRequests(): void {
		const { works, requests } = this.played;
		const own = new Set(works.map(({ practice }) => String(practice)));
		for (const { method, path, template, practiceId, body } of requests) {
			if (!own.has(String(practiceId)) || !template.startsWith(this.facts.path)) {
				this.add('a request to another practice or resource', `${method} ${path}`);
			}
			if (method === 'GET') continue;
			const text = JSON.stringify(body ?? null);
			const meant = works.filter(
				({ marker, recordId }) => text.includes(marker) || path.endsWith(`/${recordId}`),
			);
			if (meant.length > 0 && meant.every(({ isDryRun }) => isDryRun)) {
				this.add('sent in spite of Dry Run', `${method} ${path}`);
			}
		}
	}

	private judgeOthers(): void {
		const { works, before, after } = this.played;
		for (const practice of practices) {
			const own = works.filter((work) => work.practice === practice);
			const targets = new Set(own.map(({ recordId }) => recordId));
			for (const record of before.get(practice) ?? []) {
				const id = Number(record[this.facts.idField]);
				if (targets.has(id) || isDeepStrictEqual(record, this.find(after, practice, id))) continue;
				this.add('another record was changed', `practice ${practice}, ${id}`);
			}
		}
	}

	private find(records: Map<number, ApiRecord[]>, practice: number | undefined, id: unknown) {
		return records.get(practice ?? 0)?.find((record) => record[this.facts.idField] === id);
	}

	/** All that was told as done, with what came out; of a dry run nothing but that it was one. */
	private *done(): Generator<[Work, ApiRecord[]]> {
		const { settings, works } = this.played;
		for (const telling of this.lives.flat()) {
			for (const work of works) {
				const told = telling.get(work);
				if (told?.is !== 'done') continue;
				const isReading = ['get', 'getAll', 'count'].includes(settings.operation);
				if (!work.isDryRun || isReading) yield [work, told.json];
				else if (told.json.some((json) => json.dryRun !== true && json._created !== false)) {
					this.add('a dry run shows no request', told.json);
				}
			}
		}
	}

	private judgeReading(): void {
		const { before, settings } = this.played;
		const { idField, filter } = this.facts;
		const lower = (value: unknown) => String(value).toLowerCase();
		for (const [work, json] of this.done()) {
			if (work.of.fails !== undefined) continue;
			const expected = (before.get(work.practice ?? 0) ?? []).filter((record) =>
				settings.operation === 'get'
					? record[idField] === work.recordId
					: lower(record[filter]) === lower(work.filter),
			);
			const wanted = settings.operation === 'count' ? [{ count: expected.length }] : expected;
			const sorted = (records: ApiRecord[]) => records.map((one) => JSON.stringify(one)).sort();
			if (isDeepStrictEqual(sorted(json), sorted(wanted))) continue;
			this.add('other records than asked for', `${place(work)}: ${json.length}`);
		}
	}

	private judgeChange(work: Work): void {
		const { before, after, settings, requests } = this.played;
		const { recordId, practice, of } = work;
		const was = this.find(before, practice, recordId);
		const is = this.find(after, practice, recordId);
		if (!was) return;
		const isDeletion = settings.operation === 'delete';
		const isDone = isDeletion ? !is : String(is?.[this.facts.markerField]).startsWith(work.marker);
		if (is && !isDone && !isDeepStrictEqual(was, is)) {
			this.add('a record was changed into something else', place(work));
		}
		for (const [other, [json]] of this.done()) {
			if (other !== work) continue;
			const isTold = isDeletion ? json?.deleted === true : isDeepStrictEqual(json, is);
			if (!isDone || !isTold) this.add('told as done, and it is otherwise', json);
		}
		// Where n8n lost what came of it, a change is sent again.
		if (settings.killed) return;
		for (const life of this.lives) {
			const last = lastOf(life, work);
			const isRefused = last?.is === 'failed' || (last?.is === 'stopped' && last.isNamed);
			if (!isRefused || !isDone || unknown.test(last.text)) continue;
			if (last.is === 'failed' || this.mayFail(work)) {
				this.add('told as failed, but it was done', last.text);
			}
		}
		const answered = requests.filter(
			({ method, path, outcome, practiceId }) =>
				(method === 'PATCH' || method === 'DELETE') &&
				path.endsWith(`/${recordId}`) &&
				practiceId === String(practice) &&
				(outcome === 200 || outcome === 204),
		);
		if (answered.length > 1 && of.fault?.how !== 'page') this.add('sent again', place(work));
	}

	// Creating

	private judgeCreating(): void {
		const { works, settings, before, after } = this.played;
		const { markerField, idField } = this.facts;
		const owned = new Map<ApiRecord, Work>();
		for (const practice of practices) {
			for (const record of after.get(practice) ?? []) {
				if (this.find(before, practice, record[idField])) continue;
				const marker = String(record[markerField]).split(' ')[0];
				const work = works.find((one) => one.marker === marker && one.practice === practice);
				if (work) owned.set(record, work);
				else this.add('created for nobody, or in another practice', record);
			}
		}
		/** What Find or Create takes for one; otherwise each item is its own. */
		const keyOf = (work: Work) =>
			finds(settings.operation) ? `${work.practice}:${work.who}` : work.marker;
		for (const key of new Set(works.map(keyOf))) {
			const group = works.filter((work) => keyOf(work) === key);
			const records = [...owned].filter(([, work]) => group.includes(work)).map(([one]) => one);
			this.judgeGroup(group, records);
		}
	}

	/** Created as often as it may be; told as created, or that it may be. */
	private judgeGroup(group: Work[], records: ApiRecord[]): void {
		const { before, after, settings } = this.played;
		const { idField, markerField } = this.facts;
		const isFinding = finds(settings.operation);
		const ids = new Set<unknown>();
		for (const [work, [json]] of this.done()) {
			if (!group.includes(work)) continue;
			const id = json[idField];
			const now = this.find(after, work.practice, id);
			const isNew = !isFinding || json._created === true || json._action === 'created';
			if (!now) this.add('told as done, but there is no such record', json);
			else if (isNew && this.find(before, work.practice, id)) {
				this.add('told as created, but it was there', json);
			} else if (isNew) ids.add(id);
			const isOurs = group.some(({ marker }) => String(now?.[markerField]).startsWith(marker));
			if (settings.operation === 'upsert' && !isOurs && !settings.killed) {
				this.add('told as done, but the record is otherwise', json);
			}
		}
		const isOpen = this.isOpen(group);
		// What an execution created that died with n8n was told to nobody.
		let mayBe = settings.killed ? 1 : 0;
		for (const [life, work] of this.lives.flatMap((one) => group.map((of) => [one, of] as const))) {
			const last = lastOf(life, work);
			const isNamed = last?.is === 'failed' || (last?.is === 'stopped' && last.isNamed);
			const isUnknown = isNamed && unknown.test(last.text);
			// Of batches that were created before the one that stopped, the text tells in numbers.
			const isBefore = sendsBatches(settings.operation) && !this.hasReason(work);
			const isStop = last?.is === 'stopped' && (!last.isNamed || isBefore);
			// Who found what it may have created itself can't tell who did.
			const isFound = last?.is === 'done' && isFinding && isOpen;
			if (!last || isUnknown || isStop || isFound) mayBe += 1;
		}
		const each = (settings.atOnce ?? 1) * (settings.nodes ?? 1);
		const most = isFinding ? (group[0].who < 0 ? 0 : 1) : each;
		if (records.length > most) this.add('twice', records);
		else if (records.length > ids.size + mayBe) this.add('created, and not told', records);
	}

	/** That it can't be known from the answers whether they were created. */
	private isOpen(group: Work[]): boolean {
		const { requests, works } = this.played;
		if (works.some(({ of }) => of.fault?.how === 'page')) return true;
		return requests.some(({ method, body, outcome }) => {
			const isAnswered = typeof outcome === 'number' && outcome < 500;
			const text = method === 'POST' ? JSON.stringify(body) : '';
			return !isAnswered && group.some(({ marker }) => text.includes(marker));
		});
	}
}

/** What the last execution that got so far told of it. */
function lastOf(life: Telling[], work: Work) {
	const told = life.map((telling) => telling.get(work) as Told);
	return told.findLast((one) => one.is !== 'not reached') as
		| Exclude<Told, { is: 'not reached' }>
		| undefined;
}

/** The items that it is paired with; undefined where there are none. */
function pairsOf({ pairedItem }: INodeExecutionData): Array<number | undefined> {
	const pairs = [pairedItem].flat();
	return pairs.map((one) => (typeof one === 'object' ? one.item : one));
}

function textOf({ json }: INodeExecutionData): string {
	return `${String(json.error)} ${String(json.message ?? '')}`;
}

function place({ run, item }: Work): string {
	return `run ${run}, item ${item}`;
}

/** `3` or `3 to 5`, counted from 1. */
function itemsIn(range: string): number[] {
	const [from, to = from] = range.split(' to ').map(Number);
	return Array.from({ length: to - from + 1 }, (_, index) => from - 1 + index);
}
