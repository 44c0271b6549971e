// Lets one process at a time install into this folder. Called by run.mjs.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const askEveryMs = 500;
/** How old a lock without a process id may get: its owner was ended before it could write one. */
const unsignedMs = 5_000;

/** Runs `work` while no other process that asks for the same lock folder does; waits until then. */
export async function withInstallLock(folder, work) {
	mkdirSync(dirname(folder), { recursive: true });
	let told = false;
	while (!tryToLock(folder)) {
		if (ownerIsGone(folder)) {
			removeLock(folder);
		} else {
			if (!told) console.log('Another process is installing; waiting for it …');
			told = true;
			await wait(askEveryMs);
		}
	}
	const release = () => rmSync(folder, { recursive: true, force: true });
	process.once('exit', release);
	try {
		return await work();
	} finally {
		process.off('exit', release);
		release();
	}
}

function tryToLock(folder) {
	try {
		mkdirSync(folder);
	} catch (error) {
		if (error.code === 'EEXIST') return false;
		throw error;
	}
	writeFileSync(join(folder, 'pid'), String(process.pid));
	return true;
}

function ownerIsGone(folder) {
	try {
		const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
		if (!pid) return Date.now() - statSync(folder).mtimeMs > unsignedMs;
		process.kill(pid, 0);
		return false;
	} catch (error) {
		if (error.code === 'ESRCH') return true;
		if (error.code !== 'ENOENT') return false;
	}
	// No process id in it yet, or the lock is gone by now.
	const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
	return Date.now() - mtimeMs > unsignedMs;
}

function removeLock(folder) {
	// Of several that find the lock stale, only one can rename it.
	const doomed = `${folder}.${process.pid}`;
	try {
		renameSync(folder, doomed);
	} catch (error) {
		if (error.code !== 'ENOENT') throw error;
		return;
	}
	rmSync(doomed, { recursive: true, force: true });
}
