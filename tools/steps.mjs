// Runs npm for what takes long, and says that it is still at work. Called by install.mjs; on
// Node.js 20 and later, before anything is installed.
import { spawn } from 'node:child_process';
import { basename } from 'node:path';

const lineEveryMs = 10_000;
const shownCharacters = 2_000;
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The command that starts npm, and its first arguments: the npm that runs us, or the one in PATH. */
export function npmCommand() {
	const script = process.env.npm_execpath;
	if (script && basename(script) === 'npm-cli.js') return [process.execPath, script];
	return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/**
 * Runs npm and shows how long it takes; what it prints, only when it fails.
 *
 * @param title is printed
 * @param npmArguments {string[]}
 * @param options of the process
 */
export async function npmStep(title, npmArguments, options = {}) {
	const startedAtMs = Date.now();
	const seconds = () => `${Math.round((Date.now() - startedAtMs) / 1_000)} s`;
	const [command, ...first] = npmCommand();
	console.log(`${title} …`);
	const timer = setInterval(() => console.log(`${title} … ${seconds()}`), lineEveryMs);
	const child = spawn(command, [...first, ...npmArguments], {
		...options,
		stdio: ['ignore', 'pipe', 'pipe'],
		// Windows runs npm.cmd only through its shell.
		shell: command.endsWith('.cmd'),
	});
	// Whoever ends this process ends npm as well, which would go on by itself otherwise.
	const end = (signal) => child.kill(signal);
	for (const signal of endSignals) process.once(signal, end);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
	const code = await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	clearInterval(timer);
	for (const signal of endSignals) process.off(signal, end);
	if (code !== 0) throw new Error(`${title} did not work:\n${output.slice(-shownCharacters)}`);
	console.log(`${title}: done in ${seconds()}`);
}
