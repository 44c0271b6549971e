// What a job of a chaos run is: nodes to run, and a judge for what came out. Implemented by readingJobs.ts,
// writingJobs.ts and tierJobs.ts, run by chaos.ts.
import type {
	Execution,
	NodeInWorkflow,
	NodeRun,
	OutputItem,
	SavedCredential,
	ShownError,
} from '../harness/startN8n.ts';
import type { Random } from '../harness/random.ts';
import type { Journal, Span } from './journal.ts';
import type { Ledger } from './ledger.ts';

/** What a job is made with; all but the last two are shared by the jobs of a run. */
export interface JobParts {
	journal: Journal;
	ledger: Ledger;
	/** In everything that this run creates, and nowhere else. */
	marker: string;
	/** A number that no other item of this run has. */
	nextNumber(): number;
	random: Random;
	credential: SavedCredential;
}

/** An execution that is over, and the time that it took at most. */
export interface Ended {
	execution: Execution;
	span: Span;
}

export interface Job {
	nodes: NodeInWorkflow[];
	inputItems?: Array<Record<string, unknown>>;
	/** Writes what was reported, and what must not be, into the ledger. */
	judge(ended: Ended): void;
}

export type MakeJob = (parts: JobParts) => Job;

/** The name of the one node of a job that has no more. */
export const nodeName = 'Node';

/** Short, since some requests are never answered. */
export const timeoutMs = 3_000;

export const onFail = {
	stop: {},
	retry: { retryOnFail: true, maxTries: 3, waitBetweenTries: 300 },
	goOn: { onError: 'continueRegularOutput' },
} satisfies Record<string, Partial<NodeInWorkflow>>;

/** Why the node failed; undefined where it did not. */
export function errorOf(execution: Execution, run: NodeRun | undefined): ShownError | undefined {
	return run?.error ?? (execution.status === 'success' ? undefined : execution.error);
}

/** What Continue On Fail put in the place of a record; undefined where the item is a record. */
export function errorIn(item: OutputItem): string | undefined {
	const { error } = item.json;
	return typeof error === 'string' ? error : item.error?.message;
}

/** What a failed creation says of itself. */
export function told(message: string): 'unknown' | 'notCreated' {
	const isUnknown = /^It is unknown whether|^EyeCloud Pro answered without the records?$/;
	return isUnknown.test(message) ? 'unknown' : 'notCreated';
}
