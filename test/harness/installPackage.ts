// Puts a packed package where n8n looks for installed community nodes. Called by start.ts.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface PackageManifest {
	name: string;
	version: string;
	dependencies?: Record<string, string>;
	devDependencies?: unknown;
	peerDependencies?: unknown;
	optionalDependencies?: unknown;
}

/**
 * Installs the tarball of `npm pack` for the n8n whose `N8N_USER_FOLDER` is `folder`, and returns the
 * package's name and folder.
 *
 * n8n's own endpoint can't do this: it takes a name and a version only, and asks a registry for them.
 * So this takes the steps that n8n 2.41.1 takes after its `npm pack NAME@VERSION` (read in its
 * community-packages.service.js): unpack, take development, peer and optional dependencies out of
 * package.json, note name and version in `nodes/package.json`. `n8n-workflow` is then found through
 * NODE_PATH, which n8n points at its own node_modules when it starts.
 *
 * Throws when the package has dependencies, which n8n would get from a registry.
 */
export async function installPackage(
	tarball: string,
	folder: string,
): Promise<{ name: string; folder: string }> {
	const nodesFolder = join(folder, '.n8n', 'nodes');
	const { stdout } = await run('tar', ['-xzOf', tarball, 'package/package.json']);
	const { name, dependencies = {} } = JSON.parse(stdout) as PackageManifest;
	if (Object.keys(dependencies).length > 0) {
		throw new Error(`${name} has dependencies; a package for n8n Cloud must have none.`);
	}
	const packageFolder = join(nodesFolder, 'node_modules', name);
	await mkdir(packageFolder, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', packageFolder, '--strip-components=1']);
	const manifestFile = join(packageFolder, 'package.json');
	const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as PackageManifest;
	delete manifest.devDependencies;
	delete manifest.peerDependencies;
	delete manifest.optionalDependencies;
	await writeFile(manifestFile, JSON.stringify(manifest, null, 2));
	const installed = {
		name: 'installed-nodes',
		private: true,
		dependencies: { [name]: manifest.version },
	};
	await writeFile(join(nodesFolder, 'package.json'), JSON.stringify(installed, null, 2));
	return { name, folder: packageFolder };
}
