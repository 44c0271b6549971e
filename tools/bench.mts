// `npm run bench`: how fast the packed node reads every patient in a real n8n, beside n8n's HTTP Request
// node and a bare connection pool; how it does under a rate limit; and what a 429 in the middle costs.
// `--quick` measures less, `--json FILE` writes the figures down as well. Fails when records are missing;
// an aim that was missed is printed only.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packPackage } from '../test/harness/packedPackage.ts';
import { readRefusedMidway, readUnderLimit, type LimitedReading } from '../test/bench/limits.ts';
import { startMeasuredN8n, type MeasuredN8n } from '../test/bench/measuredN8n.ts';
import { readEverything } from '../test/bench/reading.ts';
import { reportOf, wrongResults, type BenchResults } from '../test/bench/report.ts';
import { runToItsEnd, type Running } from './running.mts';

const { values } = parseArgs({
	options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
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
			limitedPatients: { alone: 4_000, fiveAtOnce: 1_000, twoProcesses: 2_000 },
		}
	: {
			patients: [1_000, 10_000, 100_000],
			latenciesMs: [0, 20, 100],
			runs: (patients: number) => (patients > 10_000 ? 1 : 3),
			limit: { requestsPerMinute: 12, windowMs: 6_000 },
			limitedPatients: { alone: 12_000, fiveAtOnce: 3_000, twoProcesses: 6_000 },
		};

const progress = (text: string) => console.error(text);

async function bench({ signal, stopping }: Running): Promise<void> {
	const startedAtMs = Date.now();
	const tarball = await packPackage();
	progress('Starting n8n with the packed node …');
	const measured = await stopping(startMeasuredN8n(tarball, signal));
	const readings = await readEverything(measured, plan, { progress, signal });
	progress('One 429 in the middle …');
	const refusedMidway = await readRefusedMidway(measured);
	const other = await stopping(startMeasuredN8n(tarball, signal));
	const limited = await underLimits(measured, other, signal);
	const results: BenchResults = { readings, limited, refusedMidway };
	console.log(`\n${reportOf(results)}`);
	if (values.json) await writeFile(values.json, `${JSON.stringify(results, null, '\t')}\n`);
	console.log(`\nTook ${Math.round((Date.now() - startedAtMs) / 1_000)} s.`);
	for (const sentence of wrongResults(results)) {
		console.error(sentence);
		process.exitCode = 1;
	}
}

async function underLimits(
	one: MeasuredN8n,
	other: MeasuredN8n,
	signal: AbortSignal,
): Promise<LimitedReading[]> {
	const { alone, fiveAtOnce, twoProcesses } = plan.limitedPatients;
	const limited: LimitedReading[] = [];
	for (const headers of ['none', 'draft7'] as const) {
		for (const [patients, on] of [
			[alone, [one]],
			[fiveAtOnce, [one, one, one, one, one]],
			[twoProcesses, [one, other]],
		] as const) {
			signal.throwIfAborted();
			const reading = await readUnderLimit({ limit: plan.limit, headers, on, patients });
			progress(`Under a limit, ${reading.title}: ${Math.round(reading.timeMs)} ms`);
			limited.push(reading);
		}
	}
	return limited;
}

await runToItsEnd(bench);
