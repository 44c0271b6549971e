// Miscellaneous Item: a price book. Its scope is documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const miscItem: Resource = {
	value: 'miscItem',
	displayName: 'Miscellaneous Item',
	displayNamePlural: 'Miscellaneous Items',
	path: ['pricebooks', 'misc'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:pricebooks:misc', evidence: 'documented' },
	},
	idFields: ['misc_id', 'misc_item_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
