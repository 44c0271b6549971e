// Account: not a resource of the API but what the credential may do there. It has no records, so it is
// not in the catalogue; the node lists it last.
import type { Resource } from './resource';

export const account: Resource = {
	value: 'account',
	displayName: 'Account',
	displayNamePlural: 'Accounts',
	path: [],
	pathEvidence: 'inferred',
	scopes: {
		access: { name: '', evidence: 'documented' },
	},
	idFields: ['id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
