// The package as users install it, built and packed anew. Jest calls it before the suites that need the package
// (jest.config.mjs), and they ask for the tarball; the commands in tools/ call it themselves.
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.cache', 'packed');

/** Builds and packs; returns the tarball's path. */
export async function packPackage(): Promise<string> {
	const options = { cwd: root };
	await execute('npm', ['run', 'build'], options);
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await execute('npm', ['pack', '--pack-destination', folder], options);
	return await packedPackage();
}

/** The tarball's path. Throws an Error where there is none. */
export async function packedPackage(): Promise<string> {
	const [tarball] = await readdir(folder).catch(() => []);
	if (!tarball) throw new Error('The package could not be packed: see npm run build.');
	return join(folder, tarball);
}

/** What can't be built is told by every suite that needs it, so that the others run all the same. */
export default async function setup(): Promise<void> {
	await packPackage().catch(async (error: Error & { stdout?: string }) => {
		console.error(`${error.message}\n${error.stdout ?? ''}`);
		await rm(folder, { recursive: true, force: true });
	});
}
