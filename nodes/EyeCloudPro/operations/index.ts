// Every operation, and the parameters that the editor shows for them. Used by the node class.
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { resources } from '../resources';
import type { Resource } from '../resources/resource';
import { count } from './count';
import { create } from './create';
import { get } from './get';
import { getAll } from './getAll';
import type { Operation } from './operation';
import { optionsField } from './options';

const operations: readonly Operation[] = [count, create, get, getAll];

/** The operations that a resource offers: those whose scope exists. */
export function operationsOf(resource: Resource): Operation[] {
	return operations.filter((operation) => resource.scopes[operation.verb] !== undefined);
}

/** @throws nothing: undefined where the parameters name what is not offered */
export function findOperation(
	resourceValue: string,
	operationValue: string,
): { resource: Resource; operation: Operation } | undefined {
	const resource = resources.find(({ value }) => value === resourceValue);
	const operation =
		resource && operationsOf(resource).find(({ value }) => value === operationValue);
	return resource && operation && { resource, operation };
}

/** Resource, operation, and each operation's fields, shown where they belong. */
export function nodeProperties(): INodeProperties[] {
	const [{ value: firstResource }] = resources;
	const resourceProperty: INodeProperties = {
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resources.map(({ displayName, value }) => ({ name: displayName, value })),
		default: firstResource,
	};
	return [
		resourceProperty,
		...resources.map(operationProperty),
		...resources.flatMap((resource) =>
			operationsOf(resource).flatMap((operation) => shownFields(resource, operation)),
		),
	];
}

function operationProperty(resource: Resource): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource.value] } },
		options: operationsOf(resource).map(
			(operation): INodePropertyOptions => ({
				name: operation.displayName,
				value: operation.value,
				action: operation.action(resource),
				description: operation.description(resource),
			}),
		),
		default: 'getAll',
	};
}

function shownFields(resource: Resource, operation: Operation): INodeProperties[] {
	return [...operation.fields(resource), optionsField].map((field) => ({
		...field,
		displayOptions: {
			...field.displayOptions,
			show: {
				resource: [resource.value],
				operation: [operation.value],
				...field.displayOptions?.show,
			},
		},
	}));
}
