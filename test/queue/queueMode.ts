// n8n in queue mode, whole: PostgreSQL, Redis, a main process and workers, and a simulator for them to
// work with. Started by queue.test.ts.
import { randomBytes } from 'node:crypto';
import type { Supervised } from '../harness/supervised.ts';
import { packedPackage } from '../harness/packedPackage.ts';
import { startN8n, startWorker } from '../harness/startN8n.ts';
import { startSimulator } from '../simulator/start.ts';
import { startPostgres, startRedis } from './servers.ts';

export type QueueMode = Awaited<ReturnType<typeof startQueueMode>>;

/** Together, even two workers take all executions at once that a case starts. */
const concurrency = 16;

/**
 * How n8n notices that a worker is gone: the lock that it renews on its work runs out. A minute in real
 * life. Long enough for a worker that is only busy.
 */
const noticing = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '2000',
};

export async function startQueueMode() {
	/** What is running, to be ended in the opposite order. */
	const running: Array<() => Promise<unknown>> = [];
	const stop = async () => {
		for (const end of running.reverse()) await end();
	};
	try {
		const tarball = await packedPackage();
		const postgres = await startPostgres();
		running.push(() => postgres.stop());
		const redis = await startRedis();
		running.push(() => redis.stop());
		const env = {
			...{ ...postgres.env, ...redis.env, ...noticing },
			EXECUTIONS_MODE: 'queue',
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			N8N_ENCRYPTION_KEY: randomBytes(16).toString('hex'),
		};
		const simulator = await startSimulator({ patients: 2_500 });
		running.push(() => simulator.stop());
		const n8n = await startN8n({ tarball, env });
		running.push(() => n8n.stop());
		let workers: Supervised[] = [];
		running.push(() => Promise.all(workers.map((worker) => worker.stop())));
		return {
			...{ n8n, simulator, stop },
			/** Those that run now; a worker that was killed is not among them. */
			get workers(): readonly Supervised[] {
				return workers;
			},
			/** Starts workers until there are so many. */
			async growTo(count: number) {
				const missing = Array.from({ length: count - workers.length }, () =>
					startWorker(tarball, env, concurrency),
				);
				workers.push(...(await Promise.all(missing)));
			},
			/** Ends a worker as a crash does. */
			async kill(worker: Supervised) {
				workers = workers.filter((other) => other !== worker);
				await worker.kill();
			},
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
