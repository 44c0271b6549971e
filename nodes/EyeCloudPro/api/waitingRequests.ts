// The line of requests that wait for their turn. Used by rateLimiter.ts alone.
import { CancelledError } from './errors';
import type { ScheduleOptions } from './rateLimiter';

interface Waiter {
	turn: number;
	start: () => void;
}

/** So many interactive requests in a row may overtake; then one of those overtaken goes. */
const MOST_OVERTAKING = 4;

/**
 * Interactive requests go first: a person waits for them. Someone who searches a list over and over can take
 * four fifths of the limit at most, so bulk work goes on. Of bulk work, each execution has a turn before
 * any has another.
 */
export class WaitingRequests {
	private readonly interactive: Waiter[] = [];

	/** In the order of their turns. */
	private readonly bulk: Waiter[] = [];

	private readonly lastTurns = new WeakMap<object, number>();

	private turn = 0;

	private overtaken = 0;

	get count(): number {
		return this.interactive.length + this.bulk.length;
	}

	/** Whether `startNext` would let an interactive request go. */
	get isInteractiveNext(): boolean {
		const isBulkDue = this.bulk.length > 0 && this.overtaken >= MOST_OVERTAKING;
		return this.interactive.length > 0 && !isBulkDue;
	}

	/**
	 * Waits for `startNext`.
	 *
	 * @throws CancelledError as soon as the signal aborts, and leaves the line
	 */
	async join({ signal, isInteractive = false, owner = {} }: ScheduleOptions): Promise<void> {
		if (signal?.aborted) throw new CancelledError();
		const line = isInteractive ? this.interactive : this.bulk;
		const turn = isInteractive ? 0 : Math.max(this.turn, this.lastTurns.get(owner) ?? 0) + 1;
		if (!isInteractive) this.lastTurns.set(owner, turn);
		await new Promise<void>((resolve, reject) => {
			const onAbort = () => {
				line.splice(line.indexOf(waiter), 1);
				reject(new CancelledError());
			};
			const start = () => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			};
			const waiter = { turn, start };
			let place = line.length;
			while (place > 0 && line[place - 1].turn > turn) place--;
			line.splice(place, 0, waiter);
			signal?.addEventListener('abort', onAbort, { once: true });
		});
	}

	/** Lets the next one go. */
	startNext(): void {
		const isInteractive = this.isInteractiveNext;
		this.overtaken = isInteractive && this.bulk.length > 0 ? this.overtaken + 1 : 0;
		const next = (isInteractive ? this.interactive : this.bulk).shift();
		if (!isInteractive && next) this.turn = next.turn;
		next?.start();
	}
}
