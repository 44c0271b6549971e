// Store: a location of the practice. Its scope is documented.
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
	idFields: ['store_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
