// The node as n8n lists it for AI agents, to run by runNode, and what a model reads of its answer. Called by the
// tests of operations and by test/agent.
import type { IDataObject, INodeType } from 'n8n-workflow';

import { EyeCloudPro } from '../../nodes/EyeCloudPro/EyeCloudPro.node';
import type { NodeResult } from './runNode.ts';

export function asTool(): INodeType {
	const node = new EyeCloudPro();
	node.description = { ...node.description, name: `${node.description.name}Tool` };
	return node;
}

/** What a model reads of a tool's answer: what stands ahead of the records, these, or what went wrong and what to do. */
type ToolAnswer = { head?: IDataObject; records: IDataObject[]; failure?: string };

/** A tool throws nothing: whatever agent it is, the model is to read what went wrong. */
export function answerOf({ records, error }: NodeResult): ToolAnswer {
	expect(error).toBeUndefined();
	return answerIn(records);
}

/** @param items or their text, as agents hand it to the model */
export function answerIn(items: IDataObject[] | string): ToolAnswer {
	const records = typeof items === 'string' ? (JSON.parse(items) as IDataObject[]) : items;
	const [first, ...others] = records;
	if (first?.error !== undefined) {
		expect(others).toEqual([]);
		expect(Object.keys(first)).toEqual(['error', 'message']);
		return { records: [], failure: `${String(first.error)}. ${String(first.message)}` };
	}
	return first?.about === undefined ? { records } : { head: first, records: others };
}
