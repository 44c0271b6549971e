// Builds and packs the package. Called by demo.mts and test.mts.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmCommand, runStep } from './steps.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

export async function build(): Promise<void> {
	await runStep('Building', [...npmCommand(), 'run', 'build'], { cwd: root });
}

/** Packs what was built into `folder`, which is emptied first; returns the tarball's path. */
export async function pack(folder: string): Promise<string> {
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await runStep('Packing', [...npmCommand(), 'pack', '--pack-destination', folder], { cwd: root });
	const [tarball] = await readdir(folder);
	return join(folder, tarball);
}
