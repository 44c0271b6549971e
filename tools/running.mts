// What a long command has running: ended by Ctrl-C, and stopped in the opposite order whatever happens. Called by
// the commands in this folder that start n8n or the simulator.

export interface Running {
	/** Aborts at the first Ctrl-C or request to end, and when the work is done. */
	signal: AbortSignal;
	/** Stops at the end what comes of this, the last one first. */
	stopping<Started extends { stop(): Promise<unknown> }>(
		starting: Promise<Started>,
	): Promise<Started>;
}

/**
 * Does the work, ends it when a person asks for that, stops all that it started, and ends the process. What it
 * throws is shown, and makes the exit code 1. Work that `concludes` is waited for even then: it ends by itself
 * once the signal aborts, and has something to say about what it did.
 */
export async function runToItsEnd(
	work: (running: Running) => Promise<void>,
	{ concludes = false } = {},
): Promise<never> {
	const controller = new AbortController();
	const started: Array<Promise<{ stop(): Promise<unknown> }>> = [];
	const asked = new Promise<void>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => {
				// Before what the abort makes throw, which is no news to anybody.
				resolve();
				controller.abort();
			});
		}
	});
	const stopping: Running['stopping'] = (starting) => {
		started.push(starting);
		return starting;
	};
	try {
		const done = work({ signal: controller.signal, stopping });
		await (concludes ? done : Promise.race([done, asked]));
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
	controller.abort();
	for (const each of started.reverse()) {
		await each.then((one) => one.stop()).catch(() => undefined);
	}
	// Whatever was under way when Ctrl-C came, a build for one, keeps nobody waiting.
	process.exit();
}
