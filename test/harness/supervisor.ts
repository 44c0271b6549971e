// Runs a command and ends it, with everything that it started, once standard input closes, and then
// removes a folder: so nothing is left even when the one who started it was killed. A word on standard
// input ends it without grace. Started by supervised.ts, never imported: `node supervisor.ts FOLDER_OR_EMPTY
// COMMAND [ARGUMENTS]`.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const graceMs = 8_000;
const [folderToRemove, command, ...commandArguments] = process.argv.slice(2);
const child = spawn(command, commandArguments, {
	stdio: ['ignore', 'inherit', 'inherit'],
	// It leads a group, which its task runners belong to as well.
	detached: true,
});

function killAll(): void {
	if (child.pid === undefined) return;
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch (error) {
		// Nobody is left in the group.
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

function finish(code: number): void {
	killAll();
	if (folderToRemove) rmSync(folderToRemove, { recursive: true, force: true, maxRetries: 5 });
	process.exit(code);
}

process.stdin.on('data', killAll);
process.stdin.once('close', () => {
	child.kill('SIGTERM');
	setTimeout(killAll, graceMs);
});
child.once('exit', (code) => finish(code ?? 1));
child.once('error', (error) => {
	process.stderr.write(`${error.message}\n`);
	finish(1);
});
