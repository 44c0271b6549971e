// What Check API found out, as a dialect that the simulator speaks. Used by probe.mts; holds names alone.
import type { Checked } from '../nodes/EyeCloudPro/operations/checkReport';
import type { Facts } from '../nodes/EyeCloudPro/operations/resourceCheck';
import type { Resource } from '../nodes/EyeCloudPro/catalogue/resource';
import type { Dialect, ResourceDialect } from '../test/simulator/dialect.ts';

const idKinds: Record<NonNullable<Facts['idKind']>, Dialect['ids']> = {
	integer: 'integer',
	'large integer': 'large',
	'integer as text': 'text',
	GUID: 'guid',
	text: 'text',
};

/**
 * One value for all resources where the simulator has one: that of the first resource that was read.
 *
 * @param catalogue names the resources by their usual paths
 */
export function dialectOf(
	{ checked }: { checked: readonly Checked[] },
	catalogue: readonly Resource[],
): Partial<Dialect> {
	const all = checked.flatMap(({ facts }) => (facts?.wrapping ? [facts] : []));
	const first = <T,>(value: (facts: Facts) => T | undefined) =>
		all.map(value).find((each) => each !== undefined);
	const { totalCount = 'number' } = all[0] ?? {};
	const date = first(({ dateField, fields }) => (dateField ? fields[dateField] : undefined)) ?? '';
	return {
		list: first(({ wrapping }) => listOf(wrapping)),
		totalCount: totalCount === 'text' ? 'text' : 'number',
		ids: idKinds[first(({ idKind }) => idKind) ?? 'integer'],
		unknownParameter: first(({ unknownFilter }) => unknownFilter) ?? 'refused',
		timeZone: date.endsWith('±hh:mm') ? 'local' : 'utc',
		timeOffset: /Z$|±/.test(date) ? 'given' : 'none',
		timePrecision: date.includes('S') ? 'millisecond' : date.includes('T') ? 'second' : 'day',
		resources: Object.fromEntries(checked.flatMap((each) => resourceDialect(each, catalogue))),
	};
}

function listOf(wrapping: string[] = []): Dialect['list'] {
	if (wrapping[0] !== 'data') return 'namedOnly';
	return wrapping.length > 1 ? 'named' : 'data';
}

function resourceDialect(
	{ resource, facts }: Checked,
	catalogue: readonly Resource[],
): Array<[string, ResourceDialect]> {
	const known = catalogue.find(({ value }) => value === resource.value);
	if (!known || !facts?.wrapping) return [];
	const { idField: idName, sortable } = facts;
	return [[`/${known.path.join('/')}`, { path: `/${facts.path.join('/')}`, idName, sortable }]];
}
