// What every method of the editor starts with: the resource that the form shows, and a client for it.
// Called by the other files of this folder.
import { NodeOperationError, type ILoadOptionsFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import { clientFor } from '../api/credential';
import { toNodeError } from '../nodeError';
import { clientOverridesOf } from '../parameters/options';
import { Given } from '../parameters/read';
import { resources } from '../catalogue';
import type { Resource } from '../catalogue/resource';

/** @throws n8n's own errors, with the sentences that a user reads */
export async function withResource<T>(
	functions: ILoadOptionsFunctions,
	work: (client: Client, resource: Resource) => Promise<T>,
): Promise<T> {
	const value = functions.getCurrentNodeParameter('resource');
	const resource = resources.find((known) => known.value === value);
	try {
		if (!resource) {
			throw new NodeOperationError(functions.getNode(), 'Choose a resource first');
		}
		const options = functions.getCurrentNodeParameter('options');
		const overrides = {
			...clientOverridesOf(new Given(options, options, { functions })),
			isInteractive: true,
		};
		return await work(await clientFor(functions, overrides), resource);
	} catch (error) {
		throw toNodeError(error, functions.getNode(), { resource });
	}
}
