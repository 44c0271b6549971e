// What n8n's AI workflow builder reads of both nodes, by the parts that it reads with: its search, and the types
// that it writes workflows against. n8n 1.123 has neither. Called by realN8n.test.ts.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nodeType, triggerType } from '../harness/eyeCloudPro.ts';
import type { Rig } from '../harness/realN8n.ts';

interface Catalog {
	NodeSearchEngine: new (types: unknown[]) => {
		searchByName(query: string, limit: number): Array<{ name: string }>;
		formatResult(result: unknown): string;
	};
	toLeanNodeType(type: unknown): unknown;
}

interface Types {
	generateDiscriminatedUnion(type: unknown): string;
}

const CATALOG = '@n8n/ai-utilities/dist/cjs/node-catalog';

export function workflowBuilderCases(rig: () => Rig): void {
	const load = <T>(path: string) => {
		const { n8nFolder } = rig().n8n;
		return createRequire(join(n8nFolder, 'package.json'))(
			join(n8nFolder, 'node_modules', path),
		) as T;
	};

	it.each(['optometry', 'eyecare', 'patient', 'glasses', 'optician', 'EyeCloud Pro'])(
		'finds both by %s, and reads when to take which',
		async (query) => {
			const catalog = {
				...load<Catalog>(`${CATALOG}/search-engine.js`),
				...load<Catalog>(`${CATALOG}/lean-node-type.js`),
			};
			const types = await rig().n8n.nodeTypes();
			const engine = new catalog.NodeSearchEngine(
				types.map((type) => catalog.toLeanNodeType(type)),
			);
			const found = engine.searchByName(query, 20);
			const ours = found.filter(({ name }) => [nodeType, triggerType].includes(name));
			expect(ours.map(({ name }) => name).sort()).toEqual([nodeType, triggerType]);
			const texts = ours.map((result) => engine.formatResult(result)).join('\n');
			expect(texts).toMatch(/<builder_hint>Everything in EyeCloud Pro/);
			expect(texts).toMatch(/<builder_hint>Starts a workflow with each new or changed patient/);
		},
	);

	it('writes the parameters with what to put into them', async () => {
		const types = load<Types>('@n8n/workflow-sdk/dist/generate-types/generate-types.js');
		const type = (await rig().n8n.nodeTypes()).find(({ name }) => name === nodeType);
		const written = types.generateDiscriminatedUnion(type);
		for (const hint of [
			/@builderHint .*mappingMode: 'autoMapInputData'/,
			/@builderHint .*never a name/,
			/@builderHint The way to find people by name/,
			/@builderHint Names of the API's fields/,
		]) {
			expect(hint.test(written)).toBe(true);
		}
	});
}
