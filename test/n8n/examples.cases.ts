// Each workflow of examples/ in a real n8n: that it is one which n8n and this package know whole, that it
// carries nobody's credential, and what it does. Called by realN8n.test.ts.
import type { INodeTypeDescription } from 'n8n-workflow';
import { exampleNames, exampleText, isOurs, readExample, unknownIn } from './example.ts';
import { exampleRuns } from './exampleRuns.cases.ts';
import type { Rig } from '../harness/realN8n.ts';
import { patientMessageCases } from './patientMessages.cases.ts';

/** What somebody's workflow has in it when it is exported carelessly. */
const secretive =
	/"credentials"|eyJ[\w-]{10,}|Bearer |"instanceId"|client_?secret|password|api_?key/i;

/** The oldest n8n takes them too. */
export function exampleNodeCases(rig: () => Rig): void {
	let types: INodeTypeDescription[];
	beforeAll(async () => {
		types = (await rig().n8n.nodeTypes()) as unknown as INodeTypeDescription[];
	});

	it.each(exampleNames())('%s has nodes, versions and parameters that there are', (name) => {
		const workflow = readExample(name);
		// The one thing that n8n 1.123 does not have; the example says what to do there.
		const isOldest = rig().n8n.version.startsWith('1.');
		const unknown = unknownIn(workflow, types).filter(
			(text) => !(isOldest && /no node type .*\.chat(HitlTool)? 1\.3$/.test(text)),
		);
		expect(unknown).toEqual([]);
		const named = workflow.nodes.map((node) => node.name);
		expect(new Set(named).size).toBe(named.length);
		const connected = Object.entries(workflow.connections).flatMap(([from, outputs]) => [
			from,
			...Object.values(outputs).flatMap((lists) => lists.flat().map(({ node }) => node)),
		]);
		expect(connected.filter((node) => !named.includes(node))).toEqual([]);
	});
}

export function exampleCases(rig: () => Rig): void {
	exampleNodeCases(rig);

	describe.each(exampleNames())('%s', (name) => {
		it('has no credential, no data and no secret in it', () => {
			const workflow = readExample(name);
			expect(secretive.exec(exampleText(name))?.[0]).toBeUndefined();
			expect(Object.keys(workflow.pinData ?? {})).toEqual([]);
		});

		it('explains itself, and nothing lies on top of anything', () => {
			const { nodes } = readExample(name);
			const notes = nodes.filter(({ type }) => type.endsWith('.stickyNote'));
			expect(notes.length).toBeGreaterThan(2);
			const text = notes.map(({ parameters }) => String(parameters.content)).join('\n');
			expect(text).toMatch(/\*\*Set it up\*\*/);
			if (nodes.some(isOurs)) expect(text).toMatch(/\*\*Scopes:\*\*/);
			expect(overlapsIn(nodes)).toEqual([]);
		});
	});

	exampleRuns(rig);
	patientMessageCases(rig);
}

type Placed = ReturnType<typeof readExample>['nodes'][number];

/** A node's name stands below it, a little wider than itself. */
const nodeSize = { width: 96, height: 96 + 64 };

/** Pairs that share room, but for a node that lies on a note as a whole. */
function overlapsIn(nodes: Placed[]): string[] {
	const boxes = nodes.map(({ name, type, position: [left, top], parameters }) => {
		const isNote = type.endsWith('.stickyNote');
		const { width, height } = isNote ? (parameters as typeof nodeSize) : nodeSize;
		return { name, isNote, left, top, right: left + width, bottom: top + height };
	});
	return boxes.flatMap((a, index) =>
		boxes.slice(index + 1).flatMap((b) => {
			const [note, node] = a.isNote ? [a, b] : [b, a];
			const isShared = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
			const isInside =
				note.left <= node.left &&
				note.right >= node.right &&
				note.top <= node.top &&
				note.bottom >= node.bottom;
			const isOnNote = note.isNote && !node.isNote && isInside;
			return isShared && !isOnNote ? [`${a.name} and ${b.name}`] : [];
		}),
	);
}
