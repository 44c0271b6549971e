// The rows of the table: each value of each switch of the simulator's dialects by itself, and what is
// promised where it leaves nothing to work with. Used by the tests in this folder.
import type { IDataObject } from 'n8n-workflow';

import { switchNames, usualDialect, valuesOf, type Dialect } from '../simulator/dialect.ts';
import { madeUpDialect, madeUpDifferences } from './madeUp.ts';

export interface Variant {
	name: string;
	dialect: Partial<Dialect>;
	/** Nothing can work; what every operation is to say instead. Default: everything works. */
	says?: RegExp;
	/** What the user has in the credential's API Differences. */
	differences?: IDataObject;
	/** Each operation begins with a token whose own time is over. */
	hasExpiredToken?: boolean;
}

/** Something else than the API answers. */
const somethingInFront = /in front|firewall|proxy|on the way|between/i;

/** The path that is not there is named, and not an ID alone. */
const namedPath = /\/(patients|orders|configurations\/pricetiers)\b/;

const elsewhere: Dialect['resources'] = {
	'/patients': { path: '/crm/people' },
	'/orders': { path: '/crm/sales' },
	'/configurations/pricetiers': { path: '/setup/tiers' },
};

function variantOf(name: (typeof switchNames)[number], value: string): Variant {
	const variant: Variant = { name: `${name}=${value}`, dialect: { [name]: value } };
	if (name === 'expiredToken') return { ...variant, hasExpiredToken: true };
	if (name === 'inFront') return { ...variant, says: somethingInFront };
	if (name === 'updateMethod') {
		return { ...variant, differences: { priceTier: { updateMethod: value } } };
	}
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
	{ name: 'made up', dialect: madeUpDialect, differences: madeUpDifferences },
	{
		...{ name: 'made up, token expired', dialect: madeUpDialect },
		...{ differences: madeUpDifferences, hasExpiredToken: true },
	},
];
