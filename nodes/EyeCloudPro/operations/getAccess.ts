// Get Access: what this credential may do here, how long its token lasts, and what is left of the rate
// limits. The first thing that support asks for.
import type { IDataObject } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import type { Client } from '../api/client';
import { practiceRefusal } from '../api/access';
import { resources } from '../catalogue';
import { patient } from '../catalogue/patient';
import { scopeNames } from '../catalogue/scopes';
import {
	verbsOf,
	type ItemOperation,
	type Operation,
	type PropertySchema,
	type SchemaProperties,
} from './operation';
import { optionsField } from '../parameters/options';
import { resourceOf } from '../parameters/resourceChoice';

const text: PropertySchema = { type: 'string' };
const number: PropertySchema = { type: 'number' };
const listOf = (items: PropertySchema): PropertySchema => ({ type: 'array', items });
const object = (properties: SchemaProperties): PropertySchema => ({ type: 'object', properties });

/** Gets the list of operations as an argument, to report which of them are allowed. */
export function getAccessTo(operations: readonly Operation[]): ItemOperation {
	return {
		value: 'getAccess',
		displayName: 'Get Access',
		verb: 'access',
		action: () => 'Get credential access',
		description: () =>
			'Retrieve the scopes, practice and rate limits of the credential, and which operations they allow',
		outputSchema: () => ({
			api: text,
			practice: object({ practice_client_id: text, works: { type: 'boolean' } }),
			token: object({ expires_at: text }),
			scopes: listOf(text),
			allowed_operations: listOf(text),
			forbidden_operations: listOf(object({ operation: text, missing_scope: text })),
			rate_limits: listOf(
				object({ module: text, requests_per_minute: number, remaining_now: number }),
			),
		}),
		fields: () => [optionsField()],
		async execute({ client, functions }) {
			const { practice, grantedScopes } = await tryPractice(client);
			const claims = await client.token.claims();
			const scopes = grantedScopes ?? claims.scopes;
			return [
				{
					api: new URL(client.settings.apiBaseUrl).origin,
					practice,
					token: {
						expires_at:
							claims.expiresAtMs === undefined ? null : new Date(claims.expiresAtMs).toISOString(),
					},
					// A model is told of nothing that it has no tool for.
					...(!isAiTool(functions.getNode()) && {
						scopes: scopes ?? null,
						...operationsBy(client, scopes, operations),
					}),
					rate_limits: rateLimits(client),
				},
			];
		},
	};
}

/** Whether the practice can be read, and the scopes as far as the API names them in its refusal. */
async function tryPractice(
	client: Client,
): Promise<{ practice: IDataObject; grantedScopes?: string[] }> {
	const practice = { practice_client_id: client.settings.practiceId };
	const refusal = await practiceRefusal(client, resourceOf(client, patient).path);
	if (!refusal) return { practice: { ...practice, works: true } };
	const { grantedScopes, message } = refusal;
	// Whether the API looks at the practice or at the scope first is not documented.
	const works = grantedScopes ? null : false;
	return { practice: { ...practice, works, reason: message }, grantedScopes };
}

/** What the scopes allow and forbid; both unknown where the token does not name its scopes. */
function operationsBy(
	client: Client,
	held: string[] | undefined,
	operations: readonly Operation[],
): IDataObject {
	if (!held) return { allowed_operations: null, forbidden_operations: null };
	const granted = new Set(held);
	const allowed: string[] = [];
	const forbidden: IDataObject[] = [];
	for (const known of resources) {
		const resource = resourceOf(client, known);
		for (const offered of operations) {
			const scopes = verbsOf(offered).map((verb) => scopeNames(resource, verb));
			if (scopes.some((names) => names.length === 0)) continue;
			const operation = `${resource.displayName}: ${offered.displayName}`;
			const missing = scopes.find((names) => !names.some((name) => granted.has(name)));
			if (!missing) allowed.push(operation);
			else forbidden.push({ operation, missing_scope: missing[0] });
		}
	}
	return { allowed_operations: allowed, forbidden_operations: forbidden };
}

/** As far as this process knows: others may spend from the same limits. */
function rateLimits(client: Client): IDataObject[] {
	const modules = new Set(resources.map((known) => resourceOf(client, known).path[0]));
	return Array.from(modules, (module) => {
		const { effectiveLimit, remaining } = client.limiter(client.endpointOf({ segments: [module] }));
		return { module, requests_per_minute: effectiveLimit, remaining_now: remaining };
	});
}
