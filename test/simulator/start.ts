// Starts the simulator in a process of its own and speaks to its control. Called by tests, by the
// demo and by whatever else needs an API; works natively in Node.js 24 and in Jest.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SimulatorOptions, SimulatorState } from './contract.ts';
import type { ControlCalls } from './control.ts';

export type * from './contract.ts';

/** Each call of control; throws an Error with control's sentence on a refusal. */
type Control = {
	[Name in keyof ControlCalls]: (
		...values: Parameters<ControlCalls[Name]>
	) => Promise<ReturnType<ControlCalls[Name]>>;
};

export interface Simulator extends SimulatorState, Control {
	stop(): Promise<void>;
}

/** Throws an Error when the simulator can't be started; it has then said why. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const flags = [`--options=${JSON.stringify(options)}`];
	const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), flags, {
		execArgv: [],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	const state = await new Promise<SimulatorState>((resolve, reject) => {
		child.once('message', (message) => resolve(message as SimulatorState));
		child.once('exit', () => reject(new Error('The simulator ended before it was ready.')));
	});
	// A test run that ends without stopping the simulator must be able to end; the child then goes too.
	child.unref();
	child.channel?.unref();
	const calls = state.calls.map((name) => [name, callOf(`${state.controlUrl}/${name}`)]);
	const control = Object.fromEntries(calls) as Control;
	return { ...state, ...control, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, 'exit');
	child.ref();
	child.kill();
	await exited;
}

function callOf(url: string) {
	return async (...values: unknown[]) => {
		const response = await fetch(url, {
			method: 'POST',
			body: JSON.stringify(values),
			headers: { 'Content-Type': 'application/json' },
		});
		// Parsed here, so that its objects are of the tests' own realm: a deep comparison looks at that too.
		const parsed = JSON.parse(await response.text()) as { result: unknown; message: string };
		if (response.ok) return parsed.result;
		throw new Error(parsed.message);
	};
}
