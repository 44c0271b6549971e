// Installs what the commands of package.json need, exactly as the lock files say, unless it is there. Called by
// run.mjs, before anything is installed.
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { npmStep } from './steps.mjs';

/** What n8n 2.41.1 needs. */
export const nodeMajor = 24;

const n8nFolders = {
	n8n: { what: 'n8n', lockFile: 'test/n8n', folder: '.cache/n8n' },
	'oldest-n8n': { what: 'the oldest n8n', lockFile: 'test/versions', folder: '.cache/n8n-oldest' },
};
const driver = 'node_modules/sqlite3/build';

/** @param needs {string[]} of n8n's */
export async function install(root, needs) {
	if (!isInstalled(root)) {
		// npm would empty what it leads to, which others use.
		if (fs.lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
			throw new Error('node_modules is a link, to what package-lock.json does not ask for.');
		}
		await npmStep('Installing what package-lock.json says', ['ci'], { cwd: root });
	}
	await Promise.all(needs.map((name) => installN8n(root, n8nFolders[name])));
	for (const name of needs) await installDriver(root, n8nFolders[name].folder);
}

async function installN8n(root, { what, lockFile, folder }) {
	const cwd = join(root, folder);
	fs.mkdirSync(cwd, { recursive: true });
	for (const file of ['package.json', 'package-lock.json']) {
		fs.copyFileSync(join(root, lockFile, file), join(cwd, file));
	}
	if (!isInstalled(cwd)) {
		// What its packages would fetch, a Kafka client for one, is not needed, and not everybody can reach it.
		await npmStep(`Installing ${what}, about 2 GB`, ['ci', '--ignore-scripts'], { cwd });
	}
}

/** n8n's database driver. Where it can't be downloaded, it is built with the headers of the Node.js that runs this. */
async function installDriver(root, folder) {
	const cwd = join(root, folder);
	if (fs.existsSync(join(cwd, driver))) return;
	const version = versionIn(cwd);
	const built = Object.values(n8nFolders)
		.map((other) => join(root, other.folder))
		.find((other) => fs.existsSync(join(other, driver)) && versionIn(other) === version);
	if (built) return fs.cpSync(join(built, driver), join(cwd, driver), { recursive: true });
	const headers = await headersFolder(root);
	const env = { ...process.env, JOBS: 'max', ...(headers && { npm_config_nodedir: headers }) };
	const rebuild = ['rebuild', '--ignore-scripts=false', 'sqlite3'];
	await npmStep('Building sqlite3, which takes python3, make and g++', rebuild, { cwd, env });
}

function versionIn(folder) {
	return JSON.parse(fs.readFileSync(join(folder, driver, '../package.json'), 'utf8')).version;
}

/** Whether every package of the lock file is there, but for those that npm leaves out on this system. */
function isInstalled(folder) {
	const noted = join(folder, 'node_modules/.package-lock.json');
	if (!fs.existsSync(noted)) return false;
	const [wanted, found] = [join(folder, 'package-lock.json'), noted].map(
		(file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages,
	);
	return Object.entries(wanted).every(
		([path, { version, optional, extraneous }]) =>
			path === '' || found[path]?.version === version || ((optional || extraneous) && !found[path]),
	);
}

/** Of the Node.js that runs this: a system's may belong to another version, so npm's package of it is asked. */
async function headersFolder(root) {
	const own = dirname(dirname(process.execPath));
	const file = join(own, 'include/node/node_version.h');
	const major = `#define NODE_MAJOR_VERSION ${process.versions.node.split('.')[0]}\n`;
	if (fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes(major)) return own;
	const cwd = join(root, '.cache/node24');
	const name = `node-${process.platform}-${process.arch}`;
	fs.mkdirSync(cwd, { recursive: true });
	const switches = ['--ignore-scripts', '--no-save', '--no-package-lock', '--prefix', cwd];
	const install = ['install', ...switches, `${name}@${process.versions.node}`];
	const isThere = await npmStep('Getting headers of Node.js', install, { cwd }).then(
		() => true,
		() => false,
	);
	return isThere ? join(cwd, 'node_modules', name) : undefined;
}
