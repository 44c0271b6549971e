// What the editor shows of an operation's output before anything has run, for people to drag from. Each operation
// says what its own items have; the build makes n8n's files of it (tools/outputSchemas.mjs).
import type { Resource } from '../catalogue/resource';

/** JSON Schema, as far as n8n's editor reads it. */
export type PropertySchema = { description?: string } & (
	| { type: 'string' | 'number' | 'boolean' }
	| { type: 'array'; items: PropertySchema }
	| { type: 'object'; properties: SchemaProperties }
);

export type SchemaProperties = Record<string, PropertySchema>;

const NOT_PUBLISHED = 'EyeCloud Pro does not publish this name';

/** The ID of a record; none where it is not even known what the records are. */
export function idProperty({ idFields, path, sortableFields }: Resource): SchemaProperties {
	if (path.length === 0) return {};
	const [name] = idFields;
	const isPublished = sortableFields.includes(name);
	return { [name]: { type: 'number', ...(!isPublished && { description: NOT_PUBLISHED }) } };
}

/** What a record has for certain: its ID, and what EyeCloud Pro publishes that a list can be sorted by. */
export function recordProperties(resource: Resource): SchemaProperties {
	const published = resource.sortableFields.map((name): [string, PropertySchema] => [
		name,
		{ type: 'string' },
	]);
	return { ...Object.fromEntries(published), ...idProperty(resource) };
}
