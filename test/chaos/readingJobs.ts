// The jobs of a chaos run that read, and what their outputs must hold. Called by jobs.ts.
import { eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import type { OutputItem } from '../harness/startN8n.ts';
import { nodeName, onFail, timeoutMs, type Ended, type Job, type JobParts } from './job.ts';
import type { Journal, Life, Span } from './journal.ts';

/** So many are named of many that differ. */
const mostNamed = 5;

export function returnAll(parts: JobParts): Job {
	const judge = (ended: Ended) => judgeList(parts, ended);
	return reading(parts, { operation: 'getAll', returnAll: true }, judge);
}

export function getLimit(parts: JobParts): Job {
	const limit = parts.random.of([1, 7, 60, 250, 300, 777]);
	const judge = (ended: Ended) => judgeList(parts, ended, limit);
	return reading(parts, { operation: 'getAll', returnAll: false, limit }, judge);
}

export function getFiltered(parts: JobParts): Job {
	const { journal, ledger } = parts.stage;
	const wanted = parts.random.of(journal.kept());
	const filters = { email: wanted.email };
	return reading(parts, { operation: 'getAll', returnAll: true, filters }, ({ execution }) => {
		const items = itemsOf(execution.nodes[nodeName]?.at(-1)?.items);
		ledger.recordsRead += items.length;
		const ids = items.map(({ patient_id }) => patient_id);
		if (ids.length === 1 && ids[0] === wanted.id) return;
		ledger.differ(execution.id, `the patient ${wanted.id} was looked for, [${ids}] came out`);
	});
}

export function count(parts: JobParts): Job {
	const { journal, ledger } = parts.stage;
	return reading(parts, { operation: 'count' }, ({ execution, span }) => {
		const [item, ...others] = itemsOf(execution.nodes[nodeName]?.at(-1)?.items);
		const least = journal.throughout(span).length;
		const most = journal.possibly(span).length;
		const counted = Number(item?.count);
		if (others.length === 0 && counted >= least && counted <= most) return;
		ledger.differ(execution.id, `counted ${counted} patients where there were ${least} to ${most}`);
	});
}

export function stores(parts: JobParts): Job {
	const { stores: expected, ledger } = parts.stage;
	const parameters = { resource: 'store', operation: 'getAll', returnAll: true };
	return reading(parts, parameters, ({ execution }) => {
		const ids = itemsOf(execution.nodes[nodeName]?.at(-1)?.items).map((item) => item.store_id);
		ledger.recordsRead += ids.length;
		const wanted = expected.map((store) => store.store_id);
		if (String(ids) === String(wanted)) return;
		ledger.differ(execution.id, `the stores [${wanted}] are there, [${ids}] came out`);
	});
}

/** A node that reads; its judge is asked only where n8n called the execution a success. */
function reading(
	{ random, credential }: JobParts,
	parameters: Record<string, unknown>,
	judge: (ended: Ended) => void,
): Job {
	const settings = random.chance(0.3) ? onFail.retry : onFail.stop;
	const all = { resource: 'patient', options: { timeout: timeoutMs }, ...parameters };
	return {
		nodes: [eyeCloudProNode(nodeName, credential, all, settings)],
		judge(ended) {
			if (ended.execution.status === 'success') judge(ended);
		},
	};
}

function itemsOf(items: OutputItem[] | undefined): Array<Record<string, unknown>> {
	return (items ?? []).map(({ json }) => json);
}

/** A list in the order of ids: of all patients, or of the first `limit`. */
function judgeList({ stage }: JobParts, { execution, span }: Ended, limit?: number): void {
	const { journal, ledger } = stage;
	const items = itemsOf(execution.nodes[nodeName]?.at(-1)?.items);
	ledger.recordsRead += items.length;
	const emails = new Set(items.map(({ email }) => String(email)));
	const tell = (what: string, named: unknown[]) => {
		if (named.length === 0) return;
		const names = named.slice(0, mostNamed).join(', ');
		ledger.differ(execution.id, `${named.length} ${what}: ${names}`);
	};
	const ids = items.map(({ patient_id }) => Number(patient_id));
	tell('patients came twice', twice(ids));
	tell(
		'patients came out that did not exist',
		items
			.filter(({ email }) => {
				const life = journal.find(String(email));
				return !life || !journal.mayHaveExisted(life, span);
			})
			.map(({ patient_id }) => patient_id),
	);
	if (ids.some((id, index) => index > 0 && id <= ids[index - 1])) {
		ledger.differ(execution.id, 'the patients came out in another order than that of their ids');
	}
	if (limit !== undefined && ids.length !== limit) {
		ledger.differ(execution.id, `${ids.length} patients came out, ${limit} were asked for`);
	}
	// Beyond the last of a limited list, nothing can be missing.
	const lastId = limit === undefined ? Number.POSITIVE_INFINITY : (ids.at(-1) ?? 0);
	const isMissing = ({ id, email }: Life) => Number(id) <= lastId && !emails.has(email);
	const missing = journal.throughout(span).filter(isMissing);
	tell(
		`patients are missing that existed all the while, in which ${changesIn(journal, span)}`,
		missing.map(({ id }) => id),
	);
}

/** Changes that may have moved records between the pages of a list. */
function changesIn(journal: Journal, span: Span): string {
	const possible = journal.possibly(span);
	const came = possible.filter((life) => life.sureMs > span.fromMs && life.bornMs <= span.toMs);
	const went = possible.filter((life) => life.threatenedMs <= span.toMs);
	return `up to ${came.length} came and ${went.length} went`;
}

function twice(ids: number[]): number[] {
	const seen = new Set<number>();
	return ids.filter((id) => seen.size === seen.add(id).size);
}
