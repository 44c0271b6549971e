// One life of a trigger in a world that is chosen by a seed, and whether it kept its promises: what was missed, came
// twice or without a reason. Called by trigger.test.ts.
import { useClock } from '../harness/fastTime.ts';

import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';

import type { Client } from '../../nodes/EyeCloudPro/api/client';
import type { Resource } from '../../nodes/EyeCloudPro/catalogue/resource';
import { Delivery } from '../../nodes/EyeCloudPro/trigger/delivery';
import { poll } from '../../nodes/EyeCloudPro/trigger/poll';
import { PollTime } from '../../nodes/EyeCloudPro/trigger/pollTime';
import type { PollRun, PollSettings, TriggerEvent } from '../../nodes/EyeCloudPro/trigger/strategy';
import { Random } from '../harness/random.ts';
import { kindOf, MINUTE_MS, TriggerWorld } from './triggerWorld.ts';

const HOUR_MS = 60 * MINUTE_MS;
const CONTENT = ['status', 'price', 'note'];

/** In a record: which of its versions it is. */
const VERSION = Symbol('version');
const versionOf = (record: IDataObject) => (record as { [VERSION]?: number })[VERSION] ?? -1;

/** What the books say of a record. */
interface Book {
	versions: IDataObject[];
	/** The last version that was handed on, or there at the start; -1: none. */
	known: number;
	/** Versions that were handed on, or there at the start. */
	seen: Set<number>;
	isGone: boolean;
	/** How often it was told that it is gone. */
	toldGone: number;
}

/** What went wrong, at most a few things. */
export async function live(seed: number): Promise<string[]> {
	return await new TriggerLife(seed).live();
}

class TriggerLife {
	private readonly random: Random;
	private readonly world: TriggerWorld;
	private readonly event: 'created' | 'changed';
	private settings: PollSettings;
	private readonly firstSettings: PollSettings;
	private readonly isDurable: boolean;
	private readonly isEachAlone: boolean;
	private readonly isRestarted: boolean;
	private readonly books = new Map<string, Book>();
	private readonly title: string;
	private readonly faults: string[] = [];
	private readonly name: string;

	/** What n8n has in its database, and in memory. */
	private stored = '{}';
	private data: IDataObject = {};
	private lastBatch: string[] = [];
	/** Keys of what may come again, as nobody knows whether it was lost. */
	private readonly forgiven = new Set<string>();
	private isEdited = false;
	private polls = 0;
	private successes = 0;
	private delivered = 0;
	/** Another process has started, and has not polled yet. */
	private isInDoubt = false;
	/** n8n stores what the first poll of a process leaves, whatever it has found. */
	private isFirstPoll = true;
	private client = 'first';

	constructor(seed: number) {
		this.random = new Random(seed, 'trigger life');
		const kind = kindOf(new Random(seed, 'trigger kind'));
		this.world = new TriggerWorld(kind, new Random(seed, 'trigger world'));
		this.event = this.random.chance(0.5) ? 'created' : 'changed';
		this.isDurable = this.random.chance(0.5);
		this.isEachAlone = this.random.chance(0.2);
		this.isRestarted = !this.isEachAlone && this.random.chance(0.5);
		const isWatching = this.event === 'changed' && this.random.chance(0.3);
		this.settings = {
			startFrom: this.random.chance(0.2) ? 'everything' : 'now',
			...{ startMs: 0, overlapMs: 70 * MINUTE_MS, ignore: [] },
			maximum: this.random.of([5, 10, 5_000, 5_000]),
			watch: isWatching ? ['status', 'note'] : [],
			includeDeleted: this.event === 'changed' && this.random.chance(0.3),
		};
		this.firstSettings = this.settings;
		this.name = `life ${seed}`;
		this.title = `${seed}: ${this.event} ${JSON.stringify(this.settings)} ${this.isDurable ? 'durable' : 'classic'} ${JSON.stringify(kind)}`;
	}

