// How records become executions, and when n8n's word for it is taken: what was handed on and did not become an
// execution is taken back at the next poll. Called by the trigger node.
import {
	ExecutionCancelledError,
	type INodeExecutionData,
	type IPollFunctions,
	type IRun,
} from 'n8n-workflow';

import { systemClock } from '../api/clock';
import type { Remembered } from './memory';
import { takenBack, type Before, type Cursor, type Delivered, type Polled } from './poll';
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
interface Lost {
	watched: string;
	before: Before;
	remembered: Remembered[];
}

/** By the trigger's name. */
const lost = new Map<string, Lost>();

export interface Emitted {
	event: TriggerEvent;
	item: INodeExecutionData;
}

/** One poll's way to n8n: what it begins with, and how it ends. */
export class Delivery {
	private readonly lost: Lost | undefined;

	private readonly data: { cursor?: Cursor };

	constructor(
		private readonly functions: IPollFunctions,
		private readonly name: string,
	) {
		this.data = functions.getWorkflowStaticData('node');
		const { cursor } = this.data;
		const { delivered } = cursor ?? {};
		if (cursor && delivered?.head && isInDoubt(delivered)) {
			const { head, remembered } = delivered;
			lose(name, { watched: cursor.watched, before: { head }, remembered });
		}
		this.lost = lost.get(name);
	}

	/** What n8n has stored, less what did not become an execution; undefined before the first poll. */
	get cursor(): Cursor | undefined {
		const { cursor } = this.data;
		if (!cursor || this.lost?.watched !== cursor.watched) return cursor;
		return takenBack(cursor, this.lost.before, this.lost.remembered);
	}

	/**
	 * Starts an execution for each batch, and stores the cursor.
	 *
	 * @returns what is left for n8n to start
	 */
	end({ events, cursor, before }: Polled, batches: Emitted[][]): INodeExecutionData[][] | null {
		const last = batches.pop();
		// n8n before 2.37 leaves a promise that fails to nobody.
		const isWatched = 'getPollBudgetMs' in this.functions;
		const about = isWatched ? { watched: cursor.watched, before } : undefined;
		for (const batch of batches) this.emit(batch, about);
		this.store(events.length > 0 ? this.inDoubt(cursor, before, events) : cursor);
		if (!last) return null;
		if (!isWatched) return [last.map(({ item }) => item)];
		this.emit(last, about);
		return null;
	}

	/** A cursor that n8n stores before the execution, rather than with it, says how to take it back. */
	private inDoubt(cursor: Cursor, before: Before, events: TriggerEvent[]): Cursor {
		// n8n watches for changes of what it stores by itself; a cursor that it stores together with the
		// execution is a plain object.
		if (!('__dataChanged' in this.data)) return cursor;
		const remembered = events.map(asRemembered);
		const at = { atMs: systemClock.now(), by: THIS_PROCESS };
		return { ...cursor, delivered: { ...at, ...before, remembered } };
	}

	private store(cursor: Cursor): void {
		if (JSON.stringify(this.data.cursor) !== JSON.stringify(cursor)) this.data.cursor = cursor;
		if (this.lost && lost.get(this.name) === this.lost) lost.delete(this.name);
	}

	private emit(batch: Emitted[], about: Omit<Lost, 'remembered'> | undefined): void {
		const items = batch.map(({ item }) => item);
		if (!about) {
			this.functions.__emit([items]);
			return;
		}
		const done = this.functions.helpers.createDeferredPromise<IRun | undefined>();
		const remembered = batch.map(({ event }) => asRemembered(event));
		done.promise.catch((thrown: unknown) => {
			if (!wasMade(thrown)) lose(this.name, { ...about, remembered });
		});
		this.functions.__emit([items], undefined, done);
	}
}

function asRemembered({ key, before }: TriggerEvent): Remembered {
	return [key, before];
}

/** Kept until a poll succeeds, however long that takes. */
function isInDoubt({ atMs, by }: Delivered): boolean {
	return by !== THIS_PROCESS && systemClock.now() - atMs < DOUBTED_MS;
}

/** Whether it was the execution that failed, or had ended before n8n looked, rather than the making of it. */
function wasMade(thrown: unknown): boolean {
	if (thrown instanceof ExecutionCancelledError) return true;
	return thrown instanceof Error && thrown.constructor.name === 'ExecutionNotFoundError';
}

function lose(name: string, more: Lost): void {
	const known = lost.get(name);
	const isMore = known?.watched === more.watched;
	for (const [other] of lost) if (lost.size >= MOST_LOST) lost.delete(other);
	// What was lost first was there before what was lost then.
	const remembered = isMore ? [...more.remembered, ...known.remembered] : more.remembered;
	lost.set(name, isMore ? { ...known, remembered } : more);
}
