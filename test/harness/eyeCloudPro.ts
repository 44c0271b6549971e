// How this package's credential and nodes are filled in for the simulator. Used in n8n-core, in a real n8n, and by
// tools/.
import type { IDataObject } from 'n8n-workflow';

import type { OAuthClient, ReceivedRequest, Simulator } from '../simulator/start.ts';
import type { SavedCredential } from './n8nClient.ts';
import { chainFrom, type NodeInWorkflow, type Workflow } from './workflow.ts';

export const packageName = 'n8n-nodes-eyecloudpro';
export const nodeType = `${packageName}.eyeCloudPro`;

export const triggerType = `${packageName}.eyeCloudProTrigger`;

/** What a user types into the credential to use the simulator as one of its OAuth clients. */
export function credentialData(
	simulator: Pick<Simulator, 'apiUrl' | 'authUrl' | 'audience' | 'practiceId'>,
	client: Pick<OAuthClient, 'clientId' | 'clientSecret'>,
	changes: Record<string, unknown> = {},
): Record<string, unknown> {
	return {
		grantType: 'clientCredentials',
		environment: 'custom',
		apiBaseUrl: simulator.apiUrl,
		authServerUrl: simulator.authUrl,
		audience: simulator.audience,
		clientId: client.clientId,
		clientSecret: client.clientSecret,
		practiceId: String(simulator.practiceId),
		requestsPerMinute: 100,
		...changes,
	};
}

/** An EyeCloud Pro node; `parameters` name `resource` and `operation`, and what that operation needs. */
export function eyeCloudProNode(
	name: string,
	{ id, name: credentialName, type }: SavedCredential,
	parameters: Record<string, unknown>,
	settings: Partial<NodeInWorkflow> = {},
): NodeInWorkflow {
	const credentials = { [type]: { id, name: credentialName } };
	return { name, type: nodeType, parameters, credentials, ...settings };
}

/** A workflow that starts with an EyeCloud Pro Trigger, once a minute, and goes on to a node that does nothing. */
export function triggerWorkflow(
	credential: SavedCredential,
	parameters: Record<string, unknown>,
	name = 'EyeCloud Pro Trigger',
): Workflow {
	const settings = {
		...{ event: 'created', pollTimes: { item: [{ mode: 'everyMinute' }] } },
		...parameters,
	};
	const title = 'EyeCloud Pro Trigger';
	const trigger = eyeCloudProNode(title, credential, settings, { type: triggerType });
	const next = { name: 'Next', type: 'n8n-nodes-base.noOp', parameters: {} };
	return chainFrom(name, [trigger, next]);
}

/** The value of the Columns parameter, each column mapped by hand, as the form saves it. */
export function mappedColumns(value: IDataObject, types: Record<string, string> = {}): IDataObject {
	const schema = Object.entries(types).map(([id, type]) => ({
		...{ id, displayName: id, type, required: false, defaultMatch: false, display: true },
	}));
	return { mappingMode: 'defineBelow', value, matchingColumns: [], schema };
}

/** The value of the Columns parameter that takes each input item as it is. */
export const automaticColumns: IDataObject = { mappingMode: 'autoMapInputData', value: null };

/** The value of a parameter that picks one record. */
export function byId(value: unknown): IDataObject {
	return { __rl: true, mode: 'id', value: String(value) };
}

/** `METHOD /path?query` as it went out, the query in the order of its names. */
export function requestLine({ method, path, query }: ReceivedRequest): string {
	const names = Object.keys(query).sort();
	const text = names.map((name) => `${name}=${String(query[name])}`).join('&');
	return `${method} ${path}${text && `?${text}`}`;
}