	async live(): Promise<string[]> {
		const { world, random } = this;
		useClock(world.clock);
		world.nowMs -= 30 * 24 * HOUR_MS;
		const isOld = this.settings.startFrom === 'now';
		for (let count = world.kind.size; count > 0; count--) {
			world.nowMs += (29 * 24 * HOUR_MS) / world.kind.size;
			this.add({ isOld });
		}
		world.nowMs += 12 * HOUR_MS;
		// n8n publishes no workflow whose first poll fails.
		for (let start = 0; start < 8 || (this.successes === 0 && start < 200); start++) {
			// Growing ids tell what comes while the first look is under way.
			const { ids, sorts } = world.kind;
			const isTold = this.successes > 0 && ids === 'growing' && sorts.join() === 'id';
			if (isTold && random.chance(0.5)) this.add();
			await this.minute(false);
		}
		const minutes = random.whole(15, 40);
		const editedAt = random.chance(0.3) ? random.whole(5, minutes) : -1;
		for (let minute = 0; minute < minutes; minute++) {
			if (minute === editedAt) this.edit();
			await this.minute(true);
			if (!this.isInDoubt && random.chance(0.02)) this.away();
		}
		world.isQuiet = true;
		await this.minute(false);
		world.nowMs += 10 * MINUTE_MS;
		// Nothing happens any more: whatever takes several polls comes to its end.
		for (let idle = 0, quiet = 0; idle < 8 && quiet < 500; quiet++) {
			const { delivered } = this;
			await this.minute(false);
			idle = delivered === this.delivered ? idle + 1 : 0;
			if (idle === 3 || idle === 6) world.nowMs += 65 * MINUTE_MS;
		}
		this.judge();
		return this.faults;
	}

	private async minute(isBusy: boolean): Promise<void> {
		const startMs = this.world.nowMs;
		if (isBusy) this.happen();
		this.world.meanwhile = () => {
			if (isBusy && this.random.chance(0.03)) this.happen();
		};
		await this.poll();
		this.world.nowMs = Math.max(this.world.nowMs, startMs + MINUTE_MS);
	}

	private happen(): void {
		const count = this.random.whole(1, 3);
		const offMs = this.random.whole(1, 60) * MINUTE_MS;
		const happenings = {
			nothing: () => {},
			add: () => this.times(count, () => this.add()),
			burst: () => this.times(this.random.whole(10, 60), () => this.add()),
			late: () => this.times(count, () => this.add({ offMs: -offMs })),
			ahead: () => this.times(count, () => this.add({ offMs })),
			crowdAhead: () => this.times(60, () => this.add({ offMs: 365 * 24 * HOUR_MS })),
			change: () => this.times(count, () => this.change()),
			lateChange: () => this.change(-offMs),
			changeMany: () => this.times(40, () => this.change()),
			remove: () => this.times(count, () => this.remove()),
		};
		const weights = {
			...{ nothing: 6, add: 6, burst: 1, late: 2, ahead: 1, crowdAhead: 0.1 },
			...{ change: 5, lateChange: 1, changeMany: 0.3, remove: 2 },
		};
		happenings[this.random.weighted(weights)]();
	}

	private times(count: number, act: () => void): void {
		for (let index = 0; index < count; index++) act();
	}

	private content(version: number) {
		const note = this.random.chance(0.3) ? { note: `note ${this.random.whole(1, 9)}` } : {};
		const status = this.random.of(['new', 'ready', 'sent']);
		return { [VERSION]: version, status, price: this.random.whole(1, 99), ...note };
	}

	private add({ offMs = 0, isOld = false } = {}): void {
		const date = this.world.date(offMs);
		const id = this.world.newId();
		const record = { id, create_date: date, update_date: date, ...this.content(0) };
		this.books.set(String(id), {
			...{ versions: [record], known: isOld ? 0 : -1, seen: new Set(isOld ? [0] : []) },
			...{ isGone: false, toldGone: 0 },
		});
		this.world.put(record);
	}

	private anyone(): [string, Book] | undefined {
		const some = Array.from(this.books).filter(([, { isGone }]) => !isGone);
		return some.length > 0 ? this.random.of(some) : undefined;
	}

	private change(offMs = 0): void {
		const [, book] = this.anyone() ?? [];
		if (!book) return;
		const { id, create_date, update_date: before } = book.versions[book.versions.length - 1];
		const updated = this.world.date(offMs);
		// A change is dated after the one before it.
		const update_date = updated > String(before) ? updated : before;
		if (offMs < 0 && update_date === before) return;
		const record = { id, create_date, update_date, ...this.content(book.versions.length) };
		book.versions.push(record);
		this.world.put(record);
	}

	private remove(): void {
		const [id, book] = this.anyone() ?? [];
		if (!id || !book) return;
		book.isGone = true;
		this.world.remove(id);
	}

