// A credential as n8n's server would store it: the form's values with the type's defaults and
// expressions resolved, and the token that n8n-core fetches. Called by runNode.
import {
	ICredentialsHelper,
	NodeHelpers,
	Workflow,
	type ICredentialDataDecryptedObject,
	type INode,
} from 'n8n-workflow';

import { EyeCloudProOAuth2Api } from '../../credentials/EyeCloudProOAuth2Api.credentials';
import type { OAuthClient, Simulator } from '../simulator/start.ts';

let created = 0;

export class StoredCredential extends ICredentialsHelper {
	readonly id = String(++created);

	private readonly data: ICredentialDataDecryptedObject;

	/** How often a token was stored. */
	renewals = 0;

	/** What was made of data without an expression of the user's, and of which. */
	private resolved?: { of: string; values: ICredentialDataDecryptedObject };

	constructor(data: ICredentialDataDecryptedObject) {
		super();
		this.data = data;
	}

	/** What a user fills in to reach the simulator. */
	static for(
		simulator: Simulator,
		client: OAuthClient = simulator.clients.practice,
		changes: ICredentialDataDecryptedObject = {},
	): StoredCredential {
		return new StoredCredential({
			environment: 'custom',
			apiBaseUrl: simulator.apiUrl,
			authServerUrl: simulator.authUrl,
			audience: simulator.audience,
			clientId: client.clientId,
			clientSecret: client.clientSecret ?? '',
			practiceId: String(simulator.practiceId),
			...changes,
		});
	}

	/** Another credential with the same values and the same token. */
	copy(): StoredCredential {
		return new StoredCredential({ ...this.data });
	}

	/** Fills in other values, as a user who edits it; the token stays. */
	change(changes: ICredentialDataDecryptedObject): void {
		Object.assign(this.data, changes);
	}

	getParentTypes(): string[] {
		return ['oAuth2Api'];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	/** As n8n's own: defaults from the type, then expressions over the credential itself. */
	async getDecrypted(
		...[, , , mode, executeData, raw, item]: Partial<Parameters<ICredentialsHelper['getDecrypted']>>
	): Promise<ICredentialDataDecryptedObject> {
		if (raw) return { ...this.data };
		const { oauthTokenData, ...filledIn } = this.data;
		const of = JSON.stringify(filledIn);
		if (this.resolved?.of === of) return { ...this.resolved.values, oauthTokenData };
		const { properties } = new EyeCloudProOAuth2Api();
		const values = {
			...NodeHelpers.getNodeParameters(properties, filledIn as never, true, false, null, null),
			...(oauthTokenData !== undefined && { oauthTokenData }),
		} as ICredentialDataDecryptedObject;
		const isFixed = !Object.values(this.data).some((value) => String(value).startsWith('='));
		if (item && !isFixed) {
			// Where a node runs, its items are there for the credential's expressions too.
			return item.workflow.expression.getParameterValue(
				values as never,
				item.runExecutionData,
				item.runIndex,
				item.itemIndex,
				item.node.name,
				item.connectionInputData,
				mode ?? 'manual',
				{},
				executeData,
				false,
				values as never,
			) as unknown as ICredentialDataDecryptedObject;
		}
		const node = {
			id: '0',
			name: 'credential',
			type: 'none',
			typeVersion: 1,
			position: [0, 0],
			parameters: values,
		};
		const workflow = new Workflow({
			nodes: [node as unknown as INode],
			connections: {},
			active: false,
			nodeTypes: {
				getByName: () => undefined,
				getByNameAndVersion: () => undefined,
				getKnownTypes: () => ({}),
			} as never,
		});
		const resolved = workflow.expression.getComplexParameterValue(
			node as unknown as INode,
			values as never,
			'internal',
			{},
			undefined,
			undefined,
			values as never,
		) as unknown as ICredentialDataDecryptedObject;
		if (isFixed) this.resolved = { of, values: resolved };
		return resolved;
	}

	async updateCredentialsOauthTokenData(
		_details: unknown,
		_type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		this.data.oauthTokenData = data.oauthTokenData;
		this.renewals++;
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async authenticate(): Promise<never> {
		throw new Error('OAuth2 credentials are not authenticated this way');
	}

	async getCredentials(): Promise<never> {
		throw new Error('Only decrypted credentials are asked for');
	}

	async updateCredentials(): Promise<never> {
		throw new Error('Only the token is stored');
	}

	getCredentialsProperties() {
		return new EyeCloudProOAuth2Api().properties;
	}
}
