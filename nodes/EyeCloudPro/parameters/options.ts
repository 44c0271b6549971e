// The options that operations have, and how they change the client. Used by the operations, the node
// class and the editor's methods.
import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_TIMEOUT_MS, type ClientOverrides } from '../api/credential';
import { GIVES_NOTHING, type ParameterValue } from './parameterValue';
import { asText } from './values';

const PRACTICE_LABEL = 'Practice Client ID';

/** Refused wherever a practice's number is wanted. */
const NO_PRACTICE = '?';

/** Timers can't count further, and end at once instead. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * @param options the `options` parameter
 * @throws NodeOperationError where an expression leaves the practice empty, as the credential's is not meant, and
 * for a time-out that is none
 */
export function clientOverridesOf(options: ParameterValue): ClientOverrides {
	const practice = options.property('practiceId');
	if (practice.isEmptied) {
		throw practice.refusal(
			`'${PRACTICE_LABEL}' in 'Options' ${GIVES_NOTHING}`,
			practice.isForModel
				? 'Give the number of the practice. Nothing was sent to EyeCloud Pro.'
				: "Correct the expression or the input that it reads, or take the option away to use the credential's practice. Nothing was sent to EyeCloud Pro for this item.",
		);
	}
	const timeoutMs = options.property('timeout').wholeNumber('Timeout', 1);
	return {
		// What is no text must not become the credential's practice, as if nothing had been chosen.
		practiceId: practice.isEmpty ? undefined : (asText(practice.value) ?? NO_PRACTICE),
		timeoutMs: timeoutMs && Math.min(timeoutMs, LONGEST_TIMEOUT_MS),
	};
}

/** Every operation has the first two. */
export function optionsField(more: INodeProperties[] = []): INodeProperties {
	const options: INodeProperties[] = [
		{
			displayName: PRACTICE_LABEL,
			name: 'practiceId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 123',
			description:
				'Another practice than that of the credential, by its number: the one after /v2/ in its API addresses. The credential must be allowed to use it.',
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
