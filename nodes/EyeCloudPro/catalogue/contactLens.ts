// Contact Lens: a price book. Its scope is documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const contactLens: Resource = {
	value: 'contactLens',
	displayName: 'Contact Lens',
	displayNamePlural: 'Contact Lenses',
	path: ['pricebooks', 'contactlenses'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:pricebooks:contactlenses', evidence: 'documented' },
	},
	idFields: ['contactlens_id', 'contact_lens_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
