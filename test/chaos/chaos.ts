// One chaos run: jobs in a real n8n, several at once, while the fault plan rages at the simulator; then the
// balance. Called by tools/chaos.mts.
import { credentialData } from '../harness/eyeCloudPro.ts';
import {
	chainOfNodes,
	manualTriggerName,
	type Execution,
	type N8n,
	type SavedCredential,
} from '../harness/startN8n.ts';
import type { Counts, Simulator } from '../simulator/start.ts';
import { balance, type Balanced } from './balance.ts';
import type { Job, Stage } from './job.ts';
import { jobs, weights, type JobName } from './jobs.ts';
import { Journal } from './journal.ts';
import { findLeaks } from './leaks.ts';
import { Ledger } from './ledger.ts';
import { Random } from '../harness/random.ts';
import { errorIn, errorOf, isOfTheNode } from './sentences.ts';
import { rateLimit, FaultPlan } from './faultPlan.ts';

const executionsAtOnce = 4;

/** Far beyond what the node's own waits add up to in these faults; an execution that lasts longer hangs. */
const executionTimeoutMs = 240_000;

const progressEveryMs = 15_000;

export interface ChaosOptions {
	n8n: N8n;
	simulator: Simulator;
	seed: number;
	minutes: number;
	/** Ends the run early; what is under way is waited for and balanced all the same. */
	signal: AbortSignal;
	say: (line: string) => void;
}

export interface ChaosResult extends Balanced {
	ledger: Ledger;
	counts: Counts;
	faults: Record<string, number>;
	tookMs: number;
}

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
	const { n8n, simulator, seed, minutes, signal, say } = options;
	const startedAtMs = Date.now();
	// Not from the seed alone: it must not be anywhere else by accident.
	const marker = `zq${seed}x${startedAtMs.toString(36)}`;
	const journal = new Journal(await simulator.records(simulator.practiceId, '/patients'));
	const ledger = new Ledger();
	let lastNumber = 0;
	const stage: Stage = {
		...{ journal, ledger, marker },
		stores: await simulator.records(simulator.practiceId, '/stores'),
		nextNumber: () => ++lastNumber,
	};
	const credentials = await saveCredentials(n8n, simulator);
	const enough = AbortSignal.any([signal, AbortSignal.timeout(minutes * 60_000)]);
	const faultPlan = new FaultPlan({
		simulator,
		journal,
		random: new Random(seed, 'weather'),
		marker,
	});
	const progress = setInterval(() => say(progressLine(ledger, startedAtMs)), progressEveryMs);
	try {
		const workers = Array.from({ length: executionsAtOnce }, (_, index) => {
			const random = new Random(seed, `worker ${index}`);
			return work({ n8n, stage, random, credential: credentials[index % 2] }, enough);
		});
		await Promise.all([faultPlan.run(enough), ...workers]);
	} finally {
		clearInterval(progress);
	}
	const balanced = await balance({ simulator, journal, ledger, marker });
	const { practice, group } = simulator.clients;
	for (const leak of findLeaks(n8n.log, marker, [practice, group])) ledger.differ('any', leak);
	const counts = await simulator.counts();
	return {
		...balanced,
		...{ ledger, counts },
		faults: faultPlan.made,
		tookMs: Date.now() - startedAtMs,
	};
}

/** One for each of two OAuth clients, since limits and tokens are theirs. */
async function saveCredentials(n8n: N8n, simulator: Simulator): Promise<SavedCredential[]> {
	const changes = {
		requestsPerMinute: rateLimit.requestsPerMinute,
		rateLimitWindowMs: rateLimit.windowMs,
	};
	const { practice, group } = simulator.clients;
	return [
		await n8n.createCredential('Practice', credentialData(simulator, practice, changes)),
		await n8n.createCredential('Group', credentialData(simulator, group, changes)),
	];
}

interface Worker {
	n8n: N8n;
	stage: Stage;
	random: Random;
	credential: SavedCredential;
}

/** One execution after the other, until it is enough. */
async function work(worker: Worker, enough: AbortSignal): Promise<void> {
	while (!enough.aborted) {
		const name = worker.random.weighted(weights) as JobName;
		const job = jobs[name](worker);
		await runJob(worker, name, job);
	}
}

async function runJob({ n8n, stage }: Worker, name: JobName, job: Job): Promise<void> {
	const { ledger } = stage;
	const workflow = chainOfNodes(name, job.nodes, job.inputItems);
	const workflowId = await n8n.createWorkflow(workflow);
	const fromMs = Date.now();
	const executionId = await n8n.startWorkflow(workflowId, manualTriggerName);
	const execution = await n8n
		.executionEnded(executionId, executionTimeoutMs)
		.catch((error: Error) => error);
	if (execution instanceof Error) {
		ledger.count(name, 'not over');
		ledger.differ(executionId, `${name}: ${execution.message}`);
		await n8n.stopExecution(executionId).catch(() => undefined);
		return;
	}
	judgeMessages(ledger, name, execution);
	job.judge({ execution, span: { fromMs, toMs: Date.now() } });
}

/** Counts what became of the execution, and looks at each text that its user reads. */
function judgeMessages(ledger: Ledger, name: JobName, execution: Execution): void {
	const runs = Object.values(execution.nodes).flat();
	const inItems = runs
		.flatMap(({ items }) => items.map(errorIn))
		.filter((text) => text !== undefined);
	const error = errorOf(execution, runs.at(-1));
	const outcome = error ? 'failed' : inItems.length > 0 ? 'success with error items' : 'success';
	ledger.count(name, outcome);
	if (execution.status !== 'success' && !error) {
		ledger.differ(execution.id, `${name} is ${execution.status} and has no error`);
	}
	for (const message of error ? [error.message, ...inItems] : inItems) {
		ledger.countMessage(message);
		if (isOfTheNode(message)) continue;
		ledger.differ(execution.id, `${name}: no sentence of the node that fits: ${message}`);
	}
}

function progressLine(ledger: Ledger, startedAtMs: number): string {
	const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
	const { executions, recordsRead, claims, differences } = ledger;
	const created = claims.filter(({ report }) => report === 'created').length;
	return `${seconds} s: ${executions} executions, ${recordsRead} records read, ${created} reported as created, ${differences.length} differences`;
}
