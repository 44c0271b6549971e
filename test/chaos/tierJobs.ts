// The job of a chaos run that makes a price tier, changes it and, at times, deletes it. Called by jobs.ts.
import { eyeCloudProNode, mappedColumns } from '../harness/eyeCloudPro.ts';
import { errorOf, onFail, timeoutMs, type Ended, type Job, type JobParts } from './job.ts';
import type { Claim } from './ledger.ts';
import { told } from './sentences.ts';

const steps = { create: 'Create', change: 'Change', remove: 'Delete' };

/** What a tier has after it was changed. */
const changedDiscount = 45;

export function tiers(parts: JobParts): Job {
	const { stage, random, credential } = parts;
	const name = `${stage.marker}.${stage.nextNumber()}`;
	const isDeleted = random.chance(0.6);
	const node = (step: string, parameters: Record<string, unknown>) => {
		const all = { resource: 'priceTier', options: { timeout: timeoutMs }, ...parameters };
		return eyeCloudProNode(step, credential, all, onFail[random.of(['stop', 'retry'] as const)]);
	};
	const recordId = { __rl: true, mode: 'id', value: '={{ $json.pricetier_id }}' };
	const nodes = [
		node(steps.create, {
			operation: 'create',
			columns: { mappingMode: 'autoMapInputData', value: null },
		}),
		node(steps.change, {
			operation: 'update',
			recordId,
			columns: mappedColumns({ discount_percent: changedDiscount }),
		}),
		...(isDeleted ? [node(steps.remove, { operation: 'delete', recordId })] : []),
	];
	return {
		nodes,
		inputItems: [{ tier_name: name, discount_percent: 10 }],
		judge: (ended) => judge(parts, ended, { name, isDeleted }),
	};
}

function judge(
	{ stage }: JobParts,
	{ execution }: Ended,
	{ name, isDeleted }: { name: string; isDeleted: boolean },
): void {
	const { ledger } = stage;
	const [created, change, removed] = Object.values(steps).map((step) =>
		execution.nodes[step]?.at(-1),
	);
	const claim = (report: Claim['report'], id?: number) =>
		ledger.claims.push({
			...{ marker: name, path: '/configurations/pricetiers', executionId: execution.id },
			...{ job: 'tiers', looksFirst: false, report, id },
		});
	const refusal = created ? created.error : execution.error;
	if (refusal || !created) return void claim(refusal ? told(refusal.message) : 'notCreated');
	const changed = change?.items[0]?.json.discount_percent;
	if (!change?.error && changed !== changedDiscount) {
		ledger.differ(execution.id, `the tier ${name} has the discount ${changed} after its change`);
	}
	const error = errorOf(execution, removed ?? change);
	const isKept = !isDeleted || change?.error || (error && !/^It is unknown/.test(error.message));
	if (isKept) claim('created', Number(created.items[0]?.json.pricetier_id));
	else claim(error ? 'unknown' : 'notCreated');
}
