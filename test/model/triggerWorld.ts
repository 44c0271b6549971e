// A list as the trigger sees it, in time that costs nothing: records that come, change and go; dates of some
// precision in some zone; read replicas; wrong answers; slow servers. Written from what is promised in
// docs/trigger.md, and played by triggerLife.ts.
import type { IDataObject } from 'n8n-workflow';

import { ApiError, CancelledError } from '../../nodes/EyeCloudPro/api/errors';
import type { Random } from '../harness/random.ts';

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface WorldKind {
	ids: 'growing' | 'random' | 'guid';
	/** What the list can be sorted by beside names. */
	sorts: readonly string[];
	precisionMs: number;
	/** The practice's clock against UTC. */
	offsetMs: number;
	writesOffset: boolean;
	lagMs: number;
	latencyMs: number;
	budgetMs: number;
	/** Of an answer that is wrong. */
	wrongChance: number;
	/** Of an answer that does not come. */
	failChance: number;
	/** How the API counts its records: rightly, one too many, or so many at most. */
	counts: 'rightly' | 'oneTooMany' | 'toForty';
	size: number;
}

export function kindOf(random: Random): WorldKind {
	const lag = random.weighted({ none: 6, some: 2, long: 1 });
	const speed = random.weighted({ fast: 5, slow: 2, verySlow: 1 });
	return {
		ids: random.of(['growing', 'growing', 'random', 'guid'] as const),
		sorts: random.of([
			['id', 'create_date', 'update_date'],
			['id', 'create_date', 'update_date'],
			['id', 'create_date'],
			['create_date', 'update_date'],
			['id'],
			[],
		]),
		precisionMs: random.of([1, 1_000, 1_000, MINUTE_MS, DAY_MS]),
		offsetMs: random.whole(-11, 14) * HOUR_MS,
		writesOffset: random.chance(0.2),
		lagMs: lag === 'none' ? 0 : lag === 'some' ? 20_000 : 90_000,
		latencyMs: speed === 'fast' ? 100 : speed === 'slow' ? 1_000 : 6_000,
		budgetMs: random.chance(0.5) ? 36_000 : 300_000,
		wrongChance: random.chance(0.4) ? 0.04 : 0,
		failChance: random.chance(0.3) ? 0.03 : 0,
		counts: random.weighted({ oneTooMany: 1, rightly: 8, toForty: 1 }),
		size: random.chance(0.1) ? 0 : random.whole(1, random.of([12, 80, 150, 400])),
	};
}

export type Records = ReadonlyMap<string, IDataObject>;

interface Snapshot {
	atMs: number;
	records: Records;
	sorted: Map<string, IDataObject[]>;
}

/** The API, and what is really there. */
export class TriggerWorld {
	/** After the node was loaded, whose clock is that of the machine at first. */
	nowMs = Date.UTC(2090, 5, 15, 9);
	/** Whether answers come from replicas, are wrong or fail. */
	isQuiet = false;
	/** Aborts where the poll's time is over. */
	poll = { controller: new AbortController(), untilMs: Infinity };
	/** Called at each request: what happens meanwhile. */
	meanwhile: () => void = () => {};

	readonly kind: WorldKind;
	private readonly random: Random;
	private readonly snapshots: Snapshot[] = [];
	private nextId = 1_000;
	private wasWrong = false;
	private isWrong = false;

	constructor(kind: WorldKind, random: Random) {
		this.kind = kind;
		this.random = random;
		this.write(new Map());
	}

	get records(): Records {
		return this.snapshots[this.snapshots.length - 1].records;
	}

	/** For the node: its client. */
	readonly clock = {
		now: () => this.nowMs,
		elapsedMs: () => this.nowMs,
		busyMs: () => 0,
		sleep: async (durationMs: number) => {
			this.nowMs += durationMs;
			await Promise.resolve();
		},
	};

	beginPoll(controller: AbortController, budgetMs: number): void {
		this.poll = { controller, untilMs: this.nowMs + budgetMs };
		this.wasWrong = this.isWrong;
		this.isWrong = false;
	}

