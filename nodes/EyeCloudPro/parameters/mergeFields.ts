// Fields that are the same for several resources, listed once, which keeps the description that the editor
// loads small. Called where the parameters of the action node and of the trigger are listed.
import type { INodeProperties } from 'n8n-workflow';

import type { Resource } from '../catalogue/resource';

/** Each field with the resources that show it, in the order in which a form has them. */
export function mergeFields(
	resources: readonly Resource[],
	fieldsOf: (resource: Resource) => INodeProperties[],
): Array<{ field: INodeProperties; shownFor: string[] }> {
	const shared = new Map<
		string,
		{ field: INodeProperties; position: number; shownFor: string[] }
	>();
	for (const resource of resources) {
		for (const [position, field] of fieldsOf(resource).entries()) {
			const key = JSON.stringify(field);
			const entry = shared.get(key) ?? { field, position, shownFor: [] };
			// What one resource alone has before it moves it down for all.
			entry.position = Math.max(entry.position, position);
			entry.shownFor.push(resource.value);
			shared.set(key, entry);
		}
	}
	return Array.from(shared.values()).sort((a, b) => a.position - b.position);
}
