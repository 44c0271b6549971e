// Starts the simulator in a process of its own and speaks to its control. Called by tests, by the
// demo and by whatever else needs an API; works natively in Node.js 24 and in Jest.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
	controlNames,
	type OAuthClient,
	type SimulatorControl,
	type SimulatorOptions,
	type SimulatorState,
} from './contract.ts';

export type * from './contract.ts';

export interface Simulator extends SimulatorControl {
	apiUrl: string;
	authUrl: string;
	controlUrl: string;
	audience: string;
	practiceId: 2;
	otherPracticeId: 123;
	clients: {
		/** All scopes, practice 2 only. */
		practice: OAuthClient;
		/** All scopes, both practices. */
		group: OAuthClient;
		/** `read:patients` only, practice 2 only. */
		reader: OAuthClient;
	};
	stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

/** Throws an Error that says what is missing when the simulator can't be started. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	if (Number(process.versions.node.split('.')[0]) < 24) {
		throw new Error(
			`The simulator needs Node.js 24 or later; this is ${process.version}. Run it with npx -y node@24.`,
		);
	}
	const flags = [`--options=${JSON.stringify(options)}`];
	const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), flags, {
		execArgv: [],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	const { apiUrl, authUrl, controlUrl, audience, practiceId, otherPracticeId, clients } =
		await untilReady(child);
	// A test run that ends without stopping the simulator must be able to end; the child then goes too.
	child.unref();
	child.channel?.unref();
	(child.stderr as Socket | null)?.unref();
	return {
		...{ apiUrl, authUrl, controlUrl, audience, practiceId, otherPracticeId, clients },
		...connectControl(controlUrl),
		stop: () => stop(child),
	};
}

async function untilReady(child: ChildProcess): Promise<SimulatorState> {
	let complaint = '';
	const collect = (chunk: Buffer) => {
		complaint += chunk.toString();
	};
	child.stderr?.on('data', collect);
	const settled = new AbortController();
	const { signal } = settled;
	const exited = once(child, 'exit', { signal }).then(() => {
		throw new Error(complaint.trim() || 'The simulator ended before it was ready.');
	});
	const late = once(AbortSignal.timeout(startTimeoutMs), 'abort', { signal }).then(() => {
		child.kill();
		throw new Error(`The simulator was not ready after ${startTimeoutMs / 1_000} seconds.`);
	});
	try {
		const ready = once(child, 'message', { signal });
		return (await Promise.race([ready, exited, late]))[0] as SimulatorState;
	} finally {
		exited.catch(() => undefined);
		late.catch(() => undefined);
		settled.abort();
		// From here on, what it complains of is for whoever looks at the test run.
		child.stderr?.off('data', collect).on('data', (chunk) => process.stderr.write(chunk));
	}
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, 'exit');
	child.ref();
	child.kill();
	await exited;
}

/** Control of a simulator that runs already, such as one that was started by hand. */
export function connectControl(controlUrl: string): SimulatorControl {
	const call =
		(name: string) =>
		async (...values: unknown[]) => {
			const response = await fetch(`${controlUrl}/${name}`, {
				method: 'POST',
				body: JSON.stringify(values),
				headers: { 'Content-Type': 'application/json' },
			});
			// Parsed here, so that its objects are of the tests' own realm: a deep comparison looks at that too.
			const parsed = JSON.parse(await response.text()) as { result: unknown; message: string };
			const { result, message } = parsed;
			if (response.ok) return result;
			throw new Error(message);
		};
	return Object.fromEntries(controlNames.map((name) => [name, call(name)])) as never;
}
