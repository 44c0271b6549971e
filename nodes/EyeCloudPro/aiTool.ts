// What is different where an AI agent uses the node as a tool. Used by the operations and what they share.
import { NodeOperationError, type IExecuteFunctions, type INode } from 'n8n-workflow';

/** n8n lists a node that is `usableAsTool` a second time, under this name. */
export function isAiTool({ type }: Pick<INode, 'type'>): boolean {
	return type.endsWith('Tool');
}

/**
 * Whether what goes wrong ends the node; otherwise an item says so. A tool's always does: AI Agent 1.7 to 2.2 give a
 * model an empty text for what is thrown, which it takes for "nothing there", or for "done". Only where the
 * author has chosen *Stop Workflow*, and the agent is one that stops then, it is thrown.
 */
export function endsAtFailure(functions: IExecuteFunctions): boolean {
	if (functions.getExecutionCancelSignal()?.aborted) return true;
	if (functions.continueOnFail()) return false;
	const node = functions.getNode();
	return !isAiTool(node) || (node.onError === 'stopWorkflow' && isNodeOfItsOwn(functions));
}

/**
 * AI Agent 3 gets nothing of what a tool with an error output hands on, be it a success. Only what is thrown
 * reaches it, by its message alone.
 *
 * @throws NodeOperationError before anything is done that nobody would hear of
 */
export function refuseLostAnswers(functions: IExecuteFunctions): void {
	const node = functions.getNode();
	const isLost = isAiTool(node) && node.onError === 'continueErrorOutput';
	if (!isLost || !isNodeOfItsOwn(functions)) return;
	throw new NodeOperationError(
		node,
		"This tool has an error output, with which n8n loses all that it answers. Nothing was sent to EyeCloud Pro. Whoever made the tool has to choose another 'On Error' in its settings.",
	);
}

/** AI Agent 3 runs a tool as a node of the workflow; older ones and MCP call it from within. */
function isNodeOfItsOwn(functions: IExecuteFunctions): boolean {
	return !('getNextRunIndex' in functions);
}
