// One real n8n with the packed node, and one simulator, for all cases of a suite. Started by the suites in test/n8n,
// test/versions, test/agent and test/browser, and handed to each `*.cases.ts`.
import { signIn } from '../simulator/signIn.ts';
import { startSimulator } from '../simulator/start.ts';
import { credentialData, eyeCloudProNode } from './eyeCloudPro.ts';
import { packedPackage } from './packedPackage.ts';
import {
	chainOfNodes,
	manualTriggerName,
	startN8n,
	type Execution,
	type N8n,
	type NodeInWorkflow,
	type NodeRun,
	type SavedCredential,
} from './startN8n.ts';

/** What came out of the node: its run, and the execution that it was in. */
export type Outcome = NodeRun & { execution: Execution };

export type Rig = Awaited<ReturnType<typeof startRig>>;

const outOfTheWay = 100_000;

/** @param installedIn the folder of another n8n than the usual one */
export async function startRig({
	installedIn,
	patients,
}: { installedIn?: string; patients?: number } = {}) {
	const tarball = await packedPackage();
	const rateLimit = { requestsPerMinute: outOfTheWay };
	const [simulator, n8n] = await Promise.all([
		startSimulator({ patients, rateLimit }),
		startN8n({ tarball, installedIn, env: { N8N_LOG_LEVEL: 'debug' } }),
	]);
	/** Every execution as n8n stored it, unread. */
	const stored: string[] = [];
	/** A credential for the simulator; the rate limit is out of the way. */
	const saveCredential = async (
		client: { clientId: string; clientSecret?: string },
		changes: Record<string, unknown> = {},
	) => {
		const data = credentialData(simulator, client, { requestsPerMinute: outOfTheWay, ...changes });
		return await n8n.createCredential('EyeCloud Pro', data);
	};
	const credential = await saveCredential(simulator.clients.practice);
	return {
		...{ n8n, simulator, credential, stored, saveCredential },
		/** By the rig's own credential, with one empty item, unless said. */
		async run(
			parameters: Record<string, unknown>,
			more: {
				credential?: SavedCredential;
				settings?: Partial<NodeInWorkflow>;
				inputItems?: Array<Record<string, unknown>>;
			} = {},
		): Promise<Outcome> {
			const own = more.credential ?? credential;
			const node = eyeCloudProNode('Node', own, parameters, more.settings);
			const workflow = chainOfNodes('One node', [node], more.inputItems);
			const execution = await n8n.runWorkflow(workflow, manualTriggerName);
			stored.push(execution.raw);
			const run = execution.nodes.Node?.at(-1);
			if (!run) throw new Error(`The node did not run: ${execution.error?.message}`);
			return { ...run, execution };
		},
		async stop() {
			await Promise.all([n8n.stop(), simulator.stop()]);
		},
	};
}

/** The address that the editor opens in a popup. */
export async function authorizeUrl(n8n: N8n, credentialId: string): Promise<URL> {
	return new URL(
		await n8n.request<string>('GET', `/rest/oauth2-credential/auth?id=${credentialId}`),
	);
}

/**
 * Connects a credential as a person does in the editor: Connect my account, the popup, sign in, consent.
 *
 * @returns the address that the auth server sent the browser back to
 */
export async function connect(n8n: N8n, credentialId: string): Promise<URL> {
	const back = await signIn(await authorizeUrl(n8n, credentialId));
	await n8n.request('GET', `${back.pathname}${back.search}`);
	return back;
}

/** One rig for all cases of a test file, as at its start before each of them. */
export function sharedRig<R extends Pick<Rig, 'simulator' | 'stop'>>(
	start: () => Promise<R>,
): () => R {
	let started: R | undefined;
	beforeAll(async () => {
		started = await start();
	});
	afterAll(async () => await started?.stop());
	beforeEach(async () => await started?.simulator.reset({ data: true, options: true }));
	return () => {
		if (started) return started;
		throw new Error('n8n or the simulator did not start.');
	};
}
