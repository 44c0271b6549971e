// Starts a worker of an n8n in queue mode, with the packed package in it. Called by the tests in queue
// mode.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage } from './installPackage.ts';
import { freePorts, startOnLeash, type Leashed } from './supervised.ts';
import { environment, n8nCommand, untilReady } from './startN8n.ts';

export interface WorkerOptions {
	tarball: string;
	/** What it has in common with n8n's main process: database, queue, encryption key. */
	env: Record<string, string>;
	/** How many executions it works on at a time. */
	concurrency: number;
}

/** Throws an Error with the end of its own output when it doesn't become ready. */
export async function startWorker(options: WorkerOptions): Promise<Leashed> {
	const folder = await mkdtemp(join(tmpdir(), 'eyecloudpro-worker-'));
	await installPackage(options.tarball, folder);
	const [port, brokerPort] = await freePorts(2);
	const worker = startOnLeash(n8nCommand(['worker', `--concurrency=${options.concurrency}`]), {
		env: {
			...environment(folder, port, brokerPort),
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(port),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			...options.env,
		},
		folderToRemove: folder,
	});
	try {
		await untilReady(`http://127.0.0.1:${port}/healthz/readiness`, worker);
	} catch (error) {
		await worker.stop();
		throw error;
	}
	return worker;
}
