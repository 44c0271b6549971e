// How long requests waited for the rate limit, so that long work can say why it is long.
// Filled by the clients of one execution, read by the node class.

interface ModuleWaiting {
	waiting: number;
	sinceMs: number;
	totalMs: number;
}

/** Time in which at least one request to a module waited, in milliseconds; waits at once count once. */
export class WaitingTime {
	private readonly modules = new Map<string, ModuleWaiting>();

	/**
	 * A request to the module begins to wait.
	 *
	 * @param limiter runs while the rate limit keeps requests waiting, and for nothing else
	 * @returns to be called once it goes: how long it waited
	 */
	begin(module: string, limiter: { waitedMs: number }): () => number {
		const entry = this.modules.get(module) ?? { waiting: 0, sinceMs: 0, totalMs: 0 };
		this.modules.set(module, entry);
		const sinceMs = limiter.waitedMs;
		if (entry.waiting++ === 0) entry.sinceMs = sinceMs;
		let isOver = false;
		return () => {
			if (!isOver && --entry.waiting === 0) entry.totalMs += limiter.waitedMs - entry.sinceMs;
			isOver = true;
			return limiter.waitedMs - sinceMs;
		};
	}

	/** The module that was waited for the longest. */
	get longest(): { module: string; waitedMs: number } | undefined {
		let longest: { module: string; waitedMs: number } | undefined;
		for (const [module, { totalMs }] of this.modules) {
			if (!longest || totalMs > longest.waitedMs) longest = { module, waitedMs: totalMs };
		}
		return longest;
	}
}
