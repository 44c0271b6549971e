// The record that an operation is about: the resource locator, and its value.
// Used by the operations on one record; the list comes from editor/listSearch.ts.
import type { INodeProperties } from 'n8n-workflow';

import type { Resource } from '../catalogue/resource';
import type { OperationRun } from './run';
import { inSentence, oneInSentence } from '../catalogue/names';
import { IS_PLACEHOLDER, isPlaceholder } from './placeholders';
import { parameterOf, type ParameterValue } from './parameterValue';
import { LIST_DEPENDS_ON } from './resourceChoice';
import { asText } from './values';

/** A page or two come sooner. */
const SLOW_MS = 3_000;

export function recordIdField(resource: Resource): INodeProperties {
	return {
		displayName: resource.displayName,
		name: 'recordId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		// n8n clears the picked record when one of these changes, as its ID would mean another one.
		typeOptions: { loadOptionsDependsOn: LIST_DEPENDS_ON },
		description: `The ${inSentence(resource.displayName)} to work on`,
		builderHint: {
			propertyHint:
				"Mode 'id' with an expression for the ID of the item before; never a name. Who is known by name is found with Get Many and 'lookup' first.",
		},
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: `Select ${oneInSentence(resource.displayName)}`,
				typeOptions: {
					searchListMethod: 'searchRecords',
					searchable: true,
					slowLoadNotice: {
						message: "Long lists take a while. 'By ID' needs no list.",
						timeout: SLOW_MS,
					},
				},
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 1042',
				validation: [
					{
						type: 'regex',
						properties: {
							regex: '\\s*[^\\s/\\\\]+\\s*',
							errorMessage: 'The ID must not be empty or hold a blank or a slash',
						},
					},
				],
			},
		],
	};
}

/**
 * Empty for what is no ID; nothing can be sent without one.
 *
 * @throws NodeOperationError for what a model writes where it knows none, and for a picked record in a second practice
 */
export function recordIdOf(run: OperationRun): string {
	const { functions, itemIndex } = run;
	const given = parameterOf(functions, 'recordId', itemIndex);
	// An expression may give the ID in place of the whole locator.
	const own = typeof given.value === 'object' ? given.property('value') : given;
	if (isPlaceholder(own)) {
		throw own.refusal(`The ID ${IS_PLACEHOLDER}`, 'Nothing was sent to EyeCloud Pro.');
	}
	if (given.property('mode').value === 'list' && !own.isExpression) refuseElsewhere(run, own);
	const { value } = own;
	// Above 2^53 the last digits are lost.
	if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
		throw own.refusal(
			'The ID is a number that can not be exact',
			'Nothing was sent to EyeCloud Pro. Hand on the ID as text.',
		);
	}
	return typeof value === 'string' || typeof value === 'number'
		? (asText(value)?.trim() ?? '')
		: '';
}

/** The same ID is another record in another practice, or under another path. */
function refuseElsewhere({ client, resource, memory }: OperationRun, own: ParameterValue): void {
	const key = 'place of the picked record';
	const place = JSON.stringify([client.identity, resource.path]);
	if (!memory.has(key)) memory.set(key, place);
	if (memory.get(key) === place) return;
	throw own.refusal(
		"A record picked 'From List' is not used for several practices or paths",
		"It was picked in one of them, and its ID means another record in the others. Choose 'By ID', with an expression for each item's ID. Nothing was sent to EyeCloud Pro for this item.",
	);
}