	date(offMs = 0): string {
		const { precisionMs, offsetMs, writesOffset } = this.kind;
		const localMs = this.nowMs + offsetMs + offMs;
		const cut = new Date(Math.floor(localMs / precisionMs) * precisionMs).toISOString();
		if (precisionMs === DAY_MS) return cut.slice(0, 10);
		const text = precisionMs === 1 ? cut.slice(0, 23) : cut.slice(0, 19);
		const hours = String(Math.abs(offsetMs / HOUR_MS)).padStart(2, '0');
		return writesOffset ? `${text}${offsetMs < 0 ? '-' : '+'}${hours}:00` : text;
	}

	newId(): string | number {
		const { ids } = this.kind;
		if (ids === 'growing') return this.nextId++;
		if (ids === 'random') return this.random.whole(1, 2_000_000_000);
		return Array.from({ length: 4 }, () => this.random.whole(0x10000, 0xfffff).toString(16)).join(
			'-',
		);
	}

	put(record: IDataObject): void {
		this.write(new Map(this.records).set(String(record.id), record));
	}

	remove(id: string): void {
		this.write(new Map(Array.from(this.records).filter(([key]) => key !== id)));
	}

	private write(records: Records): void {
		const last = this.snapshots[this.snapshots.length - 1];
		if (last?.atMs === this.nowMs) this.snapshots.pop();
		this.snapshots.push({ atMs: this.nowMs, records, sorted: new Map() });
		while (this.snapshots.length > 1 && this.snapshots[1].atMs < this.nowMs - 10 * MINUTE_MS) {
			this.snapshots.shift();
		}
	}

	/** What the node sends, and what it gets. */
	async request({ query }: { query: IDataObject }): Promise<unknown> {
		const endsMs = this.nowMs + this.kind.latencyMs * (0.5 + this.random.next());
		await Promise.resolve();
		const { controller, untilMs } = this.poll;
		if (controller.signal.aborted || endsMs > untilMs) {
			this.nowMs = Math.max(this.nowMs, Math.min(endsMs, untilMs));
			controller.abort();
			throw new CancelledError(true);
		}
		this.nowMs = Math.max(this.nowMs, endsMs);
		this.meanwhile();
		if (!this.isQuiet && this.random.chance(this.kind.failChance)) {
			throw new ApiError('unreachable', 'EyeCloud Pro could not process the request (HTTP 503)');
		}
		return this.answer(query);
	}

	private answer({ sort = '', page, page_size: pageSize }: IDataObject): unknown {
		const { random, kind } = this;
		let list = this.sortedBy(String(sort));
		let total_count = this.counted(list.length);
		if (!this.isQuiet && !this.wasWrong && !this.isWrong && random.chance(kind.wrongChance)) {
			this.isWrong = true;
			list = random.chance(0.5) ? [] : list.slice(0, Math.min(60, list.length / 3));
			// Of a few records, a count may well be one too high.
			const isCounted = kind.counts === 'rightly' && total_count > 5 && random.chance(0.5);
			if (!isCounted) total_count = list.length;
		}
		const start = (Number(page) - 1) * Number(pageSize);
		const data = list.slice(start, start + Number(pageSize));
		return { data, pagination: { total_count } };
	}

	private counted(length: number): number {
		if (this.kind.counts === 'toForty') return Math.min(40, length);
		return this.kind.counts === 'oneTooMany' ? length + 1 : length;
	}

	private sortedBy(sort: string): IDataObject[] {
		const isBehind = !this.isQuiet && this.kind.lagMs > 0 && this.random.chance(0.5);
		const untilMs = this.nowMs - (isBehind ? this.kind.lagMs : 0);
		const seen = this.snapshots.filter(({ atMs }) => atMs <= untilMs);
		const snapshot = seen[seen.length - 1] ?? this.snapshots[0];
		const known = snapshot.sorted.get(sort);
		if (known) return known;
		const fields = sort
			.split(',')
			.filter((field) => this.kind.sorts.includes(field.replace('-', '')));
		const list = Array.from(snapshot.records.values()).sort((a, b) => {
			for (const field of fields) {
				const [name, sign] = field.startsWith('-') ? [field.slice(1), -1] : [field, 1];
				if (a[name] !== b[name]) return sign * ((a[name] as string) < (b[name] as string) ? -1 : 1);
			}
			return 0;
		});
		snapshot.sorted.set(sort, list);
		return list;
	}
}
