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

export interface Life {
	title: string;
	polls: number;
	requests: number;
	delivered: number;
	/** At most a few. */
	faults: string[];
}

/** What the books say of a record. */
interface Told {
	versions: IDataObject[];
	/** Was there when the trigger started. */
	isOld: boolean;
	/** The last version that was handed on, or there at the start; -1: none. */
	last: number;
	times: number;
	isGone: boolean;
	/** How often it was told that it is gone. */
	toldGone: number;
	/** Whether nobody could say if it has to be handed on. */
	isOpen: boolean;
	/** Versions that were handed on, or there at the start. */
	seen: Set<number>;
	/** The version with which it came back, under a date that may be long past; -1: it never did. */
	restoredAs: number;
}

export async function live(seed: number): Promise<Life> {
	return await new TriggerLife(seed).live();
}

class TriggerLife {
	private readonly random: Random;
	private readonly world: TriggerWorld;
	private readonly event: 'created' | 'changed';
	private settings: PollSettings;
	private readonly firstSettings: PollSettings;
	private readonly isDurable: boolean;
	private readonly told = new Map<string, Told>();
	private readonly versionOf = new WeakMap<IDataObject, number>();
	private readonly life: Life;
	private readonly name: string;
	private readonly isRestarted: boolean;
	private readonly isComparedFromStart: boolean;

