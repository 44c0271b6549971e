// How long requests waited for the rate limit, or for a server that asked for time, so that long work can say why it is
// long. Filled by the clients of one execution, read by the node class.

/** Whose waits are told; both numbers only grow. */
interface Waits {
	/** For the rate limit. */
	waitedMs: number;
	/** For a server that was not ready, and named a time. */
	waitedForServerMs: number;
}

interface ModuleWaiting {
	waiting: number;
	limiter: Waits;
	since: Waits;
	total: Waits;
}

/** Time in which at least one request to a module waited, in milliseconds; waits at once count once. */
export class WaitingTime {
	private readonly modules = new Map<string, ModuleWaiting>();

	/**
	 * A request to the module begins to wait.
	 *
	 * @param limiter runs while it keeps requests waiting, and for nothing else
	 * @returns to be called once it goes: how long it waited for the rate limit
	 */
	begin(module: string, limiter: Waits): () => number {
		const since = readingOf(limiter);
		const entry = this.modules.get(module) ?? {
			...{ waiting: 0, limiter, since },
			total: { waitedMs: 0, waitedForServerMs: 0 },
		};
		this.modules.set(module, entry);
		if (entry.waiting++ === 0) Object.assign(entry, { limiter, since });
		let isOver = false;
		return () => {
			const total = totalOf(entry);
			if (!isOver && --entry.waiting === 0) entry.total = total;
			isOver = true;
			return limiter.waitedMs - since.waitedMs;
		};
	}

	/** The module that was waited for the longest, those included that still wait. */
	get longest(): (Waits & { module: string }) | undefined {
		let longest: (Waits & { module: string }) | undefined;
		for (const [module, entry] of this.modules) {
			const total = totalOf(entry);
			if (!longest || sumOf(total) > sumOf(longest)) longest = { module, ...total };
		}
		return longest;
	}
}

function totalOf({ waiting, limiter, since, total }: ModuleWaiting): Waits {
	if (waiting === 0) return total;
	return {
		waitedMs: total.waitedMs + limiter.waitedMs - since.waitedMs,
		waitedForServerMs:
			total.waitedForServerMs + limiter.waitedForServerMs - since.waitedForServerMs,
	};
}

function readingOf({ waitedMs, waitedForServerMs }: Waits): Waits {
	return { waitedMs, waitedForServerMs };
}

function sumOf({ waitedMs, waitedForServerMs }: Waits): number {
	return waitedMs + waitedForServerMs;
}
