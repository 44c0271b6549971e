// Tier Price: a price book. Its scope is documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const tierPrice: Resource = {
	value: 'tierPrice',
	displayName: 'Tier Price',
	displayNamePlural: 'Tier Prices',
	path: ['pricebooks', 'tierprices'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:pricebooks:tierprices', evidence: 'documented' },
	},
	idFields: ['tierprice_id', 'tier_price_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
