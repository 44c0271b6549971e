// Each workflow of examples/ in a real n8n: that it is one which n8n and this package know whole, that it
// carries nobody's credential, and what it does. Called by realN8n.test.ts.
import type { INodeTypeDescription } from 'n8n-workflow';
import { exampleNames, isOurs, readExample, unknownIn } from './example.ts';
import { exampleRuns } from './exampleRuns.cases.ts';
import type { Rig } from '../harness/realN8n.ts';
import { patientMessageCases } from './patientMessages.cases.ts';

/** What somebody's workflow has in it when it is exported carelessly. */
const secretive =
	/"credentials"|eyJ[\w-]{10,}|Bearer |"instanceId"|client_?secret|password|api_?key/i;

/** The oldest n8n takes them too. */
export function exampleNodeCases(rig: () => Rig): void {
	it.each(exampleNames())('%s: nodes, versions and parameters that there are', async (name) => {
		const workflow = readExample(name);
		const types = (await rig().n8n.nodeTypes()) as unknown as INodeTypeDescription[];
		// The one thing that n8n 1.123 does not have; the example says what to do there.
		const isOldest = rig().n8n.version.startsWith('1.');
		const unknown = unknownIn(workflow, types).filter(
			(text) => !(isOldest && /no node type .*\.chat(HitlTool)? 1\.3$/.test(text)),
		);
		expect(unknown).toEqual([]);
		const named = workflow.nodes.map((node) => node.name);
		const connected = Object.entries(workflow.connections).flatMap(([from, outputs]) => [
			from,
			...Object.values(outputs).flatMap((lists) => lists.flat().map(({ node }) => node)),
		]);
		expect(connected.filter((node) => !named.includes(node))).toEqual([]);
	});
}

export function exampleCases(rig: () => Rig): void {
	exampleNodeCases(rig);

	it.each(exampleNames())('%s: explains itself, and has no secret in it', (name) => {
		const { nodes, ...workflow } = readExample(name);
		expect(secretive.exec(JSON.stringify({ nodes, ...workflow }))?.[0]).toBeUndefined();
		expect(Object.keys(workflow.pinData ?? {})).toEqual([]);
		const notes = nodes.filter(({ type }) => type.endsWith('.stickyNote'));
		const text = notes.map(({ parameters }) => String(parameters.content)).join('\n');
		expect(text).toMatch(/\*\*Set it up\*\*/);
		if (nodes.some(isOurs)) expect(text).toMatch(/\*\*Scopes:\*\*/);
	});

	exampleRuns(rig);
	patientMessageCases(rig);
}
