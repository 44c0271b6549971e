// Every resource and operation in a real n8n: a workflow for each resource, whose requests are those of the tests'
// catalogue. Called by realN8n.test.ts.
import {
	accountOperations,
	caseFor,
	catalogue,
	operations,
	operationsFor,
	scopeFor,
} from '../harness/catalogue.ts';
import { eyeCloudProNode, mappedColumns, nodeType, requestLine } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainOfNodes, manualTriggerName, type NodeInWorkflow } from '../harness/startN8n.ts';

export function catalogueCases(rig: () => Rig): void {
	const question = async (resource: string, operation: string) => {
		const { saveCredential, simulator } = rig();
		const { id, name } = await saveCredential(await simulator.createClient());
		return {
			nodeType,
			credentials: { eyeCloudProOAuth2Api: { id, name } },
			currentNodeParameters: { resource, operation },
		};
	};

	it('has all resources in its table', () => {
		const read = catalogue.map((row) => scopeFor('read', row));
		const { scopes } = rig().simulator.clients.practice;
		expect(scopes.filter((scope) => scope.startsWith('read:')).sort()).toEqual(read.sort());
	});

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
			return {
				...{ operation, ...expected },
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

	it('loads columns, sort fields and field names', async () => {
		const { n8n, simulator } = rig();
		const asked = await question('frame', 'create');
		const { fields } = await n8n.mappingFields({
			...asked,
			path: 'parameters.columns',
			methodName: 'getColumns',
		});
		expect(fields.map(({ id, type }) => [id, type])).toEqual([
			...['sku', 'description', 'brand', 'model'].map((id) => [id, 'string']),
			['color', 'options'],
			...['eye_size', 'cost', 'price'].map((id) => [id, 'number']),
			['active', 'options'],
		]);
		const path = 'parameters.sort.by[0].field';
		const sort = await n8n.loadOptions({ ...asked, path, methodName: 'getSortFields' });
		expect(sort.map(({ value }) => value)).toEqual([
			...['description', 'price', 'frame_id', 'create_date'],
		]);
		const names = await n8n.loadOptions({
			...asked,
			path: 'parameters.matchOn',
			methodName: 'getFieldNames',
		});
		expect(names.map(({ value }) => value)).toContain('sku');
		// One for fields and names together, one for sort fields.
		expect(await simulator.received()).toHaveLength(2);
	});

	it('finds a patient by whatever is typed', async () => {
		const { n8n, simulator } = rig();
		const patient = (await simulator.records(2, '/patients'))[500];
		const asked = {
			...(await question('patient', 'get')),
			path: 'parameters.recordId',
			methodName: 'searchRecords',
		};
		const { name_first, name_last, email, phone, dob } = patient;
		for (const filter of [`${name_last} ${name_first}`, email, phone, dob].map(String)) {
			const { results } = await n8n.searchList({ ...asked, filter });
			const found = results.find(({ value }) => value === String(patient.patient_id));
			expect([filter, found?.name]).toEqual([
				filter,
				`${name_first} ${name_last} ${dob} (${patient.patient_id})`,
			]);
		}
		const { results, paginationToken } = await n8n.searchList(asked);
		expect([results.length, paginationToken]).toEqual([250, '2']);
	});

	it('gets the access of the credential', async () => {
		const { items } = await rig().run({ resource: 'account', operation: 'getAccess' });
		expect(items).toHaveLength(1);
		expect(items[0].json).toMatchObject({
			practice: { practice_client_id: '2', works: true },
			forbidden_operations: [],
		});
	});
}
