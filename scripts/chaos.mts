// `npm run chaos -- --minutes 5 --seed N`: random faults, expiring tokens and changing data, while several
// workflows at once run in a real n8n. Its exit code says whether the books balance at the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from '../test/chaos/chaos.ts';
import { report } from '../test/chaos/report.ts';
import { rateLimit } from '../test/chaos/weather.ts';
import { startN8n } from '../test/n8n/start.ts';
import { startSimulator } from '../test/simulator/start.ts';
import { build, pack } from './packing.mts';

const patients = 3_000;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => stopping.abort());
}

/** What is running, to be ended in the opposite order. */
const running: Array<() => Promise<unknown>> = [];

async function chaos(minutes: number, seed: number): Promise<boolean> {
	await build();
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-chaos-'));
	running.push(() => rm(folder, { recursive: true, force: true }));
	const tarball = await pack(join(folder, 'packed'));
	const simulator = await startSimulator({ patients, rateLimit });
	running.push(() => simulator.stop());
	console.log('Starting n8n with the packed node …');
	const { signal } = stopping;
	const n8n = await startN8n({ tarball, signal, env: { N8N_LOG_LEVEL: 'debug' } });
	running.push(() => n8n.stop());
	console.log(`Chaos for ${minutes} minutes, seed ${seed}`);
	const say = (line: string) => console.log(line);
	const result = await runChaos({ n8n, simulator, seed, minutes, signal, say });
	for (const line of report(result, { seed, minutes })) console.log(line);
	return result.ledger.differences.length === 0;
}

/** Throws an Error for what is no number above zero. */
function positive(flag: string, text: string): number {
	const value = Number(text);
	if (Number.isFinite(value) && value > 0) return value;
	throw new Error(`--${flag} must be a number above 0.`);
}

try {
	const { values } = parseArgs({
		options: {
			minutes: { type: 'string', default: '5' },
			seed: { type: 'string', default: '1' },
		},
	});
	const minutes = positive('minutes', values.minutes);
	if (!(await chaos(minutes, positive('seed', values.seed)))) process.exitCode = 1;
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
for (const end of running.reverse()) await end();
process.exit();
