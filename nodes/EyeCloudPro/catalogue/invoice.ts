// Invoice. Its scope and path are documented.
import type { Resource } from './resource';

export const invoice: Resource = {
	value: 'invoice',
	displayName: 'Invoice',
	displayNamePlural: 'Invoices',
	path: ['invoices'],
	pathEvidence: 'documented',
	scopes: {
		read: { name: 'read:invoices', evidence: 'documented' },
	},
	idFields: ['invoice_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
