// What all operations that write share: the Dry Run option, and sending or only showing the request.
// Used by Create, Create Many, Find or Create, Update and Delete.
import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { ApiRequest, Client } from '../api/client';
import type { OperationRun } from './run';
import { asText } from './values';

export const dryRunOption: INodeProperties = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	description:
		'Whether to only check the input and return the request that would be sent, without sending it',
};

export function isDryRun({ functions, itemIndex }: OperationRun): boolean {
	const chosen = asText(functions.getNodeParameter('options.dryRun', itemIndex, false));
	// An expression may give the word: whoever does not clearly say no is not to find a record created.
	return chosen === undefined || !/^(false|no|off|0|)$/i.test(chosen.trim());
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
