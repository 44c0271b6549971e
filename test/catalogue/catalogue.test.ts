// The catalogue and the form that the editor makes of it, against the names of the design that saved
// workflows depend on.
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { EyeCloudProOAuth2Api } from '../../credentials/EyeCloudProOAuth2Api.credentials';
import { findOperation, operationsOf } from '../../nodes/EyeCloudPro/operations';
import { resources } from '../../nodes/EyeCloudPro/catalogue';
import { accountOperations, catalogue, operations as designed } from '../harness/catalogue.ts';

const resourceNames = [...catalogue.map(({ resource }) => resource), 'other', 'account'];

const { description } = new EyeCloudPro();
const { properties } = description;

function valuesOf(property: INodeProperties) {
	return (property.options as INodePropertyOptions[]).map(({ value }) => String(value));
}

function shownFor(resource: string, operation: string) {
	return properties.filter(
		({ type, displayOptions }) =>
			type !== 'notice' &&
			displayOptions?.show?.resource?.includes(resource) &&
			displayOptions.show.operation?.includes(operation),
	);
}

function shownNamed(parameter: string, resource: string) {
	return properties.filter(
		({ name, displayOptions }) =>
			name === parameter && displayOptions?.show?.resource?.includes(resource),
	);
}

function expectUnique(values: readonly string[]) {
	expect(values).toEqual([...new Set(values)]);
}

test('the names that must never change', () => {
	const credential = new EyeCloudProOAuth2Api();
	expect([description.name, description.displayName]).toEqual(['eyeCloudPro', 'EyeCloud Pro']);
	expect([credential.name, credential.displayName]).toEqual([
		'eyeCloudProOAuth2Api',
		'EyeCloud Pro OAuth2 API',
	]);
	expect(description.credentials).toEqual([{ name: 'eyeCloudProOAuth2Api', required: true }]);
	const fields = credential.properties.filter(({ type }) => !['hidden', 'notice'].includes(type));
	expect(fields.map(({ name }) => name)).toEqual([
		...['grantType', 'environment', 'apiBaseUrl', 'authServerUrl', 'audience'],
		...['clientId', 'clientSecret', 'scope', 'practiceId', 'requestsPerMinute', 'apiDifferences'],
	]);
	const defaults = Object.fromEntries(fields.map((field) => [field.name, field.default]));
	expect(defaults).toMatchObject({
		grantType: 'clientCredentials',
		environment: 'production',
		requestsPerMinute: 100,
	});
	expect(valuesOf(fields[0])).toEqual(['clientCredentials', 'authorizationCode', 'pkce']);
	expect(valuesOf(fields[1])).toEqual(['production', 'staging', 'custom']);
});

test('resources and operations are those of the design, each once', () => {
	expectUnique(resources.map(({ value }) => value));
	expectUnique(resources.map(({ displayName }) => displayName));
	const [resource] = properties;
	expect([resource.name, valuesOf(resource)]).toEqual(['resource', resourceNames]);
	expect(resources.map(({ value }) => value)).toEqual(resourceNames.slice(0, -2));
});

describe.each(resources.map((resource) => [resource.value, resource] as const))(
	'%s',
	(value, resource) => {
		const operations = operationsOf(resource).map((operation) => operation.value);

		test('has a path, fields, filters and sort fields, each once', () => {
			expect(resource.path.length).toBeGreaterThan(0);
			for (const list of [resource.fields, resource.filters]) {
				expectUnique(list.map(({ name }) => name));
				expectUnique(list.map(({ displayName }) => displayName));
			}
			expectUnique(resource.sortableFields);
			expectUnique(resource.simplifiedFields);
			expectUnique(resource.idFields);
			if (resource.simplifiedFields.length > 0) {
				expect(resource.simplifiedFields[0]).toBe(resource.idFields[0]);
			}
			expect(resource.simplifiedFields.length).toBeLessThanOrEqual(10);
		});

		test('offers an operation exactly where there is a scope for it', () => {
			const [operation] = shownNamed('operation', value);
			expect(valuesOf(operation)).toEqual(operations);
			expectUnique(operations);
			expect(operations).toContain(operation.default);
			const granted = Object.keys(designed).filter((known) =>
				designed[known].verbs.split(' ').every((verb) => verb in resource.scopes),
			);
			expect(operations.toSorted()).toEqual(granted.sort());
			for (const known of Object.keys(designed)) {
				expect(findOperation(value, known) !== undefined).toBe(granted.includes(known));
			}
			const actions = (operation.options as INodePropertyOptions[]).map(({ action }) => action);
			expectUnique(actions.map(String));
		});

		test('shows the parameters of the design, each once and in its order', () => {
			for (const operation of operations) {
				const names = shownFor(value, operation).map(({ name }) => name);
				expect([operation, names]).toEqual([operation, designed[operation].form]);
			}
		});

		test.each(operations)(
			'%s: filters, sorts and options by the names of the design',
			(operation) => {
				for (const property of shownFor(value, operation)) {
					const inner = (property.options ?? []) as INodeProperties[];
					const names = inner.map(({ name }) => name);
					if (property.name === 'options') {
						expect([...names].sort()).toEqual(
							['practiceId', 'timeout', ...designed[operation].options].sort(),
						);
					}
					if (property.name === 'filters') {
						expect(names).toEqual([...resource.filters.map(({ name }) => name), 'custom']);
					}
					if (property.name === 'sort') {
						const [by] = inner as unknown as INodePropertyCollection[];
						expect(by.name).toBe('by');
						expect(by.values.map(({ name }) => name)).toEqual(['field', 'direction']);
						expect(valuesOf(by.values[1])).toEqual(['asc', 'desc']);
					}
					if (property.name === 'recordId') {
						expect(property.modes?.map(({ name }) => name)).toEqual(['list', 'id']);
					}
				}
			},
		);
	},
);

test('every parameter belongs to resources and an operation that exist', () => {
	for (const { name, displayOptions } of properties.slice(1)) {
		const { resource = [], operation = [] } = displayOptions?.show ?? {};
		expect([name, resource.length > 0]).toEqual([name, true]);
		if (name === 'operation') continue;
		for (const value of operation) {
			for (const each of resource) {
				expect(findOperation(String(each), String(value))).toBeDefined();
			}
		}
	}
});

test('Account offers Get Access and Check API', () => {
	const [operation] = shownNamed('operation', 'account');
	expect(valuesOf(operation)).toEqual([...accountOperations].reverse());
	for (const operation of accountOperations) {
		expect(shownFor('account', operation).map(({ name }) => name)).toEqual(['options']);
	}
});
