// What an execution has created already, for n8n's Retry On Fail: it runs the whole node again, with
// all its items, in the same process and with the same execution id (`n8n-facts.md`, "Requests").
// For AI agents, what may have been created a moment ago, as a model asks again where a tool failed.
// Used by the operations that create; cleared by the node class when a run ends well.
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { isAiTool } from '../aiTool';
import { systemClock } from '../api/clock';
import { ApiError } from '../api/errors';
import type { ApiRequest } from '../api/client';
import type { OperationRun } from '../parameters/run';

/** n8n tries at most five times, with five seconds between; the rest is for the requests themselves. */
const KEPT_MS = 60 * 60_000;

/** Past either bound the oldest go first. */
const MOST_EXECUTIONS = 200;
const MOST_RECORDS = 200_000;

type Outcome = { answer: IDataObject[] } | { unknown: ApiError };

interface Created {
	outcomes: Map<string, Outcome>;
	records: number;
	lastUsedMs: number;
}

const executions = new Map<string, Created>();

/** Tries of n8n itself are over by then, and a model that only repeats itself has done so. */
const TOOL_KEPT_MS = 60_000;

/** Creations by tools whose outcome is unknown, and when they were tried. */
const unknownByTools = new Map<string, { unknown: ApiError; triedMs: number }>();

/**
 * Does the work once in all tries of a node: a later try gets the records of the first, or, where its
 * outcome is unknown, the same error again. Without Retry On Fail nothing is kept, but for an AI tool
 * the unknown outcome of each creation, for a minute.
 *
 * @param work `request` is what it sends: a later try that sends something else is not the same work.
 * Work that `looksFirst` whether the record exists may go on after an unknown outcome.
 * @throws whatever the work throws
 */
export async function oncePerExecution(
	run: OperationRun,
	work: { request: ApiRequest; looksFirst?: boolean; perform: () => Promise<IDataObject[]> },
): Promise<IDataObject[]> {
	const { request, looksFirst, perform } = work;
	const item = JSON.stringify([run.itemIndex, run.client.endpointOf(request).url, request.body]);
	if (isAiTool(run.functions.getNode())) {
		return looksFirst ? await perform() : await onceByTool(run.functions, item, perform);
	}
	const key = keyOf(run.functions);
	if (key === undefined) return await perform();
	const known = recall(key)?.outcomes.get(item);
	if (known && 'answer' in known) return known.answer;
	if (known && !looksFirst) throw known.unknown;
	const answer = await perform().catch((thrown: unknown): never => {
		if (isPossiblyDone(thrown)) keep(key, item, { unknown: thrown });
		throw thrown;
	});
	keep(key, item, { answer });
	return answer;
}

/**
 * A tool is called by name and arguments, and n8n gives it no execution id (MCP Server Trigger) or a
 * new run for each try: what it sends is all that tells a repetition.
 */
async function onceByTool(
	functions: IExecuteFunctions,
	item: string,
	perform: () => Promise<IDataObject[]>,
): Promise<IDataObject[]> {
	const staleMs = systemClock.now() - TOOL_KEPT_MS;
	for (const [key, { triedMs }] of unknownByTools) {
		if (triedMs < staleMs) unknownByTools.delete(key);
	}
	const key = JSON.stringify([functions.getWorkflow().id, functions.getNode().id, item]);
	const known = unknownByTools.get(key);
	if (known) throw known.unknown;
	return await perform().catch((thrown: unknown): never => {
		if (isPossiblyDone(thrown)) {
			unknownByTools.set(key, { unknown: thrown, triedMs: systemClock.now() });
		}
		throw thrown;
	});
}

/** The node has ended well: nothing of it will be tried again. */
export function forgetExecution(functions: IExecuteFunctions): void {
	const key = keyOf(functions);
	if (key !== undefined) executions.delete(key);
}

/** One run of one node in one execution; undefined where n8n would not try again. */
function keyOf(functions: IExecuteFunctions): string | undefined {
	const { id, name, retryOnFail } = functions.getNode();
	const executionId = functions.getExecutionId();
	if (!retryOnFail || !executionId) return undefined;
	const runIndex: unknown = functions.evaluateExpression('{{ $runIndex }}', 0);
	return JSON.stringify([functions.getWorkflow().id, executionId, id, name, runIndex]);
}

/** The record may exist: the API did not say that it doesn't. */
export function isPossiblyDone(thrown: unknown): thrown is ApiError {
	return (
		thrown instanceof ApiError && (thrown.kind === 'outcomeUnknown' || thrown.kind === 'unreadable')
	);
}

function recall(key: string): Created | undefined {
	const created = executions.get(key);
	if (!created || created.lastUsedMs + KEPT_MS < systemClock.now()) return undefined;
	return created;
}

function keep(key: string, item: string, outcome: Outcome): void {
	const created = recall(key) ?? {
		outcomes: new Map<string, Outcome>(),
		records: 0,
		lastUsedMs: 0,
	};
	created.outcomes.set(item, outcome);
	created.records += 'answer' in outcome ? outcome.answer.length : 1;
	created.lastUsedMs = systemClock.now();
	// Taken out and put back, so that the map stays in the order of last use.
	executions.delete(key);
	executions.set(key, created);
	dropOldest();
}

function dropOldest(): void {
	let records = 0;
	for (const created of executions.values()) records += created.records;
	const staleMs = systemClock.now() - KEPT_MS;
	for (const [key, created] of executions) {
		const isTooMuch = executions.size > MOST_EXECUTIONS || records > MOST_RECORDS;
		if (created.lastUsedMs >= staleMs && !(isTooMuch && executions.size > 1)) return;
		executions.delete(key);
		records -= created.records;
	}
}
