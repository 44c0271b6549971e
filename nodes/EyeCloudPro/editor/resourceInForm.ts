// What every method of the editor starts with: a client, and the resource that the form shows. Called by the
// other files of this folder.
import { NodeOperationError, type ILoadOptionsFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import { clientFor } from '../api/credential';
import { UNKNOWN_PRACTICE } from '../api/endpoint';
import { toNodeError } from '../nodeError';
import { clientOverridesOf } from '../parameters/options';
import { resourceFor, withRecords } from '../parameters/resourceChoice';
import { ParameterValue } from '../parameters/parameterValue';
import type { Resource } from '../catalogue/resource';

/** @throws n8n's own errors, with the sentences that a user reads */
export async function withResource<T>(
	functions: ILoadOptionsFunctions,
	work: (client: Client, resource: Resource) => Promise<T>,
): Promise<T> {
	const value = functions.getCurrentNodeParameter('resource');
	const chosen = withRecords.find((known) => known.value === value);
	if (!chosen) throw new NodeOperationError(functions.getNode(), 'Choose a resource first');
	const run = async (client: Client) => {
		const resource = resourceFor(client, chosen, (name) => inForm(functions, name));
		return await work(client, resource);
	};
	return await withClient(functions, run, chosen);
}

/** The editor puts null where an expression has no value as long as nothing has run. */
function inForm(functions: ILoadOptionsFunctions, name: string): ParameterValue {
	const value = functions.getCurrentNodeParameter(name);
	return new ParameterValue(value, value === null ? '=' : value, { functions });
}

/** @throws n8n's own errors, with the sentences that a user reads */
export async function withClient<T>(
	functions: ILoadOptionsFunctions,
	work: (client: Client) => Promise<T>,
	resource?: Resource,
): Promise<T> {
	try {
		const options = inForm(functions, 'options');
		const isPracticeUnknown =
			options.value === null || options.property('practiceId').value === null;
		// The credential's practice would not be the one that the node works on.
		const known = isPracticeUnknown ? { practiceId: UNKNOWN_PRACTICE } : clientOverridesOf(options);
		const overrides = { ...known, isInteractive: true };
		return await work(await clientFor(functions, overrides));
	} catch (error) {
		throw toNodeError(error, functions.getNode(), { resource });
	}
}
