// Versions of records that were replaced in the last minutes: a read replica that is behind shows them once more, and
// shows no record that it does not have yet. Used by both strategies.
import type { IDataObject } from 'n8n-workflow';

/** A read replica that is further behind than this is taken for the list itself. */
const REPLICA_LAG_MS = 5 * 60_000;

/** By the record's key and the version: when it was replaced. */
export interface RecentVersions extends IDataObject {
	[key: string]: { [version: string]: number };
}

export class Recent {
	private readonly versions = new Map<string, { [version: string]: number }>();

	constructor(
		packed: RecentVersions,
		private readonly nowMs: number,
	) {
		for (const [key, versions] of Object.entries(packed)) {
			const young = Object.entries(versions).filter(([, atMs]) => nowMs - atMs < REPLICA_LAG_MS);
			if (young.length > 0) this.versions.set(key, Object.fromEntries(young));
		}
	}

	/** @param before the version that was replaced; empty for a new record */
	replaced(key: string, before: string): void {
		this.versions.set(key, { ...this.versions.get(key), [before]: this.nowMs });
	}

	/** Whether the record is new, or another one than it was, since a few minutes ago. */
	has(key: string): boolean {
		return this.versions.has(key);
	}

	/** What the record was in the last minutes, and is no more. */
	versionsOf(key: string): string[] {
		return Object.keys(this.versions.get(key) ?? {}).filter((version) => version !== '');
	}

	pack(): RecentVersions {
		return Object.fromEntries(this.versions);
	}
}
