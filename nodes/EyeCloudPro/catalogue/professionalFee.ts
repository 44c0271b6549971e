// Professional Fee: a price book. Its scope is documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const professionalFee: Resource = {
	value: 'professionalFee',
	displayName: 'Professional Fee',
	displayNamePlural: 'Professional Fees',
	path: ['pricebooks', 'proffees'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:pricebooks:proffees', evidence: 'documented' },
	},
	idFields: ['proffee_id', 'professional_fee_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
