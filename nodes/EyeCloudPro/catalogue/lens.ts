// Lens: a price book. Its scope is documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const lens: Resource = {
	value: 'lens',
	displayName: 'Lens',
	displayNamePlural: 'Lenses',
	path: ['pricebooks', 'lenses'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:pricebooks:lenses', evidence: 'documented' },
	},
	idFields: ['lens_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
