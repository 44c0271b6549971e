// Order: of glasses or contact lenses. Its scopes are documented.
import type { Resource } from './resource';

export const order: Resource = {
	value: 'order',
	displayName: 'Order',
	displayNamePlural: 'Orders',
	path: ['orders'],
	pathEvidence: 'inferred',
	scopes: {
		create: { name: 'create:orders', evidence: 'documented' },
		read: { name: 'read:orders', evidence: 'documented' },
	},
	idFields: ['order_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
