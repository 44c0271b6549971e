// The resource that a node works on: the catalogue's as the credential's API Differences say it really is, or
// the one at the path of Other. Used by the node classes, the operations and the editor's methods.
import type { INodeProperties } from 'n8n-workflow';

import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { resources } from '../catalogue';
import {
	readDifferences,
	unknownName,
	withDifferences,
	type Differences,
} from '../catalogue/differences';
import { other, otherAt } from '../catalogue/other';
import { readPath } from '../catalogue/path';
import type { Resource } from '../catalogue/resource';
import { GIVES_NOTHING, type ParameterValue } from './parameterValue';
import { asText } from './values';

/** Everything with records: what the catalogue knows, and any other path. */
export const withRecords: readonly Resource[] = [...resources, other];

/** The parameters that say which list it is: where one changes, the editor loads a list anew. */
export const LIST_DEPENDS_ON = ['resource', 'path.value', 'idField', 'options.practiceId'];

const shownForOther: INodeProperties['displayOptions'] = { show: { resource: [other.value] } };

/** Shown beside Resource where it is Other. */
export const otherFields: INodeProperties[] = [
	{
		displayName: 'Path',
		name: 'path',
		type: 'resourceLocator',
		displayOptions: shownForOther,
		default: { mode: 'path', value: '' },
		required: true,
		description: 'Where EyeCloud Pro has these records, after /v2/ and the number of the practice',
		modes: [
			{ displayName: 'By Path', name: 'path', type: 'string', placeholder: 'e.g. /recalls' },
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a path',
				typeOptions: { searchListMethod: 'searchPaths' },
			},
		],
	},
	{
		displayName: 'ID Field',
		name: 'idField',
		type: 'string',
		displayOptions: shownForOther,
		default: '',
		placeholder: 'e.g. recall_id',
		description:
			'What EyeCloud Pro calls the ID of these records. Where it is empty, the usual names are tried.',
	},
];

/**
 * @param chosen what the Resource parameter names
 * @param parameter reads a parameter of Other
 * @throws ApiError `invalidInput` where the path, the ID field or API Differences can't be used
 */
export function resourceFor(
	client: Client,
	chosen: Resource,
	parameter: (name: 'path' | 'idField') => ParameterValue,
): Resource {
	if (chosen.value !== other.value) return resourceOf(client, chosen);
	const path = parameter('path');
	// An expression may give the path in place of the whole locator.
	const { value } = typeof path.value === 'object' ? path.property('value') : path;
	const read = readPath(asText(value) ?? '?');
	if (!read.path) throw unusable(`'Path' ${read.reason}`);
	return otherAt(read.path, idFieldIn(parameter('idField')));
}

/** Empty where nobody said it, and where a model leaves it to the usual names. */
function idFieldIn(given: ParameterValue): string {
	if (given.isEmptied && !given.isForModel) throw unusable(`'ID Field' ${GIVES_NOTHING}`);
	const name = asText(given.value)?.trim();
	const reason = name === '' ? undefined : unknownName(name ?? '');
	if (name === undefined || reason) throw unusable(`'ID Field' ${reason}`);
	return name;
}

/**
 * A resource of the catalogue as the credential says that it is.
 *
 * @throws ApiError `invalidInput` where API Differences can't be used
 */
export function resourceOf(client: Client, known: Resource): Resource {
	return withDifferences(known, differencesOf(client));
}

/** @throws ApiError `invalidInput` where API Differences can't be used */
export function differencesOf({ settings }: Client): Differences {
	const read = readDifferences(settings.apiDifferences ?? '', resources);
	if ('differences' in read) return read.differences;
	throw new ApiError('invalidInput', `'API Differences' in the credential ${read.reason}`, {
		description:
			"Correct it, or empty it and run 'Check API' of 'Account', which writes it for you.",
	});
}

function unusable(message: string): ApiError {
	return new ApiError('invalidInput', message, {
		description: 'Nothing was sent to EyeCloud Pro. Correct the parameter and run it again.',
	});
}
