// Employee. Its scope is documented.
import type { Resource } from './resource';

export const employee: Resource = {
	value: 'employee',
	displayName: 'Employee',
	displayNamePlural: 'Employees',
	path: ['employees'],
	pathEvidence: 'inferred',
	scopes: {
		read: { name: 'read:employees', evidence: 'documented' },
	},
	idFields: ['employee_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
