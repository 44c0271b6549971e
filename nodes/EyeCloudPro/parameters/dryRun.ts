// What all operations that write share: the Dry Run option, and sending or only showing the request.
// Used by all of them.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { ApiRequest } from '../api/client';
import { bodyForOutput } from './output';
import { parameterOf } from './parameterValue';
import type { OperationRun } from './run';

export const dryRunOption: INodeProperties = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	// On by default: whoever adds the option wants a dry run.
	default: true,
	description:
		'Whether to only check the input and return the request that would be sent, without sending it',
};

/** @throws NodeOperationError for what is neither yes nor no, before anything is sent */
export function isDryRun(run: OperationRun): boolean {
	const chosen = parameterOf(run.functions, 'options', run.itemIndex).property('dryRun');
	return (run.isDryRun ??= chosen.boolean('Dry Run', false));
}

/**
 * The request as it would go out: method, path and, as far as an agent may see it, the body; never a token,
 * never another host's name.
 */
export function describeRequest(run: OperationRun, request: ApiRequest): IDataObject {
	const { method, body } = request;
	const { url } = run.client.endpointOf(request);
	return {
		...{ dryRun: true, method, path: new URL(url).pathname },
		...(body === undefined ? {} : { body: bodyForOutput(run, body as IDataObject) }),
	};
}
