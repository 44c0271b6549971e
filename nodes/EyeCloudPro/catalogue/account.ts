// Account: not a resource of the API but what the credential may do there. It has no records, so it is
// not in the catalogue; the node lists it last.
import { unpublished, type Resource } from './resource';

export const account: Resource = {
	...unpublished,
	value: 'account',
	displayName: 'Account',
	displayNamePlural: 'Accounts',
	path: [],
	scopes: { access: { name: '', evidence: 'documented' } },
	idFields: ['id'],
};