	private edit(): void {
		const { watch, includeDeleted } = this.firstSettings;
		const isCompared = watch.length > 0 || includeDeleted;
		// A trigger that went by a date starts over where fields are chosen.
		if (
			this.event === 'created' ||
			(!isCompared && this.world.kind.sorts.includes('update_date'))
		) {
			this.client = 'second';
			return;
		}
		this.isEdited = true;
		const edits: Array<Partial<PollSettings>> = [
			{ ignore: ['price'] },
			{ watch: ['status'] },
			{ watch: [], ignore: [] },
		];
		this.settings = { ...this.settings, ...this.random.of(edits) };
	}

	/** The workflow is unpublished, or n8n is off. */
	private away(): void {
		for (let hours = this.random.whole(1, 20); hours > 0; hours--) {
			this.happen();
			this.world.nowMs += HOUR_MS;
		}
		if (!this.isDurable) this.restart(false);
	}

	/** Another process begins with what is in the database. */
	private restart(isDoubted: boolean): void {
		this.stored = this.stored.replace(/"by":"[^"]+"/, '"by":"the one before"');
		this.data = JSON.parse(this.stored) as IDataObject;
		if (isDoubted) for (const key of this.lastBatch) this.forgiven.add(key);
		this.isInDoubt = isDoubted;
		this.isFirstPoll = true;
	}

	private async poll(): Promise<void> {
		const { world } = this;
		const controller = new AbortController();
		const time = new PollTime(world.kind.budgetMs, world.clock);
		Object.assign(time, { signal: controller.signal });
		world.beginPoll(controller, 0.8 * world.kind.budgetMs);
		const kept = this.isDurable ? (JSON.parse(this.stored) as IDataObject) : this.data;
		const emitted: Emission[] = [];
		const delivery = new Delivery(this.functions(kept, emitted), this.name);
		this.polls++;
		try {
			const watched = { event: this.event, writtenFilters: {} };
			const polled = await poll(this.run(time), watched, delivery.cursor);
			const items = polled.events.map((event) => ({ event, item: { json: { event } as never } }));
			const isOne = items.length > 0 && !this.isEachAlone;
			this.isInDoubt = false;
			this.successes++;
			delivery.end(polled, isOne ? [items] : items.map((each) => [each]));
			await this.settle(emitted, kept);
		} catch (thrown) {
			const { kind, name } = thrown as { kind?: string; name: string };
			const isExpected = ['unreachable', 'inconsistent', 'rateLimited'].includes(kind ?? '');
			if (!isExpected) throw thrown;
			if (world.isQuiet && kind !== 'inconsistent') this.fault(`quiet poll failed: ${name}`);
		}
	}

	/** What becomes of what the poll has found: n8n may die, or its database may fail. */
	private async settle(emitted: Emission[], kept: IDataObject): Promise<void> {
		const isBusy = emitted.length > 0 && !this.world.isQuiet;
		const isFailing = isBusy && this.random.chance(0.05);
		const isDying = isBusy && !isFailing && this.isRestarted && this.random.chance(0.05);
		// With durable cursors, where n8n stands or falls with the last execution, that one is made.
		const isSafe = (index: number) =>
			this.isEachAlone && this.isDurable && index === emitted.length - 1;
		const isMade = (_: Emission, index: number) =>
			!isFailing || isSafe(index) || (this.isEachAlone && this.random.chance(0.5));
		const made = isDying ? [] : emitted.filter(isMade);
		if (!isDying) {
			for (const each of emitted)
				if (!made.includes(each)) each.done.reject(new Error('The database is gone'));
		}
		const isStored = this.isDurable
			? emitted.length === 0 || made.length > 0
			: emitted.length > 0 || this.isFirstPoll;
		if (isStored) this.stored = JSON.stringify(kept);
		this.isFirstPoll = false;
		const events = made.flatMap(({ items }) => items[0].map(({ json }) => json.event as never));
		this.take(events);
		if (made.length > 0) this.lastBatch = events.map(({ key }: TriggerEvent) => key);
		// Another process starts within a minute, so it hands on again what may have been lost.
		if (isDying && !this.isDurable) this.restart(true);
		await Promise.resolve();
		await Promise.resolve();
	}

