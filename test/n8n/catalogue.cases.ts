// Every operation in a real n8n, by the resource that has them all, and what the editor asks. That each resource has
// what it should is for test/operations and test/catalogue. Called by realN8n.test.ts.
import { caseFor, catalogue, operationsFor } from '../harness/catalogue.ts';
import { eyeCloudProNode, mappedColumns, nodeType, requestLine } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainOfNodes, manualTriggerName } from '../harness/startN8n.ts';

export function catalogueCases(rig: () => Rig): void {
	it('does what each operation is for', async () => {
		const { n8n, simulator, saveCredential, stored } = rig();
		const credential = await saveCredential(await simulator.createClient());
		const row = catalogue.find(({ verbs }) => verbs === 'create read update delete')!;
		const records = await simulator.records(2, row.path);
		const operations = operationsFor(row);
		const nodes = operations.map((operation) => {
			const { parameters } = caseFor(operation, row, records);
			const isNew = parameters.columns !== undefined && operation !== 'update';
			// Each of another name, or what one has created would be found by the next.
			const columns = isNew && { columns: mappedColumns({ tier_name: `By ${operation}` }) };
			const all = { resource: row.resource, operation, ...parameters, ...columns };
			return eyeCloudProNode(operation, credential, all, { executeOnce: true });
		});
		const workflow = chainOfNodes('All of a resource', nodes);
		const execution = await n8n.runWorkflow(workflow, manualTriggerName);
		stored.push(execution.raw);
		expect(execution.error?.message).toBeUndefined();
		for (const operation of operations) expect(execution.nodes[operation][0].items).not.toEqual([]);
		const names = (await simulator.records(2, row.path)).map(({ tier_name }) => tier_name);
		const creating = ['findOrCreate', 'upsert', 'create', 'createMany'];
		expect(names.filter((name) => /^By /.test(String(name))).sort()).toEqual(
			creating.map((operation) => `By ${operation}`).sort(),
		);
		const id = String(records[0][row.idField]);
		const lines = (await simulator.received()).map(requestLine);
		for (const method of ['GET', 'PATCH', 'DELETE']) {
			expect(lines).toContain(`${method} /v2/2${row.path}/${id}`);
		}
	});

	it('answers what its editor asks: columns, fields and records', async () => {
		const { n8n, simulator, saveCredential } = rig();
		const { id, name } = await saveCredential(await simulator.createClient());
		const ask = async (
			what: string,
			methodName: string,
			form: { resource: string; operation: string },
			more: { path: string; filter?: string },
		) =>
			await n8n.request('POST', `/rest/dynamic-node-parameters/${what}`, {
				...{ methodName, ...more, path: `parameters.${more.path}` },
				credentials: { eyeCloudProOAuth2Api: { id, name } },
				currentNodeParameters: form,
				nodeTypeAndVersion: { name: nodeType, version: 1 },
			});
		const frame = { resource: 'frame', operation: 'create' };
		const columns = { path: 'columns' };
		expect(await ask('resource-mapper-fields', 'getColumns', frame, columns)).toMatchObject({
			fields: expect.arrayContaining([expect.objectContaining({ id: 'eye_size' })]),
		});
		const field = { path: 'sort.by[0].field' };
		expect(await ask('options', 'getSortFields', frame, field)).toContainEqual(
			expect.objectContaining({ value: 'create_date' }),
		);
		const [, patient] = await simulator.records(2, '/patients');
		const get = { resource: 'patient', operation: 'get' };
		const search = { path: 'recordId', filter: String(patient.email) };
		expect(await ask('resource-locator-results', 'searchRecords', get, search)).toMatchObject({
			results: [{ value: String(patient.patient_id) }],
		});
	});
}
