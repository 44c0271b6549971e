// The resource Other in a real n8n: an endpoint that neither the node's catalogue nor the simulator's had. Called by
// realN8n.test.ts and in the oldest n8n.
import { mappedColumns, nodeType } from './eyeCloudPro.ts';
import type { Rig } from './rig.ts';

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
		expect(await perform('get', { recordId })).toEqual([created]);
		const all = await perform('getAll', { returnAll: true });
		expect(all).toEqual(await stored());
		expect(await perform('count')).toEqual([{ count: all.length }]);
	});
}
