// Runs a command and ends it, with everything that it started, once standard input closes: so nothing
// is left running even when the one who started it was killed. Started by start.ts, never imported.
import { spawn } from 'node:child_process';

const graceMs = 8_000;
const [command, ...commandArguments] = process.argv.slice(2);
const child = spawn(command, commandArguments, { stdio: ['ignore', 'inherit', 'inherit'] });

function killAll(): void {
	if (process.platform === 'win32') {
		spawn('taskkill', ['/pid', String(process.pid), '/T', '/F'], { stdio: 'ignore' });
	} else {
		// This process leads a group of its own, which task runners belong to as well.
		process.kill(-process.pid, 'SIGKILL');
	}
}

process.stdin.resume();
process.stdin.once('close', () => {
	child.kill('SIGTERM');
	setTimeout(killAll, graceMs);
});
child.once('exit', killAll);
child.once('error', (error) => {
	process.stderr.write(`${error.message}\n`);
	killAll();
});
