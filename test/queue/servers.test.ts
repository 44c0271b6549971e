// PostgreSQL and Redis of a test run: that nothing of them is left when the run is killed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const pollIntervalMs = 100;

test('they and their folders go when the process that started them is killed', async () => {
	const parent = `
		import { startPostgres, startRedis } from ${JSON.stringify(join(__dirname, 'servers.ts'))};
		const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
		console.log(JSON.stringify([postgres.folder, redis.folder]));
		process.kill(process.pid, 'SIGKILL');`;
	const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', parent], {
		timeout: 60_000,
	});
	expect(signal).toBe('SIGKILL');
	const folders = JSON.parse(stdout.toString()) as string[];
	expect(folders).toHaveLength(2);
	// A folder goes last, when its server has ended.
	const deadline = Date.now() + 20_000;
	const isLeft = () => folders.some((folder) => existsSync(folder));
	while (isLeft() && Date.now() < deadline) await wait(pollIntervalMs);
	expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
}, 90_000);