	/** What n8n has in its database, and in memory. */
	private stored = '{}';
	private data: IDataObject = {};
	private lastBatch = new Set<string>();
	private readonly forgiven = new Set<string>();
	private isEdited = false;
	private successes = 0;
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
		this.isRestarted = this.random.chance(0.5);
		const isWatching = this.event === 'changed' && this.random.chance(0.3);
		this.settings = {
			startFrom: 'now',
			startMs: 0,
			overlapMs: 70 * MINUTE_MS,
			maximum: this.random.of([3, 10, 5_000, 5_000]),
			watch: isWatching ? ['status', 'note'] : [],
			ignore: [],
			includeDeleted: this.event === 'changed' && this.random.chance(0.3),
		};
		this.firstSettings = this.settings;
		this.isComparedFromStart = isWatching || this.settings.includeDeleted;
		this.name = `life ${seed}`;
		const title = `${seed}: ${this.event} ${JSON.stringify(this.settings)} ${this.isDurable ? 'durable' : 'classic'} ${JSON.stringify(kind)}`;
		this.life = { title, polls: 0, requests: 0, delivered: 0, faults: [] };
	}

	async live(): Promise<Life> {
		useClock(this.world.clock);
		this.world.nowMs -= 30 * 24 * HOUR_MS;
		for (let count = this.world.kind.size; count > 0; count--) {
			this.world.nowMs += (29 * 24 * HOUR_MS) / this.world.kind.size;
			this.add({ isOld: true });
		}
		this.world.nowMs += 12 * HOUR_MS;
		// n8n publishes no workflow whose first poll fails.
		for (let start = 0; start < 8 || (this.successes === 0 && start < 200); start++) {
			await this.minute(false);
		}
		const minutes = this.random.whole(15, 40);
		const editedAt = this.random.chance(0.3) ? this.random.whole(5, minutes) : -1;
		for (let minute = 0; minute < minutes; minute++) {
			if (minute === editedAt) this.edit();
			await this.minute(true);
			if (!this.isInDoubt && this.random.chance(0.02)) this.away();
		}
		this.world.isQuiet = true;
		await this.minute(false);
		this.world.nowMs += 10 * MINUTE_MS;
		// Nothing happens any more: whatever takes several polls comes to its end.
		for (let idle = 0, quiet = 0; idle < 8 && quiet < 500; quiet++) {
			const { delivered } = this.life;
			await this.minute(false);
			idle = delivered === this.life.delivered ? idle + 1 : 0;
			if (idle === 3 || idle === 6) this.world.nowMs += 65 * MINUTE_MS;
		}
		this.judge();
		this.life.requests = this.world.requests;
		return this.life;
	}

	private async minute(isBusy: boolean): Promise<void> {
		const startMs = this.world.nowMs;
		if (isBusy) {
			this.happen();
			this.world.meanwhile = () => {
				if (this.random.chance(0.03)) this.happen();
			};
		} else this.world.meanwhile = () => {};
		await this.poll();
		this.world.nowMs = Math.max(this.world.nowMs, startMs + MINUTE_MS);
	}

	private happen(): void {
		const count = this.random.whole(1, 3);
		const lateMs = -this.random.whole(1, 60) * MINUTE_MS;
		const aheadMs = this.random.whole(1, 60) * MINUTE_MS;
		const happenings = {
			nothing: [6, () => {}],
			add: [6, () => this.times(count, () => this.add())],
			burst: [1, () => this.times(this.random.whole(10, 60), () => this.add())],
			late: [2, () => this.times(count, () => this.add({ offMs: lateMs }))],
			ahead: [1, () => this.times(count, () => this.add({ offMs: aheadMs }))],
			crowdAhead: [0.1, () => this.times(60, () => this.add({ offMs: 365 * 24 * HOUR_MS }))],
			change: [5, () => this.times(count, () => this.change())],
			lateChange: [1, () => this.change(lateMs)],
			changeMany: [0.3, () => this.times(40, () => this.change())],
			remove: [2, () => this.times(count, () => this.remove())],
			restore: [1, () => this.restore()],
		} satisfies Record<string, [number, () => void]>;
		const weights = Object.entries(happenings).map(([name, [weight]]) => [name, weight]);
		const what = this.random.weighted(
			Object.fromEntries(weights) as Record<keyof typeof happenings, number>,
		);
		(happenings[what][1] as () => void)();
	}

	private times(count: number, act: () => void): void {
		for (let index = 0; index < count; index++) act();
	}

	private content(): IDataObject {
		const note = this.random.chance(0.3) ? { note: `note ${this.random.whole(1, 9)}` } : {};
		return {
			status: this.random.of(['new', 'ready', 'sent']),
			price: this.random.whole(1, 99),
			...note,
		};
	}

	private add({ offMs = 0, isOld = false } = {}): void {
		const date = this.world.date(offMs);
		const id = this.world.newId();
		const record = { id, create_date: date, update_date: date, ...this.content() };
		this.versionOf.set(record, 0);
		this.told.set(String(id), {
			...{ versions: [record], isOld, isGone: false, isOpen: false },
			...{ last: isOld ? 0 : -1, times: 0, toldGone: 0, seen: new Set(isOld ? [0] : []) },
			restoredAs: -1,
		});
		this.world.put(record);
	}

	private someone(isGone: boolean): [string, Told] | undefined {
		const some = Array.from(this.told).filter(([, told]) => told.isGone === isGone);
		return some.length > 0 ? this.random.of(some) : undefined;
	}

	private change(offMs = 0): void {
		const [, told] = this.someone(false) ?? [];
		if (!told) return;
		const before = told.versions[told.versions.length - 1];
		const { id, create_date } = before;
		const updated = this.world.date(offMs);
		// A change is dated after the one before it.
		const update_date = updated > String(before.update_date) ? updated : before.update_date;
		if (offMs < 0 && update_date === before.update_date) return;
		const record = { id, create_date, update_date, ...this.content() };
		this.versionOf.set(record, told.versions.length);
		told.versions.push(record);
		this.world.put(record);
	}

	private remove(): void {
		const [id, told] = this.someone(false) ?? [];
		if (!id || !told) return;
		told.isGone = true;
		this.world.remove(id);
	}

	private restore(): void {
		const [, told] = this.someone(true) ?? [];
		if (!told) return;
		told.isGone = false;
		// Whether it was ever seen, and seen to be gone, depends on when the polls were.
		told.isOpen = true;
		told.restoredAs = told.versions.length - 1;
		// The trigger forgets a record that is gone, with its versions.
		told.seen.clear();
		this.world.put(told.versions[told.versions.length - 1]);
	}

	private edit(): void {
		if (this.event === 'created') {
			this.client = 'second';
			return;
		}
		this.isEdited = true;
		const edits: Array<Partial<PollSettings>> = [
			{ ignore: ['price'] },
			{ includeDeleted: !this.settings.includeDeleted },
			{ watch: ['status'] },
			{ watch: [], ignore: [] },
		];
		this.settings = { ...this.settings, ...this.random.of(edits) };
		for (const told of this.told.values()) if (told.isGone) told.isOpen = true;
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
		const { world, life } = this;
		const controller = new AbortController();
		const time = new PollTime(world.kind.budgetMs, world.clock);
		Object.assign(time, { signal: controller.signal });
		world.beginPoll(controller, 0.8 * world.kind.budgetMs);
		const kept = this.isDurable ? (JSON.parse(this.stored) as IDataObject) : this.data;
		const emitted: Emission[] = [];
		const functions = this.functions(kept, emitted);
		const delivery = new Delivery(functions, this.name);
		life.polls++;
		try {
			const watched = { event: this.event, writtenFilters: {} };
			const polled = await poll(this.run(time), watched, delivery.cursor);
			const batch = polled.events.map((each) => ({ event: each, item: { json: each.record } }));
			this.isInDoubt = false;
			this.successes++;
			delivery.end(polled, batch.length > 0 ? [batch] : []);
			await this.settle(polled.events, emitted, kept);
		} catch (thrown) {
			const { kind, name } = thrown as { kind?: string; name: string };
			const isExpected = ['unreachable', 'inconsistent', 'rateLimited'].includes(kind ?? '');
			if (!isExpected) throw thrown;
			if (world.isQuiet && kind !== 'inconsistent') life.faults.push(`quiet poll failed: ${name}`);
		}
	}

	/** What becomes of what the poll has found: n8n may die, or its database may fail. */
	private async settle(
		events: TriggerEvent[],
		emitted: Emission[],
		kept: IDataObject,
	): Promise<void> {
		const isFailing = !this.world.isQuiet && emitted.length > 0 && this.random.chance(0.05);
		const isDying = this.isRestarted && !this.world.isQuiet && this.random.chance(0.05);
		if (this.isDurable) {
			if (isFailing) for (const { done } of emitted) done.reject(new Error('The database is gone'));
			else if (!isDying) {
				this.stored = JSON.stringify(kept);
				this.take(events);
			}
		} else {
			if (emitted.length > 0 || this.isFirstPoll) this.stored = JSON.stringify(kept);
			this.isFirstPoll = false;
			if (isFailing) for (const { done } of emitted) done.reject(new Error('The database is gone'));
			else if (!(isDying && emitted.length > 0)) {
				this.take(events);
				if (emitted.length > 0) this.lastBatch = new Set(events.map(({ key }) => key));
			}
			// Another process starts within a minute, so it hands on again what may have been lost.
			if (isDying && !isFailing) this.restart(true);
		}
		await Promise.resolve();
		await Promise.resolve();
	}

	private functions(data: IDataObject, emitted: Emission[]): IPollFunctions {
		if (!this.isDurable)
			Object.defineProperty(data, '__dataChanged', { value: false, configurable: true });
		return {
			getWorkflowStaticData: () => data,
			getPollBudgetMs: () => this.world.kind.budgetMs,
			helpers: { createDeferredPromise: deferred },
			__emit: (items: INodeExecutionData[][], _: unknown, done: Deferred) => {
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
				apiBaseUrl: 'https://api.example',
				practiceId: this.name,
				requestsPerMinute: 100,
			},
			request: async (request: { query: IDataObject }) => ({
				body: await world.request(request),
			}),
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
			this.life.delivered++;
			const told = this.told.get(key);
			if (!told) this.fault(`${key} is unknown`);
			else if (change === 'deleted') this.takeGone(key, told);
			else if (this.event === 'created') this.takeCreated(key, told);
			else this.takeVersion(key, told, record);
			this.forgiven.delete(key);
		}
	}

	private takeGone(key: string, told: Told): void {
		told.toldGone++;
		told.last = -1;
		if (!told.isGone && !told.isOpen) this.fault(`${key} is told to be gone, and is there`);
		if (told.toldGone > 1 && !told.isOpen && !this.forgiven.has(key))
			this.fault(`${key} is told to be gone twice`);
	}

	private takeCreated(key: string, told: Told): void {
		told.times++;
		if (told.isOld) this.fault(`${key} is old`);
		if (told.times > 1 && !this.forgiven.has(key)) this.fault(`${key} came ${told.times} times`);
	}

	private takeVersion(key: string, told: Told, record: IDataObject): void {
		const version = this.versionOf.get(record) ?? -1;
		const before = told.versions[told.last];
		const isAgain = this.forgiven.has(key) || (told.isOpen && version === told.last);
		// Of a version that no poll has seen before, or compared by other fields, nobody can say that a replica is behind with it.
		const isUnseen = this.world.kind.lagMs > 0 && (!told.seen.has(version) || this.isEdited);
		told.seen.add(version);
		if (version <= told.last && !isAgain && !isUnseen)
			this.fault(`${key} came as ${version} after ${told.last}`);
		const isSure = before && !isAgain && !told.isOpen && !this.isEdited;
		if (isSure && this.relevant(before) === this.relevant(record)) {
			this.fault(`${key} came unchanged`);
		}
		told.last = version;
	}

	/** What counts of a record, as text; before and after settings were edited. */
	private relevant(record: IDataObject): string {
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
		for (const [key, told] of this.told) {
			const { versions, isGone, isOld, last, isOpen } = told;
			if (told.restoredAs === versions.length - 1) continue;
			const isCreated = this.event === 'created';
			if (isGone) {
				const isWanted = this.settings.includeDeleted && last >= 0 && this.isComparedFromStart;
				if (isWanted && told.toldGone === 0 && !isOpen && !isCreated)
					this.fault(`${key} is not told to be gone`);
			} else if (isCreated) {
				if (!isOld && !isOpen && told.times === 0)
					this.fault(`${key} is missed ${JSON.stringify(versions)}`);
			} else if (last < 0) {
				if (!isOpen) this.fault(`${key} is missed ${JSON.stringify(versions)}`);
			} else if (this.relevant(versions[last]) !== this.relevant(versions[versions.length - 1])) {
				this.fault(`${key} is missed as ${versions.length - 1}, came as ${last}`);
			}
		}
	}

	private fault(what: string): void {
		if (this.life.faults.length < 5) this.life.faults.push(`poll ${this.life.polls}: ${what}`);
	}
}

interface Emission {
	items: INodeExecutionData[][];
	done: Deferred;
}

interface Deferred {
	promise: Promise<unknown>;
	reject: (reason: Error) => void;
}

function deferred(): Deferred {
	let reject: Deferred['reject'] = () => {};
	const promise = new Promise((_, refuse) => {
		reject = refuse;
	});
	return { promise, reject };
}
