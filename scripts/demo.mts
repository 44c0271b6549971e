// `npm run demo`: the packed node in a real n8n, against the simulator. Reads every patient, creates one,
// finds it. Stays open to play with; with `--once` it ends, and its exit code says whether all was right.
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { credentialData, eyeCloudProNode, mappedColumns } from '../test/harness/eyeCloudPro.ts';
import { chainOfNodes, manualTriggerName, startN8n, type N8n } from '../test/harness/startN8n.ts';
import { startSimulator, type OAuthClient, type Simulator } from '../test/simulator/start.ts';
import { report, whatIsWrong } from './demoReport.mts';
import { build, pack } from './packing.mts';
import { runToItsEnd, type Running } from './running.mts';

const patients = 1_000;
const newPatient = {
	name_first: 'Dana',
	name_last: 'Demo',
	email: 'dana.demo@example.com',
	phone: '(512) 555-0100',
	dob: '1985-03-14',
};
const nodeNames = { all: 'Read all patients', created: 'Create one', found: 'Find it by email' };

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

async function demo({ signal, atEnd, folder }: Running): Promise<void> {
	const startedAtMs = Date.now();
	await build();
	const tarball = await pack(join(await folder('demo'), 'packed'));
	const simulator = await startSimulator({ patients });
	atEnd(() => simulator.stop());
	console.log(`Simulator with ${patients} patients: ${simulator.apiUrl}`);
	console.log('Starting n8n with the packed node …');
	const starting = startN8n({ tarball, signal });
	atEnd(() => starting.then((started) => started.stop()).catch(() => undefined));
	const n8n = await starting;
	console.log(`Starting n8n: done in ${Math.round(n8n.startedInMs / 1_000)} s`);

	console.log(await credentialsToCopy(simulator));

	const workflowId = await createWorkflow(n8n, simulator);
	const execution = await n8n.runWorkflow(workflowId, manualTriggerName);
	const [counts, stored] = [await simulator.counts(), await simulator.records(2, '/patients')];
	report(execution, nodeNames, counts);
	const wrong = whatIsWrong({ execution, nodeNames, counts, stored, patients, newPatient });
	console.log(`\nTook ${Math.round((Date.now() - startedAtMs) / 1_000)} s.`);
	if (wrong) {
		console.error(`It did not come out right: ${wrong}`);
		process.exitCode = 1;
	} else {
		console.log('All of it came out right.');
	}
	if (values.once) return;
	console.log(`
The workflow, open to play with: ${n8n.url}/workflow/${workflowId}
Sign in as ${n8n.ownerEmail} with the password ${n8n.ownerPassword}
Ctrl-C stops it and removes everything.`);
	if (!signal.aborted) await once(signal, 'abort');
}

/** What to type into a credential of one's own, by the labels of the form. */
async function credentialsToCopy(simulator: Simulator): Promise<string> {
	const { clients, otherPracticeId, practiceId } = simulator;
	const readOnly = await simulator.createClient({
		clientId: 'demo-read-only',
		scopes: clients.practice.scopes.filter((scope) => scope.startsWith('read:')),
	});
	const other = await simulator.createClient({
		clientId: 'demo-other-practice',
		practiceIds: [otherPracticeId],
	});
	const lines = (client: OAuthClient, practice: number) =>
		[
			['Client ID', client.clientId],
			['Client Secret', client.clientSecret],
			['Practice Client ID', practice],
		].map(([label, value]) => `  ${String(label).padEnd(20)}${value}`);
	return [
		'\nTo make a credential by hand: EyeCloud Pro OAuth2 API, with these values',
		...[
			['Environment', 'Custom'],
			['API Base URL', simulator.apiUrl],
			['Auth Server URL', simulator.authUrl],
			['Audience', simulator.audience],
		].map(([label, value]) => `  ${label.padEnd(20)}${value}`),
		...lines(clients.practice, practiceId),
		'The same, but it may only read',
		...lines(readOnly, practiceId),
		'The same, of another practice; with the number of the first one it is refused',
		...lines(other, otherPracticeId),
	].join('\n');
}

async function createWorkflow(n8n: N8n, simulator: Simulator): Promise<string> {
	const data = credentialData(simulator, simulator.clients.practice);
	const credential = await n8n.createCredential('EyeCloud Pro simulator', data);
	// Without executeOnce, the second and third node would run once for each of the 1,000 patients.
	const once = { executeOnce: true };
	const findByEmail = { email: newPatient.email };
	return await n8n.createWorkflow(
		chainOfNodes('Read all patients, create one, find it', [
			eyeCloudProNode(nodeNames.all, credential, {
				resource: 'patient',
				operation: 'getAll',
				returnAll: true,
			}),
			eyeCloudProNode(
				nodeNames.created,
				credential,
				{ resource: 'patient', operation: 'create', columns: mappedColumns(newPatient) },
				once,
			),
			eyeCloudProNode(
				nodeNames.found,
				credential,
				{ resource: 'patient', operation: 'getAll', returnAll: true, filters: findByEmail },
				once,
			),
		]),
	);
}

await runToItsEnd(demo);
