// The options that operations have, and how they change the client. Used by the operations, the node
// class and the editor's methods.
import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_TIMEOUT_MS, type ClientOverrides } from '../api/credential';
import { asText } from './values';

/** Refused wherever a practice's number is wanted. */
const NO_PRACTICE = '?';

/** Timers can't count further, and end at once instead. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** @param options the value of the `options` parameter */
export function clientOverridesOf(options: unknown): ClientOverrides {
	const { practiceId, timeout } = (options ?? {}) as { practiceId?: unknown; timeout?: unknown };
	const timeoutMs = Number(asText(timeout));
	return {
		// What is no text must not become the credential's practice, as if nothing had been chosen.
		practiceId: (asText(practiceId) ?? NO_PRACTICE) || undefined,
		timeoutMs: timeoutMs >= 1 ? Math.min(timeoutMs, LONGEST_TIMEOUT_MS) : undefined,
	};
}

/** Every operation has the first two. */
export function optionsField(more: INodeProperties[] = []): INodeProperties {
	const options: INodeProperties[] = [
		{
			displayName: 'Practice Client ID',
			name: 'practiceId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 123',
			description:
				'Another practice than the one in the credential, for this item. The credential must be allowed to read it.',
		},
		{
			displayName: 'Timeout',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: DEFAULT_TIMEOUT_MS,
			description: 'How long to wait for each answer of the API, in milliseconds',
		},
		...more,
	];
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: options.sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}
