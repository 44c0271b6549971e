// Which field holds the ID of another record: `patient_id`, `preferred_store_id`. Used where the editor names and
// sorts fields, and for the lists that such a column can be chosen from.
import { resources } from './index';
import type { Resource } from './resource';

/** The resource whose record's ID stands in a field of this name; undefined where it is of none. */
export function referenceIn(name: string): Resource | undefined {
	return resources.find(({ idFields }) =>
		idFields.some(
			(idField) => idField !== 'id' && (name === idField || name.endsWith(`_${idField}`)),
		),
	);
}
