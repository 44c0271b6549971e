// The scopes of the catalogue, which the credential asks for; and what those of a token tell of the API beyond
// it: a scope is named after its path (`read:pricebooks:lenses`). Used by Check API and the list of paths for Other.
import { readPath } from './path';
import type { Resource, Verb } from './resource';

/** Those that EyeCloud Pro publishes, in the order of the resources. */
export function documentedScopes(resources: readonly Resource[]): string[] {
	return resources.flatMap(({ scopes }) =>
		Object.values(scopes).flatMap(({ name, evidence }) =>
			evidence === 'documented' ? [name] : [],
		),
	);
}

/**
 * What the scope for a verb may be called, the likeliest first: a scope is named after its path, but of a resource
 * that API Differences moves, only the old name is published.
 */
export function scopeNames({ path, scopes }: Resource, verb: Verb): string[] {
	const published = scopes[verb]?.name;
	if (published === undefined) return [];
	return verb === 'access'
		? [published]
		: Array.from(new Set([[verb, ...path].join(':'), published]));
}

export interface UnknownPath {
	/** e.g. `/pricebooks/coatings`. */
	path: string;
	/** Such as `read`. */
	verbs: string[];
}

/** The paths that the scopes speak of and where there is none of these resources. */
export function unknownPaths(
	scopes: readonly string[],
	resources: readonly Resource[],
): UnknownPath[] {
	const known = new Set(resources.flatMap(everyVerb));
	const paths = new Set(resources.map((resource) => `/${resource.path.join('/')}`));
	const verbsByPath = new Map<string, string[]>();
	for (const scope of scopes.filter((each) => !known.has(each))) {
		const [verb, ...segments] = scope.split(':');
		const read = readPath(segments.join('/'));
		if (!read.path || !/^(create|read|update|delete)$/.test(verb)) continue;
		const path = `/${read.path.join('/')}`;
		if (!paths.has(path)) verbsByPath.set(path, [...(verbsByPath.get(path) ?? []), verb]);
	}
	return Array.from(verbsByPath, ([path, verbs]) => ({ path, verbs }));
}

/** Each verb of a path that the catalogue knows: another one there is no path that nobody knew. */
function everyVerb({ scopes }: Resource): string[] {
	return Object.values(scopes).flatMap(({ name }) => {
		const rest = name.slice(name.indexOf(':'));
		return ['create', 'read', 'update', 'delete'].map((verb) => verb + rest);
	});
}
