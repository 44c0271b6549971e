// What this process creates while somebody looks for it: two executions of Find or Create at once would both
// look, and both create. Creates publish; running searches of Find or Create and of Create or Update
// subscribe. It holds who listens, as long as they do, and no record.
import type { IDataObject } from 'n8n-workflow';

import type { OperationRun } from './run';
import { KeyedMutex } from './keyedMutex';

/** Where records stand: those of one resource in one practice, as one OAuth client sees them. */
type Place = Pick<OperationRun, 'client' | 'resource'>;

export interface Listener {
	/** @param record as the API answered it, which may be less than was sent for it */
	created(record: IDataObject, sent: IDataObject): void;
	/** With unknown outcome. */
	maybeCreated(sent: IDataObject): void;
}

const listeners = new Map<string, Set<Listener>>();

const turns = new KeyedMutex();

/** @returns what ends the listening; it has to be called */
export function listen(place: Place, listener: Listener): () => void {
	const key = keyOf(place);
	const all = listeners.get(key) ?? new Set();
	listeners.set(key, all.add(listener));
	return () => {
		all.delete(listener);
		if (all.size === 0) listeners.delete(key);
	};
}

export function announceCreated(place: Place, record: IDataObject, sent: IDataObject): void {
	for (const listener of listeners.get(keyOf(place)) ?? []) listener.created(record, sent);
}

export function announceMaybeCreated(place: Place, sent: IDataObject): void {
	for (const listener of listeners.get(keyOf(place)) ?? []) listener.maybeCreated(sent);
}

/**
 * Creates one after the other in all executions of this process: what one matches on by a field, another may by
 * another field.
 */
export async function createExclusively<T>(place: Place, create: () => Promise<T>): Promise<T> {
	return await turns.runExclusive([keyOf(place)], create);
}

function keyOf({ client, resource }: Place): string {
	return JSON.stringify([client.identity, resource.path]);
}
