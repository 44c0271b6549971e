// Which items of a run are worked on at the same time, and which wait for which. Made by the node class; used by
// items.ts, and by the operations for what must not overlap.
import { CancelledError } from '../api/errors';

/** The limiter decides how many requests of these are under way. */
const MOST_AT_ONCE = 8;

/** Items begin in the order of the input. Each waits for earlier ones alone, so that none waits forever. */
export class ItemOrder {
	/** By item, what ends with it. */
	private readonly underWay = new Map<number, Promise<void>>();

	/** For each item under way, what ends when all earlier items have. */
	private readonly earlier = new Map<number, Promise<void>>();

	private latest = Promise.resolve();

	/** By key, what ends with the last item that has it. */
	private readonly lastOf = new Map<string, Promise<void> | undefined>();

	private readonly endings: Array<() => void> = [];

	private stop?: { itemIndex: number; thrown: unknown };

	/** An item has ended the node. */
	get isStopped(): boolean {
		return this.stop !== undefined;
	}

	/** Ends the node. Where several items fail, the first one of the input is told. */
	stopAt(itemIndex: number, thrown: unknown): void {
		if (!this.stop || itemIndex < this.stop.itemIndex) this.stop = { itemIndex, thrown };
	}

	/** @param isOverlapping whether others may be under way at the same time */
	async waitForSlot(isOverlapping: boolean): Promise<void> {
		const most = isOverlapping ? MOST_AT_ONCE : 1;
		while (this.underWay.size >= most) await Promise.race(this.underWay.values());
	}

	/** Begins the work at once; whatever it throws ends the node. */
	begin(itemIndex: number, work: () => Promise<void>): void {
		let end = () => {};
		const ended = new Promise<void>((resolve) => {
			end = resolve;
		});
		this.earlier.set(itemIndex, this.latest);
		this.underWay.set(itemIndex, ended);
		this.latest = this.latest.then(async () => await ended);
		void work()
			.catch((thrown: unknown) => this.stopAt(itemIndex, thrown))
			.then(() => {
				this.underWay.delete(itemIndex);
				this.earlier.delete(itemIndex);
				end();
			});
	}

	/** @throws what has ended the node, after everything under way has come to its end */
	async end(): Promise<void> {
		await this.latest;
		for (const ending of this.endings) ending();
		if (this.stop) throw this.stop.thrown;
	}

	/**
	 * The item's work, when earlier ones with the same key have ended: not only their work, as what they throw may
	 * end the node.
	 *
	 * @throws CancelledError where one of them has ended the node
	 */
	async runExclusive<T>(itemIndex: number, key: string, work: () => Promise<T>): Promise<T> {
		const before = this.lastOf.get(key);
		this.lastOf.set(key, this.underWay.get(itemIndex));
		if (before) await before;
		this.throwIfStopped(itemIndex);
		return await work();
	}

	/**
	 * Resolves when all earlier items are done.
	 *
	 * @throws CancelledError where one of them has ended the node
	 */
	async afterEarlierOf(itemIndex: number): Promise<void> {
		await this.earlier.get(itemIndex);
		this.throwIfStopped(itemIndex);
	}

	/** @param ending is called when all items are done */
	atEnd(ending: () => void): void {
		this.endings.push(ending);
	}

	private throwIfStopped(itemIndex: number): void {
		if (this.stop && this.stop.itemIndex < itemIndex) throw new CancelledError();
	}
}
