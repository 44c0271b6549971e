// Adding a resource is one entry in the catalogue: a made-up one, here, has all operations.
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { Resource } from '../../nodes/EyeCloudPro/catalogue/resource';
import { caseFor, operations, withoutSearch } from '../harness/catalogue.ts';

jest.mock('../../nodes/EyeCloudPro/catalogue', () => {
	const madeUp: Resource = {
		value: 'rebate',
		displayName: 'Rebate',
		displayNamePlural: 'Rebates',
		path: ['configurations', 'pricetiers'],
		pathEvidence: 'inferred',
		scopes: {
			create: { name: 'create:configurations:pricetiers', evidence: 'inferred' },
			read: { name: 'read:configurations:pricetiers', evidence: 'inferred' },
			update: { name: 'update:configurations:pricetiers', evidence: 'inferred' },
			delete: { name: 'delete:configurations:pricetiers', evidence: 'inferred' },
		},
		idFields: ['pricetier_id'],
		fields: [],
		filters: [],
		sortableFields: [],
		simplifiedFields: [],
		labelFields: [],
	};
	const { resources } = jest.requireActual<{ resources: Resource[] }>(
		'../../nodes/EyeCloudPro/catalogue',
	);
	return { resources: [...resources, madeUp] };
});

const practice = simulatedPractice();

const row = {
	resource: 'rebate',
	path: '/configurations/pricetiers',
	idField: 'pricetier_id',
	verbs: 'create read update delete',
	newRecord: { tier_name: 'Made up' },
	match: { on: 'tier_name' },
};

test.each(Object.keys(operations))('%s', async (operation) => {
	const expected = caseFor(operation, row, await practice.simulator.records(2, row.path));
	const result = await practice.run('rebate', operation, expected.parameters, {
		items: expected.items,
	});
	expect(result.error).toBeUndefined();
	expect(result.records).toEqual(expected.output);
	const lines = (await practice.received()).map(requestLine).sort();
	expect(withoutSearch(lines, expected)).toEqual(expected.requests);
});
