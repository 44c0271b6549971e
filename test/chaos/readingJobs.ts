// The jobs of a chaos run that read, and what their outputs must hold. Called by chaos.ts.
import { eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import { nodeName, onFail, timeoutMs, type Job, type JobParts } from './job.ts';
import type { Life, Span } from './journal.ts';

type Judge = (items: Array<Record<string, unknown>>, span: Span) => string | undefined;

export function returnAll(parts: JobParts): Job {
	return reading(parts, { operation: 'getAll', returnAll: true }, listJudge(parts));
}

export function getLimit(parts: JobParts): Job {
	const limit = parts.random.of([1, 7, 60, 250, 300, 777]);
	const parameters = { operation: 'getAll', returnAll: false, limit };
	return reading(parts, parameters, listJudge(parts, limit));
}

export function getFiltered(parts: JobParts): Job {
	const { id, email } = parts.random.of(parts.journal.kept());
	const parameters = { operation: 'getAll', returnAll: true, filters: { email } };
	return reading(parts, parameters, (items) => {
		const ids = items.map(({ patient_id }) => patient_id);
		return String(ids) === String(id) ? undefined : `${id} was looked for, [${ids}] came out`;
	});
}

export function count(parts: JobParts): Job {
	return reading(parts, { operation: 'count' }, ([item], span) => {
		const least = parts.journal.throughout(span).length;
		const most = parts.journal.possibly(span).length;
		const counted = Number(item?.count);
		const isRight = counted >= least && counted <= most;
		return isRight ? undefined : `counted ${counted} patients of ${least} to ${most}`;
	});
}

/** A node that reads; its judge is asked only where n8n called the execution a success. */
function reading(
	{ random, credential, ledger }: JobParts,
	parameters: Record<string, unknown>,
	judge: Judge,
): Job {
	const settings = random.chance(0.3) ? onFail.retry : onFail.stop;
	const all = { resource: 'patient', options: { timeout: timeoutMs }, ...parameters };
	return {
		nodes: [eyeCloudProNode(nodeName, credential, all, settings)],
		judge({ execution, span }) {
			if (execution.status !== 'success') return;
			const items = execution.nodes[nodeName]?.at(-1)?.items ?? [];
			ledger.recordsRead += items.length;
			const difference = judge(
				items.map(({ json }) => json),
				span,
			);
			if (difference) ledger.differ(execution.id, difference);
		},
	};
}

/** A list in the order of ids: of all patients, or of the first `limit`. */
function listJudge({ journal }: JobParts, limit?: number): Judge {
	return (items, span) => {
		const ids = items.map(({ patient_id }) => Number(patient_id));
		const emails = new Set(items.map(({ email }) => String(email)));
		const possible = new Set(journal.possibly(span).map(({ email }) => email));
		// Beyond the last of a limited list, nothing can be missing.
		const lastId = limit === undefined ? Number.POSITIVE_INFINITY : (ids.at(-1) ?? 0);
		const isMissing = ({ id, email }: Life) => Number(id) <= lastId && !emails.has(email);
		const missing = journal.throughout(span).filter(isMissing);
		const never = Array.from(emails).filter((email) => !possible.has(email));
		const isOrdered = ids.every((id, index) => index === 0 || id > ids[index - 1]);
		const differences = [
			isOrdered ? [] : 'patients came twice, or in another order than that of their ids',
			limit === undefined || ids.length === limit ? [] : `${ids.length} of ${limit} came out`,
			missing.length > 0 ? `missing: ${missing.slice(0, 5).map(({ id }) => id)}` : [],
			never.length > 0 ? `there were none such: ${never.slice(0, 5)}` : [],
		].flat();
		return differences.join('; ') || undefined;
	};
}
