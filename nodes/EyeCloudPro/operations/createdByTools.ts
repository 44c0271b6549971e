// For AI agents: what is being created, was created a moment ago or in the same execution, or may have been created
// within the last hour. A model asks twice at once, again where a tool failed, and through another tool. n8n gives a tool
// no execution that all its calls would share, so what is sent is what tells a repetition. Used by the
// operations that create.
import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { systemClock } from '../api/clock';
import { ApiError, CancelledError, isObject } from '../api/errors';
import { idFieldOf } from '../api/page';
import { comparable, kindOf } from '../parameters/matching';
import { isNothing } from '../parameters/read';
import type { OperationRun } from '../parameters/run';
import { isPossiblyDone } from './idempotency';

/** As long as a conversation may last in which a model asks for the same again. */
const KEPT_MS = 60 * 60_000;

/** Calls that come at once are one after the other by the time that they are here, and clients try again. */
const MOMENT_MS = 60_000;

/** More than a client may send within that time at the documented limit. */
const MOST_KEPT = 10_000;

interface Creation {
	/** Which client's records of which resource these are. */
	place: string;
	triedMs: number;
	executionId: string;
	/** Until there is an answer. */
	underWay?: Promise<IDataObject[]>;
	/** What is known of the records then: their IDs alone, so that nothing of a patient stays in memory. */
	ids?: IDataObject[];
	/** Instead, that it is unknown whether they were created. */
	unknown?: ApiError;
}

/** By a hash of what was sent, or of what Find or Create matched on; the oldest first. */
const creations = new Map<string, Creation>();

/**
 * Sends a creation. As a tool, the same one is not sent while it is under way, nor again within a minute or in the
 * same execution, nor within an hour where its outcome is unknown: `run.told` then says that it was repeated.
 *
 * @param matchKey what Find or Create matches on, which means the same record whatever else is sent
 * @throws whatever the request or the reading of its answer throws, and the same where the outcome is unknown
 */
export async function createOnce(
	run: OperationRun,
	request: ApiRequest,
	read: (answer: Answer) => Promise<IDataObject[]>,
	matchKey?: string,
): Promise<IDataObject[]> {
	const { client, functions, resource } = run;
	const create = async () => await read(await client.answerTo(request));
	if (!isAiTool(functions.getNode())) return await create();
	const executionId = functions.getExecutionId();
	const keys = keysOf(run, request, matchKey);
	forgetOld(systemClock.elapsedMs());
	const before = keys.flatMap((key) => creations.get(key) ?? []);
	const underWay = before.find((creation) => creation.underWay)?.underWay;
	if (underWay) {
		return await underWay.then(
			(records) => repeated(run, records),
			async (thrown: unknown) => {
				if (!(thrown instanceof CancelledError)) throw thrown;
				// That was another execution: what it has left is known now.
				return await createOnce(run, request, read, matchKey);
			},
		);
	}
	const unknown = before.find((creation) => creation.unknown)?.unknown;
	if (unknown) throw unknown;
	const nowMs = systemClock.elapsedMs();
	const same = before.find(
		(creation) =>
			creation.triedMs + MOMENT_MS > nowMs ||
			(executionId !== '' && creation.executionId === executionId),
	);
	if (same?.ids) return repeated(run, same.ids);

	const creation: Creation = { place: placeOf(run), triedMs: nowMs, executionId };
	creation.underWay = create();
	for (const key of keys) {
		creations.delete(key);
		creations.set(key, creation);
	}
	return await creation.underWay.then(
		(records) => {
			creation.underWay = undefined;
			creation.triedMs = systemClock.elapsedMs();
			creation.ids = records.map((record) => onlyId(record, resource.idFields));
			return records;
		},
		(thrown: unknown): never => {
			creation.underWay = undefined;
			if (isPossiblyDone(thrown)) creation.unknown = unknownOf(thrown);
			else for (const key of keys) creations.delete(key);
			throw thrown;
		},
	);
}

/** What was created may be gone, or be otherwise, once something there was changed or deleted. */
export function forgetCreated(run: OperationRun): void {
	const place = placeOf(run);
	for (const [key, creation] of creations) {
		if (creation.ids && creation.place === place) creations.delete(key);
	}
}

function placeOf({ client, resource }: OperationRun): string {
	return JSON.stringify([client.identity, resource.path]);
}

function repeated({ told }: OperationRun, records: IDataObject[]): IDataObject[] {
	told.isRepeated = true;
	return records;
}

function keysOf(run: OperationRun, request: ApiRequest, matchKey?: string): string[] {
	const { client } = run;
	const { url } = client.endpointOf(request);
	const sent = JSON.stringify([client.identity, url, meaningOf(run, request.body)]);
	return [sent, matchKey ?? []]
		.flat()
		.map((text) => createHash('sha256').update(text).digest('hex'));
}

/** The same for bodies that mean the same to people: whatever the order, the case and the way of writing. */
function meaningOf(run: OperationRun, value: unknown, field = ''): unknown {
	if (Array.isArray(value)) return value.map((entry) => meaningOf(run, entry, field));
	if (!isObject(value)) {
		return comparable(kindOf(run.resource, field), value, run.functions.getTimezone());
	}
	return Object.keys(value)
		.filter((name) => !isNothing(value[name]))
		.sort()
		.map((name) => [name, meaningOf(run, value[name], name)]);
}

function onlyId(record: IDataObject, idFields: readonly string[]): IDataObject {
	const id = idFieldOf(record, idFields);
	return id === undefined ? { created: true } : { [id]: record[id] };
}

function unknownOf(thrown: unknown): ApiError {
	if (thrown instanceof ApiError) return thrown;
	return new ApiError('outcomeUnknown', 'It is unknown whether EyeCloud Pro created the record', {
		description:
			'The execution that sent it was stopped before there was an answer. It is not sent again, so that nothing is created twice. Look in EyeCloud Pro whether it is there.',
	});
}

function forgetOld(nowMs: number): void {
	for (const [key, { triedMs, underWay }] of creations) {
		if (underWay) continue;
		if (triedMs + KEPT_MS >= nowMs && creations.size <= MOST_KEPT) break;
		creations.delete(key);
	}
}
