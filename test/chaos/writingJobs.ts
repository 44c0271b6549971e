// The jobs of a chaos run that create patients, and what each execution told its user about each of them.
// Called by chaos.ts.
import { automaticColumns, eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import type { NodeInWorkflow, OutputItem } from '../harness/startN8n.ts';
import {
	errorIn,
	errorOf,
	nodeName,
	onFail,
	timeoutMs,
	told,
	type Ended,
	type Job,
	type JobParts,
} from './job.ts';
import type { Claim } from './ledger.ts';

type NewPatient = { name_first: string; name_last: string; email: string };

/** What was told about one input item. */
type Report = Pick<Claim, 'report' | 'id'>;

interface Work {
	operation: 'create' | 'createMany' | 'findOrCreate';
	patients: NewPatient[];
	/** How many items go into one request. */
	size: number;
}

function newPatients({ journal, marker, nextNumber, random }: JobParts, from: number, to: number) {
	return Array.from({ length: random.whole(from, to) }, (): NewPatient => {
		const name = `${marker}.${nextNumber()}`;
		const { email } = journal.expect(`${name}@example.com`);
		return { name_first: 'Robin', name_last: name, email };
	});
}

export function create(parts: JobParts): Job {
	return creating(parts, 'create', onFail.stop, newPatients(parts, 3, 8));
}

export function createWithRetry(parts: JobParts): Job {
	return creating(parts, 'create', onFail.retry, newPatients(parts, 3, 8));
}

/** Some of its items can't be sent at all. */
export function createGoingOn(parts: JobParts): Job {
	const patients = newPatients(parts, 4, 8).map((patient) =>
		parts.random.chance(0.2) ? { ...patient, email: `${patient.name_last}@` } : patient,
	);
	return creating(parts, 'create', onFail.goOn, patients);
}

export function createMany(parts: JobParts): Job {
	const batchSize = parts.random.of([0, 4, 7, 10]);
	return creating(parts, 'createMany', anySetting(parts), newPatients(parts, 8, 30), batchSize);
}

/** New patients, some of them twice, among some that exist. */
export function findOrCreate(parts: JobParts): Job {
	const { random, journal } = parts;
	const fresh = newPatients(parts, 2, 5);
	const known = Array.from({ length: random.whole(1, 3) }, () => random.of(journal.kept()));
	const existing = known.map(({ email }) => ({ name_first: 'Robin', name_last: 'Known', email }));
	const doubles = fresh.filter(() => random.chance(0.4));
	const patients = [...fresh.slice(0, 2), ...existing, ...fresh.slice(2), ...doubles];
	return creating(parts, 'findOrCreate', anySetting(parts), patients);
}

function anySetting({ random }: JobParts): Partial<NodeInWorkflow> {
	return onFail[random.of(['stop', 'retry', 'goOn'] as const)];
}

function creating(
	parts: JobParts,
	operation: Work['operation'],
	settings: Partial<NodeInWorkflow>,
	patients: NewPatient[],
	batchSize = 0,
): Job {
	const parameters = {
		...{ resource: 'patient', operation, columns: automaticColumns },
		...(operation === 'findOrCreate' && { matchOn: ['email'] }),
		options: { timeout: timeoutMs, ...(operation === 'createMany' && { batchSize }) },
	};
	const size = operation === 'createMany' ? batchSize || patients.length : 1;
	const work = { patients, operation, size };
	return {
		nodes: [eyeCloudProNode(nodeName, parts.credential, parameters, settings)],
		inputItems: patients,
		judge(ended) {
			const reports = reportsOf(ended, work);
			if (typeof reports !== 'string') claim(parts, ended, work, reports);
			else parts.ledger.differ(ended.execution.id, reports);
		},
	};
}

/** What the user was told about each item; a text where that can't be read. */
function reportsOf({ execution }: Ended, { operation, patients, size }: Work): Report[] | string {
	const run = execution.nodes[nodeName]?.at(-1);
	const error = errorOf(execution, run);
	if (!error) {
		const items = run?.items ?? [];
		const isEach = items.every((item, index) => pairOf(item) === index);
		if (items.length === patients.length && isEach) return items.map(reportOf);
		return `${patients.length} items went in, ${items.length} came out, or paired wrongly`;
	}
	// Create Many says what was created before where there is anything.
	const text = error.description ?? '';
	const [, before] =
		/in EyeCloud Pro already: (\d+) of the items, 1(?: to \d+)?\./.exec(text) ?? [];
	const isSilent = operation === 'createMany' && !text.includes('Created before it');
	const at = operation === 'createMany' ? Number(before) : error.context?.itemIndex;
	const created = isSilent ? 0 : at;
	if (typeof created !== 'number' || Number.isNaN(created)) {
		return `its error names no item: ${error.message}`;
	}
	// The node works through its items in order: what comes after the one that failed was not sent.
	const failed = told(error.message);
	return patients.map((_, index) => {
		if (index < created) return { report: 'created' };
		return { report: index < created + size ? failed : 'notCreated' };
	});
}

function pairOf({ pairedItem }: OutputItem): number | undefined {
	return typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : undefined;
}

function reportOf(item: OutputItem): Report {
	const error = errorIn(item);
	if (error !== undefined) return { report: told(error) };
	return { report: 'created', id: Number(item.json.patient_id) };
}

/** Several items may mean one patient: whoever was told of it last knows best, and all the same id. */
function claim(
	{ journal, ledger }: JobParts,
	{ execution }: Ended,
	{ patients, operation }: Work,
	reports: Report[],
): void {
	const strength = ['notCreated', 'unknown', 'created'];
	const claims = new Map<string, Claim>();
	for (const [index, { report, id }] of reports.entries()) {
		const marker = patients[index].email;
		const life = journal.find(marker);
		const known = claims.get(marker);
		const otherId = life?.isKept ? life.id : known?.id;
		if (otherId !== undefined && id !== undefined && otherId !== id) {
			ledger.differ(execution.id, `told ${id} instead of ${otherId} for ${marker}`);
		}
		if (life?.isKept) continue;
		if (known && strength.indexOf(known.report) >= strength.indexOf(report)) continue;
		claims.set(marker, { marker, executionId: execution.id, job: operation, report, id });
	}
	for (const made of claims.values()) {
		ledger.claims.push(made);
		if (made.id !== undefined) journal.confirm(made.marker, made.id);
	}
}
