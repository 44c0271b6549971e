// A real n8n that measures its executions, and the workflows that the benchmark compares. Called by
// tools/bench.mts and by the benchmark's parts in this folder.
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
	type N8n,
	type NodeInWorkflow,
	type SavedCredential,
} from '../harness/startN8n.ts';
import type { OAuthClient, Simulator } from '../simulator/start.ts';
import { memoryWorkflowName, type CostKind } from './cost.ts';
import type { ExecutionFigures } from './executionHooks.ts';

/** More than anything can ask for: the limit is out of the way. */
export const noLimit = { requestsPerMinute: 1_000_000, windowMs: 60_000 };

export type Limit = typeof noLimit;

export type NodesMeasured = 'eyeCloudPro' | 'httpRequest';

export interface MeasuredN8n {
	n8n: N8n;
	/** A credential whose token is there already, so that no measured run has to fetch one. */
	connect(simulator: Simulator, client: OAuthClient, limit: Limit): Promise<SavedCredential>;
	/** Saves a workflow that reads every patient, and returns its id; see countCost for `costOf`. */
	workflow(
		which: NodesMeasured,
		simulator: Simulator,
		credential: SavedCredential,
		costOf?: CostKind,
	): Promise<string>;
	/** Runs a saved workflow to its end. Throws an Error when that takes longer than the time-out. */
	run(workflowId: string, timeoutMs?: number): Promise<ExecutionFigures>;
	stop(): Promise<void>;
}

const lookEveryMs = 20;
const hooksFile = fileURLToPath(new URL('./executionHooks.ts', import.meta.url));

export async function startMeasuredN8n(
	tarball: string,
	signal?: AbortSignal,
): Promise<MeasuredN8n> {
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-bench-n8n-'));
	const file = join(folder, 'figures.jsonl');
	const env = { EXTERNAL_HOOK_FILES: hooksFile, BENCH_FIGURES_FILE: file };
	const removeFolder = () => rm(folder, { recursive: true, force: true });
	const n8n = await startN8n({ tarball, env, signal }).catch(async (error: unknown) => {
		await removeFolder();
		throw error;
	});
	const run: MeasuredN8n['run'] = async (workflowId, timeoutMs = 240_000) => {
		const executionId = await n8n.startWorkflow(workflowId, manualTriggerName);
		return await figuresIn(file, executionId, timeoutMs);
	};
	const save = (name: string, nodes: NodeInWorkflow[]) => {
		const workflow = chainOfNodes(name, nodes);
		// With saved data, most of the time would go into writing 100,000 records to n8n's database.
		workflow.settings.saveManualExecutions = false;
		return n8n.createWorkflow(workflow);
	};
	return {
		n8n,
		run,
		async connect(simulator, client, { requestsPerMinute, windowMs }) {
			const data = credentialData(simulator, client, {
				requestsPerMinute,
				rateLimitWindowMs: windowMs,
			});
			const credential = await n8n.createCredential('EyeCloud Pro', data);
			// Another module than the patients', so that nothing of the limit to be measured is used up.
			const { status, error } = await run(await save('Fetch a token', [readStores(credential)]));
			if (status !== 'success') throw new Error(`The credential does not work: ${error}`);
			return credential;
		},
		workflow: (which, simulator, credential, costOf = 'cpu') =>
			save(
				costOf === 'memory' ? memoryWorkflowName : 'CPU time',
				which === 'eyeCloudPro'
					? [readPatients(credential)]
					: [requestPages(simulator, credential), splitOut],
			),
		async stop() {
			await n8n.stop();
			await removeFolder();
		},
	};
}

async function figuresIn(
	file: string,
	executionId: string,
	timeoutMs: number,
): Promise<ExecutionFigures> {
	const deadline = Date.now() + timeoutMs;
	while (Date.now() < deadline) {
		// There is no file before the first execution has ended.
		const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
		const all = lines.map((line) => JSON.parse(line) as ExecutionFigures);
		const found = all.find((figures) => figures.executionId === executionId);
		if (found) return found;
		await wait(lookEveryMs);
	}
	throw new Error(`Execution ${executionId} was not over after ${timeoutMs / 1_000} seconds.`);
}

function readStores(credential: SavedCredential): NodeInWorkflow {
	const parameters = { resource: 'store', operation: 'getAll', returnAll: false, limit: 5 };
	return eyeCloudProNode('Read stores', credential, parameters);
}

/** Not simplified, or it would put out less than the HTTP Request node does. */
function readPatients(credential: SavedCredential): NodeInWorkflow {
	const all = { resource: 'patient', operation: 'getAll', returnAll: true, simplify: false };
	return eyeCloudProNode('Read patients', credential, all);
}

/** What a user would build without this package: the largest pages in the order of their ids, too. */
function requestPages(simulator: Simulator, credential: SavedCredential): NodeInWorkflow {
	const { id, name, type } = credential;
	const query = { page_size: '250', sort: 'patient_id' };
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
				parameters: Object.entries(query).map(([key, value]) => ({ name: key, value })),
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