	private functions(data: IDataObject, emitted: Emission[]): IPollFunctions {
		if (!this.isDurable)
			Object.defineProperty(data, '__dataChanged', { value: false, configurable: true });
		return {
			getWorkflowStaticData: () => data,
			getPollBudgetMs: () => this.world.kind.budgetMs,
			helpers: { createDeferredPromise: () => deferred() },
			__emit: (items: INodeExecutionData[][], _: unknown, done: Emission['done']) => {
				emitted.push({ items, done });
			},
		} as unknown as IPollFunctions;
	}

	private run(time: PollTime): PollRun {
		const { world } = this;
		const client = {
			clock: world.clock,
			identity: `${this.name} ${this.client}`,
			asker: `${this.name} ${this.client}`,
			settings: {
				...{ apiBaseUrl: 'https://api.example', practiceId: this.name, requestsPerMinute: 100 },
			},
			request: async (request: { query: IDataObject }) => ({ body: await world.request(request) }),
			endpointOf: () => ({}),
			limiter: () => ({ mostInFlight: 8 }),
		} as unknown as Client;
		const resource = {
			...{ value: 'thing', displayName: 'Thing', displayNamePlural: 'Things', path: ['things'] },
			...{ idFields: ['id'], sortableFields: world.kind.sorts },
		} as unknown as Resource;
		return { name: this.name, client, resource, query: {}, settings: this.settings, time };
	}

	private take(events: TriggerEvent[]): void {
		for (const { key, record, change } of events) {
			this.delivered++;
			const book = this.books.get(key);
			if (!book) this.fault(`${key} is unknown`);
			else if (change === 'deleted') this.takeGone(key, book);
			else this.takeVersion(key, book, record);
			this.forgiven.delete(key);
		}
	}

	private takeGone(key: string, book: Book): void {
		book.toldGone++;
		if (!book.isGone) this.fault(`${key} is told to be gone, and is there`);
		if (book.toldGone > 1 && !this.forgiven.has(key)) this.fault(`${key} is told to be gone twice`);
	}

	private takeVersion(key: string, book: Book, record: IDataObject): void {
		const version = versionOf(record);
		const before = book.versions[book.known];
		// Of a version that no poll has seen before, or compared by other fields, nobody can say that a replica is behind with it.
		const isUnseen = this.world.kind.lagMs > 0 && (!book.seen.has(version) || this.isEdited);
		book.seen.add(version);
		if (before && !this.forgiven.has(key)) {
			if (this.event === 'created') this.fault(`${key} came again, or is old`);
			else if (version <= book.known && !isUnseen)
				this.fault(`${key} came as ${version} after ${book.known}`);
			else if (!this.isEdited && this.relevant(before) === this.relevant(record))
				this.fault(`${key} came unchanged`);
		}
		book.known = version;
	}

	/** What counts of a record, as text; before and after settings were edited. */
	private relevant(record: IDataObject): string {
		if (this.event === 'created') return '';
		const isDated = this.settings.watch.length === 0 && !this.isEdited;
		const fields = isDated ? [...CONTENT, 'update_date'] : CONTENT;
		const isWatched = (name: string) =>
			[this.settings, this.firstSettings].every(
				({ watch, ignore }) =>
					!ignore.includes(name) && (watch.length === 0 || watch.includes(name)),
			);
		return JSON.stringify(fields.filter(isWatched).map((name) => record[name] ?? ''));
	}

	private judge(): void {
		const isTold = this.settings.includeDeleted;
		for (const [key, { versions, isGone, known, toldGone }] of this.books) {
			const last = versions[versions.length - 1];
			if (isGone) {
				if (isTold && known >= 0 && toldGone === 0) this.fault(`${key} is not told to be gone`);
			} else if (known < 0) this.fault(`${key} is missed ${JSON.stringify(versions)}`);
			else if (this.relevant(versions[known]) !== this.relevant(last))
				this.fault(`${key} is missed as ${versions.length - 1}, came as ${known}`);
		}
	}

	private fault(what: string): void {
		if (this.faults.length < 5) this.faults.push(`${this.title}\n  poll ${this.polls}: ${what}`);
	}
}

interface Emission {
	items: INodeExecutionData[][];
	done: { reject: (reason: Error) => void };
}

function deferred() {
	let reject: (reason: Error) => void = () => {};
	const promise = new Promise((_, refuse) => (reject = refuse));
	return { promise, reject };
}
