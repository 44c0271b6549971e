// `npm run demo`: the packed node in a real n8n, against the simulator. Reads every patient, creates one,
// finds it. Stays open to play with; with `--once` it ends, and its exit code says whether all was right.
import { once } from 'node:events';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { credentialData, eyeCloudProNode, mappedColumns } from '../test/harness/eyeCloudPro.ts';
import { packPackage } from '../test/harness/packedPackage.ts';
import { chainOfNodes, manualTriggerName, startN8n } from '../test/harness/startN8n.ts';
import { startSimulator } from '../test/simulator/start.ts';
import { runToItsEnd, type Running } from './running.mts';

const patients = 1_000;
const newPatient = {
	...{ name_first: 'Dana', name_last: 'Demo', email: 'dana.demo@example.com' },
	...{ phone: '(512) 555-0100', dob: '1985-03-14' },
};
const names = ['Read all patients', 'Create one', 'Find it by email'];
const shownRows = 5;

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

async function demo({ signal, stopping }: Running): Promise<void> {
	console.log('Building and packing the node, and starting n8n with it …');
	const tarball = await packPackage();
	const simulator = await stopping(startSimulator({ patients }));
	const n8n = await stopping(startN8n({ tarball, signal }));
	const data = credentialData(simulator, simulator.clients.practice);
	console.log('The simulator, as the form of the credential takes it', data);

	const credential = await n8n.createCredential('EyeCloud Pro simulator', data);
	const all = { resource: 'patient', operation: 'getAll', returnAll: true };
	const create = { resource: 'patient', operation: 'create', columns: mappedColumns(newPatient) };
	const find = { ...all, filters: { email: newPatient.email } };
	const nodes = [all, create, find].map((parameters, index) =>
		// Otherwise, the second and third node would run once for each of the 1,000 patients.
		eyeCloudProNode(names[index], credential, parameters, { executeOnce: index > 0 }),
	);
	const workflowId = await n8n.createWorkflow(chainOfNodes(names.join(', '), nodes));
	const execution = await n8n.runWorkflow(workflowId, manualTriggerName);
	const [read, created, found] = names.map((name) => {
		const items = execution.nodes[name]?.at(-1)?.items.map(({ json }) => json) ?? [];
		console.log(`\n${name}: ${items.length}`);
		console.table(items.slice(0, shownRows), ['patient_id', ...Object.keys(newPatient)]);
		return items.map(({ patient_id }) => patient_id);
	});
	const requests = await simulator.received({ method: 'POST' });
	const stored = await simulator.records(simulator.practiceId, '/patients');
	const outcome = {
		'distinct patients read': new Set(read).size,
		'requests to create': requests.length,
		'patients stored': stored.length,
		'created, found': [...created, ...found].join(', '),
	};
	console.log('\nWhat it came to', outcome);
	if (execution.error) console.log(execution.error.message, execution.error.description ?? '');
	const { patient_id } = stored.find(({ email }) => email === newPatient.email) ?? {};
	const isRight = isDeepStrictEqual(outcome, {
		'distinct patients read': patients,
		'requests to create': 1,
		'patients stored': patients + 1,
		'created, found': `${String(patient_id)}, ${String(patient_id)}`,
	});
	console.log(isRight ? 'All of it came out right.' : 'It did not come out right.');
	if (!isRight) process.exitCode = 1;
	if (values.once) return;
	console.log(`
The workflow, open to play with: ${n8n.url}/workflow/${workflowId}
Sign in as ${n8n.owner.email} with the password ${n8n.owner.password}
Ctrl-C stops it and removes everything.`);
	if (!signal.aborted) await once(signal, 'abort');
}

await runToItsEnd(demo);
