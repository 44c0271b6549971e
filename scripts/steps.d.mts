// Types of steps.mjs, for the TypeScript files that call it.
export interface StepOptions {
	cwd?: string;
	/** More environment variables. */
	env?: Record<string, string>;
}

/** The command that starts npm, and its first arguments. */
export function npmCommand(): string[];

/** Runs a command, shows how long it takes, returns its output; throws an Error with its end. */
export function runStep(title: string, command: string[], options?: StepOptions): Promise<string>;
