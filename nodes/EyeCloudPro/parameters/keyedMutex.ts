// One after the other for the same key, all others at once. Used for the items of one run, and for what all
// executions of the process create.

/** Holds a key as long as somebody works or waits for it. */
export class KeyedMutex {
	private readonly last = new Map<string, Promise<unknown>>();

	/** Runs once everything queued earlier under one of these keys has settled. */
	async runExclusive<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
		const before = keys.flatMap((key) => this.last.get(key) ?? []);
		const own = before.length > 0 ? Promise.all(before).then(work) : work();
		const ended = own.catch(() => undefined);
		// All at once, so that no two wait for each other.
		for (const key of keys) this.last.set(key, ended);
		try {
			return await own;
		} finally {
			for (const key of keys) if (this.last.get(key) === ended) this.last.delete(key);
		}
	}
}
