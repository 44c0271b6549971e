// Other: whatever EyeCloud Pro has that the catalogue does not know, at a path that the user names. Listed
// after the catalogue's resources; at run time `otherAt` is what an operation gets.
import { unpublished, type Resource } from './resource';

const unknown = { name: '', evidence: 'inferred' } as const;

export const other: Resource = {
	...unpublished,
	value: 'other',
	choiceName: 'Other',
	displayName: 'Record',
	displayNamePlural: 'Records',
	path: [],
	scopes: { create: unknown, read: unknown, update: unknown, delete: unknown },
	idFields: ['id'],
};

/**
 * @param path as `readPath` gives it
 * @param idField what the records' ID is called; the names that are usual for the path where it is empty
 */
export function otherAt(path: readonly string[], idField: string): Resource {
	const plural = path[path.length - 1];
	const singular = plural.replace(/ies$/, 'y').replace(/(ss|x|ch|sh)es$|s$/, '$1');
	const usual: Resource['idFields'] = [`${singular}_id`, 'id'];
	const idFields: Resource['idFields'] = idField ? [idField] : usual;
	return { ...other, path, idFields, stateKey: JSON.stringify([path, idFields]) };
}
