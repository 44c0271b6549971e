// `npm run demo`: the packed node in a real n8n, against the simulator. Reads every patient, creates one,
// finds it. Stays open to play with; with `--once` it ends, and its exit code says whether all was right.
import { once } from 'node:events';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { credentialData, eyeCloudProNode, mappedColumns } from '../test/harness/eyeCloudPro.ts';
import { packPackage } from '../test/harness/packedPackage.ts';
import {
	chainOfNodes,
	manualTriggerName,
	startN8n,
	type Execution,
	type N8n,
} from '../test/harness/startN8n.ts';
import { startSimulator, type OAuthClient, type Simulator } from '../test/simulator/start.ts';
import { runToItsEnd, type Running } from './running.mts';

const patients = 1_000;
const largestPage = 250;
const newPatient = {
	name_first: 'Dana',
	name_last: 'Demo',
	email: 'dana.demo@example.com',
	phone: '(512) 555-0100',
	dob: '1985-03-14',
};
const names = { all: 'Read all patients', created: 'Create one', found: 'Find it by email' };
const shownRows = 5;
const shownColumns = ['patient_id', ...Object.keys(newPatient)];

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

async function demo({ signal, stopping }: Running): Promise<void> {
	const startedAtMs = Date.now();
	console.log('Building and packing the node …');
	const tarball = await packPackage();
	const simulator = await stopping(startSimulator({ patients }));
	console.log(`Simulator with ${patients} patients: ${simulator.apiUrl}`);
	console.log('Starting n8n with the packed node …');
	const n8n = await stopping(startN8n({ tarball, signal }));
	await showCredentials(simulator);

	const workflowId = await createWorkflow(n8n, simulator);
	const execution = await n8n.runWorkflow(workflowId, manualTriggerName);
	for (const name of Object.values(names)) show(name, itemsOf(execution, name));
	const isRight = await checked(execution, simulator);
	console.log(`\nTook ${Math.round((Date.now() - startedAtMs) / 1_000)} s.`);
	console.log(isRight ? 'All of it came out right.' : 'It did not come out right.');
	if (!isRight) process.exitCode = 1;
	if (values.once) return;
	console.log(`
The workflow, open to play with: ${n8n.url}/workflow/${workflowId}
Sign in as ${n8n.owner.email} with the password ${n8n.owner.password}
Ctrl-C stops it and removes everything.`);
	if (!signal.aborted) await once(signal, 'abort');
}

/** What to type into a credential of one's own, by the labels of the form. */
async function showCredentials(simulator: Simulator): Promise<void> {
	const { clients, otherPracticeId, practiceId } = simulator;
	const readOnly = await simulator.createClient({
		clientId: 'demo-read-only',
		scopes: clients.practice.scopes.filter((scope) => scope.startsWith('read:')),
	});
	const other = await simulator.createClient({
		clientId: 'demo-other-practice',
		practiceIds: [otherPracticeId],
	});
	const show = (title: string, fields: Record<string, unknown>) => {
		console.log(title);
		for (const [label, value] of Object.entries(fields))
			console.log(`  ${label.padEnd(20)}${value}`);
	};
	const fieldsOf = ({ clientId, clientSecret }: OAuthClient, practice: number) => ({
		'Client ID': clientId,
		'Client Secret': clientSecret,
		'Practice Client ID': practice,
	});
	show('\nTo make a credential by hand: EyeCloud Pro OAuth2 API, with these values', {
		'Grant Type': 'Client Credentials, as it is (Authorization Code works too)',
		...fieldsOf(clients.practice, practiceId),
		Environment: 'Custom',
		'API Base URL': simulator.apiUrl,
		'Auth Server URL': simulator.authUrl,
		Audience: simulator.audience,
	});
	show('The same, but it may only read', fieldsOf(readOnly, practiceId));
	show(
		'The same, of another practice; with the number of the first one it is refused',
		fieldsOf(other, otherPracticeId),
	);
}

async function createWorkflow(n8n: N8n, simulator: Simulator): Promise<string> {
	const data = credentialData(simulator, simulator.clients.practice);
	const credential = await n8n.createCredential('EyeCloud Pro simulator', data);
	const all = { resource: 'patient', operation: 'getAll', returnAll: true };
	const create = { resource: 'patient', operation: 'create', columns: mappedColumns(newPatient) };
	const find = { ...all, filters: { email: newPatient.email } };
	// Without executeOnce, the second and third node would run once for each of the 1,000 patients.
	const once = { executeOnce: true };
	return await n8n.createWorkflow(
		chainOfNodes('Read all patients, create one, find it', [
			eyeCloudProNode(names.all, credential, all),
			eyeCloudProNode(names.created, credential, create, once),
			eyeCloudProNode(names.found, credential, find, once),
		]),
	);
}

function itemsOf(execution: Execution, nodeName: string): Array<Record<string, unknown>> {
	return execution.nodes[nodeName]?.at(-1)?.items.map(({ json }) => json) ?? [];
}

function show(name: string, items: Array<Record<string, unknown>>): void {
	console.log(`\n${name}: ${items.length} ${items.length === 1 ? 'item' : 'items'}`);
	if (items.length > 0) console.table(items.slice(0, shownRows), shownColumns);
	if (items.length > shownRows) console.log(`… and ${items.length - shownRows} more`);
}

/** Whether what came out, what was asked for and what is stored are what they must be; shows it. */
async function checked(execution: Execution, simulator: Simulator): Promise<boolean> {
	const { byRoute } = await simulator.counts();
	const stored = await simulator.records(simulator.practiceId, '/patients');
	const idsOf = (name: string) => itemsOf(execution, name).map(({ patient_id }) => patient_id);
	const isNew = ({ email }: Record<string, unknown>) => email === newPatient.email;
	const createdIds = stored.filter(isNew).map(({ patient_id }) => patient_id);
	const outcome = {
		status: execution.status,
		'distinct patients read': new Set(idsOf(names.all)).size,
		'requests for them': byRoute['GET /patients'],
		'requests to create': byRoute['POST /patients'],
		'patients stored': stored.length,
		'created, found': [createdIds, idsOf(names.created), idsOf(names.found)].join(', '),
	};
	console.log('\nWhat it came to');
	console.table(outcome);
	if (execution.error) console.log(execution.error.message, execution.error.description ?? '');
	return isDeepStrictEqual(outcome, {
		status: 'success',
		'distinct patients read': patients,
		// The last page is full, so one more shows that it is the last; and one finds the new patient.
		'requests for them': patients / largestPage + 2,
		'requests to create': 1,
		'patients stored': patients + 1,
		'created, found': Array(3).fill(createdIds[0]).join(', '),
	});
}

await runToItsEnd(demo);
