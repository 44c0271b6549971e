// The job of a chaos run that makes a price tier, changes it and, at times, deletes it. Called by chaos.ts.
import { automaticColumns, eyeCloudProNode, mappedColumns } from '../harness/eyeCloudPro.ts';
import { errorOf, onFail, timeoutMs, told, type Job, type JobParts } from './job.ts';
import type { Claim } from './ledger.ts';

/** What a tier has after it was changed. */
const changedDiscount = 45;

export function tiers({ marker, nextNumber, ledger, random, credential }: JobParts): Job {
	const name = `${marker}.${nextNumber()}`;
	const isDeleted = random.chance(0.6);
	const recordId = { __rl: true, mode: 'id', value: '={{ $json.pricetier_id }}' };
	const steps = {
		create: { columns: automaticColumns },
		update: { recordId, columns: mappedColumns({ discount_percent: changedDiscount }) },
		...(isDeleted && { delete: { recordId } }),
	};
	return {
		nodes: Object.entries(steps).map(([operation, parameters]) => {
			const all = { resource: 'priceTier', operation, options: { timeout: timeoutMs } };
			const settings = onFail[random.of(['stop', 'retry'] as const)];
			return eyeCloudProNode(operation, credential, { ...all, ...parameters }, settings);
		}),
		inputItems: [{ tier_name: name, discount_percent: 10 }],
		judge({ execution }) {
			const [created, change, removed] = ['create', 'update', 'delete'].map((step) =>
				execution.nodes[step]?.at(-1),
			);
			const claim = (report: Claim['report'], id?: number) =>
				ledger.claims.push({ marker: name, executionId: execution.id, job: 'tiers', report, id });
			const refusal = created ? created.error : execution.error;
			if (refusal || !created) return void claim(refusal ? told(refusal.message) : 'notCreated');
			const changed = change?.items[0]?.json.discount_percent;
			if (!change?.error && changed !== changedDiscount) {
				ledger.differ(
					execution.id,
					`the tier ${name} has the discount ${changed} after its change`,
				);
			}
			const error = errorOf(execution, removed ?? change);
			const isKept = !isDeleted || change?.error || (error && told(error.message) !== 'unknown');
			if (isKept) claim('created', Number(created.items[0]?.json.pricetier_id));
			else claim(error ? 'unknown' : 'notCreated');
		},
	};
}
