// Cases that are a little simpler than one: with a run, an item, a setting or a trouble less, or fewer of them. Called by
// settings.test.ts.
import type { SettingsCase } from './settingsCase.ts';

/** Without these a case is none. */
const needed = new Set(['operation', 'resource', 'runs', 'how', 'matchOn']);

/** The boldest steps first. */
export function simpler(settings: SettingsCase): Generator<SettingsCase> {
	return withLess(settings);
}

function* withLess<T>(value: T): Generator<T> {
	if (Array.isArray(value)) yield* withFewer(value) as Generator<T>;
	else if (typeof value === 'object' && value !== null) {
		for (const name of Object.keys(value)) {
			const rest = Object.entries(value).filter(([other]) => other !== name);
			if (!needed.has(name)) yield Object.fromEntries(rest) as T;
		}
		for (const [name, part] of Object.entries(value)) {
			for (const less of withLess(part)) yield { ...value, [name]: less };
		}
	} else if (typeof value === 'number' && value > 3) yield Math.ceil(value / 2) as T;
}

function* withFewer<T>(values: T[]): Generator<T[]> {
	const half = Math.ceil(values.length / 2);
	if (values.length > 3) yield* [values.slice(0, half), values.slice(half)];
	for (const index of values.length > 1 ? values.keys() : []) yield values.toSpliced(index, 1);
	for (const [index, value] of values.entries()) {
		for (const less of withLess(value)) yield values.with(index, less);
	}
}
