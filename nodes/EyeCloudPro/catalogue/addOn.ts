// Add-On: a price book. Its scope is documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const addOn: Resource = {
	value: 'addOn',
	displayName: 'Add-On',
	displayNamePlural: 'Add-Ons',
	path: ['pricebooks', 'addons'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:pricebooks:addons', evidence: 'documented' },
	},
	idFields: ['addon_id', 'add_on_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
