// For AI agents: what may have been created a moment ago, as a model asks again where a tool failed. n8n
// gives a tool no execution that its calls would share, so what is sent is all that tells a repetition.
// Used by the operations that create.
import { createHash } from 'crypto';

import { isAiTool } from '../aiTool';
import type { Answer } from '../api/answer';
import type { ApiRequest } from '../api/client';
import { systemClock } from '../api/clock';
import type { OperationRun } from '../parameters/run';
import { isPossiblyDone } from './idempotency';

/** Tries of n8n itself are over by then, and a model that only repeats itself has done so. */
const KEPT_MS = 60_000;

/** Creations whose outcome is unknown, and when they were tried; the oldest first. */
const unknown = new Map<string, { thrown: unknown; triedMs: number }>();

/**
 * Sends the request, unless a tool's same one was sent within the last minute with unknown outcome.
 *
 * @throws whatever the request or the reading of its answer throws, and the same again within a minute
 */
export async function sendOnce<T>(
	{ client, functions, itemIndex }: OperationRun,
	request: ApiRequest,
	read: (answer: Answer) => Promise<T>,
): Promise<T> {
	const node = functions.getNode();
	if (!isAiTool(node)) return await read(await client.answerTo(request));
	const { url } = client.endpointOf(request);
	const sent = [functions.getWorkflow().id, node.id, itemIndex, url, request.body];
	// Nothing of a patient stays in memory.
	const key = createHash('sha256').update(JSON.stringify(sent)).digest('hex');
	const nowMs = systemClock.elapsedMs();
	for (const [old, { triedMs }] of unknown) if (triedMs + KEPT_MS < nowMs) unknown.delete(old);
	const known = unknown.get(key);
	if (known) throw known.thrown;
	const answer = client.answerTo(request).then(read);
	return await answer.catch((thrown: unknown): never => {
		if (isPossiblyDone(thrown)) unknown.set(key, { thrown, triedMs: systemClock.elapsedMs() });
		throw thrown;
	});
}
