// An API that is otherwise than the catalogue, in a real n8n: an endpoint that neither the node's catalogue nor the
// simulator's had, and what Check API finds. Called by realN8n.test.ts and in the oldest n8n.
import { madeUpDialect } from '../dialects/madeUp.ts';
import { credentialData, mappedColumns, nodeType } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

const recalls = '/recalls';
const other = { resource: 'other', path: { __rl: true, mode: 'path', value: recalls } };
const columns = mappedColumns({ title: 'Made up' });

export function otherCases(rig: () => Rig): void {
	it('is picked from the scopes, created, found and read', async () => {
		const { n8n, simulator, saveCredential, run } = rig();
		await simulator.addResource({ path: recalls, idField: 'recall_id' });
		const verbs = ['create', 'read', 'update', 'delete'];
		const client = await simulator.createClient({
			scopes: ['read:patients', ...verbs.map((verb) => `${verb}:recalls`)],
		});
		const credential = await saveCredential(client);

		const listed = await n8n.searchList({
			nodeType,
			path: 'parameters.path',
			methodName: 'searchPaths',
			currentNodeParameters: { ...other, operation: 'getAll' },
			credentials: { [credential.type]: credential },
		});
		expect(listed.results.map(({ value }) => value)).toEqual([recalls]);

		const perform = async (operation: string, parameters: Record<string, unknown> = {}) => {
			const { error, items } = await run({ ...other, operation, ...parameters }, { credential });
			expect(error?.message).toBeUndefined();
			return items.map(({ json }) => json);
		};
		const stored = async () => await simulator.records(2, recalls);
		const [created] = await perform('create', { columns });
		expect(await stored()).toContainEqual(created);
		const match = { columns, matchOn: ['title'] };
		expect(await perform('findOrCreate', match)).toEqual([{ ...created, _created: false }]);
		const recordId = { __rl: true, mode: 'id', value: String(created.recall_id) };
		expect(await perform('get', { recordId, simplify: false })).toEqual([created]);
		const all = await perform('getAll', { returnAll: true, simplify: false });
		expect(all).toEqual(await stored());
		expect(await perform('count')).toEqual([{ count: all.length }]);
	});

	it('Check API finds all as expected, or what to paste, and with it patients are there', async () => {
		const { n8n, simulator, saveCredential, run } = rig();
		const check = { resource: 'account', operation: 'checkApi' };
		const usual = await run(check);
		expect(usual.items).toHaveLength(17);
		expect(usual.items[0].json).toMatchObject({ as_expected: true, api_differences: '' });

		await simulator.configure({ dialect: madeUpDialect });
		const { practice } = simulator.clients;
		const client = await simulator.createClient({
			scopes: [...practice.scopes, 'read:crm:people'],
		});
		const credential = await saveCredential(client);
		const count = { resource: 'patient', operation: 'count' };
		expect((await run(count, { credential })).error?.message).toMatch(/nothing at .*\/patients/);
		const [{ json }] = (await run(check, { credential })).items;
		const { api_differences: apiDifferences } = json;
		expect(apiDifferences).toBe('{"patient":{"path":"/crm/people"}}');
		const pasted = credentialData(simulator, client, { requestsPerMinute: 1_000, apiDifferences });
		await n8n.updateCredential(credential, pasted);
		expect(await n8n.testCredential(credential)).toMatchObject({ status: 'OK' });
		const { items } = await run(count, { credential });
		expect(items.map((item) => item.json)).toEqual([{ count: 1_000 }]);
	});
}
