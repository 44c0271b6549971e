// A node that sends what it is told through the API client, for the verbs that no operation of the
// real node uses yet. Run by runNode in place of the real one.
import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

import type { ApiRequest } from '../../nodes/EyeCloudPro/api/client';
import { clientFor } from '../../nodes/EyeCloudPro/api/credential';
import { toNodeError } from '../../nodes/EyeCloudPro/nodeError';
import { clientOverridesOf } from '../../nodes/EyeCloudPro/parameters/options';
import { read } from '../../nodes/EyeCloudPro/parameters/read';

export class ClientNode implements INodeType {
	description: INodeType['description'] = {
		displayName: 'EyeCloud Pro Client',
		name: 'eyeCloudPro',
		group: ['transform'],
		version: 1,
		description: 'Sends one request',
		defaults: {},
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'eyeCloudProOAuth2Api', required: true }],
		properties: [
			{ displayName: 'Request', name: 'request', type: 'json', default: {} },
			{ displayName: 'Options', name: 'options', type: 'json', default: {} },
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		try {
			const overrides = clientOverridesOf(read(this, 'options', 0));
			const client = await clientFor(this, overrides);
			const { body } = await client.request(
				this.getNodeParameter('request', 0) as unknown as ApiRequest,
			);
			return [[{ json: { body: body as object } }]];
		} catch (error) {
			throw toNodeError(error, this.getNode());
		}
	}
}
