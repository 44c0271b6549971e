// What the process remembers between executions, for a while and no more than so many entries. Called by discovery.ts
// and learnedRefusals.ts.
import { systemClock } from './clock';

export class ExpiringMap<Value> {
	private readonly entries = new Map<string, { value: Value; untilMs: number }>();

	constructor(
		private readonly lifetimeMs: number,
		private readonly mostEntries: number,
	) {}

	get(key: string): Value | undefined {
		const entry = this.entries.get(key);
		return entry && entry.untilMs > systemClock.elapsedMs() ? entry.value : undefined;
	}

	/** Makes room first: what has expired goes, and then the oldest. */
	set(key: string, value: Value, lifetimeMs = this.lifetimeMs): void {
		const nowMs = systemClock.elapsedMs();
		for (const [other, { untilMs }] of this.entries) {
			if (untilMs <= nowMs || this.entries.size >= this.mostEntries) this.entries.delete(other);
		}
		this.entries.set(key, { value, untilMs: nowMs + lifetimeMs });
	}
}
