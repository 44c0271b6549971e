// What n8n makes of the node for agents: its type, its description, and Output in place of Simplify.
// Called by aiTool.test.ts.
import { NodeHelpers, type INodeProperties, type INodeTypeDescription } from 'n8n-workflow';
import { nodeType } from '../harness/eyeCloudPro.ts';
import type { AgentRig } from './agentRig.ts';
import { toolType } from './toolWorkflow.ts';

const reading = ['get', 'getAll'];
const writing = ['create', 'findOrCreate'];

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
		const shown = (parameters: Record<string, string>) =>
			namesShown(description, parameters).filter((each) =>
				['output', 'simplify', 'fields'].includes(each),
			);
		for (const operation of reading) {
			expect(shown({ resource: 'patient', operation })).toEqual(expected);
		}
		for (const operation of writing) {
			const wanted = name === toolType ? expected : [];
			expect(shown({ resource: 'patient', operation })).toEqual(wanted);
		}
		const selected = shown({ resource: 'patient', operation: 'getAll', output: 'selected' });
		expect(selected).toEqual(name === toolType ? ['output', 'fields'] : expected);
	});
}

/** By the same function that the editor shows parameters by. */
function namesShown(
	description: INodeTypeDescription,
	parameters: Record<string, string>,
): string[] {
	const node = { typeVersion: 1 };
	const isShown = (property: INodeProperties) =>
		NodeHelpers.displayParameter(parameters, property, node, description);
	return description.properties.filter(isShown).map(({ name }) => name);
}
