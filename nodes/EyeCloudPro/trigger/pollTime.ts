// How long a poll may take, and the signal that ends its requests in time. Made by the trigger node for
// each poll, read by the strategies.
import type { Clock } from '../api/clock';

/** What n8n allows where it does not say: before 2.37 there was no `getPollBudgetMs`. */
export const USUAL_BUDGET_MS = 5 * 60_000;

/** The rest is for what n8n does with the records. */
const SHARE_OF_BUDGET = 0.8;

export class PollTime {
	/** Aborts when the time is over. */
	readonly signal: AbortSignal;

	private readonly untilMs: number;

	private slowestMs = 0;

	constructor(
		budgetMs: number,
		private readonly clock: Clock,
	) {
		const timeMs = Math.round(budgetMs * SHARE_OF_BUDGET);
		this.untilMs = clock.elapsedMs() + timeMs;
		this.signal = AbortSignal.timeout(timeMs);
	}

	/** Whether another request, as slow as the slowest so far, would not be over in time. */
	get isShort(): boolean {
		return this.clock.elapsedMs() + this.slowestMs >= this.untilMs;
	}

	/** Remembers how long the request took. */
	async measured<T>(request: () => Promise<T>): Promise<T> {
		const startMs = this.clock.elapsedMs();
		const answer = await request();
		this.slowestMs = Math.max(this.slowestMs, this.clock.elapsedMs() - startMs);
		return answer;
	}
}
