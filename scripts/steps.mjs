// Runs long commands and shows what goes on. Called by run.mjs and install.mjs (Node.js 20 and later,
// before anything is installed), and by demo.mts and test.mts; the types are in steps.d.mts.
import { spawn } from 'node:child_process';
import { basename } from 'node:path';

const lineEveryMs = 10_000;
const terminalEveryMs = 1_000;
const shownOutputCharacters = 2_000;
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The command that starts npm, and its first arguments: the npm that runs us, or the one in PATH. */
export function npmCommand() {
	const script = process.env.npm_execpath;
	if (script && basename(script) === 'npm-cli.js') return [process.execPath, script];
	return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/**
 * Runs a command and shows how long it takes. Its output is shown only when it fails.
 * Throws an Error with the end of that output.
 */
export async function runStep(title, [command, ...commandArguments], options = {}) {
	const startedAtMs = Date.now();
	const seconds = () => Math.round((Date.now() - startedAtMs) / 1_000);
	const terminal = process.stdout.isTTY;
	const report = () => process.stdout.write(progressLine(`${title} … ${seconds()} s`));
	process.stdout.write(progressLine(`${title} …`));
	const timer = setInterval(report, terminal ? terminalEveryMs : lineEveryMs);
	try {
		const output = await outputOf(command, commandArguments, options);
		process.stdout.write(`${terminal ? '\r' : ''}${title}: done in ${seconds()} s\n`);
		return output;
	} catch (error) {
		process.stdout.write(`${terminal ? '\r' : ''}${title}: failed after ${seconds()} s\n`);
		throw error;
	} finally {
		clearInterval(timer);
	}
}

function progressLine(text) {
	return process.stdout.isTTY ? `\r${text}` : `${text}\n`;
}

function outputOf(command, commandArguments, { cwd, env }) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, commandArguments, {
			cwd,
			env: { ...process.env, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
			// Windows runs npm.cmd only through its shell.
			shell: command.endsWith('.cmd'),
		});
		// Whoever ends this process ends the command as well, which would go on by itself otherwise.
		const end = (signal) => child.kill(signal);
		for (const signal of endSignals) process.once(signal, end);
		let output = '';
		child.stdout.on('data', (chunk) => (output += chunk));
		child.stderr.on('data', (chunk) => (output += chunk));
		child.once('error', reject);
		child.once('close', (code) => {
			for (const signal of endSignals) process.off(signal, end);
			if (code === 0) resolve(output);
			else reject(new Error(output.slice(-shownOutputCharacters)));
		});
	});
}
