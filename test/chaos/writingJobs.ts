// The jobs of a chaos run that create patients, and what each execution told its user about each of them.
// Called by jobs.ts.
import { eyeCloudProNode } from '../harness/eyeCloudPro.ts';
import type { NodeInWorkflow, OutputItem, ShownError } from '../harness/startN8n.ts';
import {
	errorIn,
	errorOf,
	nodeName,
	onFail,
	timeoutMs,
	type Ended,
	type Job,
	type JobParts,
} from './job.ts';
import type { Claim } from './ledger.ts';
import { told } from './sentences.ts';

type NewPatient = { name_first: string; name_last: string; email: string };

/** What was told about one input item. */
type Report = Pick<Claim, 'report' | 'id'>;

const columns = { mappingMode: 'autoMapInputData', value: null };

function newPatient({ stage }: JobParts): NewPatient {
	const marker = `${stage.marker}.${stage.nextNumber()}`;
	const email = `${marker}@example.com`;
	stage.journal.expect(email);
	return { name_first: 'Robin', name_last: marker, email };
}

function newPatients(parts: JobParts, from: number, to: number): NewPatient[] {
	return Array.from({ length: parts.random.whole(from, to) }, () => newPatient(parts));
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
	const { random, stage } = parts;
	const patients = newPatients(parts, 8, 30);
	const batchSize = random.of([0, 4, 7, 10]);
	const size = batchSize || patients.length;
	const settings = onFail[random.of(['stop', 'retry', 'goOn'] as const)];
	const job = creating(parts, 'createMany', settings, patients, { batchSize });
	return {
		...job,
		judge(ended) {
			job.judge(ended);
			for (let start = 0; start < patients.length; start += size) {
				const markers = patients.slice(start, start + size).map(({ email }) => email);
				stage.ledger.batches.push({ executionId: ended.execution.id, markers });
			}
		},
	};
}

/** New patients, some of them twice, among some that exist. */
export function findOrCreate(parts: JobParts): Job {
	const { random, stage } = parts;
	const fresh = newPatients(parts, 2, 5);
	const known = Array.from({ length: random.whole(1, 3) }, () => random.of(stage.journal.kept()));
	const existing = known.map(({ email }) => ({ name_first: 'Robin', name_last: 'Known', email }));
	const doubles = fresh.filter(() => random.chance(0.4));
	const patients = [...fresh.slice(0, 2), ...existing, ...fresh.slice(2), ...doubles];
	const settings = onFail[random.of(['stop', 'retry', 'goOn'] as const)];
	return creating(parts, 'findOrCreate', settings, patients);
}

function creating(
	parts: JobParts,
	operation: 'create' | 'createMany' | 'findOrCreate',
	settings: Partial<NodeInWorkflow>,
	patients: NewPatient[],
	options: Record<string, unknown> = {},
): Job {
	const parameters = {
		resource: 'patient',
		operation,
		columns,
		...(operation === 'findOrCreate' && { matchOn: ['email'] }),
		options: { timeout: timeoutMs, ...options },
	};
	const size = operation === 'createMany' ? Number(options.batchSize) || patients.length : 1;
	const work = { patients, operation, size };
	return {
		nodes: [eyeCloudProNode(nodeName, parts.credential, parameters, settings)],
		inputItems: patients,
		judge(ended) {
			const reports = reportsOf(parts, ended, work);
			if (reports) claim(parts, ended, { ...work, reports });
		},
	};
}

interface Work {
	patients: NewPatient[];
	operation: string;
	/** How many items go into one request. */
	size: number;
}

/** What the user was told about each item; undefined, and a difference, where that can't be read. */
function reportsOf({ stage }: JobParts, { execution }: Ended, work: Work): Report[] | undefined {
	const run = execution.nodes[nodeName]?.at(-1);
	const error = errorOf(execution, run);
	if (error) {
		const created = createdBefore(error, work);
		if (created !== undefined) return reportsOfFailure(error, created, work);
		stage.ledger.differ(execution.id, `its error names no item: ${error.message}`);
		return undefined;
	}
	const items = run?.items ?? [];
	const isPaired = items.every((item, index) => pairOf(item) === index);
	if (items.length === work.patients.length && isPaired) {
		return items.map((item, index) => reportOf(item, work.patients[index], execution.id, stage));
	}
	stage.ledger.differ(
		execution.id,
		`${work.patients.length} items went in, ${items.length} came out${isPaired ? '' : ', paired wrongly'}`,
	);
	return undefined;
}

function pairOf({ pairedItem }: OutputItem): number | undefined {
	return typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : undefined;
}

function reportOf(
	item: OutputItem,
	patient: NewPatient,
	executionId: string,
	{ ledger }: JobParts['stage'],
): Report {
	const error = errorIn(item);
	if (error !== undefined) return { report: told(error) };
	const { email, patient_id: id } = item.json;
	if (email !== patient.email) ledger.differ(executionId, `another record for ${patient.email}`);
	return { report: 'created', id: Number(id) };
}

/** How many items at the beginning were created before the error; Create Many says so where there are any. */
function createdBefore(error: ShownError, { operation }: Work): number | undefined {
	if (operation === 'createMany') {
		const told = error.description ?? '';
		if (!told.includes('Created before it')) return 0;
		const before = /in EyeCloud Pro already: (\d+) of the items, 1(?: to \d+)?\./.exec(told);
		return before ? Number(before[1]) : undefined;
	}
	const itemIndex = error.context?.itemIndex;
	return typeof itemIndex === 'number' ? itemIndex : undefined;
}

/** The node works through its items in order: what comes after the one that failed was not sent. */
function reportsOfFailure(error: ShownError, created: number, work: Work): Report[] {
	const failed = told(error.message);
	return work.patients.map((_, index) => {
		if (index < created) return { report: 'created' };
		return { report: index < created + work.size ? failed : 'notCreated' };
	});
}

/** Several items may mean one patient: whoever was told of it last knows best, and all the same id. */
function claim(
	{ stage }: JobParts,
	{ execution }: Ended,
	{ patients, operation, reports }: Work & { reports: Report[] },
): void {
	const { journal, ledger } = stage;
	const strength = ['notCreated', 'unknown', 'created'];
	const claims = new Map<string, Claim>();
	reports.forEach((report, index) => {
		const marker = patients[index].email;
		const life = journal.find(marker);
		if (life?.isKept) {
			const isFound =
				report.report !== 'created' || report.id === undefined || report.id === life.id;
			if (!isFound) ledger.differ(execution.id, `did not find patient ${life.id}, which exists`);
			return;
		}
		const known = claims.get(marker);
		if (known?.id !== undefined && report.id !== undefined && known.id !== report.id) {
			ledger.differ(execution.id, `two ids for ${marker}: ${known.id} and ${report.id}`);
		}
		if (known && strength.indexOf(known.report) >= strength.indexOf(report.report)) return;
		const looksFirst = operation === 'findOrCreate';
		const about = { marker, path: '/patients', executionId: execution.id, looksFirst } as const;
		claims.set(marker, { ...about, job: operation, ...report });
	});
	for (const made of claims.values()) {
		ledger.claims.push(made);
		if (made.id !== undefined) journal.confirm(made.marker, made.id);
	}
}
