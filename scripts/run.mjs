// Runs one of this repository's TypeScript entries on a fresh clone: brings Node.js 24 and installs what
// is needed first. Called by package.json's scripts: `node scripts/run.mjs [--needs n8n[,oldest-n8n]] ENTRY
// [ARGUMENTS]`.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
	InstallError,
	installDependencies,
	installN8n,
	installNode,
	installOldestN8n,
	nodeMajor,
} from './install.mjs';
import { withInstallLock } from './installLock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main() {
	const given = process.argv.slice(2);
	const needs = given[0] === '--needs' ? given[1].split(',') : [];
	const [entry, ...entryArguments] = needs.length > 0 ? given.slice(2) : given;
	if (!entry) {
		throw new InstallError(
			'Usage: node scripts/run.mjs [--needs n8n[,oldest-n8n]] ENTRY [ARGUMENTS]',
		);
	}
	const lock = join(root, '.cache', 'install.lock');
	if (Number(process.versions.node.split('.')[0]) !== nodeMajor) {
		const executable = await withInstallLock(lock, () => installNode(root));
		return await runAgainWith(executable);
	}
	await withInstallLock(lock, async () => {
		await installDependencies(root);
		// One waits for the network while the other compiles.
		await Promise.all([
			needs.includes('n8n') && installN8n(root),
			needs.includes('oldest-n8n') && installOldestN8n(root),
		]);
	});
	process.argv = [process.execPath, resolve(root, entry), ...entryArguments];
	await import(pathToFileURL(process.argv[1]).href);
}

/** Runs this very command line with another Node.js and ends as that does. */
async function runAgainWith(executable) {
	const path = `${dirname(executable)}${delimiter}${process.env.PATH ?? ''}`;
	const child = spawn(executable, process.argv.slice(1), {
		stdio: 'inherit',
		env: { ...process.env, PATH: path },
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => child.kill(signal));
	}
	const [code, signal] = await new Promise((done, failed) => {
		child.once('error', failed);
		child.once('exit', (...ended) => done(ended));
	});
	process.exitCode = code ?? 128 + constants.signals[signal];
}

main().catch((error) => {
	console.error(error instanceof InstallError ? error.message : error);
	process.exitCode = 1;
});
