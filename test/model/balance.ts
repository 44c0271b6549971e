// Judges a case that was played: what the outputs tell against what the simulator's books say. Written
// from the promises of the design and the README alone. Called by the tests in this folder.
import { isDeepStrictEqual } from 'node:util';
import type { INodeExecutionData } from 'n8n-workflow';

import type { TaskResult } from '../harness/runNode.ts';
import type { ApiRecord } from '../simulator/start.ts';
import type { Played } from './play.ts';
import { facts, finds, practices, sendsBatches, type Work } from './settingsCase.ts';

export interface Difference {
	/** Cases with the same kind have the same cause, more often than not. */
	kind: string;
	detail: string;
}

/** What one execution tells of one item of one run. */
type AnswerNotes =
	| { is: 'done'; json: ApiRecord[] }
	| { is: 'failed'; text: string }
	/** The node stopped; `isNamed`: because of this item. */
	| { is: 'stopped'; text: string; isNamed: boolean }
	| { is: 'not reached' };

/** In these words the node says that something may or may not have been done. */
const unknown = /unknown|not known|can(?:no|')t (?:be )?(?:know|tell)/i;

export function differencesOf(played: Played): Difference[] {
	const judge = new Judge(played);
	return judge.differences();
}

class Judge {
	private readonly found: Difference[] = [];
	private readonly played: Played;
	/** By execution that began at the same time and node, by press, by item. */
	private readonly told: Array<Array<Map<Work, AnswerNotes>>>;

	constructor(played: Played) {
		this.played = played;
		const nodes = Array.from({ length: played.settings.nodes ?? 1 }, (_, node) => node);
		this.told = played.executions.flatMap((presses) =>
			nodes.map((node) =>
				presses.map((executed, press) => this.toldBy(executed.nodes[node], press)),
			),
		);
	}

	differences(): Difference[] {
		const { operation } = this.played.settings;
		this.judgeLeaks();
		this.judgeFailures();
		this.judgePractices();
		if (operation === 'get' || operation === 'getAll' || operation === 'count') this.judgeReading();
		else if (operation === 'update' || operation === 'delete') this.judgeChanging();
		else this.judgeCreating();
		this.judgeDryRun();
		this.judgeOthers();
		return this.found;
	}

	private add(kind: string, detail: string): void {
		this.found.push({ kind, detail });
	}

	private get facts() {
		return facts[this.played.settings.resource];
	}

	// What came out

	/** Reads the outputs of all runs, and complains of what can't be read. */
	private toldBy(runs: TaskResult[], press: number): Map<Work, AnswerNotes> {
		const { works, settings } = this.played;
		const told = new Map<Work, AnswerNotes>();
		const last = Math.max(...works.map(({ run }) => run));
		for (let run = 0; run <= last; run++) {
			const own = works.filter((work) => work.run === run);
			const one = runs.at(run);
			// What an execution would have told that died with n8n was told to nobody.
			const isLost = settings.killed !== undefined && press === 0;
			if (!one || isLost) for (const work of own) told.set(work, { is: 'not reached' });
			else if (one.error && settings.onError) {
				this.add('input items handed on as results', `run ${run}: ${one.error.message}`);
				for (const work of own) told.set(work, { is: 'not reached' });
			} else if (one.error) this.readStop(one, own, told, press);
			else this.readOutput(one, own, told);
		}
		return told;
	}

	private readStop(
		{ error }: TaskResult,
		own: Work[],
		told: Map<Work, AnswerNotes>,
		press: number,
	): void {
		const { message = '', description, itemIndex } = error ?? {};
		const text = `${message} ${description ?? ''}`;
		const lists = Array.from(text.matchAll(/\bitems? (\d+(?:(?:, | and | to )\d+)*)/gi));
		const numbers = lists.flatMap(([, list]) => list.split(/, | and /).flatMap(itemsIn));
		const named = new Set(typeof itemIndex === 'number' ? [itemIndex, ...numbers] : numbers);
		const isRetry = press > 0 && unknown.test(text);
		const culprits = own.filter((work) => this.mayFail(work));
		// A batch is created as a whole, and the API may keep to itself which of its items it means.
		const isWhole = /which of the \d+ items|\d+ records of this batch/.test(text);
		if (named.size === 0 && own.length > 1 && !isRetry && !isWhole) {
			this.add('the error names no item', text);
		} else if (named.size > 0 && culprits.length > 0 && !isRetry) {
			if (!culprits.some(({ item }) => named.has(item))) {
				this.add('the error names another item', `${[...named].join()}: ${text}`);
			}
		}
		const isMany = sendsBatches(this.played.settings.operation);
		for (const work of own) {
			const isNamed = named.has(work.item) || (isMany && named.size === 0) || own.length === 1;
			told.set(work, { is: 'stopped', text, isNamed });
		}
	}

	private readOutput({ outputs }: TaskResult, own: Work[], told: Map<Work, AnswerNotes>): void {
		const { settings } = this.played;
		const errorOutput = settings.onError === 'continueErrorOutput' ? 1 : 0;
		const byItem = new Map<number, { done: ApiRecord[]; errors: string[] }>(
			own.map(({ item }) => [item, { done: [], errors: [] }]),
		);
		for (const [index, items] of outputs.entries()) {
			for (const item of items) {
				const pairs = pairsOf(item);
				if (pairs.length === 0) this.add('an output item is not paired', short(item.json));
				const isError = this.isError(item);
				if (isError && index !== errorOutput) {
					this.add('an error item on the output for results', short(item.json));
				}
				if (!isError && index !== 0) {
					this.add('a result on the output for errors', short(item.json));
				}
				for (const pair of pairs) {
					const entry = byItem.get(pair);
					if (!entry) this.add('an output item is paired with no input', short(item.json));
					else if (isError) entry.errors.push(textOf(item));
					else entry.done.push(item.json as ApiRecord);
				}
			}
		}
		for (const work of own) {
			const { done, errors } = byItem.get(work.item) ?? { done: [], errors: [] };
			if (errors.length > 0) {
				if (errors.length + done.length > 1) {
					this.add(
						'several output items for one that failed',
						`item ${work.item}: ${errors.length} errors, ${done.length} results`,
					);
				}
				told.set(work, { is: 'failed', text: errors[0] });
			} else {
				if (done.length === 0 && settings.operation !== 'getAll') {
					this.add('nothing comes out for an item', `run ${work.run}, item ${work.item}`);
				}
				if (done.length > 1 && settings.operation !== 'getAll') {
					this.add('several results for one item', `run ${work.run}, item ${work.item}`);
				}
				told.set(work, { is: 'done', json: done });
			}
		}
	}

	/** As the node hands errors on; the error output has the fields of the input beside. */
	private isError({ json }: INodeExecutionData): boolean {
		return 'error' in json && typeof json.error === 'string' && !(this.facts.idField in json);
	}

	// What must hold whatever the operation

	private judgeLeaks(): void {
		const { works, executions } = this.played;
		const texts = executions.flatMap((presses) =>
			presses.flatMap(({ nodes }) =>
				nodes.flat().flatMap(({ error, writtenError, outputs }) => [
					...(error ? [error.message, String(error.description ?? ''), writtenError] : []),
					...outputs
						.flat()
						.filter((item) => this.isError(item))
						.map(textOf),
				]),
			),
		);
		if (texts.length === 0) return;
		const secrets = works.flatMap(secretsOf);
		for (const text of texts) {
			const plain = text.toLowerCase();
			const digits = text.replace(/[\s().+-]/g, '');
			const leaked = secrets.find((secret) =>
				/^\d{10}$/.test(secret) ? digits.includes(secret) : plain.includes(secret),
			);
			if (leaked) this.add('a value in an error text', `${leaked} in: ${text.slice(0, 300)}`);
		}
	}

	/** What had to fail failed, what had no reason to did not. */
	private judgeFailures(): void {
		const { works, settings } = this.played;
		for (const presses of this.told) {
			for (const [press, told] of presses.entries()) {
				for (const work of works) {
					const { is, ...more } = told.get(work) ?? { is: 'not reached' };
					const text = 'text' in more ? more.text : '';
					if (is === 'done' && this.mustFail(work)) {
						this.add(`done in spite of ${this.reasonOf(work)}`, place(work));
					}
					const isWithout = press === 0 && !this.mayFail(work);
					if (is === 'failed' && isWithout) this.add('failed without a reason', text);
					if (is === 'stopped' && !works.some((one) => this.mayFail(one)) && press === 0) {
						this.add('failed without a reason', text);
					}
				}
			}
			this.judgePersistence(presses[0]);
		}
		if (settings.failsBefore || settings.killed) return;
		for (const [first, ...later] of this.told) {
			for (const told of later) {
				for (const work of works) {
					const now = told.get(work);
					// What was told before is not taken back.
					if (now?.is === 'failed' && first.get(work)?.is === 'done' && !unknown.test(now.text)) {
						this.add('told as done, then as failed', now.text);
					}
				}
			}
		}
	}

	/** Retry On Fail tries as often as it is told to. */
	private judgePersistence(told: Map<Work, AnswerNotes>): void {
		const { works, settings } = this.played;
		if (settings.onError || !settings.tries || settings.failsBefore) return;
		const isTransient = works.every((work) => {
			const { fault } = work.of;
			const isSound = !this.mustFail(work) && !work.of.fails && work.of.practice !== 999;
			return isSound && (!fault || ['refused', 'limited', 'expired'].includes(fault.how));
		});
		const refusals = works.reduce((sum, { of: { fault } }) => {
			return sum + (fault?.how === 'refused' ? (fault.times ?? 1) : 0);
		}, 0);
		if (!isTransient || refusals >= settings.tries) return;
		const stopped = Array.from(told.values()).find(({ is }) => is === 'stopped');
		if (stopped)
			this.add('failed, though a later try would do', 'text' in stopped ? stopped.text : '');
	}

	private reasonOf({ of }: Work): string {
		if (of.practice === 999) return 'a practice that is not allowed';
		if (typeof of.practice === 'string') return 'a practice that is nothing';
		if (typeof of.dryRun === 'string') return 'a dry run that is nothing';
		return this.isNothing(of.fails) ? 'an expression that gives nothing' : `fails: ${of.fails}`;
	}

	private isNothing(value: unknown): boolean {
		return ['undefined', 'null', 'blank'].includes(String(value)) && value !== undefined;
	}

	private mustFail(work: Work): boolean {
		const { settings } = this.played;
		const { practice, dryRun, fails } = work.of;
		if (practice === 999 && !work.isDryRun) return true;
		if (this.isNothing(practice) || this.isNothing(dryRun)) return true;
		if (fails === undefined) return false;
		// Of a record that is there, or was created for another item, the other fields are not sent.
		if ((fails === 'value' || fails === 'refused') && this.isOneOfSeveral(work)) return false;
		const isCreating = ['create', 'createMany', 'update'].includes(settings.operation);
		if (fails === 'refused' && work.isDryRun) return false;
		// After a crash nobody can tell whether it was there.
		if (settings.operation === 'delete' && settings.killed && fails === 'refused') return false;
		if (settings.operation === 'update' || settings.operation === 'delete') return true;
		// A column that is left empty is left out.
		if (this.isNothing(fails) && isCreating) return false;
		if (settings.operation === 'getAll' || settings.operation === 'count') {
			const isTyped = settings.resource === 'patient';
			return isTyped || this.isNothing(fails) || fails === 'throws';
		}
		// The API alone knows what this field of it takes.
		return !(fails === 'value' && settings.resource !== 'patient' && work.isDryRun);
	}

	/** Find or Create may find it. */
	private isOneOfSeveral(work: Work): boolean {
		const { works, settings } = this.played;
		return (
			finds(settings.operation) &&
			(work.who < 0 || works.some((other) => other !== work && other.who === work.who))
		);
	}

	private mayFail(work: Work): boolean {
		if (this.mustFail(work) || work.of.fails !== undefined || work.of.practice === 999) return true;
		const { fault } = work.of;
		if (fault && fault.how !== 'limited' && fault.how !== 'expired') return true;
		const { operation } = this.played.settings;
		// Of those that go together, or are the same, one's trouble is the others'.
		const isSame = (other: Work) =>
			sendsBatches(operation) ||
			(finds(operation) && (other.who === work.who || other.of.fault?.inSearch)) ||
			(other.filter !== undefined && other.filter === work.filter) ||
			(other.recordId !== undefined && other.recordId === work.recordId);
		return this.played.works.some(
			(other) =>
				other !== work &&
				isSame(other) &&
				(this.mustFail(other) || other.of.fails !== undefined || isTrouble(other)),
		);
	}

	private judgePractices(): void {
		const { works, requests } = this.played;
		const own = new Set(works.map(({ practice }) => String(practice)));
		for (const { method, path, practiceId } of requests) {
			if (!own.has(String(practiceId))) {
				this.add('a request to another practice', `${method} ${path}`);
			}
		}
	}

	// Reading

	private judgeReading(): void {
		const { works, before, settings } = this.played;
		for (const told of this.told.flat()) {
			for (const work of works) {
				const one = told.get(work);
				if (one?.is !== 'done' || this.mustFail(work)) continue;
				const there = before.get(work.practice ?? 0) ?? [];
				const { idField, filter } = this.facts;
				const expected =
					settings.operation === 'get'
						? there.filter((record) => record[idField] === work.recordId)
						: there.filter((record) => same(record[filter], work.filter));
				if (work.of.fails !== undefined) continue;
				const wanted = settings.operation === 'count' ? [{ count: expected.length }] : expected;
				if (!isDeepStrictEqual(sorted(one.json), sorted(wanted))) {
					this.add(
						'other records than asked for',
						`${place(work)}: ${one.json.length} instead of ${wanted.length}`,
					);
				}
			}
		}
	}

	// Changing

	private judgeChanging(): void {
		const { works, before, after, settings, requests } = this.played;
		const { idField, markerField } = this.facts;
		for (const work of works) {
			if (work.recordId === undefined || work.practice === undefined) continue;
			const find = (records: Map<number, ApiRecord[]>) =>
				records.get(work.practice ?? 0)?.find((record) => record[idField] === work.recordId);
			const [was, is] = [find(before), find(after)];
			if (!was) continue;
			const isDone =
				settings.operation === 'delete'
					? is === undefined
					: String(is?.[markerField]).startsWith(work.marker);
			if (is && !isDone && !isDeepStrictEqual(was, is)) {
				this.add('a record was changed into something else', place(work));
			}
			for (const presses of this.told) {
				for (const told of presses) {
					const one = told.get(work);
					if (one?.is === 'done' && !work.isDryRun) this.judgeDone(work, one.json, isDone, is);
				}
				const final = lastOf(presses, work);
				// A change is sent again where n8n lost what came of it.
				if (!final || !isDone || settings.killed) continue;
				const isRefused =
					final.is === 'failed' || (final.is === 'stopped' && final.isNamed && works.length > 0);
				if (isRefused && 'text' in final && !unknown.test(final.text) && !work.isDryRun) {
					if (final.is === 'stopped' && !this.mayFail(work)) continue;
					this.add('told as failed, but it was done', `${place(work)}: ${final.text}`);
				}
			}
			const answered = requests.filter(
				({ method, path, outcome, practiceId }) =>
					['PATCH', 'DELETE'].includes(method) &&
					path.endsWith(`/${work.recordId}`) &&
					practiceId === String(work.practice) &&
					(outcome === 200 || outcome === 204),
			);
			const isKnown = work.of.fault?.how !== 'page' && !settings.killed;
			if (answered.length > 1 && isKnown) {
				this.add('the same work was sent again', `${place(work)}: ${answered.length} times`);
			}
		}
	}

	private judgeDone(
		work: Work,
		json: ApiRecord[],
		isDone: boolean,
		is: ApiRecord | undefined,
	): void {
		if (!isDone) this.add('told as done, but it was not', place(work));
		else if (this.played.settings.operation === 'delete') {
			if (json[0]?.deleted !== true) this.add('a deletion without a word of it', short(json[0]));
		} else if (!isDeepStrictEqual(json[0], is)) {
			this.add('told otherwise than it is', short(json[0]));
		}
	}

	// Creating

	/** The records that there are now and were not before, by practice. */
	private created(practice: number): ApiRecord[] {
		const { before, after } = this.played;
		const { idField } = this.facts;
		const known = new Set(before.get(practice)?.map((record) => record[idField]));
		return (after.get(practice) ?? []).filter((record) => !known.has(record[idField]));
	}

	private judgeCreating(): void {
		const { works, settings } = this.played;
		const { markerField, idField } = this.facts;
		const isFinding = finds(settings.operation);
		const owned = new Map<ApiRecord, Work>();
		for (const practice of practices) {
			for (const record of this.created(practice)) {
				const marker = String(record[markerField]).split(' ')[0];
				const work = works.find((one) => one.marker === marker);
				if (!work) this.add('a record that nobody asked for', short(record));
				else if (work.practice !== practice) {
					this.add('created in another practice', `${place(work)}: in ${practice}`);
				} else owned.set(record, work);
			}
		}
		this.judgeCounts(owned.size);
		for (const group of groupsOf(works, isFinding)) {
			const records = [...owned].filter(([, work]) => group.includes(work)).map(([one]) => one);
			this.judgeGroup(group, records, idField, isFinding);
			if (settings.operation === 'upsert') this.judgeUpserted(group);
		}
	}

	/** The record is as one of the items wants it. */
	private judgeUpserted(group: Work[]): void {
		const { after, settings } = this.played;
		const { idField, markerField } = this.facts;
		if (settings.killed) return;
		for (const told of this.told.flat()) {
			for (const work of group) {
				const one = told.get(work);
				if (one?.is !== 'done' || work.isDryRun) continue;
				for (const json of one.json) {
					const now = after.get(work.practice ?? 0)?.find((it) => it[idField] === json[idField]);
					const isSo = group.some(({ marker }) => String(now?.[markerField]).startsWith(marker));
					if (!isSo) this.add('told as done, but the record is otherwise', place(work));
				}
			}
		}
	}

	/** Where a sentence says how many were created before, it is so many. */
	private judgeCounts(created: number): void {
		const { settings } = this.played;
		if (settings.atOnce || settings.nodes || settings.retries || settings.runs.length > 1) return;
		for (const one of this.told.flat().flatMap((told) => [...told.values()])) {
			if (one.is !== 'stopped') continue;
			const [, count] = /(?:created before[^.\d]*?|already: )(\d+)/i.exec(one.text) ?? [];
			// One whose outcome is unknown may be there beside them.
			const beside = unknown.test(one.text) ? created - Number(count) : 0;
			const isSo = count === undefined || Number(count) === created || beside > 0;
			if (!isSo) this.add('told how many, and it is not so', `${created}: ${one.text}`);
		}
	}

	/** Works that are one and the same: what Find or Create matches, or the same item of several executions. */
	private judgeGroup(
		group: Work[],
		records: ApiRecord[],
		idField: string,
		isFinding: boolean,
	): void {
		this.judgeUnknown(group);
		const { before, settings } = this.played;
		const [first] = group;
		const exists = isFinding && first.who < 0;
		const ids = new Set<unknown>();
		// What an execution created that died with n8n was told to nobody.
		let mayBe = settings.killed ? 1 : 0;
		for (const presses of this.told) {
			for (const work of group) {
				for (const told of presses) {
					const one = told.get(work);
					if (one?.is !== 'done' || work.isDryRun) continue;
					for (const json of one.json) {
						const id = json[idField];
						const isThere = records.some((record) => record[idField] === id);
						const wasThere =
							exists && before.get(work.practice ?? 0)?.some((record) => record[idField] === id);
						if (!isThere && !wasThere) {
							this.add(
								'told as done, but there is no such record',
								`${place(work)}: ${short(json)}`,
							);
						} else if (!isFinding || json._created === true || json._action === 'created') {
							if (wasThere) this.add('told as created, but it was there', place(work));
							ids.add(id);
						}
					}
				}
				const final = lastOf(presses, work);
				if (!final || final.is === 'not reached') {
					mayBe += 1;
				} else if (final.is === 'stopped') {
					const isOpen =
						!final.isNamed || unknown.test(final.text) || this.isInEarlier(work, presses);
					mayBe += isOpen ? 1 : 0;
				} else if (final.is === 'failed' && unknown.test(final.text)) mayBe += 1;
				// Who found what it may have created itself can't tell who did.
				else if (final.is === 'done' && isFinding && this.isOpen(group)) mayBe += 1;
			}
		}
		const most = isFinding ? (exists ? 0 : 1) : (settings.atOnce ?? 1) * (settings.nodes ?? 1);
		if (records.length > most) {
			this.add('twice', `${place(first)}: ${records.length} records instead of ${most}`);
		} else if (records.length > ids.size + mayBe) {
			const texts = this.told.flatMap((presses) =>
				group.map((work) => {
					const final = lastOf(presses, work);
					return final && 'text' in final ? final.text : final?.is;
				}),
			);
			this.add(
				isFinding && this.told.flat().some((told) => group.some((w) => told.get(w)?.is === 'done'))
					? 'created, and told as found or failed'
					: 'told as failed, but it was done',
				`${place(first)}: ${texts.join(' | ')}`,
			);
		}
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

	/** That nobody knows is said only where nobody does. */
	private judgeUnknown(group: Work[]): void {
		const { settings } = this.played;
		// What n8n lost with its process it can't tell the node.
		if (settings.killed || settings.failsBefore) return;
		// Nor what another retry has done.
		if (settings.retries?.some(({ ofFirst }) => ofFirst)) return;
		if (this.isOpen(group)) return;
		for (const presses of this.told) {
			for (const work of group) {
				const final = lastOf(presses, work);
				if (final?.is !== 'failed' && !(final?.is === 'stopped' && final.isNamed)) continue;
				if (unknown.test(final.text)) {
					this.add('told as unknown, though it is known', `${place(work)}: ${final.text}`);
				}
			}
		}
	}

	/** Of Create Many that stops, whole batches may be in there; the error names those that are not. */
	private isInEarlier(work: Work, presses: Array<Map<Work, AnswerNotes>>): boolean {
		return (
			sendsBatches(this.played.settings.operation) &&
			!this.mayFailItself(work) &&
			presses.length > 0
		);
	}

	private mayFailItself(work: Work): boolean {
		return this.mustFail(work) || work.of.fails !== undefined || isTrouble(work);
	}

	// Dry runs, and everybody else

	private judgeDryRun(): void {
		const { works, requests } = this.played;
		for (const { method, path, body } of requests) {
			if (method === 'GET') continue;
			const text = JSON.stringify(body ?? null);
			const shown = works.find(
				({ isDryRun, marker, recordId }) =>
					isDryRun &&
					(text.includes(marker) || (recordId !== undefined && path.endsWith(`/${recordId}`))),
			);
			const others = works.filter(
				({ isDryRun, recordId }) => !isDryRun && path.endsWith(`/${recordId}`),
			);
			if (shown && others.length === 0) this.add('sent in spite of Dry Run', `${method} ${path}`);
		}
		for (const told of this.told.flat()) {
			for (const work of works) {
				const one = told.get(work);
				if (!work.isDryRun || one?.is !== 'done' || this.mustFail(work)) continue;
				for (const json of one.json) {
					const isFound = finds(this.played.settings.operation) && json._created === false;
					const isShown = json.dryRun === true;
					const isReading = ['get', 'getAll', 'count'].includes(this.played.settings.operation);
					if (isReading) continue;
					if (!isShown && !isFound) this.add('a dry run shows no request', short(json));
					if (
						isShown &&
						json.path !== undefined &&
						!String(json.path).includes(`/v2/${work.practice}/`)
					) {
						this.add('a dry run shows another practice', short(json));
					}
				}
			}
		}
	}

	/** Nothing else in any practice changed. */
	private judgeOthers(): void {
		const { works, before, after, requests } = this.played;
		const { idField, path } = this.facts;
		for (const practice of practices) {
			const targets = new Set(
				works.filter((work) => work.practice === practice).map(({ recordId }) => recordId),
			);
			const now = new Map(after.get(practice)?.map((record) => [record[idField], record]));
			for (const record of before.get(practice) ?? []) {
				const id = record[idField];
				if (targets.has(Number(id))) continue;
				if (!isDeepStrictEqual(record, now.get(id))) {
					this.add('another record was changed', `practice ${practice}, ${idField} ${id}`);
				}
			}
		}
		for (const { method, template } of requests) {
			if (!template.startsWith(path))
				this.add('a request to another resource', `${method} ${template}`);
		}
	}
}

function isTrouble({ of: { fault } }: Work): boolean {
	return fault !== undefined && fault.how !== 'limited' && fault.how !== 'expired';
}

/** What the last execution that got so far told of it. */
function lastOf(presses: Array<Map<Work, AnswerNotes>>, work: Work): AnswerNotes | undefined {
	return presses.map((told) => told.get(work)).findLast((one) => one?.is !== 'not reached');
}

function groupsOf(works: Work[], isFinding: boolean): Work[][] {
	if (!isFinding) return works.map((work) => [work]);
	const groups = new Map<string, Work[]>();
	for (const work of works) {
		const key = `${work.practice}:${work.who}`;
		groups.set(key, [...(groups.get(key) ?? []), work]);
	}
	return [...groups.values()];
}

function pairsOf({ pairedItem }: INodeExecutionData): number[] {
	if (pairedItem === undefined) return [];
	const list = Array.isArray(pairedItem) ? pairedItem : [pairedItem];
	return list.map((one) => (typeof one === 'number' ? one : one.item));
}

function textOf({ json }: INodeExecutionData): string {
	return `${String(json.error)} ${String(json.message ?? '')}`;
}

/** In small letters, each in every form in which it might be told. */
function secretsOf({ fields, marker, of, filter }: Work): string[] {
	if (filter) return [filter.toLowerCase()];
	const { email, phone, name_last: last, dob, sku } = fields as Record<string, string>;
	const secrets = [marker, email, phone, sku, of.fails === 'refused' ? undefined : last];
	if (dob) {
		const [year, month, day] = dob.split('-');
		secrets.push(dob, `${month}/${day}/${year}`, `${day}.${month}.${year}`);
	}
	return secrets.filter(Boolean).map((secret) => String(secret).toLowerCase());
}

function same(a: unknown, b: unknown): boolean {
	return String(a).toLowerCase() === String(b).toLowerCase();
}

function sorted(records: ApiRecord[]): string[] {
	return records.map((record) => JSON.stringify(record)).sort();
}

function place({ run, item }: Work): string {
	return `run ${run}, item ${item}`;
}

function short(value: unknown): string {
	return JSON.stringify(value)?.slice(0, 200) ?? String(value);
}

/** `3` or `3 to 5`, counted from 1. */
function itemsIn(range: string): number[] {
	const [from, to = from] = range.split(' to ').map(Number);
	return Array.from({ length: to - from + 1 }, (_, index) => from - 1 + index);
}
