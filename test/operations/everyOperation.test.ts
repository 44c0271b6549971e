// Every resource and operation that the catalogue offers: the one right request, what comes out, the
// scope that it needs, and that nothing else is offered.
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import { NodeHelpers, type INode, type INodePropertyOptions } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { outputSchemas } from '../../nodes/EyeCloudPro/operations';
import type {
	PropertySchema,
	SchemaProperties,
} from '../../nodes/EyeCloudPro/operations/outputSchema';
import { casesFor, type CatalogueRow } from '../harness/everyOperation.ts';

const practice = simulatedPractice();

const orderItem = { item_type: 'frame', quantity: 1, unit_price: 120 };
const newRecords: Record<string, Pick<CatalogueRow, 'newRecord' | 'match'>> = {
	patient: {
		newRecord: {
			...{ name_first: 'Ann', name_last: 'Lee' },
			...{ email: 'ann.lee@example.com', dob: '1990-01-02' },
		},
		match: { on: 'email', filter: 'email=ann.lee@example.com' },
	},
	appointment: {
		newRecord: { start_date: '2031-07-01T09:00:00', patient_id: 1001, store_id: 1 },
		match: { on: 'start_date' },
	},
	order: {
		newRecord: { notes: 'By courier', patient_id: 1001, store_id: 1, items: [orderItem] },
		match: { on: 'notes' },
	},
	frame: {
		newRecord: { description: 'Half round', brand: 'Example', price: 99 },
		match: { on: 'description' },
	},
	priceTier: { newRecord: { tier_name: 'Staff' }, match: { on: 'tier_name' } },
};

const rows: CatalogueRow[] = [
	['patient', '/patients', 'patient_id', 'create read'],
	['appointment', '/appointments', 'appt_id', 'create read'],
	['order', '/orders', 'order_id', 'create read'],
	['invoice', '/invoices', 'invoice_id', 'read'],
	['store', '/stores', 'store_id', 'read'],
	['employee', '/employees', 'employee_id', 'read'],
	['lens', '/pricebooks/lenses', 'lens_id', 'read'],
	['frame', '/pricebooks/frames', 'frame_id', 'create read update'],
	['contactLens', '/pricebooks/contactlenses', 'contactlens_id', 'read'],
	['professionalFee', '/pricebooks/proffees', 'proffee_id', 'read'],
	['merchandise', '/pricebooks/merchandise', 'merchandise_id', 'read'],
	['addOn', '/pricebooks/addons', 'addon_id', 'read'],
	['miscItem', '/pricebooks/misc', 'misc_id', 'read'],
	['tierPrice', '/pricebooks/tierprices', 'tierprice_id', 'read'],
	['priceTier', '/configurations/pricetiers', 'pricetier_id', 'create read update delete'],
].map(([resource, path, idField, verbs]) => ({
	...{ resource, path, idField, verbs, isIdNameUnsure: true },
	...newRecords[resource],
}));

const operationsByVerb: Record<string, string[]> = {
	read: ['getAll', 'get', 'count'],
	create: ['create', 'createMany', 'findOrCreate'],
	update: ['update'],
	delete: ['delete'],
};

function operationsFor(verb: string, verbs: string): string[] {
	const isBoth = verb === 'create' && verbs.includes('update');
	return [...operationsByVerb[verb], ...(isBoth ? ['upsert'] : [])];
}

const combinations = rows.flatMap((row) =>
	row.verbs.split(' ').flatMap((verb) =>
		operationsFor(verb, row.verbs).map((operation) => ({
			row,
			verb,
			operation,
			name: row.resource,
		})),
	),
);

async function caseOf({ row, operation }: (typeof combinations)[number]) {
	const records = await practice.simulator.records(2, row.path);
	const found = casesFor(row, records).find((candidate) => candidate.operation === operation);
	if (!found) throw new Error(`There is no case for ${operation}.`);
	return found;
}

const matchers = { string: String, number: Number, boolean: Boolean };

/** What n8n's editor shows of a value before it is there. */
function asShown(schema: PropertySchema): unknown {
	if (schema.type === 'object') return withProperties(schema.properties);
	if (schema.type !== 'array') return expect.any(matchers[schema.type]);
	return expect.arrayContaining([asShown(schema.items)]);
}

function withProperties(properties: SchemaProperties): unknown {
	const shown = Object.entries(properties).map(([name, schema]) => [name, asShown(schema)]);
	return expect.objectContaining(Object.fromEntries(shown));
}

function asToldBefore(resource: string, operation: string): unknown {
	const told = outputSchemas().find((each) => {
		return each.resource === resource && each.operation === operation;
	});
	if (!told) throw new Error(`Nothing is told of ${operation}.`);
	return withProperties(told.properties);
}

test.each(combinations)('$name, $operation: its request and its answer', async (combination) => {
	const expected = await caseOf(combination);
	const { row, operation } = combination;
	const result = await practice.run(row.resource, operation, expected.parameters, {
		items: expected.items,
	});
	expect(result.error).toBeUndefined();
	expect(result.records).toEqual(expected.output);
	for (const record of result.records)
		expect(record).toEqual(asToldBefore(row.resource, operation));
	const received = await practice.received();
	expect(received.map(requestLine).sort()).toEqual(expected.requests);
	const writes = received.filter(({ method }) => method === 'POST' || method === 'PATCH');
	expect(writes.map(({ body }) => body)).toEqual(expected.bodies);
	const inputs = result.items.map(({ pairedItem }) => pairedItem);
	expect(inputs).toEqual(result.items.map((_, index) => ({ item: expected.items ? index : 0 })));
});

