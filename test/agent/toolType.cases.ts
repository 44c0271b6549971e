// What n8n makes of the node for agents: its type, its description, and Output in place of Simplify.
// Called by aiTool.test.ts.
import { NodeHelpers, type INodeTypeDescription } from 'n8n-workflow';
import { nodeType } from '../harness/eyeCloudPro.ts';
import type { AgentRig } from './agentRig.ts';
import { toolType } from './toolWorkflow.ts';

export function toolTypeCases(rig: () => AgentRig): void {
	const typeNamed = async (name: string) => {
		const found = (await rig().n8n.nodeTypes()).find((type) => type.name === name);
		if (!found) throw new Error(`n8n has no node type ${name}.`);
		return found as unknown as INodeTypeDescription;
	};

	it('is there without a setting, with one output for agents and its own description', async () => {
		const { displayName, inputs, outputs, properties } = await typeNamed(toolType);
		expect({ displayName, inputs, outputs }).toEqual({
			displayName: 'EyeCloud Pro Tool',
			inputs: [],
			outputs: ['ai_tool'],
		});
		const names = properties.map(({ name }) => name);
		expect(names.slice(0, 3)).toEqual(['descriptionType', 'toolDescription', 'resource']);
	});

	it.each([
		['tool', toolType, ['output']],
		['node', nodeType, ['simplify']],
	])('shows in the %s, how much comes out', async (_, name, expected) => {
		const description = await typeNamed(name);
		/** By the same function that the editor shows parameters by. */
		const shown = (parameters: Record<string, string>) =>
			description.properties
				.filter(({ name: each }) => ['output', 'simplify', 'fields'].includes(each))
				.filter((property) =>
					NodeHelpers.displayParameter(parameters, property, { typeVersion: 1 }, description),
				)
				.map((property) => property.name);
		const isTool = name === toolType;
		expect(shown({ resource: 'patient', operation: 'getAll' })).toEqual(expected);
		expect(shown({ resource: 'patient', operation: 'create' })).toEqual(isTool ? expected : []);
		const selected = shown({ resource: 'patient', operation: 'getAll', output: 'selected' });
		expect(selected).toEqual(isTool ? ['output', 'fields'] : expected);
	});
}
