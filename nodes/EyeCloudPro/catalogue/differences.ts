// API Differences: where EyeCloud Pro turns out to be otherwise than the catalogue says, as JSON in the
// credential. Read wherever an operation, the trigger or a form gets its resource; written by Check API.
import { readPath } from './path';
import { UPDATE_METHODS, type Resource } from './resource';

/** What may be said of one resource. */
export interface Difference {
	/** After the practice, e.g. `/patients`. */
	path?: string;
	idField?: string;
	bodyKey?: string;
	updateMethod?: (typeof UPDATE_METHODS)[number];
}

/** By the value of the resource. */
export type Differences = Readonly<Record<string, Difference>>;

const NAME = /^[A-Za-z_][\w-]*$/;

/** The end of a sentence about what can't be the name of a field. */
export const unknownName = (name: string) =>
	NAME.test(name) ? undefined : 'must be the name of a field';

/** What is wrong with a value, as the end of a sentence. */
const WRONG: Record<keyof Difference, (value: string) => string | undefined> = {
	path: (value) => readPath(value).reason,
	idField: unknownName,
	bodyKey: unknownName,
	updateMethod: (value) =>
		UPDATE_METHODS.some((method) => method === value)
			? undefined
			: `must be one of ${UPDATE_METHODS.join(', ')}`,
};

/**
 * @param text the JSON; nothing at all differs where it is empty
 * @returns what differs, or a sentence's end that says what is wrong with the text
 */
export function readDifferences(
	text: string,
	resources: readonly Resource[],
): { differences: Differences } | { reason: string } {
	if (text.trim() === '') return { differences: {} };
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		// Told below.
	}
	if (!isObject(parsed)) {
		return { reason: 'must be a JSON object such as { "patient": { "path": "/patients" } }' };
	}
	for (const [resource, difference] of Object.entries(parsed)) {
		const reason = whatIsWrong(resource, difference, resources);
		if (reason) return { reason };
	}
	return { differences: parsed as Differences };
}

function whatIsWrong(
	name: string,
	difference: unknown,
	resources: readonly Resource[],
): string | undefined {
	if (!resources.some(({ value }) => value === name)) {
		const known = resources.map(({ value }) => value).join(', ');
		return `names a resource that there is not; it can name ${known}`;
	}
	if (!isObject(difference)) return `must say in an object how '${name}' differs`;
	for (const [key, value] of Object.entries(difference)) {
		if (!Object.hasOwn(WRONG, key)) {
			return `can say of '${name}' nothing but ${Object.keys(WRONG).join(', ')}`;
		}
		const reason =
			typeof value === 'string' ? WRONG[key as keyof Difference](value) : 'must be a text';
		if (reason) return `does not fit: '${key}' of '${name}' ${reason}`;
	}
	return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The resource as the API really has it. */
export function withDifferences(resource: Resource, differences: Differences): Resource {
	const difference = Object.hasOwn(differences, resource.value)
		? differences[resource.value]
		: undefined;
	if (!difference) return resource;
	const { path: text, idField, ...others } = difference;
	const path = text === undefined ? resource.path : (readPath(text).path ?? resource.path);
	const isSame =
		path.join('/') === resource.path.join('/') &&
		(!idField || resource.idFields.join() === idField);
	const renamed = (names: readonly string[]) =>
		names.map((name) => (idField && resource.idFields.includes(name) ? idField : name));
	return {
		...resource,
		...others,
		path,
		idFields: idField ? [idField] : resource.idFields,
		sortableFields: renamed(resource.sortableFields),
		// What changes no record's place or key is no reason for the trigger to start over.
		...(isSame ? {} : { stateKey: JSON.stringify([path, idField]) }),
	};
}
