// Every resource and operation in a real n8n: a workflow for each resource, whose requests are those of the tests'
// catalogue. Called by realN8n.test.ts.
import {
	accountOperations,
	caseFor,
	catalogue,
	operations,
	operationsFor,
} from '../harness/catalogue.ts';
import { eyeCloudProNode, mappedColumns, nodeType, requestLine } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainOfNodes, manualTriggerName, type NodeInWorkflow } from '../harness/startN8n.ts';

export function catalogueCases(rig: () => Rig): void {
	it.each(catalogue)('$resource: each operation, and its requests', async (row) => {
		const { n8n, simulator, saveCredential, stored } = rig();
		const credential = await saveCredential(await simulator.createClient());
		const records = await simulator.records(2, row.path);
		const cases = operationsFor(row).map((operation) => {
			const { parameters, ...expected } = caseFor(operation, row, records);
			// What Create or Update looks for must not be what Find or Create has created.
			const other = operation === 'upsert' && row.match ? { [row.match.on]: 'Upserted' } : {};
			const isNew = parameters.columns !== undefined && operation !== 'update';
			const columns = isNew && mappedColumns({ ...row.newRecord, ...other });
			// Mapped by hand, no records are read to tell the types.
			const requests = expected.requests.filter((line) => !columns || !/page_size=50$/.test(line));
			return {
				...{ operation, ...expected, requests },
				parameters: { ...parameters, ...(columns && { columns }) },
			};
		});
		const nodes = cases.map(({ operation, parameters }): NodeInWorkflow => {
			const all = { resource: row.resource, operation, ...parameters };
			return eyeCloudProNode(operation, credential, all, { executeOnce: true });
		});
		const workflow = chainOfNodes(`All of ${row.resource}`, nodes);
		const execution = await n8n.runWorkflow(workflow, manualTriggerName);
		stored.push(execution.raw);
		expect(execution.error?.message).toBeUndefined();
		for (const { operation } of cases) {
			const [{ items, status }] = execution.nodes[operation];
			expect([operation, status, items.length > 0]).toEqual([operation, 'success', true]);
		}
		const lines = (await simulator.received()).map(requestLine);
		const known = new Set(cases.flatMap(({ requests }) => requests));
		const searches = cases.flatMap((each) => each.searches ?? []);
		for (const line of known) expect(lines).toContain(line);
		const others = lines.filter((line) => !known.has(line));
		const isSearch = (line: string) => searches.some((start) => line.startsWith(start));
		expect(others.filter((line) => !isSearch(line))).toEqual([]);
		const posts = (all: string[]) => all.filter((line) => line.startsWith('POST')).length;
		expect(posts(lines)).toBe(posts(cases.flatMap(({ requests }) => requests)));
	});

	it('offers exactly these operations', async () => {
		const types = await rig().n8n.nodeTypes();
		const { properties } = types.find(({ name }) => name === nodeType) as unknown as {
			properties: Array<{
				name: string;
				displayOptions?: { show?: { resource?: string[] } };
				options?: Array<{ value: string }>;
			}>;
		};
		const offered = properties
			.filter(({ name }) => name === 'operation')
			.map(({ displayOptions, options }) => [
				displayOptions?.show?.resource?.[0],
				options
					?.map(({ value }) => value)
					// n8n adds this one to each node with a credential.
					.filter((value) => value !== '__CUSTOM_API_CALL__')
					.sort(),
			]);
		const expected = catalogue.map((row) => [row.resource, operationsFor(row).sort()]);
		expect(offered).toEqual([
			...expected,
			['other', Object.keys(operations).sort()],
			['account', accountOperations],
		]);
	});

	it('answers what its editor asks: columns, sort fields, field names and records', async () => {
		const { n8n, simulator, saveCredential } = rig();
		const { id, name } = await saveCredential(await simulator.createClient());
		const asked = (methodName: string, path: string, currentNodeParameters: object) => ({
			...{ nodeType, methodName, path: `parameters.${path}` },
			credentials: { eyeCloudProOAuth2Api: { id, name } },
			currentNodeParameters: { ...currentNodeParameters },
		});
		const frame = { resource: 'frame', operation: 'create' };
		const { fields } = await n8n.mappingFields(asked('getColumns', 'columns', frame));
		expect(fields.map((field) => [field.id, field.type])).toEqual([
			...['sku', 'description', 'brand', 'model'].map((field) => [field, 'string']),
			['color', 'options'],
			...['eye_size', 'cost', 'price'].map((field) => [field, 'number']),
			['active', 'options'],
		]);
		const sort = await n8n.loadOptions(asked('getSortFields', 'sort.by[0].field', frame));
		expect(sort.map(({ value }) => value)).toContain('create_date');
		const names = await n8n.loadOptions(asked('getFieldNames', 'matchOn', frame));
		expect(names.map(({ value }) => value)).toContain('sku');
		const [, patient] = await simulator.records(2, '/patients');
		const get = asked('searchRecords', 'recordId', { resource: 'patient', operation: 'get' });
		const { results } = await n8n.searchList({ ...get, filter: String(patient.email) });
		expect(results[0].value).toBe(String(patient.patient_id));
		const first = await n8n.searchList(get);
		expect([first.results.length, first.paginationToken]).toEqual([250, '2']);
	});
}