test.each(combinations)(
	'$name, $operation: names its scope where it lacks',
	async (combination) => {
		const { row, verb, operation } = combination;
		const scope = `${verb}${row.path.replaceAll('/', ':')}`;
		const { scopes } = practice.simulator.clients.group;
		const credential = await practice.credentialFor({
			scopes: scopes.filter((granted) => granted !== scope),
		});
		const { parameters, items } = await caseOf(combination);
		const { error } = await practice.run(row.resource, operation, parameters, {
			items,
			credential,
		});
		expect(error?.message).toBe(`The credential lacks the scope '${scope}'`);
		expect(error?.description).toContain('Granted now: ');
		const refused = (await practice.received()).filter(({ outcome }) => outcome === 403);
		expect(refused).toHaveLength(1);
	},
);

const { description } = new EyeCloudPro();

function optionsOf(name: string, resource?: string): string[] {
	const property = description.properties.find(
		(candidate) =>
			candidate.name === name &&
			(!resource || candidate.displayOptions?.show?.resource?.includes(resource)),
	);
	return (property?.options as INodePropertyOptions[]).map(({ value }) => String(value)).sort();
}

test('what the account answers is told before as well', async () => {
	const credential = await practice.credentialFor({ scopes: ['read:patients'] });
	const access = await practice.run('account', 'getAccess', {}, { credential });
	expect(access.records).toEqual([asToldBefore('account', 'getAccess')]);
	const { records } = await practice.run('account', 'checkApi');
	for (const record of records.slice(0, -1)) {
		expect(record).toEqual(asToldBefore('account', 'checkApi'));
	}
});

test('of records that can be anything, nothing is told but what an operation adds', () => {
	const told = outputSchemas().filter(({ resource }) => resource === 'other');
	expect(told.map(({ operation, properties }) => [operation, Object.keys(properties)])).toEqual([
		['count', ['count']],
		['upsert', ['_action']],
		['delete', ['deleted']],
		['findOrCreate', ['_created']],
	]);
});

test('nothing else is offered', () => {
	const resources = rows.map(({ resource }) => resource);
	expect(optionsOf('resource')).toEqual([...resources, 'other', 'account'].sort());
	expect(optionsOf('operation', 'account')).toEqual(['checkApi', 'getAccess']);
	for (const { resource, verbs } of rows) {
		const expected = verbs.split(' ').flatMap((verb) => operationsFor(verb, verbs));
		expect([resource, optionsOf('operation', resource)]).toEqual([resource, expected.sort()]);
	}
});

test('what is inferred says so', () => {
	const property = description.properties.find(
		({ name, displayOptions }) =>
			name === 'operation' && displayOptions?.show?.resource?.includes('appointment'),
	);
	const inferred = (property?.options as INodePropertyOptions[])
		.filter((option) => option.description?.includes('not documented'))
		.map(({ value }) => value);
	expect(inferred.sort()).toEqual(['create', 'createMany', 'findOrCreate']);
});

test.each([
	['store', 'create'],
	['patient', 'delete'],
	['patient', 'update'],
	['order', 'getAccess'],
	['account', 'getAll'],
])('%s can not be asked to %s', async (resource, operation) => {
	const { error } = await practice.run(resource, operation, {});
	expect(error?.message).toBe('This resource has no such operation');
	expect(await practice.received()).toEqual([]);
});

/** Whatever is made for a patient has a note where the ID comes from. */
function noticesOf(resource: string, operation: string): string[] {
	const isForPatient = resource === 'appointment' || resource === 'order';
	return isForPatient && formOf[operation].includes('columns') ? ['forPatientNotice'] : [];
}

const formOf: Record<string, string[]> = {
	getAll: ['returnAll', 'limit', 'simplify', 'lookup', 'filters', 'sort', 'options'],
	get: ['recordId', 'simplify', 'options'],
	count: ['lookup', 'filters', 'options'],
	create: ['columns', 'additionalFields', 'options'],
	createMany: ['columns', 'additionalFields', 'options'],
	findOrCreate: ['matchOn', 'columns', 'additionalFields', 'options'],
	upsert: ['matchOn', 'columns', 'additionalFields', 'options'],
	update: ['recordId', 'columns', 'additionalFields', 'options'],
	delete: ['recordId', 'options'],
};

test.each(combinations)('$name, $operation: the fields of its form', ({ row, operation }) => {
	const parameters = { resource: row.resource, operation };
	const node = { type: description.name, typeVersion: 1, parameters } as unknown as INode;
	const shown = NodeHelpers.getNodeParameters(
		description.properties,
		parameters,
		true,
		false,
		node,
		description,
	);
	expect(Object.keys(shown ?? {}).sort()).toEqual(
		['resource', 'operation', ...formOf[operation], ...noticesOf(row.resource, operation)].sort(),
	);
});
