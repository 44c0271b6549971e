// One after the other for the same key, all others at once. Used for the items of one run, and for what all
// executions of the process create.

/** Holds a key as long as somebody works or waits for it. */
export class Turns {
	private readonly last = new Map<string, Promise<unknown>>();

	/** The work, after all that was asked for before it with the same key has ended, however it did. */
	async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
		const before = this.last.get(key);
		const own = before ? before.then(work) : work();
		const ended = own.catch(() => undefined);
		this.last.set(key, ended);
		try {
			return await own;
		} finally {
			if (this.last.get(key) === ended) this.last.delete(key);
		}
	}
}
