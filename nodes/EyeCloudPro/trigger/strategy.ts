// What a polling strategy gets and answers. Implemented by tail.ts and snapshot.ts; poll.ts chooses between them.
import type { IDataObject } from 'n8n-workflow';

import type { Client } from '../api/client';
import { idFieldOf } from '../api/page';
import type { Resource } from '../catalogue/resource';
import { hashOf } from './fingerprint';
import type { PollTime } from './pollTime';

export interface PollSettings {
	/** From which records on a new trigger starts. */
	startFrom: 'now' | 'date' | 'everything';
	/** For `date`: milliseconds since the epoch, of the time as EyeCloud Pro writes it. */
	startMs: number;
	/** How far back records with an older date are still expected to appear. */
	overlapMs: number;
	/** At most so many records are handed on at once; the others follow. */
	maximum: number;
	/** For `changed`: the fields to look at, all if empty, and those not to look at. */
	watch: readonly string[];
	ignore: readonly string[];
	includeDeleted: boolean;
}

/** All that a strategy gets to see of one poll. */
export interface PollRun {
	/** Tells this trigger from all others of this n8n. */
	name: string;
	client: Client;
	resource: Resource;
	/** The filters. */
	query: IDataObject;
	settings: PollSettings;
	time: PollTime;
}

/** Something that happened, to be handed on. */
export interface TriggerEvent {
	key: string;
	/** What was remembered of the record until now; null: nothing. */
	before: string | null;
	record: IDataObject;
	/** Only where records are compared; otherwise new and changed ones look the same. */
	change?: 'created' | 'changed' | 'deleted';
	changedFields?: string[];
	/** For a person who builds the workflow: nothing happened. */
	isSample?: boolean;
}

/** What a strategy knows from one poll to the next beside its memory: small, plain, no record's values. */
export interface StrategyHead extends IDataObject {
	strategy: 'tail' | 'snapshot';
	/** How many records there were. */
	count: number;
}

export interface PollResult<Head extends StrategyHead> {
	/** Oldest first, as far as the list tells. */
	events: TriggerEvent[];
	head: Head;
	/** A head that finds the records of this poll again, once they are forgotten. */
	undo: Head;
}

/** What tells a record from all others: its id, or, where it has none, what is in it. */
export function keyOf(record: IDataObject, resource: Resource): string {
	const idField = idFieldOf(record, resource.idFields);
	return idField === undefined ? `#${hashOf(record)}` : String(record[idField]);
}
