// Records in the order of a date, as the API writes it. Used by tail.ts and poll.ts.
import type { IDataObject } from 'n8n-workflow';

import { hashOf } from './fingerprint';
import { keyOf, type PollRun } from './strategy';

/** A record with its place in the order. */
export interface DatedRecord {
	key: string;
	/** As if the API's clock was in UTC. Without a date: infinitely old or new, as the API sorts it. */
	dateMs: number;
	/** What tells the version of the record from others; empty where versions are no matter. */
	version: string;
	/** Whether the date may stand for a whole day. */
	isDay: boolean;
	record: IDataObject;
}

export interface DateOrder {
	/** The field that the list is sorted by. */
	field: string;
	/** What records of the same date are sorted by, empty where the API can't. */
	idField: string;
	/** Whether a record counts as another one once it is not as it was. */
	isByVersion: boolean;
}

/** The time that the API wrote, e.g. `2020-11-15T09:30:00` or `2020-11-15`; -Infinity if it is none. */
export function dateOf(value: unknown): number {
	const text = typeof value === 'string' ? value.trim().replace(' ', 'T') : '';
	if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return Number.NEGATIVE_INFINITY;
	// Without an offset it is the practice's local time: only the order and the distance matter.
	const hasOffset = text.length <= 10 || /(Z|[+-]\d{2}:?\d{2})$/i.test(text);
	const dateMs = Date.parse(hasOffset ? text : `${text}Z`);
	return Number.isNaN(dateMs) ? Number.NEGATIVE_INFINITY : dateMs;
}

/** @param records oldest first */
export function dated(run: PollRun, order: DateOrder, records: IDataObject[]): DatedRecord[] {
	let isAfterDate = false;
	return records.map((record) => {
		const value = record[order.field];
		const parsedMs = dateOf(value);
		isAfterDate ||= Number.isFinite(parsedMs);
		return {
			key: keyOf(record, run.resource),
			// Behind dated ones it is where the API puts what is new.
			dateMs: isAfterDate && !Number.isFinite(parsedMs) ? Number.POSITIVE_INFINITY : parsedMs,
			version: order.isByVersion ? hashOf(record) : '',
			isDay:
				typeof value === 'string' && /^\S{10}([T ]00:00(:00(\.0+)?)?(Z|[+-].*)?)?$/.test(value),
			record,
		};
	});
}
