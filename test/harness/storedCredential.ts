// A credential as n8n's server would store it: the form's values with the type's defaults and
// expressions resolved, and the token that n8n-core fetches. Called by runNode, Poller and Editor.
import {
	NodeHelpers,
	type ICredentialDataDecryptedObject,
	type ICredentialsHelper,
	type INode,
} from 'n8n-workflow';

import { EyeCloudProOAuth2Api } from '../../credentials/EyeCloudProOAuth2Api.credentials';
import type { OAuthClient, Simulator } from '../simulator/start.ts';
import { credentialData } from './eyeCloudPro.ts';
import { storedNode, storedWorkflow } from './n8nServer.ts';

let created = 0;

export class StoredCredential {
	readonly id = String(++created);

	renewals = 0;

	constructor(private readonly data: ICredentialDataDecryptedObject) {}

	/** What a user fills in to reach the simulator. */
	static for(
		simulator: Simulator,
		client: OAuthClient = simulator.clients.practice,
		changes: ICredentialDataDecryptedObject = {},
	): StoredCredential {
		return new StoredCredential(credentialData(simulator, client, changes) as typeof changes);
	}

	/** Another credential with the same values and the same token. */
	copy(): StoredCredential {
		return new StoredCredential({ ...this.data });
	}

	/** Fills in other values, as a user who edits it; the token stays. */
	change(changes: ICredentialDataDecryptedObject): void {
		Object.assign(this.data, changes);
	}

	/** The part of n8n's helper that n8n-core asks for this type of credential. */
	get helper(): ICredentialsHelper {
		const helper = {
			getParentTypes: () => ['oAuth2Api'],
			isCredentialUsableByNode: () => true,
			getDecrypted: this.getDecrypted.bind(this),
			updateCredentialsOauthTokenData: async (
				_details: unknown,
				_type: string,
				{ oauthTokenData }: ICredentialDataDecryptedObject,
			) => {
				this.data.oauthTokenData = oauthTokenData;
				this.renewals++;
			},
			runPreAuthentication: async () => undefined,
			preAuthentication: async () => undefined,
			getCredentialsProperties: () => new EyeCloudProOAuth2Api().properties,
		};
		return helper as unknown as ICredentialsHelper;
	}

	/** As n8n's own: defaults from the type, then expressions over the credential itself. */
	async getDecrypted(
		...[, , , mode, executeData, raw, item]: Partial<Parameters<ICredentialsHelper['getDecrypted']>>
	): Promise<ICredentialDataDecryptedObject> {
		if (raw) return { ...this.data };
		const { oauthTokenData, ...filledIn } = this.data;
		const { properties } = new EyeCloudProOAuth2Api();
		const values = {
			...NodeHelpers.getNodeParameters(properties, filledIn as never, true, false, null, null),
			...(oauthTokenData !== undefined && { oauthTokenData }),
		} as INode['parameters'];
		// Where a node runs, its items are there for the credential's expressions too.
		if (item) {
			return item.workflow.expression.getParameterValue(
				...([values as never, item.runExecutionData, item.runIndex, item.itemIndex] as const),
				...([item.node.name, item.connectionInputData, mode ?? 'manual', {}] as const),
				...([executeData, false, values] as const),
			) as unknown as ICredentialDataDecryptedObject;
		}
		const node = storedNode('credential', 'none', { parameters: values });
		const { expression } = storedWorkflow(() => undefined as never, [node]);
		return expression.getComplexParameterValue(
			...([node, values, 'internal', {}, undefined, undefined, values] as const),
		) as unknown as ICredentialDataDecryptedObject;
	}
}
