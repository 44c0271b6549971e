// What is different where an AI agent uses the node as a tool. Used by the node class's errors and by
// the operations.
import type { INode, NodeApiError, NodeOperationError } from 'n8n-workflow';

/** n8n lists a node that is `usableAsTool` a second time, under this name. */
export function isAiTool({ type }: Pick<INode, 'type'>): boolean {
	return type.endsWith('Tool');
}

/**
 * The error with all that it says in its message: n8n 2.41.1 hands a model the message alone, and
 * what to do next stands in the description.
 */
export function readByModel<E extends NodeOperationError | NodeApiError>(error: E): E {
	const { description, message } = error;
	if (!description) return error;
	error.message = `${message.replace(/\.$/, '')}. ${description}`;
	error.description = undefined;
	return error;
}
