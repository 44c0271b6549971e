// How records become executions, and when n8n's word for it is taken: what was handed on and did not become an
// execution is taken back at the next poll. Called by the trigger node.
import {
	ExecutionCancelledError,
	type INodeExecutionData,
	type IPollFunctions,
	type IRun,
} from 'n8n-workflow';

import { systemClock } from '../api/clock';
import { Memory } from './memory';
import type { Cursor, Polled, Undo } from './poll';
import type { TriggerEvent } from './strategy';

/** Tells this process from the one before it; n8n's workers have one each. */
const THIS_PROCESS = Math.random().toString(36).slice(2);

/**
 * How long after records were handed on another process may have to be started to hand them on again. Without
 * durable cursors n8n stores the cursor first and the execution a moment later, and may die between the
 * two; it is there again after this time at the latest, whoever starts it. Who comes later follows one that
 * was stopped at another moment.
 */
const DOUBTED_MS = 2 * 60_000;

/** Triggers of which something got lost that no poll has taken back yet. */
const MOST_LOST = 1_000;

/** What n8n could not make an execution of, until a poll hands it on again. */
interface Lost extends Undo {
	watched: string;
}

/** By the trigger's name. */
const lost = new Map<string, Lost>();

export interface Emitted {
	event: TriggerEvent;
	item: INodeExecutionData;
}

/** One poll's way to n8n: what it begins with, and how it ends. */
export class Delivery {
	private readonly data: { cursor?: Cursor };

	private readonly lost: Lost | undefined;

	constructor(
		private readonly functions: IPollFunctions,
		private readonly name: string,
	) {
		this.data = functions.getWorkflowStaticData('node');
		const { cursor } = this.data;
		if (cursor?.delivered && isInDoubt(cursor.delivered)) lose(name, cursor, cursor.delivered);
		this.lost = lost.get(name);
	}

	/** What n8n has stored, less what did not become an execution; undefined before the first poll. */
	get cursor(): Cursor | undefined {
		const { cursor } = this.data;
		if (!cursor || this.lost?.watched !== cursor.watched) return cursor;
		const { head, remembered } = this.lost;
		// Prints of other fields, or of another strategy: n8n has kept nothing of that poll.
		if (head.strategy !== cursor.head.strategy || head.selection !== cursor.head.selection) {
			return cursor;
		}
		const memory = new Memory(cursor.memory);
		for (const [key, print] of remembered) {
			if (print === null) memory.delete(key);
			else memory.set(key, print);
		}
		return { ...cursor, head, memory: memory.pack() };
	}

	/**
	 * Starts an execution for each batch, and stores the cursor.
	 *
	 * @returns what is left for n8n to start
	 */
	end({ cursor, undo }: Polled, batches: Emitted[][]): INodeExecutionData[][] | null {
		const undoOf = (batch: Emitted[]): Undo => ({
			head: undo,
			remembered: batch.map(({ event: { key, before } }) => [key, before]),
		});
		// n8n before 2.37 leaves a promise that fails to nobody.
		const isWatched = 'getPollBudgetMs' in this.functions;
		const emit = (batch: Emitted[]) => {
			const done = this.functions.helpers.createDeferredPromise<IRun | undefined>();
			done.promise.catch((thrown: unknown) => {
				if (!wasMade(thrown)) lose(this.name, cursor, undoOf(batch));
			});
			const items = [batch.map(({ item }) => item)];
			this.functions.__emit(items, undefined, isWatched ? done : undefined);
		};
		const last = batches.pop();
		for (const batch of batches) emit(batch);
		// n8n watches for changes of what it stores by itself; a cursor that it stores together with the
		// execution is a plain object. One that it stores before says how to take the execution back.
		if (!last || !('__dataChanged' in this.data)) this.store(cursor);
		else {
			const undone = undoOf([...batches.flat(), ...last]);
			const delivered = { ...undone, atMs: systemClock.now(), by: THIS_PROCESS };
			this.store({ ...cursor, delivered });
		}
		if (!last) return null;
		if (!isWatched) return [last.map(({ item }) => item)];
		emit(last);
		return null;
	}

	private store(cursor: Cursor): void {
		if (JSON.stringify(this.data.cursor) !== JSON.stringify(cursor)) this.data.cursor = cursor;
		// While the poll was under way, another execution may have been lost.
		if (lost.get(this.name) === this.lost) lost.delete(this.name);
	}
}

/** Handed on by another process within the last two minutes: n8n may have died before it made the execution. */
function isInDoubt({ atMs, by }: { atMs: number; by: string }): boolean {
	return by !== THIS_PROCESS && systemClock.now() - atMs < DOUBTED_MS;
}

/** Whether it was the execution that failed, or had ended before n8n looked, rather than the making of it. */
function wasMade(thrown: unknown): boolean {
	if (thrown instanceof ExecutionCancelledError) return true;
	return thrown instanceof Error && thrown.constructor.name === 'ExecutionNotFoundError';
}

function lose(name: string, { watched }: Cursor, { head, remembered }: Undo): void {
	const known = lost.get(name);
	for (const [other] of lost) if (lost.size >= MOST_LOST) lost.delete(other);
	if (known?.watched !== watched) lost.set(name, { watched, head, remembered });
	// The oldest loss goes last, so its state wins.
	else lost.set(name, { ...known, remembered: [...remembered, ...known.remembered] });
}
