// Store: a location of the practice. Only its scope is documented.
import type { Resource } from './resource';

export const store: Resource = {
	value: 'store',
	displayName: 'Store',
	displayNamePlural: 'Stores',
	path: ['stores'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:stores', evidence: 'documented' },
	},
	idField: 'store_id',
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: ['store_id', 'name', 'phone', 'email'],
};
