// What is different where an AI agent uses the node as a tool. Used by the operations and what they share.
import type { IExecuteFunctions, INode } from 'n8n-workflow';

/** n8n lists a node that is `usableAsTool` a second time, under this name. */
export function isAiTool({ type }: Pick<INode, 'type'>): boolean {
	return type.endsWith('Tool');
}

/**
 * Whether what goes wrong comes out as an item that says so. A tool's always does: AI Agent 1.7 to 2.2 give a
 * model an empty text for what is thrown, which it takes for "nothing there", or for "done". Only where the
 * author has chosen *Stop Workflow*, and the agent is one that stops then, it is thrown.
 */
export function answersFailures(functions: IExecuteFunctions): boolean {
	if (functions.continueOnFail()) return true;
	const node = functions.getNode();
	return isAiTool(node) && !(node.onError === 'stopWorkflow' && isNodeOfItsOwn(functions));
}

/** AI Agent 3 runs a tool as a node of the workflow; older ones and MCP call it from within. */
function isNodeOfItsOwn(functions: IExecuteFunctions): boolean {
	return !('getNextRunIndex' in functions);
}
