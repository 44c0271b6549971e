// How long a poll may take, and the signal that ends its requests in time. Made by the trigger node for
// each poll, read by the strategies.
import type { Clock } from '../api/clock';

/** What n8n allows where it does not say: before 2.37 there was no `getPollBudgetMs`. */
export const USUAL_BUDGET_MS = 5 * 60_000;

/** The rest is for what n8n does with the records. */
const SHARE_OF_BUDGET = 0.8;

export class PollTime {
	private readonly over = new AbortController();

	private readonly ended = new AbortController();

	private readonly untilMs: number;

	private slowestMs = 0;

	constructor(
		budgetMs: number,
		private readonly clock: Clock,
	) {
		const timeMs = budgetMs * SHARE_OF_BUDGET;
		this.untilMs = clock.now() + timeMs;
		clock.sleep(timeMs, this.ended.signal).then(
			() => this.over.abort(),
			() => {},
		);
	}

	/** Aborts when the time is over. */
	get signal(): AbortSignal {
		return this.over.signal;
	}

	/** Whether another request, as slow as the slowest so far, would not be over in time. */
	get isShort(): boolean {
		return this.clock.now() + this.slowestMs >= this.untilMs;
	}

	/** Remembers how long the request took. */
	async measured<T>(request: () => Promise<T>): Promise<T> {
		const startMs = this.clock.now();
		try {
			return await request();
		} finally {
			this.slowestMs = Math.max(this.slowestMs, this.clock.now() - startMs);
		}
	}

	/** The poll is over; nothing waits any more. */
	end(): void {
		this.ended.abort();
	}
}
