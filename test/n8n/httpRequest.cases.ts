// n8n's own HTTP Request node with our credential, which Custom API Call leads to: it reaches the API, and takes
// the token nowhere else. Called by realN8n.test.ts and the oldest n8n's.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '../harness/ports.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainOfNodes, manualTriggerName } from '../harness/workflow.ts';

async function ask(
	{ n8n, simulator, saveCredential, stored }: Rig,
	url: string,
	changes: Record<string, unknown> = {},
) {
	const credential = await saveCredential(simulator.clients.practice, changes);
	const node = {
		...{ name: 'HTTP Request', type: 'n8n-nodes-base.httpRequest', typeVersion: 4.2 },
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
		const Location = elsewhere.address.replace('127.0.0.1', 'localhost');
		const here = createServer((_, response) => response.writeHead(302, { Location }).end());
		await once(here.listen(0, '127.0.0.1'), 'listening');
		const { error } = await ask(rig(), `http://127.0.0.1:${(here.address() as AddressInfo).port}`);
		here.close();
		elsewhere.close();
		expect(error?.message).toMatch(/Domain not allowed/);
		expect(elsewhere.received).toEqual([]);
	});
}

/** n8n 1.123 looks at the host of a redirect alone. */
export function otherHostsCases(rig: () => Rig): void {
	it.each([
		['localhost', {}, /Domain not allowed: .* allowed: 127\.0\.0\.1$/],
		['127.0.0.1', { environment: 'staging' }, / allowed: api-staging\.eyecloudpro\.com$/],
		['0.0.0.0', { apiBaseUrl: 'http://0.0.0.0' }, /Domain not allowed/],
	])('takes the token to no other host: %s, with %j', async (host, changes, says) => {
		const server = await listen();
		const address = server.address.replace('127.0.0.1', host);
		const { error } = await ask(rig(), address, changes);
		server.close();
		expect(error?.message).toMatch(says);
		expect(server.received).toEqual([]);
	});
}
