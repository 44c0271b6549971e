// An activated EyeCloud Pro Trigger in a real n8n that is killed in the middle of polls and started again,
// and what came out of it in the end. Called by tools/kills.mts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'flatted';
import type { IRunExecutionData } from 'n8n-workflow';
import { Random } from '../harness/random.ts';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { credentialData, triggerWorkflow } from '../harness/eyeCloudPro.ts';
import { startN8n, until, type N8n } from '../harness/startN8n.ts';

export interface KillOptions {
	tarball: string;
	kills: number;
	seed: number;
	/** n8n stores the cursor together with the execution. */
	hasDurableCursors: boolean;
}

/** All of these are needed; with one of them missing, n8n says so in its log and goes without. */
const durableCursors = {
	N8N_SCHEDULER_ENABLED: 'true',
	N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
	N8N_USE_WORKFLOW_PUBLICATION_SERVICE: 'true',
	N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
};

const LATENCY_MS = 150;
/** Of two requests, and the time in which n8n stores what they brought. */
const LATEST_KILL_MS = 2 * LATENCY_MS + 300;
const ADDED_AT_A_TIME = 5;
const LAST_POLLS_MS = 150_000;

/** How many were added, the ids of those that no execution has, and how often one came once more. */
export async function killPolls(options: KillOptions) {
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-kills-'));
	const simulator = await startSimulator({
		patients: 300,
		latencyMs: LATENCY_MS,
		rateLimit: { requestsPerMinute: 100_000 },
	});
	try {
		return await killAndCount(options, simulator, folder);
	} finally {
		await simulator.stop();
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	}
}

async function killAndCount(options: KillOptions, simulator: Simulator, folder: string) {
	const env = options.hasDurableCursors ? durableCursors : {};
	const random = new Random(options.seed, 'kills');
	let n8n = await startN8n({ folder, env, tarball: options.tarball });
	const { owner } = n8n;
	const workflowId = await activated(n8n, simulator);
	const added: number[] = [];
	for (let kill = 0; kill < options.kills; kill++) {
		await n8n.kill();
		for (let count = 0; count < ADDED_AT_A_TIME; count++) {
			added.push(Number((await simulator.addRecord(2, '/patients')).patient_id));
		}
		const { total } = await simulator.counts();
		n8n = await startN8n({ folder, env, owner });
		await until(async () => (await simulator.counts()).total > total);
		await wait(random.whole(0, LATEST_KILL_MS));
	}
	await n8n.kill();
	n8n = await startN8n({ folder, env, owner });
	try {
		const found = await delivered(n8n, workflowId, added);
		const once = new Set(found);
		return {
			added: added.length,
			missed: added.filter((id) => !once.has(id)),
			doubles: found.length - once.size,
		};
	} finally {
		await n8n.stop();
	}
}

async function activated(n8n: N8n, simulator: Simulator): Promise<string> {
	const data = credentialData(simulator, simulator.clients.practice, {
		requestsPerMinute: 100_000,
	});
	const credential = await n8n.createCredential('EyeCloud Pro', data);
	const workflow = triggerWorkflow(credential, { resource: 'patient', simplify: false });
	const workflowId = await n8n.createWorkflow(workflow);
	await n8n.activateWorkflow(workflowId);
	// The first poll, which says where to begin, is over when there is something new to find.
	await until(async () => (await simulator.counts()).total >= 3);
	const first = Number((await simulator.addRecord(2, '/patients')).patient_id);
	await n8n.deactivateWorkflow(workflowId);
	await n8n.activateWorkflow(workflowId);
	await delivered(n8n, workflowId, [first]);
	return workflowId;
}

/** Ids in all executions, once each of the wanted ones is among them or two polls have gone by. */
async function delivered(n8n: N8n, workflowId: string, wanted: number[]) {
	const startedAtMs = Date.now();
	for (;;) {
		const executions = await n8n.executions(workflowId);
		const ids: number[] = [];
		for (const { id } of executions) {
			const stored = await n8n.request<{ data: string }>('GET', `/rest/executions/${id}`);
			for (const found of idsOfTrigger(stored.data)) ids.push(found);
		}
		const isOver = executions.every(({ stoppedAt }) => stoppedAt !== null);
		const isThere = wanted.every((id) => ids.includes(id));
		if ((isOver && isThere) || Date.now() - startedAtMs > LAST_POLLS_MS) {
			return ids.filter((id) => wanted.includes(id));
		}
		await wait(250);
	}
}

/** What the trigger handed to the execution, also where n8n died before it came to the next node. */
function idsOfTrigger(data: string): number[] {
	const { resultData, executionData } = parse(data) as IRunExecutionData;
	const runs = Object.values(resultData?.runData ?? {})[0] ?? [];
	const [run] = runs.length > 0 ? runs : (executionData?.nodeExecutionStack ?? []);
	return (run?.data?.main?.[0] ?? []).map(({ json }) => Number(json.patient_id));
}
