// What a user sees of something that went wrong. Used by the node class and the editor's methods.
import {
	ExpressionError,
	NodeApiError,
	NodeOperationError,
	type INode,
	type JsonObject,
} from 'n8n-workflow';

import { ApiError, CancelledError } from './api/errors';
import type { RefusedParameter } from './api/refusals';
import { shownField } from './catalogue/fieldNames';
import type { Resource } from './catalogue/resource';

interface Place {
	resource?: Resource;
	itemIndex?: number;
}

/**
 * Turns whatever an operation threw into n8n's own, with the parameters named as they are shown.
 * Only an ApiError's sentences are handed on; anything unforeseen may hold a token or a record.
 */
export function toNodeError(
	thrown: unknown,
	node: INode,
	place: Place = {},
): NodeOperationError | NodeApiError {
	const { itemIndex } = place;
	if (thrown instanceof NodeOperationError || thrown instanceof NodeApiError) {
		thrown.message = shortened(thrown.message);
		thrown.description &&= shortened(thrown.description);
		return thrown;
	}
	if (thrown instanceof ExpressionError) return new NodeOperationError(node, thrown, { itemIndex });
	if (thrown instanceof CancelledError) {
		return new NodeOperationError(node, thrown.message, { itemIndex });
	}
	if (!(thrown instanceof ApiError)) {
		const name = thrown instanceof Error ? thrown.name : typeof thrown;
		return new NodeOperationError(node, 'The node stopped for a reason it does not know', {
			itemIndex,
			description: `Tell the makers of this node about it, with the workflow but without patient data (${name}).`,
		});
	}
	const message = shortened(messageOf(thrown, node, place.resource));
	const description = thrown.description && shortened(thrown.description);
	const details = { message, description, itemIndex };
	if (thrown.kind === 'invalidInput') return new NodeOperationError(node, message, details);
	return new NodeApiError(node, { message } as JsonObject, {
		...details,
		httpCode: thrown.statusCode === undefined ? undefined : String(thrown.statusCode),
	});
}

/** Names and sentences come from users and from the API, and neither need know an end. */
const LONGEST_TEXT = 5_000;

export function shortened(text: string): string {
	return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function messageOf(error: ApiError, { parameters }: INode, resource?: Resource): string {
	if (error.kind !== 'refusedInput' || error.refused.length === 0) return error.message;
	const sorts = parameters.sort !== undefined;
	const sentences = error.refused.map((refused) => sentenceOf(refused, resource, sorts));
	return `EyeCloud Pro did not accept the input: ${sentences.join('; ')}`;
}

/**
 * The API names its own fields; a user knows them by the labels of the form.
 *
 * @param sorts whether the form has the parameter Sort
 */
export function sentenceOf(
	{ field, message }: RefusedParameter,
	resource?: Resource,
	sorts = false,
): string {
	// The whole body of a request is no field.
	if (field === '' || /^(value|body)$/.test(field)) return message;
	const named = message.startsWith(`"${field}"`) ? `"${field}"` : field;
	if (!message.startsWith(named)) return message;
	return `'${labelOf(field, resource, sorts)}'${message.slice(named.length)}`;
}

function labelOf(field: string, resource: Resource | undefined, sorts: boolean): string {
	if (sorts && field === 'sort') return 'Sort';
	if (!resource) return field;
	const known = [...resource.fields, ...resource.filters].find(({ name }) => name === field);
	return known?.displayName ?? shownField(field, resource);
}
