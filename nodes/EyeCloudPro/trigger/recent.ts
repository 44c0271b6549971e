// Versions of records that were replaced a moment ago: a read replica that is behind shows them once more, and
// shows no record that it does not have yet. Used by both strategies.
import type { IDataObject } from 'n8n-workflow';

/** A read replica that is further behind than this is taken for the list itself. */
export const REPLICA_LAG_MS = 5 * 60_000;

/** By the record's key: the version before, and when it was replaced. */
export interface RecentVersions extends IDataObject {
	[key: string]: [before: string, atMs: number];
}

export class Recent {
	private readonly versions: Map<string, [before: string, atMs: number]>;

	constructor(
		versions: RecentVersions,
		private readonly nowMs: number,
	) {
		const isYoung = ([, [, atMs]]: [string, [string, number]]) => nowMs - atMs < REPLICA_LAG_MS;
		this.versions = new Map(Object.entries(versions).filter(isYoung));
	}

	/** @param before the version that was replaced; undefined for a new record */
	replaced(key: string, before: string | undefined): void {
		this.versions.set(key, [before ?? '', this.nowMs]);
	}

	/** Whether the record is new, or another one than it was, since a moment ago. */
	has(key: string): boolean {
		return this.versions.has(key);
	}

	/** What the record was a moment ago; undefined where it was not there, or is what it was. */
	before(key: string): string | undefined {
		return this.versions.get(key)?.[0] || undefined;
	}

	pack(): RecentVersions {
		return Object.fromEntries(this.versions);
	}
}
