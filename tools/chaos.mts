// `npm run chaos -- --minutes 5 --seed N`: random faults, expiring tokens and changing data, while several
// workflows at once run in a real n8n. Its exit code says whether the books balance at the end.
import { parseArgs } from 'node:util';
import { runChaos } from '../test/chaos/chaos.ts';
import { rateLimit } from '../test/chaos/faultPlan.ts';
import { packPackage } from '../test/harness/packedPackage.ts';
import { startN8n } from '../test/harness/startN8n.ts';
import { startSimulator } from '../test/simulator/start.ts';
import { runToItsEnd, type Running } from './running.mts';

const patients = 3_000;

async function chaos({ signal, stopping }: Running): Promise<void> {
	const { values } = parseArgs({
		options: {
			minutes: { type: 'string', default: '5' },
			seed: { type: 'string', default: '1' },
		},
	});
	const minutes = Number(values.minutes);
	const seed = Number(values.seed);
	const tarball = await packPackage();
	const simulator = await stopping(startSimulator({ patients, rateLimit }));
	console.log('Starting n8n with the packed node …');
	const n8n = await stopping(startN8n({ tarball, signal }));
	console.log(`Chaos for ${minutes} minutes, seed ${seed}`);
	const result = await runChaos(n8n, simulator, seed, minutes, signal);
	console.log(result);
	if (result.differences.length > 0) process.exitCode = 1;
}

await runToItsEnd(chaos, { concludes: true });
