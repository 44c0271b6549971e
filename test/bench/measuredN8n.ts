// A real n8n that measures its executions, and the workflows that the benchmark compares. Called by tools/bench.mts
// and by the benchmark's parts in this folder.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { credentialData, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import {
	chainOfNodes,
	manualTriggerName,
	startN8n,
	type NodeInWorkflow,
	type SavedCredential,
} from '../harness/startN8n.ts';
import type { Simulator } from '../simulator/start.ts';
import { memoryWorkflowName, type ExecutionFigures } from './executionHooks.ts';

/** More than anything can ask for: the limit is out of the way. */
export const noLimit = { requestsPerMinute: 1_000_000, windowMs: 60_000 };

export type Limit = typeof noLimit;

/** What reads the patients in n8n: this package's node, or what a user would build without it. */
export type Nodes = 'eyeCloudPro' | 'httpRequest';

export type MeasuredN8n = Awaited<ReturnType<typeof startMeasuredN8n>>;

const lookEveryMs = 20;
const timeoutMs = 240_000;
const hooksFile = fileURLToPath(new URL('./executionHooks.ts', import.meta.url));

export async function startMeasuredN8n(tarball: string, signal?: AbortSignal) {
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-bench-n8n-'));
	const removeFolder = () => rm(folder, { recursive: true, force: true });
	const env = { EXTERNAL_HOOK_FILES: hooksFile, BENCH_FOLDER: folder };
	const n8n = await startN8n({ tarball, env, signal }).catch(async (error: unknown) => {
		await removeFolder();
		throw error;
	});

	/** Runs a saved workflow to its end. Throws an Error when that takes longer than the time-out. */
	async function run(workflowId: string): Promise<ExecutionFigures> {
		const executionId = await n8n.startWorkflow(workflowId, manualTriggerName);
		const file = join(folder, `${executionId}.json`);
		const deadline = Date.now() + timeoutMs;
		while (!existsSync(file)) {
			if (Date.now() > deadline) throw new Error(`Execution ${executionId} takes too long.`);
			await wait(lookEveryMs);
		}
		return JSON.parse(await readFile(file, 'utf8')) as ExecutionFigures;
	}

	const save = async (name: string, nodes: NodeInWorkflow[]): Promise<string> => {
		const workflow = chainOfNodes(name, nodes);
		// With saved data, most of the time would go into writing 100,000 records to n8n's database.
		workflow.settings.saveManualExecutions = false;
		return await n8n.createWorkflow(workflow);
	};

	return {
		run,

		/** A credential whose token is there already, so that no measured run has to fetch one. */
		async connect(simulator: Simulator, limit: Limit = noLimit): Promise<SavedCredential> {
			const { requestsPerMinute, windowMs: rateLimitWindowMs } = limit;
			const changes = { requestsPerMinute, rateLimitWindowMs };
			const data = credentialData(simulator, simulator.clients.practice, changes);
			const credential = await n8n.createCredential('EyeCloud Pro', data);
			// Another module than the patients', so that nothing of the limit to be measured is used up.
			const stores = { resource: 'store', operation: 'getAll', returnAll: false, limit: 5 };
			const node = eyeCloudProNode('Read stores', credential, stores);
			await run(await save('Fetch a token', [node]));
			return credential;
		},

		/** Saves a workflow that reads every patient, and returns its id. */
		async workflow(
			nodes: Nodes,
			simulator: Simulator,
			credential: SavedCredential,
			measured: 'cpu' | 'memory' = 'cpu',
		): Promise<string> {
			const name = measured === 'memory' ? memoryWorkflowName : 'CPU time';
			// Not simplified, or it would put out less than the HTTP Request node does.
			const all = { resource: 'patient', operation: 'getAll', returnAll: true, simplify: false };
			return nodes === 'eyeCloudPro'
				? await save(name, [eyeCloudProNode('Read patients', credential, all)])
				: await save(name, [requestPages(simulator, credential), splitOut]);
		},

		async stop(): Promise<void> {
			await n8n.stop();
			await removeFolder();
		},
	};
}

/** The largest pages in the order of their ids, too. */
function requestPages(simulator: Simulator, { id, name, type }: SavedCredential): NodeInWorkflow {
	return {
		name: 'Request pages',
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		credentials: { [type]: { id, name } },
		parameters: {
			url: `${simulator.apiUrl}/v2/${simulator.practiceId}/patients`,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: type,
			sendQuery: true,
			queryParameters: {
				parameters: [
					{ name: 'page_size', value: '250' },
					{ name: 'sort', value: 'patient_id' },
				],
			},
			options: { pagination: { pagination: untilLastPage } },
		},
	};
}

const untilLastPage = {
	paginationMode: 'updateAParameterInEachRequest',
	parameters: { parameters: [{ type: 'qs', name: 'page', value: '={{ $pageCount + 1 }}' }] },
	paginationCompleteWhen: 'other',
	completeExpression:
		'={{ $response.body.pagination.page >= $response.body.pagination.total_pages }}',
	limitPagesFetched: false,
	requestInterval: 0,
};

const splitOut: NodeInWorkflow = {
	name: 'Split out',
	type: 'n8n-nodes-base.splitOut',
	parameters: { fieldToSplitOut: 'data', options: {} },
};
