// A list of the API that changes while it is read, on the fake clock, behind the node's own client: by a test's own
// hand, or by chance. Used by completeList.test.ts.
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { Client } from '../../nodes/EyeCloudPro/api/client';
import { SharedCredential } from '../../nodes/EyeCloudPro/api/sharedCredential';
import type { RequestContext } from '../../nodes/EyeCloudPro/api/transport';
import { FakeClock } from '../harness/fakeClock.ts';

export interface Entry extends IDataObject {
	patient_id: number | string;
	name: string;
	create_date: string;
}

/** What this API does otherwise than documented. */
export interface Ways {
	/** `digits` are numbers as texts. */
	ids?: 'numbers' | 'digits' | 'guids';
	/** The fields that it sorts by; it refuses all others. */
	sortable?: readonly string[];
	ignoresSort?: boolean | 'newestFirst';
	/** Records with equal values come in an order by chance, another one with each request. */
	tieOrder?: () => number;
	largestPage?: number;
	/** Counts first, and reads so many milliseconds later; reads first where they are less than 0. */
	readsAfterMs?: () => number;
	count?: (count: number, shown: number) => number | string | null | undefined;
	/** Every page is the first one. */
	ignoresPage?: boolean;
	/** So many on each page, whatever is asked for. */
	fixedPage?: number;
	/** The page that is shown in place of the one that was asked for. */
	pageFor?: (page: number, sort: string) => number;
	/** What an answer shows of a page. */
	answers?: (records: Entry[], asked: { page: number; sort: string }) => Entry[];
	/** When the nth record was created. */
	date?: (nth: number) => string;
	/** What the filter finds; a list that is read without one must have no such thing. */
	isShown?: (entry: Entry) => boolean;
}

export class LivingList {
	readonly clock = new FakeClock(1_000_000);

	/** In the order of creation, which numbers as IDs have too. */
	entries: Entry[] = [];

	/** Each request, in the order in which the API got them. */
	readonly asked: Array<{ page: number; size: number; sort: string }> = [];

	readonly lines: string[] = [];

	/** Each ID that was ever there, and since when it has been there without a break. */
	readonly since = new Map<Entry['patient_id'], number>();

	readonly ever = new Set<Entry['patient_id']>();

	/** Called as each request comes in, and before each look at the records. */
	beforeLook: () => void = () => {};

	/** Until a request is worked on, and from then on until the answer is there, in milliseconds. */
	latencyMs: () => number = () => 50;

	/** What becomes of the answer to a request, by its number from 1. */
	fault: (nth: number) => 'status' | 'empty' | undefined = () => undefined;

	readonly ways: Ways;

	private created = 0;

	private sorted = new Map<string, Entry[]>();

	constructor(count: number, ways: Ways = {}) {
		this.ways = ways;
		for (let index = 0; index < count; index++) this.add();
	}

	get requests(): number {
		return this.asked.length;
	}

	client(requestsPerMinute = 1_000_000): Client {
		const context: RequestContext = {
			helpers: {
				httpRequestWithAuthentication: async (_type, options) => await this.answer(options),
			},
			getCredentials: async () => ({}) as never,
			logger: { debug: (line) => this.lines.push(line) },
		};
		const settings = {
			apiBaseUrl: 'https://api.example.com',
			// Of its own for each list, so that no two share a rate limit.
			oauthClientId: `list ${Math.random()}`,
			practiceId: '2',
			requestsPerMinute,
			rateLimitWindowMs: 60_000,
			timeoutMs: 60_000,
		};
		const credential = new SharedCredential(context, this.clock);
		return new Client(credential, settings, undefined, this.clock);
	}

	/** A new record, with the next ID. */
	add(): void {
		const entry = entryOf(++this.created, this.ways.ids);
		const create_date = this.ways.date?.(this.created) ?? entry.create_date;
		this.insert({ ...entry, create_date });
	}

	private insert(entry: Entry, position = this.entries.length): void {
		this.entries.splice(position, 0, entry);
		this.see(entry);
	}

	private see(entry: Entry): void {
		const { patient_id: id } = entry;
		const isShown = this.ways.isShown?.(entry) ?? true;
		this.ever.add(id);
		if (!isShown) this.since.delete(id);
		else if (!this.since.has(id)) this.since.set(id, this.clock.now());
		this.sorted.clear();
	}

	/** @returns what was there */
	delete(position: number): Entry[] {
		const deleted = this.entries.splice(position, 1);
		for (const { patient_id } of deleted) this.since.delete(patient_id);
		this.sorted.clear();
		return deleted;
	}

	/** Puts a deleted record back where it was. */
	restore(entry?: Entry): void {
		const later = this.entries.findIndex(
			({ create_date: date }) => entry && date > entry.create_date,
		);
		if (entry) this.insert(entry, later === -1 ? undefined : later);
	}

	edit(position: number, changes: Partial<Entry>): void {
		const entry = this.entries[position];
		if (!entry) return;
		this.entries[position] = { ...entry, ...changes };
		this.see(this.entries[position]);
	}

