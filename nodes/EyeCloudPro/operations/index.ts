// Every operation, and the parameters that the editor shows for them. Used by the node class.
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { account } from '../catalogue/account';
import { oneInSentence } from '../catalogue/names';
import type { Resource, Verb } from '../catalogue/resource';
import { linkTo } from '../documentation';
import { checkApi } from './checkApi';
import { count } from './count';
import { create } from './create';
import { createMany } from './createMany';
import { deleteRecord } from './delete';
import { findOrCreate } from './findOrCreate';
import { get } from './get';
import { getAccessTo } from './getAccess';
import { getAll } from './getAll';
import { mergeFields } from '../parameters/mergeFields';
import { otherFields, withRecords } from '../parameters/resourceChoice';
import { verbsOf, type Operation } from './operation';
import { update } from './update';
import { upsert } from './upsert';

const onRecords: readonly Operation[] = [
	count,
	create,
	createMany,
	upsert,
	deleteRecord,
	findOrCreate,
	get,
	getAll,
	update,
];

const operations: readonly Operation[] = [...onRecords, getAccessTo(onRecords), checkApi];

/** What the Resource parameter lists: all that has records, and the credential's account. */
const offered: readonly Resource[] = [...withRecords, account];

/** The operations that a resource offers: those whose scopes exist. */
export function operationsOf(resource: Resource): Operation[] {
	return operations.filter((operation) =>
		verbsOf(operation).every((verb) => resource.scopes[verb] !== undefined),
	);
}

/** What is known of the output of each operation of each resource; of some, nothing. For the build. */
export function outputSchemas() {
	return offered
		.flatMap((resource) =>
			operationsOf(resource).map((operation) => ({
				resource: resource.value,
				operation: operation.value,
				properties: operation.outputSchema(resource),
			})),
		)
		.filter(({ properties }) => Object.keys(properties).length > 0);
}

/** Undefined where the parameters name what is not offered. */
export function findOperation(
	resourceValue: string,
	operationValue: string,
): { resource: Resource; operation: Operation } | undefined {
	const resource = offered.find(({ value }) => value === resourceValue);
	const operation =
		resource && operationsOf(resource).find(({ value }) => value === operationValue);
	return resource && operation && { resource, operation };
}

/** n8n shows nothing of this node where its own entry is chosen, so it is said beside both lists that have it. */
const LOST_BY_CUSTOM_CALL =
	"A Custom API Call neither waits for the rate limit nor reads whole lists. It may create twice, and shows refusals with patients' data in them";

/** Resource, operation, and each operation's fields, shown where they belong. */
export function nodeProperties(): INodeProperties[] {
	const [{ value: firstResource }] = offered;
	const resourceProperty: INodeProperties = {
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: offered.map(({ choiceName, displayName, value }) => ({
			name: choiceName ?? displayName,
			value,
		})),
		default: firstResource,
		description: `What is not in the list is under 'Other'. ${LOST_BY_CUSTOM_CALL}.`,
	};
	return [
		resourceProperty,
		...offered.map(operationProperty),
		...otherFields,
		...operations.flatMap(fieldsOf),
	];
}

/** What a user looks for in vain, as EyeCloud Pro publishes no scope for it. */
export function unpublishedVerbs({ scopes }: Resource): Verb[] {
	const verbs = ['create', 'update', 'delete'] as const;
	return scopes.access ? [] : verbs.filter((verb) => scopes[verb] === undefined);
}

function hintFor(resource: Resource): string | undefined {
	const verbs = unpublishedVerbs(resource).join(', ');
	const listed = verbs.replace(/, (?=\w+$)/, ' or ');
	return verbs === ''
		? undefined
		: `EyeCloud Pro publishes no way to ${listed} ${oneInSentence(resource.displayName)}.`;
}

function exampleOf(operation: Operation): string {
	const page = operation === checkApi ? 'docs/check-api.md' : 'docs/operations.md';
	return linkTo(page, operation.displayName);
}

function operationProperty(resource: Resource): INodeProperties {
	const choices = operationsOf(resource);
	const preferred = choices.find(({ value }) => value === 'getAll') ?? choices[0];
	const { value: defaultValue } = preferred;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.value] } },
		hint: hintFor(resource),
		description: `See an example of ${choices.map(exampleOf).join(', ')}. ${LOST_BY_CUSTOM_CALL}.`,
		options: choices.map((operation): INodePropertyOptions => {
			const isInferred = verbsOf(operation).some(
				(verb) => resource.scopes[verb]?.evidence === 'inferred',
			);
			const note = isInferred ? ' (not documented by EyeCloud Pro, may not be available)' : '';
			return {
				name: operation.displayName,
				value: operation.value,
				action: operation.action(resource),
				description: `${operation.description(resource)}${note}`,
			};
		}),
		default: defaultValue,
	};
}

/** An operation's fields for all resources that offer it. */
function fieldsOf(operation: Operation): INodeProperties[] {
	const offering = offered.filter((each) => operationsOf(each).includes(operation));
	const listed = mergeFields(offering, (resource) => operation.fields(resource));
	return listed.map(({ field, shownFor }) => ({
		...field,
		displayOptions: {
			...field.displayOptions,
			show: {
				resource: shownFor,
				operation: [operation.value],
				...field.displayOptions?.show,
			},
		},
	}));
}
