// The rows of the table: each value of each switch of the simulator's dialects by itself, and what is
// promised where it leaves nothing to work with. Used by the tests in this folder.
import { switchNames, usualDialect, valuesOf, type Dialect } from '../simulator/dialect.ts';

export interface Variant {
	name: string;
	dialect: Partial<Dialect>;
	/** Nothing can work; what every operation is to say instead. Default: everything works. */
	says?: RegExp;
	/** Each operation begins with a token whose own time is over. */
	hasExpiredToken?: boolean;
}

/** Something else than the API answers. */
const somethingInFront = /in front|firewall|proxy|on the way|between/i;

/** No wrong ID, and the path that is not there is named. */
const namedPath = /(?=.*\bpath\b).*(patients|orders|pricetiers)/is;

const elsewhere: Dialect['resources'] = {
	'/patients': { path: '/crm/people' },
	'/orders': { path: '/crm/sales' },
	'/configurations/pricetiers': { path: '/setup/tiers' },
};

function variantOf(name: (typeof switchNames)[number], value: string): Variant {
	const variant: Variant = { name: `${name}=${value}`, dialect: { [name]: value } };
	if (name === 'expiredToken') return { ...variant, hasExpiredToken: true };
	if (name === 'inFront') return { ...variant, says: somethingInFront };
	if (name !== 'missingPath') return variant;
	return { ...variant, dialect: { ...variant.dialect, resources: elsewhere }, says: namedPath };
}

const usual = usualDialect as Record<string, unknown>;

/** One for each value but the usual ones, and for those as far as they are a case of their own. */
export const variants: Variant[] = [
	{ name: 'usual', dialect: {} },
	...switchNames.flatMap((name) =>
		valuesOf(name)
			.filter((value) => value !== usual[name] || name === 'expiredToken' || name === 'missingPath')
			.map((value) => variantOf(name, value)),
	),
	{ name: 'replicaLagMs=400', dialect: { replicaLagMs: 400 } },
];
