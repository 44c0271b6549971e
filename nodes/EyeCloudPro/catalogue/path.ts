// The path of a resource as people write it, made into segments. Used by the resource Other and by API
// Differences, which both come from outside of the catalogue.

/** A segment begins with a letter or a number, so none can be `.` or `..`, and none is encoded. */
const SEGMENT = /^[A-Za-z0-9][\w.~-]*$/;

/** No path of an API is longer. */
const LONGEST_PATH = 500;

/**
 * `/patients/42/notes` or the same without the first slash. What is in it goes after `/v2/{client_id}`, and
 * can't lead out of there.
 *
 * @returns its segments, or the end of a sentence that begins with what was written
 */
export function readPath(
	text: string,
): { path: string[]; reason?: undefined } | { path?: undefined; reason: string } {
	const path = text
		.trim()
		.replace(/^\/|\/$/g, '')
		.split('/');
	if (path.join('') === '') return { reason: 'is empty; enter a path such as /patients' };
	if (/^v2$/i.test(path[0]) || /^\d+$/.test(path[0])) {
		return { reason: 'must begin after /v2/ and the number of the practice, e.g. /patients' };
	}
	if (text.length > LONGEST_PATH || !path.every((segment) => SEGMENT.test(segment))) {
		return { reason: 'must be a path alone, e.g. /patients, without an address, dots or a query' };
	}
	return { path };
}
