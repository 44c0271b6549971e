// What a user sees of something that went wrong. Used by the node class and the editor's methods.
import {
	ExpressionError,
	NodeApiError,
	NodeOperationError,
	type INode,
	type JsonObject,
} from 'n8n-workflow';

import { ApiError, CancelledError } from './api/errors';
import type { Resource } from './resources/resource';

/**
 * Turns whatever an operation threw into n8n's own, with the parameters named as they are shown.
 * Only an ApiError's sentences are handed on; anything unforeseen may hold a token or a record.
 */
export function toNodeError(
	thrown: unknown,
	node: INode,
	place: { resource?: Resource; itemIndex?: number } = {},
): NodeOperationError | NodeApiError {
	const { itemIndex } = place;
	if (thrown instanceof NodeOperationError || thrown instanceof NodeApiError) return thrown;
	if (thrown instanceof ExpressionError) return new NodeOperationError(node, thrown, { itemIndex });
	if (thrown instanceof CancelledError) {
		return new NodeOperationError(node, thrown.message, { itemIndex });
	}
	if (!(thrown instanceof ApiError)) {
		const name = thrown instanceof Error ? thrown.name : typeof thrown;
		return new NodeOperationError(node, 'The node stopped for a reason it does not know', {
			itemIndex,
			description: `Report it to the makers of this node, with the workflow but without patient data (${name}).`,
		});
	}
	const message = messageOf(thrown, place.resource);
	const details = { message, description: thrown.description, itemIndex };
	if (thrown.kind === 'invalidInput') return new NodeOperationError(node, message, details);
	return new NodeApiError(node, { message } as JsonObject, {
		...details,
		httpCode: thrown.statusCode === undefined ? undefined : String(thrown.statusCode),
	});
}

/** The API names its own fields; a user knows them by the labels of the form. */
function messageOf(error: ApiError, resource?: Resource): string {
	if (error.kind !== 'refusedInput' || error.refused.length === 0) return error.message;
	const labels = new Map<string, string>([['sort', 'Sort']]);
	for (const { name, displayName } of resource ? [...resource.fields, ...resource.filters] : []) {
		labels.set(name, displayName);
	}
	const sentences = error.refused.map(({ field, message }) => {
		const label = labels.get(field);
		const bare = message.startsWith(`"${field}"`) ? `"${field}"` : field;
		return label && message.startsWith(bare) ? `'${label}'${message.slice(bare.length)}` : message;
	});
	return `EyeCloud Pro did not accept the input: ${sentences.join('; ')}`;
}
