// `npm run dev`: a real n8n with this folder's node in it and the simulator behind it. n8n's own tool compiles what
// you save, and n8n loads it again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentialData } from '../test/harness/eyeCloudPro.ts';
import { packPackage } from '../test/harness/packedPackage.ts';
import { startN8n } from '../test/harness/startN8n.ts';
import { startSimulator } from '../test/simulator/start.ts';
import { runToItsEnd, type Running } from './running.mts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'node_modules/@n8n/node-cli/bin/n8n-node.mjs');

async function dev({ signal, stopping }: Running): Promise<void> {
	console.log('Building the node …');
	await packPackage();
	// Not in this folder, which is linked into it: n8n's tool would look for pictures in circles.
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-dev-'));
	await stopping(Promise.resolve({ stop: () => rm(folder, { recursive: true, force: true }) }));
	const simulator = await stopping(startSimulator({ patients: 1_000 }));
	const switches = ['dev', '--external-n8n', '--custom-user-folder', folder];
	const compiling = spawn(process.execPath, [cli, ...switches], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	signal.addEventListener('abort', () => compiling.kill());
	// The node is linked into n8n's folder before anything is shown.
	await once(compiling.stdout, 'data');
	console.log('Starting n8n …');
	const starting = startN8n({ folder, signal, env: { N8N_DEV_RELOAD: 'true' } });
	const n8n = await stopping(starting);
	const data = credentialData(simulator, simulator.clients.practice);
	await n8n.createCredential('EyeCloud Pro simulator', data);
	const signIn = `\n${n8n.url}\n${n8n.ownerEmail}, password ${n8n.ownerPassword}\nCtrl-C stops it.\n`;
	console.log(signIn);
	// Each time it clears the screen and shows all anew.
	compiling.stdout.on('data', (screen) => process.stdout.write(`${screen}${signIn}`));
	if (!signal.aborted) await once(signal, 'abort');
}

await runToItsEnd(dev);
