// One chaos run: jobs in a real n8n, several at once, while the fault plan goes on at the simulator; then what the users
// were told is held against what the simulator has. Called by tools/chaos.mts.
import { credentialData, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { Random } from '../harness/random.ts';
import {
	chainOfNodes,
	manualTriggerName,
	type N8n,
	type SavedCredential,
} from '../harness/startN8n.ts';
import type { Simulator } from '../simulator/start.ts';
import { rateLimit, runFaultPlan } from './faultPlan.ts';
import { errorIn, jobs, type Claim } from './jobs.ts';
import { Journal } from './journal.ts';

const weights = Object.fromEntries(Object.entries(jobs).map(([name, [weight]]) => [name, weight]));

const executionsAtOnce = 4;

/** What the node never says: n8n's own words, or JavaScript's. */
const notOfTheNode = /undefined|\[object|is not a function|\bstatus code\b|E[A-Z]{6,}/;

/**
 * What the run has found, and how often each outcome of an execution came.
 *
 * @param signal ends the run early; what is under way is waited for and balanced all the same
 */
export async function runChaos(
	n8n: N8n,
	simulator: Simulator,
	seed: number,
	minutes: number,
	signal: AbortSignal,
) {
	// Not from the seed alone: it must not be anywhere else by accident.
	const marker = `zq${seed}x${Date.now().toString(36)}`;
	const journal = new Journal(await simulator.records(simulator.practiceId, '/patients'), marker);
	const claims = new Map<string, Claim>();
	const differences: string[] = [];
	const outcomes: Record<string, number> = {};

	async function runJob(random: Random, credential: SavedCredential): Promise<void> {
		const name = random.weighted(weights);
		const job = jobs[name][1]({ journal, claims, random });
		const parameters = { resource: 'patient', ...job.parameters };
		const node = eyeCloudProNode('Node', credential, parameters, job.settings);
		const fromMs = Date.now();
		const workflow = chainOfNodes(name, [node], job.inputItems);
		const execution = await n8n.runWorkflow(workflow, manualTriggerName);
		const isSuccess = execution.status === 'success';
		const items = (isSuccess && execution.nodes.Node?.at(-1)?.items) || [];
		const found = isSuccess ? job.judge(items, { fromMs, toMs: Date.now() }) : [];
		const inItems = items.flatMap((item) => errorIn(item) ?? []);
		const said = isSuccess ? inItems : [execution.error?.message ?? 'undefined'];
		found.push(...said.filter((message) => notOfTheNode.test(message)));
		differences.push(...found.map((what) => `execution ${execution.id}, ${name}: ${what}`));
		const outcome = `${name}: ${inItems.length > 0 ? 'success with error items' : execution.status}`;
		outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
	}

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
	const workers = Array.from({ length: executionsAtOnce }, async (_, index) => {
		const random = new Random(seed, `worker ${index}`);
		while (!enough.aborted) await runJob(random, credentials[index % 2]);
	});
	const weather = runFaultPlan(simulator, journal, new Random(seed, 'weather'), enough);
	const [added] = await Promise.all([weather, ...workers]);
	const isOfJobs = (email: string) => email.startsWith(marker) && !added.has(email);
	differences.push(...(await balance(simulator, journal, claims, isOfJobs)));
	return { differences, outcomes, answers: (await simulator.counts()).byOutcome };
}

/** What users were told against what there is. */
async function balance(
	{ records, practiceId }: Simulator,
	{ lives }: Journal,
	claims: Map<string, Claim>,
	isOfJobs: (email: string) => boolean,
): Promise<string[]> {
	/** The ids of each patient that a job created, of which there should be one. */
	const existing = new Map<string, number[]>();
	for (const { email, patient_id } of await records(practiceId, '/patients')) {
		const ids = existing.get(String(email)) ?? [];
		if (isOfJobs(String(email))) existing.set(String(email), [...ids, Number(patient_id)]);
	}
	return lives.flatMap(({ email, goneMs }) => {
		const ids = existing.get(email) ?? [];
		const { report, id } = claims.get(email) ?? { report: 'notCreated' };
		const isMissing = report === 'created' && ids.length === 0 && !Number.isFinite(goneMs);
		const isUntold = report === 'notCreated' && ids.length > 0;
		const isOther = id !== undefined && ids.length === 1 && id !== ids[0];
		const isWrong = ids.length > 1 || isMissing || isUntold || isOther;
		return isWrong ? [`${email}: told ${report} ${id ?? ''}, and there are [${ids}]`] : [];
	});
}
