// What is in the tarball, and what the editor gets to know of the node. Called by realN8n.test.ts.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { nodeType } from './eyeCloudPro.ts';
import type { Rig } from './rig.ts';

const largestTarballBytes = 200_000;

export function packageCases(rig: () => Rig): void {
	it('holds dist, README.md, LICENSE.md and package.json, and nothing else', () => {
		const { tarball } = rig();
		const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
		const inDist = files.filter((file) => file.startsWith('package/dist/'));
		const others = files.filter((file) => !inDist.includes(file)).sort();
		expect(others).toEqual(['package/LICENSE.md', 'package/README.md', 'package/package.json']);
		expect(inDist.filter((file) => !/\.(js|json|svg|png)$/.test(file))).toEqual([]);
		expect(inDist.filter((file) => /test|tsbuildinfo/i.test(file))).toEqual([]);
		expect(inDist).toContain('package/dist/nodes/EyeCloudPro/EyeCloudPro.node.js');
		expect(inDist).toContain('package/dist/credentials/EyeCloudProOAuth2Api.credentials.js');
		const { size } = statSync(tarball);
		console.log(`The tarball: ${size} bytes, ${files.length} files`);
		expect(size).toBeLessThan(largestTarballBytes);
	});

	it('loads as an installed community node, and as a tool', async () => {
		const { n8n } = rig();
		const types = (await n8n.nodeTypes()).filter(({ name }) => name.startsWith(nodeType));
		expect(types.map(({ name, version, outputs }) => ({ name, version, outputs }))).toEqual([
			{ name: nodeType, version: 1, outputs: ['main'] },
			{ name: `${nodeType}Tool`, version: 1, outputs: ['ai_tool'] },
		]);
		expect(types[0].displayName).toBe('EyeCloud Pro');
		console.log(`n8n was ready ${n8n.startedInMs} ms after its start`);
	});

	it('offers its credential', async () => {
		const names = (await rig().n8n.credentialTypes()).map(({ name }) => name);
		expect(names).toContain('eyeCloudProOAuth2Api');
	});

	it('lists the records to choose from, and the fields to map', async () => {
		const { n8n, simulator, saveCredential } = rig();
		const { id, name } = await saveCredential(simulator.clients.practice);
		const question = { nodeType, credentials: { eyeCloudProOAuth2Api: { id, name } } };
		const list = await n8n.searchList({
			...question,
			path: 'parameters.recordId',
			methodName: 'searchRecords',
			currentNodeParameters: { resource: 'patient', operation: 'get' },
		});
		const patients = await simulator.records(simulator.practiceId, '/patients');
		const ids = patients.map(({ patient_id }) => String(patient_id));
		expect(ids).toContain(list.results[0].value);
		const { fields } = await n8n.mappingFields({
			...question,
			path: 'parameters.columns',
			methodName: 'getColumns',
			currentNodeParameters: { resource: 'patient', operation: 'create' },
		});
		expect(fields.map((field) => field.id)).toEqual(
			expect.arrayContaining(['name_first', 'name_last', 'email', 'phone', 'dob']),
		);
	});
}
