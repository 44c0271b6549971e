// What a long command has running: ended by Ctrl-C, and cleaned up in the opposite order whatever happens.
// Called by demo.mts, bench.mts and chaos.mts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Running {
	/** Aborts at the first Ctrl-C or request to end, and when the work is done; later ones change nothing. */
	signal: AbortSignal;
	/** Called at the end, the last one first. */
	atEnd(end: () => Promise<unknown>): void;
	/** A new folder for temporary files, removed at the end. */
	folder(name: string): Promise<string>;
}

/**
 * Does the work, stops it when a person asks for that, ends all that it started, and ends the process.
 * What the work throws is shown, and makes the exit code 1. Work that `concludes` is waited for even
 * then: it ends by itself once the signal aborts, and has something to say about what it did.
 */
export async function runToItsEnd(
	work: (running: Running) => Promise<void>,
	{ concludes = false } = {},
): Promise<never> {
	const stopping = new AbortController();
	const ends: Array<() => Promise<unknown>> = [];
	const asked = new Promise<void>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => {
				if (!stopping.signal.aborted) console.error('\nStopping …');
				// Before what the abort makes throw, which is no news to anybody.
				resolve();
				stopping.abort();
			});
		}
	});
	const running: Running = {
		signal: stopping.signal,
		atEnd: (end) => void ends.push(end),
		async folder(name) {
			const folder = await mkdtemp(join(tmpdir(), `eyecloudpro-${name}-`));
			ends.push(() => rm(folder, { recursive: true, force: true }));
			return folder;
		},
	};
	try {
		const done = work(running);
		await (concludes ? done : Promise.race([done, asked]));
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
	stopping.abort();
	for (const end of ends.reverse()) await end();
	// Whatever was under way when Ctrl-C came, a build for one, keeps nobody waiting.
	process.exit();
}
