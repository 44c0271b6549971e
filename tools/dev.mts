// `npm run dev`: a real n8n with the node in it and the simulator behind it. What you save is compiled into it, and
// n8n loads it again. `n8n-node dev` links this whole folder into n8n, which then takes Arrow.node.js of a tool's
// dependency for a node, and ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentialData } from '../test/harness/eyeCloudPro.ts';
import { packPackage } from '../test/harness/packedPackage.ts';
import { startN8n } from '../test/harness/startN8n.ts';
import { startSimulator } from '../test/simulator/start.ts';
import { runToItsEnd, type Running } from './running.mts';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

async function dev({ signal, stopping }: Running): Promise<void> {
	console.log('Building the node, and starting n8n with it …');
	const tarball = await packPackage();
	const simulator = await stopping(startSimulator({ patients: 1_000 }));
	const n8n = await stopping(startN8n({ tarball, signal, env: { N8N_DEV_RELOAD: 'true' } }));
	const data = credentialData(simulator, simulator.clients.practice);
	await n8n.createCredential('EyeCloud Pro simulator', data);
	const installed = join(n8n.folder, '.n8n/nodes/node_modules/n8n-nodes-eyecloudpro/dist');
	const switches = ['--watch', '--preserveWatchOutput', '--outDir', installed];
	const compiling = spawn(process.execPath, [compiler, ...switches], {
		cwd: root,
		stdio: 'inherit',
	});
	signal.addEventListener('abort', () => compiling.kill());
	console.log(`${n8n.url}\nSign in as ${n8n.owner.email} with the password ${n8n.owner.password}`);
	console.log('Ctrl-C stops it and removes everything. After a change, reload the page.');
	if (!signal.aborted) await once(signal, 'abort');
}

await runToItsEnd(dev);
