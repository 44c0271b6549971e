// The names that saved workflows depend on: those of the design, in the form that the editor makes of the catalogue. Which
// resources and operations there are: test/operations/everyOperation.test.ts.
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { EyeCloudProOAuth2Api } from '../../credentials/EyeCloudProOAuth2Api.credentials';
import { catalogue, operations as designed, operationsFor } from '../harness/catalogue.ts';

const { description } = new EyeCloudPro();

const valuesOf = ({ options }: INodeProperties) =>
	(options as INodePropertyOptions[]).map(({ value }) => value);
const namesIn = (list: unknown = []) => (list as INodeProperties[]).map(({ name }) => name);

test('the node and its credential', () => {
	const credential = new EyeCloudProOAuth2Api();
	expect([description.name, description.displayName]).toEqual(['eyeCloudPro', 'EyeCloud Pro']);
	expect(credential.displayName).toBe('EyeCloud Pro OAuth2 API');
	expect(description.credentials).toEqual([{ name: credential.name, required: true }]);
	expect(credential.name).toBe('eyeCloudProOAuth2Api');
	const fields = credential.properties.filter(({ type }) => !['hidden', 'notice'].includes(type));
	expect(namesIn(fields)).toEqual([
		...['grantType', 'environment', 'apiBaseUrl', 'authServerUrl', 'audience'],
		...['clientId', 'clientSecret', 'scope', 'practiceId', 'requestsPerMinute', 'apiDifferences'],
	]);
	const defaults = Object.fromEntries(fields.map((field) => [field.name, field.default]));
	expect(defaults).toMatchObject({
		...{ grantType: 'clientCredentials', environment: 'production', requestsPerMinute: 100 },
	});
	expect(valuesOf(fields[0])).toEqual(['clientCredentials', 'authorizationCode', 'pkce']);
	expect(valuesOf(fields[1])).toEqual(['production', 'staging', 'custom']);
});

const combinations = catalogue.flatMap((row) =>
	operationsFor(row).map((operation) => [row.resource, operation]),
);

test.each(combinations)(
	'%s, %s: the form in its order, and what is in it',
	(resource, operation) => {
		const shown = description.properties.filter(({ type, displayOptions: { show } = {} }) => {
			const isOfBoth = show?.resource?.includes(resource) && show.operation?.includes(operation);
			return type !== 'notice' && isOfBoth;
		});
		expect(namesIn(shown)).toEqual(designed[operation].form);
		const { options, filters, sort, lookup, recordId } = Object.fromEntries(
			shown.map((property) => [property.name, property]),
		);
		const ofAll = ['practiceId', 'timeout'];
		expect(namesIn(options.options).sort()).toEqual(
			[...ofAll, ...designed[operation].options].sort(),
		);
		if (filters) {
			const documented = resource === 'patient' ? ['email', 'phone', 'dob'] : [];
			expect(namesIn(filters.options)).toEqual([...documented, 'custom']);
		}
		for (const [field, names] of [
			[sort, ['field', 'direction']] as const,
			[lookup, ['field', 'condition', 'value', 'to']] as const,
		]) {
			const [by] = (field?.options ?? []) as INodePropertyCollection[];
			if (by) expect([by.name, namesIn(by.values)]).toEqual(['by', names]);
		}
		if (recordId) expect(namesIn(recordId.modes)).toEqual(['list', 'id']);
	},
);
