// Every resource and operation in a real n8n: a workflow for each resource, and the table of requests
// that go out. Called by realN8n.test.ts.
import type { ReceivedRequest } from '../simulator/start.ts';
import { table, writes } from './catalogueTable.ts';
import { eyeCloudProNode, mappedColumns, nodeType } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';
import { chainOfNodes, manualTriggerName, type NodeInWorkflow } from '../harness/startN8n.ts';

/** In this order nothing is found that a node before has created. */
const order = [
	'getAll',
	'get',
	'count',
	'upsert',
	'findOrCreate',
	'create',
	'createMany',
	'update',
	'delete',
];

/** The requests as the table has them: the pages of a list in one line. */
function linesOf(requests: ReceivedRequest[]): string[] {
	const pages = new Map<string, number>();
	for (const { method, path, query, body } of requests) {
		const names = Object.keys(query).sort();
		const text = names
			.map((name) => `${name}=${name === 'page' ? '1' : String(query[name])}`)
			.join('&');
		const list = Array.isArray(body) ? ` [${body.length}]` : '';
		const line = `${method} ${path}${text && `?${text}`}${list}`;
		pages.set(line, Math.max(pages.get(line) ?? 1, Number(query.page ?? 1)));
	}
	return Array.from(pages, ([line, count]) =>
		count > 1 ? line.replace('?page=1', `?page=1…${count}`) : line,
	);
}

function parametersFor(operation: string, resource: string): Record<string, unknown> {
	const { record, matchOn } = writes[resource] ?? { record: {}, matchOn: '' };
	const recordId = { __rl: true, mode: 'id', value: String(table[resource].id) };
	const columns = mappedColumns(record);
	const [change] = Object.entries(record);
	const byOperation: Record<string, () => Record<string, unknown>> = {
		getAll: () => ({ returnAll: false, limit: 5 }),
		get: () => ({ recordId }),
		count: () => ({}),
		findOrCreate: () => ({ columns, matchOn: [matchOn] }),
		upsert: () => ({
			columns: mappedColumns({ ...record, [matchOn]: 'Upserted' }),
			matchOn: [matchOn],
		}),
		create: () => ({ columns }),
		createMany: () => ({ columns }),
		update: () => ({ recordId, columns: mappedColumns(Object.fromEntries([change])) }),
		delete: () => ({ recordId }),
	};
	return { resource, operation, ...byOperation[operation]() };
}

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
		const { scopes } = rig().simulator.clients.practice;
		const resources = new Set(scopes.map((scope) => scope.replace(/^\w+:/, '')));
		const lists = Object.values(table).map(({ requests }) => requests.count);
		const paths = lists.map((line) => /^GET \/v2\/2\/([^?]+)/.exec(line)?.[1]);
		expect(paths.map((path) => path?.replace('/', ':')).sort()).toEqual([...resources].sort());
	});

	it.each(Object.keys(table))('%s: each operation, and its requests', async (resource) => {
		const { n8n, simulator, saveCredential, stored } = rig();
		const { requests } = table[resource];
		const credential = await saveCredential(await simulator.createClient());
		const operations = order.filter((operation) => requests[operation] !== undefined);
		expect(operations.toSorted()).toEqual(Object.keys(requests).sort());
		const nodes = operations.map((operation): NodeInWorkflow => {
			const parameters = parametersFor(operation, resource);
			return eyeCloudProNode(operation, credential, parameters, { executeOnce: true });
		});
		const workflow = chainOfNodes(`All of ${resource}`, nodes);
		const execution = await n8n.runWorkflow(workflow, manualTriggerName);
		stored.push(execution.raw);
		expect(execution.error?.message).toBeUndefined();
		for (const operation of operations) {
			const [{ items, status }] = execution.nodes[operation];
			expect([operation, status, items.length > 0]).toEqual([operation, 'success', true]);
		}
		// What Create or Update and Find or Create post, and what Create does, look the same.
		const expected = operations.flatMap((operation) => requests[operation].split(' + '));
		expect(linesOf(await simulator.received())).toEqual([...new Set(expected)]);
		const posts = await simulator.received({ method: 'POST' });
		expect(posts).toHaveLength(expected.filter((line) => line.startsWith('POST')).length);
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
		const expected = Object.entries(table).map(([resource, { requests }]) => [
			resource,
			Object.keys(requests).sort(),
		]);
		const onRecords = 'count create createMany delete findOrCreate get getAll update upsert'.split(
			' ',
		);
		expect(offered).toEqual([
			...expected,
			['other', onRecords],
			['account', ['checkApi', 'getAccess']],
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
			['active', 'boolean'],
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
