// n8n's own HTTP Request node with our credential, which Custom API Call leads to: it reaches the API, and takes
// the token nowhere else. Called by realN8n.test.ts and the oldest n8n's.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { listen } from '../harness/ports.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainOfNodes, manualTriggerName } from '../harness/workflow.ts';

/** The same machine by a name that no credential here names. */
const byOtherName = (address: string) => address.replace('127.0.0.1', 'localhost');

async function ask(
	{ n8n, simulator, saveCredential, stored }: Rig,
	url: string,
	changes: Record<string, unknown> = {},
) {
	const credential = await saveCredential(simulator.clients.practice, changes);
	const node = {
		name: 'HTTP Request',
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: credential.type,
		},
		credentials: { [credential.type]: { id: credential.id, name: credential.name } },
	};
	const execution = await n8n.runWorkflow(chainOfNodes('By hand', [node]), manualTriggerName);
	stored.push(execution.raw);
	return { items: execution.nodes['HTTP Request']?.at(-1)?.items ?? [], error: execution.error };
}

export function httpRequestCases(rig: () => Rig): void {
	it('reaches the API', async () => {
		const { apiUrl, practiceId } = rig().simulator;
		const { items, error } = await ask(rig(), `${apiUrl}/v2/${practiceId}/patients?page_size=5`);
		expect(error).toBeUndefined();
		expect(items[0].json.data).toHaveLength(5);
	});

	it('is not sent on to another host by the API', async () => {
		const elsewhere = await listen();
		const here = createServer((_request, response) => {
			response.writeHead(302, { Location: byOtherName(elsewhere.address) }).end();
		}).listen(0, '127.0.0.1');
		await once(here, 'listening');
		const { error } = await ask(rig(), `http://127.0.0.1:${(here.address() as AddressInfo).port}`);
		here.close();
		elsewhere.close();
		expect(error?.message).toMatch(/Domain not allowed/);
		expect(elsewhere.received).toEqual([]);
	});

	it('is not shut out by what n8n fills in', async () => {
		const fields = (await rig().n8n.credentialTypes()).find(
			({ name }) => name === 'eyeCloudProOAuth2Api',
		);
		// n8n sets a field that it may set to none, and Custom API Call would lead nowhere.
		expect(fields?.properties).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ name: 'allowedHttpRequestDomains', type: 'hidden' }),
				expect.objectContaining({ name: 'allowedDomains', type: 'hidden' }),
			]),
		);
	});
}

/** n8n 1.123 looks at the host of a redirect alone. */
export function otherHostsCases(rig: () => Rig): void {
	it('takes the token to no other host', async () => {
		const server = await listen();
		const { items, error } = await ask(rig(), byOtherName(server.address));
		server.close();
		expect(items).toEqual([]);
		expect(error?.message).toMatch(/^Domain not allowed: .* allowed: 127\.0\.0\.1$/);
		expect(server.received).toEqual([]);
	});

	it('goes by the environment', async () => {
		const server = await listen();
		const { error } = await ask(rig(), server.address, { environment: 'staging' });
		server.close();
		expect(error?.message).toMatch(/ allowed: api-staging\.eyecloudpro\.com$/);
		expect(server.received).toEqual([]);
	});

	it('goes nowhere where the address of the API is not encrypted', async () => {
		const server = await listen();
		const unencrypted = server.address.replace('127.0.0.1', '0.0.0.0');
		const { error } = await ask(rig(), unencrypted, { apiBaseUrl: unencrypted });
		server.close();
		expect(error?.message).toMatch(/Domain not allowed/);
		expect(server.received).toEqual([]);
	});
}
