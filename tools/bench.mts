// `npm run bench`: how fast the packed node reads every patient in a real n8n, beside n8n's HTTP Request
// node and a bare connection pool, and how it does under a rate limit. `--quick` measures less. Fails when
// records are missing.
import { parseArgs } from 'node:util';
import { packPackage } from '../test/harness/packedPackage.ts';
import { readUnderLimit, type LimitedReading } from '../test/bench/limits.ts';
import { startMeasuredN8n } from '../test/bench/measuredN8n.ts';
import { readEverything } from '../test/bench/reading.ts';
import { reportOf, wrongResults, type BenchResults } from '../test/bench/report.ts';
import { runToItsEnd, type Running } from './running.mts';

const { values } = parseArgs({
	options: { quick: { type: 'boolean', default: false } },
});

/**
 * The limits let about as many requests a second through as the real one, so that the time which the
 * requests themselves take weighs no more. The patients are whole windows of pages, so that the whole
 * allowance can be used.
 */
const plan = values.quick
	? {
			patients: [1_000, 10_000],
			latenciesMs: [20, 100],
			runs: () => 1,
			limit: { requestsPerMinute: 4, windowMs: 2_000 },
			limitedPatients: { alone: 4_000, twoProcesses: 2_000 },
		}
	: {
			patients: [1_000, 10_000, 100_000],
			latenciesMs: [20, 100],
			runs: (patients: number) => (patients > 10_000 ? 1 : 3),
			limit: { requestsPerMinute: 12, windowMs: 6_000 },
			limitedPatients: { alone: 12_000, twoProcesses: 6_000 },
		};

async function bench({ signal, stopping }: Running): Promise<void> {
	const tarball = await packPackage();
	console.error('Starting n8n with the packed node …');
	const one = await stopping(startMeasuredN8n(tarball, signal));
	const readings = await readEverything(one, plan, signal);
	const other = await stopping(startMeasuredN8n(tarball, signal));
	const { alone, twoProcesses } = plan.limitedPatients;
	const limited: LimitedReading[] = [];
	for (const headers of ['none', 'draft7'] as const) {
		console.error(`Under a limit, headers ${headers} …`);
		limited.push(await readUnderLimit([one], alone, plan.limit, headers));
		signal.throwIfAborted();
		limited.push(await readUnderLimit([one, other], twoProcesses, plan.limit, headers));
	}
	const results: BenchResults = { readings, limited };
	console.log(`\n${reportOf(results)}`);
	for (const sentence of wrongResults(results)) {
		console.error(sentence);
		process.exitCode = 1;
	}
}

await runToItsEnd(bench);
