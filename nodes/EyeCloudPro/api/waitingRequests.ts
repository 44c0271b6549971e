// The line of requests that wait for a place under the rate limit. Used by the bucket alone.
import { CancelledError } from './errors';

interface Waiter {
	start: () => void;
	cancel: () => void;
}

/** So many interactive requests in a row may overtake; then one of those overtaken goes. */
const MOST_OVERTAKING = 4;

/**
 * First come, first served, but interactive requests go ahead of the others: a person waits for them.
 * Someone who searches a list over and over can take four fifths of the limit at most, so bulk work
 * goes on.
 */
export class WaitingRequests {
	private readonly interactive: Waiter[] = [];

	private readonly bulk: Waiter[] = [];

	private overtaken = 0;

	get count(): number {
		return this.interactive.length + this.bulk.length;
	}

	/** Whether `startNext` would let an interactive request go. */
	get isInteractiveNext(): boolean {
		return this.interactive.length > 0 && !this.isBulkDue;
	}

	/**
	 * Waits for `startNext`.
	 *
	 * @throws CancelledError as soon as the signal aborts, and leaves the line
	 */
	async join(signal?: AbortSignal, isInteractive = false): Promise<void> {
		if (signal?.aborted) throw new CancelledError();
		const line = isInteractive ? this.interactive : this.bulk;
		let onAbort = () => {};
		const turn = new Promise<void>((resolve, reject) => {
			const waiter: Waiter = { start: resolve, cancel: () => reject(new CancelledError()) };
			line.push(waiter);
			onAbort = () => {
				const position = line.indexOf(waiter);
				if (position < 0) return;
				line.splice(position, 1);
				waiter.cancel();
			};
		});
		signal?.addEventListener('abort', onAbort, { once: true });
		try {
			await turn;
		} finally {
			signal?.removeEventListener('abort', onAbort);
		}
	}

	/** Lets the next one go. */
	startNext(): void {
		const isOvertaking = this.interactive.length > 0 && this.bulk.length > 0;
		const line = this.isInteractiveNext ? this.interactive : this.bulk;
		this.overtaken = isOvertaking && !this.isBulkDue ? this.overtaken + 1 : 0;
		line.shift()?.start();
	}

	private get isBulkDue(): boolean {
		return this.bulk.length > 0 && this.overtaken >= MOST_OVERTAKING;
	}
}
