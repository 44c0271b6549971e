// Runs one of this repository's commands, on a fresh clone as well: brings Node.js 24 and installs what it needs
// first. Called by package.json's scripts: `node tools/run.mjs [--needs n8n,oldest-n8n] [NAME=VALUE] FILE
// [ARGUMENTS]`.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { install, nodeMajor } from './install.mjs';
import { npmCommand } from './steps.mjs';

async function run() {
	if (Number(process.versions.node.split('.')[0]) < nodeMajor) return await runInNewerNode();
	const root = dirname(dirname(fileURLToPath(import.meta.url)));
	const given = process.argv.slice(2);
	const needs = given[0] === '--needs' ? given.splice(0, 2)[1].split(',') : [];
	await install(root, needs);
	while (/^[A-Z_]+=/.test(given[0])) {
		const [name, value] = given.shift().split('=');
		process.env[name] = value;
	}
	process.argv = [process.execPath, resolve(root, given[0]), ...given.slice(1)];
	await import(pathToFileURL(process.argv[1]).href);
}

/** Runs this very command line again, and ends as that does. */
async function runInNewerNode() {
	console.log(`Getting Node.js ${nodeMajor} …`);
	const [command, ...first] = npmCommand();
	// The package "node" fetches Node.js for this system when it is installed.
	const of = ['exec', '--yes', '--ignore-scripts=false', `--package=node@${nodeMajor}`];
	const npx = [...of, '--', 'node'];
	const child = spawn(command, [...first, ...npx, ...process.argv.slice(1)], {
		stdio: 'inherit',
		shell: command.endsWith('.cmd'),
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

run().catch((error) => {
	console.error(error.message);
	process.exitCode = 1;
});
