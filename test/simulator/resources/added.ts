// A resource that control adds while the simulator runs: nothing that was there at the start knows of it.
import Joi from 'joi';
import type { NewResource } from '../contract.ts';
import { equals, name, sized, stored } from './fields.ts';
import type { Resource } from './resource.ts';

export function addedResource({ path, idField }: NewResource): Resource {
	return {
		path,
		idField,
		actions: ['create', 'read', 'update', 'delete'],
		sortable: [idField, 'title', 'create_date'],
		filters: { title: equals('title', name) },
		body: Joi.object({ title: name.required(), notes: name }),
		count: sized(12),
		generate: (index, pick) => ({
			[idField]: index + 1,
			title: `${pick.lastName()} ${index + 1}`,
			notes: `Note ${pick.whole(1_000, 9_999)}`,
			create_date: `${pick.day(-900, -300)}T07:${pick.whole(10, 59)}:00`,
		}),
		create: stored(idField),
	};
}