	/** The IDs that have been there since that time without a break. */
	lasting(sinceMs: number): Array<Entry['patient_id']> {
		return Array.from(this.since, ([id, fromMs]) => (fromMs <= sinceMs ? [id] : [])).flat();
	}

	private async answer({ qs }: IHttpRequestOptions): Promise<unknown> {
		const {
			page = 1,
			page_size: asked = 10,
			sort = '',
			...filters
		} = qs as Record<string, unknown>;
		const size = this.ways.fixedPage ?? Math.min(Number(asked), this.ways.largestPage ?? 250);
		this.asked.push({ page: Number(page), size: Number(asked), sort: String(sort) });
		const nth = this.asked.length;
		await this.clock.sleep(this.latencyMs());
		const fault = this.fault(nth);
		if (fault === 'status') return { statusCode: 500, headers: {}, body: {} };
		const refusal = this.refusal(String(sort));
		if (refusal) return refusal;
		const look = () => {
			this.beforeLook();
			return this.inOrder(String(sort), Object.keys(filters).length > 0);
		};
		const readsAfterMs = this.ways.readsAfterMs?.() ?? 0;
		const one = look();
		if (readsAfterMs !== 0) await this.clock.sleep(Math.abs(readsAfterMs));
		const other = readsAfterMs === 0 ? one : look();
		const [counted, read] = readsAfterMs < 0 ? [other, one] : [one, other];
		const shown = this.ways.pageFor?.(Number(page), String(sort)) ?? Number(page);
		const start = this.ways.ignoresPage ? 0 : (shown - 1) * size;
		const place = { page: Number(page), sort: String(sort) };
		const whole = read.slice(start, start + size);
		const data = this.ways.answers?.(whole, place) ?? whole;
		const total = this.ways.count ? this.ways.count(counted.length, data.length) : counted.length;
		await this.clock.sleep(this.latencyMs());
		// Without a count, nobody could tell it from an empty list.
		const isEmpty = fault === 'empty' && total !== undefined;
		const body = { data: isEmpty ? [] : data, pagination: { total_count: total } };
		return { statusCode: 200, headers: {}, body };
	}

	/** Undefined where it sorts like that. */
	private refusal(sort: string) {
		const { sortable = ['patient_id', 'name', 'create_date'] } = this.ways;
		const rules = sort.split(',').filter(Boolean);
		if (rules.every((rule) => sortable.includes(rule.replace('-', '')))) return undefined;
		const names = sortable.join('|');
		const message = `"sort" with value "${sort}" fails to match the required pattern: /^(-?(${names})(,-?(${names}))*$)/`;
		return { statusCode: 400, headers: {}, body: { status: 'ERROR', message } };
	}

	private inOrder(sort: string, isFiltered: boolean): Entry[] {
		const { ids = 'numbers', ignoresSort, isShown } = this.ways;
		const key = `${sort} ${isFiltered}`;
		const known = this.sorted.get(key);
		if (known && !this.ways.tieOrder) return known;
		const rules = ignoresSort ? [] : sort.split(',').filter(Boolean);
		const shown =
			isFiltered && isShown ? this.entries.filter((entry) => isShown(entry)) : this.entries;
		const isGrowing = ids === 'numbers' || ids === 'digits';
		const isByCreation = rules.length === 0 || (isGrowing && rules[0].endsWith('patient_id'));
		const list = [...shown];
		const { tieOrder } = this.ways;
		// Sorting keeps the order of equal ones, so they are mixed before.
		if (tieOrder) {
			const places = new Map(list.map((entry) => [entry, tieOrder()]));
			list.sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
		}
		if (!isByCreation) list.sort((one, other) => compared(one, other, rules));
		else if (rules[0]?.startsWith('-') || ignoresSort === 'newestFirst') list.reverse();
		this.sorted.set(key, list);
		return list;
	}
}

const made = new Map<string, Entry>();

/** The same each time, as thousands of lists have it. */
function entryOf(number: number, ids: Ways['ids'] = 'numbers'): Entry {
	const key = `${ids} ${number}`;
	const known = made.get(key);
	if (known) return known;
	const mixed = Math.imul(number, 0x9e3779b1) >>> 0;
	const guid = `${mixed.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
	const entry = {
		patient_id: {
			numbers: number * 10,
			digits: String(number * 10),
			guids: guid,
		}[ids],
		name: `name ${mixed % 1_000}`,
		create_date: new Date(1.6e12 + number * 60_000).toISOString().slice(0, 19),
	};
	made.set(key, entry);
	return entry;
}

function compared(one: Entry, other: Entry, rules: string[]): number {
	for (const rule of rules) {
		const name = rule.replace('-', '');
		const [a, b] = [one[name] as number | string, other[name] as number | string];
		if (a !== b) return a < b === rule.startsWith('-') ? 1 : -1;
	}
	return 0;
}
