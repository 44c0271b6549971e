// Starts a process that ends with us, whatever ends us: supervisor.ts runs it, and notices when we are gone.
// Called by startN8n.ts, and by the tests in queue mode for what they start besides n8n.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export type Supervised = ReturnType<typeof startSupervised>;

/** @param folderToRemove when the process has ended */
export function startSupervised(
	command: string[],
	{ env, folderToRemove = '' }: { env?: Record<string, string>; folderToRemove?: string } = {},
) {
	const supervisor = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
	const child = spawn(process.execPath, [supervisor, folderToRemove, ...command], {
		env,
		stdio: ['pipe', 'pipe', 'pipe'],
		detached: true,
	});
	const chunks: string[] = [];
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
	}
	const ended = once(child, 'close');
	const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
	const end = async (lastWord?: string) => {
		// It may end by itself while the word is on its way.
		child.stdin.on('error', () => undefined);
		child.stdin.end(lastWord);
		await ended;
	};
	return {
		/** All that it printed until now. */
		get output() {
			return chunks.join('');
		},
		get hasEnded() {
			return hasEnded();
		},
		/** Resolves when it has printed the text; throws an Error with its output when it ends first. */
		async printed(text: string): Promise<void> {
			while (!chunks.join('').includes(text)) {
				if (hasEnded()) throw new Error(`${command[0]} ended. It printed:\n${chunks.join('')}`);
				await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
			}
		},
		/** Lets it end as it likes to, and everything that it started with it. */
		stop: () => end(),
		/** Ends it and everything that it started as a crash does (SIGKILL). */
		kill: () => end('kill'),
	};
}

export async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => createServer());
	// All are held at the same time, or the same port could come twice.
	for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
	const ports = servers.map((server) => (server.address() as AddressInfo).port);
	for (const server of servers) await once(server.close(), 'close');
	return ports;
}
