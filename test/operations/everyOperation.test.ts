// Every resource and operation that the catalogue offers: the one right request, what comes out, the
// scope that it needs, and that nothing else is offered.
import { requestLine, simulatedPractice } from '../harness/simulatedPractice.ts';

import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import { outputSchemas } from '../../nodes/EyeCloudPro/operations';
import { answerOf, asTool } from '../harness/asTool.ts';
import {
	accountOperations,
	caseFor,
	catalogue,
	operations,
	operationsFor,
	scopeFor,
	withoutSearch,
} from '../harness/catalogue.ts';

const practice = simulatedPractice();

const combinations = catalogue.flatMap((row) =>
	operationsFor(row).map((operation) => ({ row, operation, name: row.resource })),
);

async function caseOf({ row, operation }: (typeof combinations)[number]) {
	return caseFor(operation, row, await practice.simulator.records(2, row.path));
}

/** What n8n's editor shows of its output before it is there. */
function expectAsToldBefore(resource: string, operation: string, record: IDataObject): void {
	const told = outputSchemas().find((each) => {
		return each.resource === resource && each.operation === operation;
	});
	expect(Object.keys(record)).toEqual(
		expect.arrayContaining(Object.keys(told?.properties ?? { nothing: true })),
	);
}

test.each(combinations)('$name, $operation: its request and its answer', async (combination) => {
	const expected = await caseOf(combination);
	const { row, operation } = combination;
	const result = await practice.run(row.resource, operation, expected.parameters, {
		items: expected.items,
	});
	expect(result.error).toBeUndefined();
	expect(result.records).toEqual(expected.output);
	for (const record of result.records) expectAsToldBefore(row.resource, operation, record);
	const received = await practice.received();
	expect(withoutSearch(received.map(requestLine).sort(), expected)).toEqual(expected.requests);
	const writes = received.filter(({ method }) => method === 'POST' || method === 'PATCH');
	expect(writes.map(({ body }) => body)).toEqual(expected.bodies);
	const inputs = result.items.map(({ pairedItem }) => pairedItem);
	expect(inputs).toEqual(result.items.map((_, index) => ({ item: expected.items ? index : 0 })));
});

test.each(combinations)(
	'$name, $operation: names its scope where it lacks',
	async (combination) => {
		const { row, operation } = combination;
		const [verb] = operations[operation].verbs.split(' ');
		const scope = scopeFor(verb, row);
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
	expectAsToldBefore('account', 'getAccess', access.records[0]);
	const { records } = await practice.run('account', 'checkApi');
	expectAsToldBefore('account', 'checkApi', records[0]);
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
	const resources = catalogue.map(({ resource }) => resource);
	expect(optionsOf('resource')).toEqual([...resources, 'other', 'account'].sort());
	expect(optionsOf('operation', 'other')).toEqual(Object.keys(operations).sort());
	expect(optionsOf('operation', 'account')).toEqual(accountOperations);
	for (const row of catalogue) {
		const offered = optionsOf('operation', row.resource);
		expect([row.resource, offered]).toEqual([row.resource, operationsFor(row).sort()]);
	}
});

test('another operation is refused', async () => {
	const { error } = await practice.run('patient', 'delete', {});
	expect(error?.message).toBe('This resource has no such operation');
	expect(await practice.received()).toEqual([]);
});

const writing = combinations.filter(({ operation }) => operations[operation].verbs !== 'read');

test.each(writing)('$name, $operation: a dry run tells it all and does nothing', async (one) => {
	const { parameters, items, requests, bodies } = await caseOf(one);
	const asked = { ...parameters, options: { dryRun: true } };
	const { error, records } = await practice.run(one.name, one.operation, asked, { items });
	const [method, path] = requests.find((line) => !line.startsWith('GET'))!.split(' ');
	const [body] = bodies;
	const shown =
		one.operation === 'upsert'
			? { _action: 'created', _changedFields: Object.keys(body as object) }
			: { method, path, ...(body !== undefined && { body }) };
	expect([error, records]).toEqual([undefined, [{ dryRun: true, ...shown }]]);
	const sent = await practice.received();
	expect(sent.filter((request) => request.method !== 'GET')).toEqual([]);
});

test.each(Object.keys(operations))('%s as a tool: what fails is an item', async (operation) => {
	const row = catalogue.find(({ resource }) => resource === 'priceTier')!;
	const { parameters } = await caseOf({ row, operation, name: row.resource });
	const asked = { ...parameters, options: { practiceId: '={{ $json.nothing }}' } };
	for (const onError of [undefined, 'continueRegularOutput'] as const) {
		const more = { items: [{}], nodeType: asTool(), onError };
		const { failure } = answerOf(await practice.run(row.resource, operation, asked, more));
		expect(failure).toMatch(
			/^'Practice Client ID' in 'Options' is an expression that gives nothing\. Correct/,
		);
	}
	expect(await practice.received()).toEqual([]);
});
