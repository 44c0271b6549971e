// Frame: a price book. Its scopes are documented, and that all price books share one rate limit.
import type { Resource } from './resource';

export const frame: Resource = {
	value: 'frame',
	displayName: 'Frame',
	displayNamePlural: 'Frames',
	path: ['pricebooks', 'frames'],
	pathEvidence: 'inferred',
	scopes: {
		create: { name: 'create:pricebooks:frames', evidence: 'documented' },
		read: { name: 'read:pricebooks:frames', evidence: 'documented' },
		update: { name: 'update:pricebooks:frames', evidence: 'documented' },
	},
	idFields: ['frame_id', 'id'],
	fields: [],
	filters: [],
	sortableFields: [],
	simplifiedFields: [],
	labelFields: [],
};
