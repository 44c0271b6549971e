// How long requests waited for the rate limit, or for a server that asked for time, so that long work can say why it is
// long. Filled by the clients of one execution, read by the node class.

/** In milliseconds; both numbers only grow. */
export interface Waits {
	/** For the rate limit. */
	waitedMs: number;
	/** For a server that was not ready, and named a time. */
	waitedForServerMs: number;
}

/** Time in which at least one request to a module waited, in milliseconds; waits at once count once. */
export class WaitingTime {
	private readonly modules = new Map<string, { waiting: number; since: Waits; total: Waits }>();

	/**
	 * A request to the module begins to wait.
	 *
	 * @returns to be called once, when the wait is over: how long it was for the rate limit
	 */
	begin(module: string, limiter: { readonly waits: Waits }): () => number {
		const since = limiter.waits;
		const total = { waitedMs: 0, waitedForServerMs: 0 };
		const entry = this.modules.get(module) ?? { waiting: 0, since, total };
		this.modules.set(module, entry);
		if (entry.waiting++ === 0) entry.since = since;
		return () => {
			const { waitedMs, waitedForServerMs } = limiter.waits;
			if (--entry.waiting === 0) {
				entry.total.waitedMs += waitedMs - entry.since.waitedMs;
				entry.total.waitedForServerMs += waitedForServerMs - entry.since.waitedForServerMs;
			}
			return waitedMs - since.waitedMs;
		};
	}

	/** The module that was waited for the longest. */
	get longest(): (Waits & { module: string }) | undefined {
		const all = [...this.modules].map(([module, { total }]) => ({ module, ...total }));
		const sum = ({ waitedMs, waitedForServerMs }: Waits) => waitedMs + waitedForServerMs;
		return all.sort((one, other) => sum(other) - sum(one))[0];
	}
}
