// The list of paths for Other: those that the token's scopes speak of and the catalogue does not. Called by the
// editor for the `path` parameter of both nodes.
import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchResult,
} from 'n8n-workflow';

import { grantedScopes } from '../api/access';
import { resources } from '../catalogue';
import { patient } from '../catalogue/patient';
import { unknownPaths } from '../catalogue/scopes';
import { resourceOf } from '../parameters/resourceChoice';
import { withClient } from './resourceInForm';

export async function searchPaths(
	this: ILoadOptionsFunctions,
	text = '',
): Promise<INodeListSearchResult> {
	return await withClient(this, async (client) => {
		const scopes = await grantedScopes(client, resourceOf(client, patient).path);
		const known = resources.map((resource) => resourceOf(client, resource));
		const paths = unknownPaths(scopes ?? [], known);
		if (paths.length === 0) {
			throw new NodeOperationError(
				this.getNode(),
				"No scope of this credential speaks of another path. Choose 'By Path' and type it.",
			);
		}
		const results = paths
			.filter(({ path }) => path.includes(text.trim().toLowerCase()))
			.map(({ path, verbs }) => ({ name: `${path} (${verbs.join(', ')})`, value: path }));
		return { results };
	});
}
