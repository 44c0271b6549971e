// How long requests waited for the rate limit, so that long work can say why it is long.
// Filled by the clients of one execution, read by the node class.
import type { Clock } from './clock';

interface ModuleWaiting {
	waiting: number;
	sinceMs: number;
	totalMs: number;
}

/** Time in which at least one request to a module waited, in milliseconds; waits at once count once. */
export class WaitingTime {
	private readonly modules = new Map<string, ModuleWaiting>();

	async during(module: string, clock: Clock, wait: Promise<void>): Promise<void> {
		const entry = this.modules.get(module) ?? { waiting: 0, sinceMs: 0, totalMs: 0 };
		this.modules.set(module, entry);
		if (entry.waiting++ === 0) entry.sinceMs = clock.now();
		try {
			await wait;
		} finally {
			if (--entry.waiting === 0) entry.totalMs += clock.now() - entry.sinceMs;
		}
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
