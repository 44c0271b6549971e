// One chaos run: jobs in a real n8n, several at once, while the fault plan goes on at the simulator; then the balance.
// Called by tools/chaos.mts.
import { credentialData } from '../harness/eyeCloudPro.ts';
import { Random } from '../harness/random.ts';
import { chainOfNodes, manualTriggerName, type Execution, type N8n } from '../harness/startN8n.ts';
import type { Counts, Simulator } from '../simulator/start.ts';
import { balance, type Balanced } from './balance.ts';
import { rateLimit, runFaultPlan } from './faultPlan.ts';
import { errorIn, errorOf, type JobParts, type MakeJob } from './job.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { count, getFiltered, getLimit, returnAll } from './readingJobs.ts';
import { tiers } from './tierJobs.ts';
import { create, createGoingOn, createMany, createWithRetry, findOrCreate } from './writingJobs.ts';

/** By what they are called in the report; how often each comes, and what it is. */
const jobs: Record<string, [weight: number, MakeJob]> = {
	'Return All': [3, returnAll],
	'Get Many with a limit': [2, getLimit],
	'Get Many with a filter': [1, getFiltered],
	Count: [1, count],
	Create: [2, create],
	'Create, Retry On Fail': [3, createWithRetry],
	'Create, Continue On Fail': [3, createGoingOn],
	'Create Many': [3, createMany],
	'Find or Create': [3, findOrCreate],
	'Price tiers': [2, tiers],
};

const weights = Object.fromEntries(Object.entries(jobs).map(([name, [weight]]) => [name, weight]));

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
	const shared = { journal, ledger, marker, nextNumber: () => ++lastNumber };
	// One credential for each of two OAuth clients, since limits and tokens are theirs.
	const { practice, group } = simulator.clients;
	const { requestsPerMinute, windowMs: rateLimitWindowMs } = rateLimit;
	const limits = { requestsPerMinute, rateLimitWindowMs };
	const credentials = await Promise.all(
		[practice, group].map(
			async (client) =>
				await n8n.createCredential(client.clientId, credentialData(simulator, client, limits)),
		),
	);
	const enough = AbortSignal.any([signal, AbortSignal.timeout(minutes * 60_000)]);
	const random = new Random(seed, 'weather');
	const progress = setInterval(() => {
		const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
		const { executions, recordsRead, differences } = ledger;
		say(
			`${seconds} s: ${executions} executions, ${recordsRead} records read, ${differences.length} differences`,
		);
	}, progressEveryMs);
	const workers = Array.from({ length: executionsAtOnce }, async (_, index) => {
		const random = new Random(seed, `worker ${index}`);
		const parts = { ...shared, random, credential: credentials[index % 2] };
		while (!enough.aborted) await runJob(n8n, parts);
	});
	const faultPlan = runFaultPlan({ simulator, journal, random, marker }, enough);
	const [faults] = await Promise.all([faultPlan, ...workers]).finally(() =>
		clearInterval(progress),
	);
	const balanced = await balance({ simulator, journal, ledger, marker });
	const counts = await simulator.counts();
	return { ...balanced, ledger, counts, faults, tookMs: Date.now() - startedAtMs };
}

async function runJob(n8n: N8n, parts: JobParts): Promise<void> {
	const { ledger } = parts;
	const name = parts.random.weighted(weights);
	const job = jobs[name][1](parts);
	const workflowId = await n8n.createWorkflow(chainOfNodes(name, job.nodes, job.inputItems));
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

/** What the node never says: n8n's own words, or JavaScript's. */
const notOfTheNode = /undefined|\[object|is not a function|\bstatus code\b|E[A-Z]{6,}/;

/** Counts what became of the execution, and looks at each text that its user reads. */
function judgeMessages(ledger: Ledger, name: string, execution: Execution): void {
	const runs = Object.values(execution.nodes).flat();
	const inItems = runs.flatMap(({ items }) => items.flatMap((item) => errorIn(item) ?? []));
	const error = errorOf(execution, runs.at(-1));
	const outcome = error ? 'failed' : inItems.length > 0 ? 'success with error items' : 'success';
	ledger.count(name, outcome);
	if (execution.status !== 'success' && !error) {
		ledger.differ(execution.id, `${name} is ${execution.status} and has no error`);
	}
	for (const message of error ? [error.message, ...inItems] : inItems) {
		ledger.messages[message] = (ledger.messages[message] ?? 0) + 1;
		if (notOfTheNode.test(message)) ledger.differ(execution.id, `${name}: ${message}`);
	}
}
