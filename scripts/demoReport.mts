// What the demo prints about its run, and whether the run came out right. Called by demo.mts.
import type { Execution, OutputItem } from '../test/harness/startN8n.ts';
import type { ApiRecord, Counts } from '../test/simulator/start.ts';

export interface NodeNames {
	all: string;
	created: string;
	found: string;
}

export interface DemoRun {
	execution: Execution;
	nodeNames: NodeNames;
	counts: Counts;
	/** The patients that the simulator holds after the run. */
	stored: ApiRecord[];
	/** How many there were before it. */
	patients: number;
	newPatient: Record<string, string>;
}

const largestPage = 250;
const shownRows = 5;
const shownColumns = ['patient_id', 'name_first', 'name_last', 'email', 'phone', 'dob'];

export function report(execution: Execution, nodeNames: NodeNames, counts: Counts): void {
	for (const name of Object.values(nodeNames)) {
		const items = itemsOf(execution, name);
		console.log(`\n${name}: ${items.length} ${items.length === 1 ? 'item' : 'items'}`);
		if (items.length > 0) console.table(items.slice(0, shownRows).map(asRow));
		if (items.length > shownRows) console.log(`… and ${items.length - shownRows} more`);
	}
	console.log('\nRequests that the API received');
	console.table({ ...counts.byRoute, 'POST /oauth/token': counts.tokenRequests });
}

/** One sentence about the first thing that is not as it must be; undefined when all of it is right. */
export function whatIsWrong(run: DemoRun): string | undefined {
	const { execution, nodeNames, counts, patients, newPatient } = run;
	if (execution.status !== 'success') {
		const error = execution.error;
		return `the workflow ended with ${execution.status}: ${error?.message} ${error?.description ?? ''}`;
	}
	const ids = itemsOf(execution, nodeNames.all).map(({ json }) => json.patient_id);
	const distinct = new Set(ids).size;
	if (ids.length !== patients || distinct !== patients) {
		return `${patients} patients were to come out, and ${ids.length} did, ${distinct} of them distinct.`;
	}
	const pages = Math.ceil(patients / largestPage);
	const searches = 1;
	const gets = counts.byRoute['GET /patients'];
	if (gets !== pages + searches) {
		return `${pages} pages and ${searches} search were to be requested, and ${gets} requests came.`;
	}
	const posts = counts.byRoute['POST /patients'];
	const created = run.stored.filter(({ email }) => email === newPatient.email);
	if (posts !== 1 || created.length !== 1 || run.stored.length !== patients + 1) {
		return `one patient was to be created with one request, and ${posts} requests made ${run.stored.length - patients}.`;
	}
	const createdIds = itemsOf(execution, nodeNames.created).map(({ json }) => json.patient_id);
	const foundIds = itemsOf(execution, nodeNames.found).map(({ json }) => json.patient_id);
	const expected = String([created[0].patient_id]);
	if (String(createdIds) !== expected || String(foundIds) !== expected) {
		return `patient ${expected} was created; the node said ${createdIds}, and the search found ${foundIds}.`;
	}
	return undefined;
}

function itemsOf(execution: Execution, nodeName: string): OutputItem[] {
	return execution.nodes[nodeName]?.at(-1)?.items ?? [];
}

function asRow({ json }: OutputItem): Record<string, unknown> {
	return Object.fromEntries(shownColumns.map((column) => [column, json[column]]));
}
