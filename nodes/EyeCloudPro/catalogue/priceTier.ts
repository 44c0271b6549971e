// Price Tier: a configuration, and the one resource whose records can be deleted.
import type { Resource } from './resource';

export const priceTier: Resource = {
	value: 'priceTier',
	displayName: 'Price Tier',
	displayNamePlural: 'Price Tiers',
	path: ['configurations', 'pricetiers'],
	pathEvidence: 'inferred',
	scopes: {
		create: { name: 'create:configurations:pricetiers', evidence: 'documented' },
		read: { name: 'read:configurations:pricetiers', evidence: 'documented' },
		update: { name: 'update:configurations:pricetiers', evidence: 'documented' },
		delete: { name: 'delete:configurations:pricetiers', evidence: 'documented' },
	},
	idFields: ['pricetier_id', 'price_tier_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
