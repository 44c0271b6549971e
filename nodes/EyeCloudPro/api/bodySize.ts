// How many records go into one request by their size. Used by Create Many.
import type { IDataObject } from 'n8n-workflow';

/** What the usual reader of bodies in an Express server takes unless it is told otherwise: 100 kB. */
const MOST_BYTES = 100 * 1024;

/** For the brackets, and the name of the list. */
const SPARE_BYTES = 256;

/**
 * How many of the records, from the first on, go into each request: as many as fit. One that is too large by
 * itself goes alone.
 */
export function countsBySize(records: readonly IDataObject[]): number[] {
	const counts: number[] = [];
	const encoder = new TextEncoder();
	let bytes = Number.POSITIVE_INFINITY;
	for (const record of records) {
		const own = encoder.encode(JSON.stringify(record)).length + 1;
		bytes += own;
		if (bytes <= MOST_BYTES - SPARE_BYTES) counts[counts.length - 1]++;
		else {
			counts.push(1);
			bytes = own;
		}
	}
	return counts;
}
