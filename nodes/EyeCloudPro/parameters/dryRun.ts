// What all operations that write share: the Dry Run option, and sending or only showing the request.
// Used by Create, Create Many, Find or Create, Update and Delete.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { ApiRequest, Client } from '../api/client';
import type { OperationRun } from './run';
import { read } from './read';

export const dryRunOption: INodeProperties = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	description:
		'Whether to only check the input and return the request that would be sent, without sending it',
};

/** @throws NodeOperationError for what is neither yes nor no, before anything is sent */
export function isDryRun({ functions, itemIndex }: OperationRun): boolean {
	const chosen = read(functions, 'options', itemIndex).at('dryRun');
	return chosen.boolean('Dry Run', false);
}

/** The request as it would go out: method, path and body; never a token, never another host's name. */
export function describeRequest(client: Client, request: ApiRequest): IDataObject {
	const { url } = client.endpointOf(request);
	return {
		dryRun: true,
		method: request.method,
		path: new URL(url).pathname,
		...(request.body === undefined ? {} : { body: request.body }),
	};
}
