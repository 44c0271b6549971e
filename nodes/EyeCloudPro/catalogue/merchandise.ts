// Merchandise: a price book. Its scope is documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const merchandise: Resource = {
	value: 'merchandise',
	displayName: 'Merchandise Item',
	displayNamePlural: 'Merchandise Items',
	path: ['pricebooks', 'merchandise'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:pricebooks:merchandise', evidence: 'documented' },
	},
	idFields: ['merchandise_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
